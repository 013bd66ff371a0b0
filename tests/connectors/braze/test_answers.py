"""What Braze answers, read: one outcome a parcel, in the order of the parcels, whatever the arrays."""

from typing import NamedTuple

import msgspec
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from onefold.connectors.braze import connector
from onefold.connectors.braze.answers import read_outcomes
from onefold.connectors.braze.client import pack
from onefold.errors import SetupError, TransientError
from onefold.model.connection import Connection
from onefold.model.outcome import Kind
from onefold.plugin import RequestRefusedError
from onefold.plugin.http import Answer
from onefold.plugin.rate import Rate

PARTS = ("attributes", "events", "purchases")


class Parcel(NamedTuple):
    part: str
    body: bytes


def answer(status, content):
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Answer(status, body, Rate())


def parcels_of(parts):
    return [Parcel(part, b'{"n":%d}' % number) for number, part in enumerate(parts)]


def places_of(parts):
    return pack("track", parcels_of(parts))[1]


@given(parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=75), data=st.data())
def test_an_error_finds_its_own_parcel(parts, data):
    body, places = pack("track", parcels_of(parts))
    sent = msgspec.json.decode(body)
    bad = data.draw(st.sets(st.integers(0, len(parts) - 1)))
    errors = [
        {"type": "refused", "input_array": part, "index": index}
        for part in sent
        for index, item in enumerate(sent[part])
        if item["n"] in bad
    ]
    shuffled = data.draw(st.permutations(errors))
    outcomes = read_outcomes(answer(201, {"message": "success", "errors": shuffled}), len(parts), places)
    assert {place for place, outcome in enumerate(outcomes) if outcome.kind is Kind.REJECTED} == bad
    assert all(outcome.detail == "refused" for outcome in outcomes if outcome.kind is Kind.REJECTED)


def test_two_errors_about_one_object_do_not_hide_that_nothing_was_taken():
    errors = [
        {"type": "bad name", "input_array": "events", "index": 0},
        {"type": "bad time", "input_array": "events", "index": 0},
    ]
    with pytest.raises(RequestRefusedError):
        read_outcomes(answer(400, {"message": "no", "errors": errors}), 2, places_of(["events", "events"]))
    outcomes = read_outcomes(answer(400, {"message": "no", "errors": errors}), 1, places_of(["events"]))
    assert [outcome.kind for outcome in outcomes] == [Kind.REJECTED]


@pytest.mark.parametrize(
    "errors",
    [
        "text",
        ["minor error message"],
        [{}],
        [{"type": "x", "input_array": "events", "index": 1}],
        [{"type": "x", "input_array": "events", "index": -1}],
        [{"type": "x", "input_array": "purchases", "index": 0}],
        [{"type": "x", "input_array": "events", "index": "0"}],
        [{"type": "x", "input_array": ["events"], "index": None}],
    ],
)
def test_an_error_that_names_no_object_of_ours_costs_none(errors):
    outcomes = read_outcomes(answer(201, {"message": "success", "errors": errors}), 1, places_of(["events"]))
    assert [outcome.kind for outcome in outcomes] == [Kind.PASSED]


@pytest.mark.parametrize(
    "content", [b"<html>Sign in</html>", b"", b"[]", b"null", {"message": "queued"}, {"message": None}]
)
def test_a_success_that_braze_did_not_state_is_none(content):
    with pytest.raises(TransientError) as raised:
        read_outcomes(answer(200, content), 1, places_of(["events"]))
    assert raised.value.may_have_arrived


def test_an_empty_object_is_a_success():
    assert read_outcomes(answer(201, {}), 1, places_of(["events"]))[0].kind is Kind.PASSED


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (301, "wrong_address"),
        (302, "wrong_address"),
        (401, "credentials"),
        (403, "permission"),
        (404, "wrong_address"),
    ],
)
def test_what_someone_must_set_right_burns_no_data(status, code):
    with pytest.raises(SetupError) as raised:
        read_outcomes(answer(status, {"message": "no"}), 1, places_of(["events"]))
    assert raised.value.code == f"activate.braze.{code}"
    assert raised.value.hint


@pytest.mark.parametrize("status", [400, 413, 415])
def test_a_refused_request_is_for_halving(status):
    with pytest.raises(RequestRefusedError):
        read_outcomes(answer(status, b"too large"), 2, places_of(["events", "events"]))


async def test_a_page_of_someone_else_is_no_braze():
    async def page(_):
        return web.Response(text="<html>Welcome</html>", content_type="text/html")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", page)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    destination = connector.open(
        Connection(1, "B", "braze", settings={"endpoint": url}, secrets={"api_key": "k"})
    )
    try:
        probes = await destination.check_credentials()
    finally:
        await destination.close()
        await runner.cleanup()
    assert [probe.passed for probe in probes] == [False, False]
    assert "no Braze at this address" in probes[0].message
