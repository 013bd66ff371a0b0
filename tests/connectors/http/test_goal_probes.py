"""A test of a connection tells whether what its goals name is there, before one is turned on."""

import pytest
from aiohttp import web

from onefold.connectors.http import HttpConnector
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.testing.sandbox import DEFAULT_KEY, braze_sandbox

NARROW = "narrow"
KEYS = [
    {"key": DEFAULT_KEY, "name": "whole"},
    {"key": NARROW, "name": "narrow", "permissions": ["campaigns.trigger.send", "canvas.trigger.send"]},
]


@pytest.fixture(scope="module")
def braze():
    with braze_sandbox(api_keys=KEYS) as sandbox:
        yield sandbox


def goal(**settings):
    return Goal(1, 1, "call", "Welcome", settings={"when": "entered", **settings})


def from_preset(name, **values):
    preset = HttpConnector().info.goal("call").preset(name)
    return goal(**preset.settings, values=values)


async def probes_of(url, goals, key=DEFAULT_KEY):
    settings = {"endpoint": url, "private_addresses": True}
    destination = HttpConnector().open(
        Connection(1, "API", "http", settings=settings, secrets={"api_key": key})
    )
    try:
        return [probe for probe in await destination.probe_all(goals) if probe.name == "Welcome"]
    finally:
        await destination.close()


@pytest.mark.parametrize(
    ("preset", "parameter", "plural"),
    [("braze_campaign", "campaign_id", "campaigns"), ("braze_canvas", "canvas_id", "canvases")],
)
async def test_braze_is_asked_whether_there_is_such_a_campaign_or_canvas(braze, preset, parameter, plural):
    made = str(braze.control("POST", plural, {"name": "Welcome"})["id"])
    (found,) = await probes_of(braze.url, [from_preset(preset, **{parameter: made})])
    assert (found.passed, found.message) == (True, "")
    (unknown,) = await probes_of(braze.url, [from_preset(preset, **{parameter: "no-such"})])
    assert (unknown.passed, unknown.needed) == (False, True)
    assert "no-such was answered with 400" in unknown.message
    (untold,) = await probes_of(braze.url, [from_preset(preset, **{parameter: made})], NARROW)
    assert (untold.passed, untold.needed) == (False, False), "the key need not be able to ask"
    assert "cannot be told" in untold.message
    assert not braze.sends(), "nothing is sent by a test"


async def test_a_goal_without_a_path_for_a_test_is_not_asked_about(api):
    assert await probes_of(api.url, [goal(url="/x")]) == []


async def test_headers_are_those_of_the_call_that_need_no_person(api):
    headers = {"X-Key": "{{ secrets.api_key }}", "X-Who": "{{ profile.traits.name }}"}
    listed = goal(
        url="/x",
        headers=headers,
        test_path="/lists/{{ params.list }}",
        parameters=[{"name": "list"}],
        values={"list": "a/b"},
    )
    api.answers = [web.Response(), web.Response(status=404, text=f"no list for {DEFAULT_KEY}")]
    (probe,) = await probes_of(api.url, [listed])
    call = api.calls[-1]
    assert (call.method, call.path, call.headers["X-Key"]) == ("GET", "/lists/a%2Fb", DEFAULT_KEY)
    assert "X-Who" not in call.headers
    assert probe.message == "GET /lists/a%2Fb was answered with 404: no list for ***"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("lists", "A path begins with /."),
        ("/{{ profile.id }}", "profile"),
        ("/{{ params.other }}", "other"),
    ],
)
def test_a_path_that_no_test_can_ask_for_is_refused(path, message):
    (problem,) = HttpConnector().check_goal(goal(url="/x", test_path=path))
    assert problem.path == "settings.test_path"
    assert message in problem.message


async def test_a_goal_that_is_wrong_otherwise_is_no_fault_of_the_test(api):
    assert await probes_of(api.url, [goal(url="nowhere", test_path="/x")]) == []
