"""Secrets in calls: they reach the API they belong to, and nothing else."""

from pathlib import Path

import pytest
from aiohttp import web
from tests.connectors.http.conftest import KEY

from onefold.connectors.http import HttpConnector


def files_of(path: Path):
    return list(path.rglob("delivery.db*"))


async def test_secrets_reach_the_api_and_nothing_else(world, tmp_path: Path):
    world.connect(headers={"Authorization": "Bearer {{ secrets.api_key }}"})
    world.goal(
        url="/call?key={{ secrets.api_key }}",
        headers={"X-Basic": "{{ basic_auth('ada', secrets.api_key) }}"},
        body='{"key": {{ secrets.api_key }}, "text": "k={{ secrets.api_key }}"}',
    )
    world.api.answers = [web.Response(status=422, text=f"bad key {KEY} of ada@example.org")]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    (call,) = world.api.calls
    assert call.path == f"/call?key={KEY}"
    assert call.headers["Authorization"] == f"Bearer {KEY}"
    assert call.headers["X-Basic"] == "Basic YWRhOnNrLXZlcnktc2VjcmV0"
    assert call.json() == {"key": KEY, "text": f"k={KEY}"}
    ((code, _, _, payload, answer),) = world.letters()
    assert code == "activate.call.status"
    assert KEY not in payload.decode()
    assert answer == "422 bad key *** of ***"
    kept = b"".join(path.read_bytes() for path in files_of(tmp_path))
    assert b"bad key" in kept
    assert KEY.encode() not in kept
    assert b"YWRhOnNrLXZlcnktc2VjcmV0" not in kept


BASIC = "YWRhOnNrLXZlcnktc2VjcmV0"
PAIR = "{{ basic_auth('ada', secrets.api_key) }}"


@pytest.mark.parametrize("echo", [f"Basic {BASIC}", BASIC, f"Basic%20{BASIC}"])
@pytest.mark.parametrize(
    "settings",
    [
        {"headers": {"X-Basic": PAIR}},
        {"body": f'{{"auth": "{PAIR}"}}'},
        {"url": f"/call?auth={PAIR}", "body": ""},
    ],
)
async def test_an_answer_that_repeats_a_basic_pair_is_kept_without_it(world, settings, echo):
    world.goal(**settings)
    world.api.answers = [web.Response(status=400, text=f"not {echo}!")]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.letters()[0][4] == "400 not ***!"


async def test_an_answer_is_kept_without_the_persons_values(world):
    world.goal(body='{"name": {{ profile.traits.name }}}')
    world.api.answers = [web.Response(status=400, text="The name Ada Lovelace is too long.")]
    world.person(1, member=True, name="Ada Lovelace")
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.letters()[0][4] == "400 The name *** is too long."


async def test_a_person_cannot_ask_for_a_secret(world):
    world.goal(body='{"name": {{ profile.traits.name }}}')
    world.person(1, member=True, name="{{ secrets.api_key }}")
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.api.calls[0].json() == {"name": "{{ secrets.api_key }}"}


async def test_a_filter_cannot_change_a_secret(world):
    world.goal(body='{"name": {{ secrets.api_key | upper }}}')
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.api.calls == []
    assert [code for code, *_ in world.letters()] == ["activate.call.template"]


async def test_a_secret_that_is_not_there_is_a_dead_letter(world):
    world.goal(headers={"X-Key": "{{ secrets.other }}"})
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    ((code, _, reason, _, _),) = world.letters()
    assert (code, reason) == ("activate.call.secret_missing", "The connection has no secret other.")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"headers": {"X-Key": "{{ secrets.other }}"}}, "The connection has no secret other."),
        ({"test_path": "/a b"}, "The URL holds a character that must be encoded."),
        ({"test_path": "/a/../b"}, "A part of the path is . or .., which leads elsewhere."),
    ],
)
async def test_a_check_says_why_nothing_can_be_asked(world, settings, reason):
    world.connect(**settings)
    destination = HttpConnector().open(world.directory.connected[0])
    (probe,) = await destination.check_credentials()
    await destination.close()
    assert (probe.passed, probe.message) == (False, reason)
    assert world.api.calls == []


async def test_line_breaks_in_headers_are_refused(world):
    world.goal(headers={"X-Name": "{{ profile.traits.name }}"})
    world.person(1, member=True, name="a\r\nX-Admin: 1")
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.api.calls == []
    assert [(code, field) for code, field, *_ in world.letters()] == [
        ("activate.call.template", "headers.X-Name")
    ]
