"""When calls are made: caps, and quiet hours."""

import json

import pytest
from aiohttp import web
from tests.connectors.http.counted import PASSED, filtered

from onefold.backends.embedded.traces import EmbeddedTraces
from onefold.clock import DAY, SECOND, from_iso, now
from onefold.model.outcome import Kind
from onefold.observe.store import Folded, Receipt


async def test_a_cap_leaves_out_what_is_too_much_for_one_person(world):
    world.goal(caps=["1/24h"])
    world.person(1, member=True)
    world.person(2, member=True)
    world.commit(entered=[1, 2])
    world.commit(left=[1])
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.counts() == {PASSED: 2, filtered("activate.capped"): 1}
    # Also after a restart; and a day later there is room again.
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.counts()[filtered("activate.capped")] == 2
    later = now() + DAY
    world.commit(entered=[1], at=later)
    await world.deliver_all(lambda: later)
    assert world.counts()[PASSED] == 3


async def test_a_refused_call_leaves_room_for_the_next(world):
    world.goal(caps=["1/24h"])
    world.api.answers = [web.Response(status=400)]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.counts()[PASSED] == 1


async def test_a_cap_holds_for_both_sides_of_a_merge(world):
    world.goal(caps=["1/24h"])
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    world.person(2, member=True)
    world.commit(left=[1], merged=[(1, 2)])
    world.commit(left=[2])
    world.commit(entered=[2])
    await world.deliver_all()
    assert world.counts() == {PASSED: 1, filtered("activate.capped"): 1}


@pytest.fixture
def ledger_queries(world, monkeypatch):
    """The people of each query for what a ledger holds."""
    asked, ledger = [], world.store.ledger
    monkeypatch.setattr(world.store, "ledger", lambda *given: asked.append(given[1]) or ledger(*given))
    return asked


async def test_a_slice_of_moves_costs_two_queries_for_caps(world, ledger_queries):
    world.goal(caps=["1/24h"])
    for number in range(1, 7):
        world.person(number, member=True)
    world.commit(entered=[1, 2, 3, 4], merged=[(11, 5), (12, 6), (13, 6)])
    await world.deliver_all()
    assert world.counts() == {PASSED: 4}
    assert [sorted(ids) for ids in ledger_queries] == [[5, 6, 11, 12, 13], [1, 2, 3, 4]]


async def test_a_slice_of_events_costs_one_query_for_caps(world, ledger_queries):
    world.goal(when="event", events=["Seen"], caps=["1/24h"])
    for number in range(1, 4):
        world.person(number)
    world.commit(events=[(n, {"type": "track", "event": "Seen", "messageId": f"m{n}"}) for n in (1, 2, 3)])
    await world.deliver_all()
    assert world.counts() == {PASSED: 3}
    assert [sorted(ids) for ids in ledger_queries] == [[1, 2, 3]]


QUIET = {"quiet_from": "22:00", "quiet_until": "08:00"}
EVENING, MORNING = from_iso("2026-11-27T23:00:00Z"), from_iso("2026-11-28T08:00:00Z")


async def test_what_happens_at_night_waits_for_the_morning_and_hinders_nothing(world):
    world.goal(1, **QUIET, caps=["1/24h"])
    world.goal(2, url="/other")
    world.person(1, member=True)
    world.commit(entered=[1], at=EVENING)
    world.commit(entered=[1], at=EVENING + 1)
    await world.deliver_all(lambda: EVENING + SECOND)
    assert [call.path for call in world.api.calls] == ["/other"] * 2
    assert world.rows("select due_at from held") == [(MORNING,)]
    assert world.counts(1) == {filtered("activate.capped"): 1}
    await world.deliver_all(lambda: MORNING + SECOND)
    assert [call.path for call in world.api.calls] == ["/other", "/other", "/call"]
    assert world.rows("select * from held") == []
    assert world.counts(1) == {PASSED: 1, filtered("activate.capped"): 1}


async def test_a_trace_tells_what_is_held_back(world):
    world.goal(when="event", events=["Seen"], **QUIET)
    world.person(1)
    event = {"type": "track", "event": "Seen", "messageId": "m1"}
    offset = world.commit(events=[(1, event)], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    traces = EmbeddedTraces(world.path)
    folded = Folded(offset, Kind.PASSED, profile_id=1, survivor_id=1, clock=EVENING, committed_at=EVENING)
    (waiting,) = traces.waiting(Receipt(1, offset, 0), folded)
    traces.close()
    assert (waiting.goal_id, waiting.attempts, waiting.retry_at) == (1, 0, MORNING)


async def test_deliver_that_runs_through_the_night_sends_in_the_morning(world):
    world.goal(**QUIET)
    world.person(1, member=True)
    clock = [EVENING]
    world.commit(entered=[1], at=EVENING)
    async with world.delivering(lambda: clock[0]):
        await world.until(lambda: world.rows("select 1 from held"))
        clock[0] = MORNING
        await world.until(world.counts)
    assert world.counts() == {PASSED: 1}


async def test_what_happens_at_night_may_be_left_out(world):
    world.goal(**QUIET, quiet_then="drop")
    world.person(1, member=True)
    world.commit(entered=[1], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    assert world.counts() == {filtered("activate.quiet_hours"): 1}


async def test_what_is_held_of_a_goal_that_is_off_by_then_is_left_out(world):
    world.goal(**QUIET)
    world.person(1, member=True)
    world.commit(entered=[1], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    world.goal(**QUIET, enabled=False)
    await world.deliver_all(lambda: MORNING)
    assert world.api.calls == []
    assert world.counts() == {filtered("activate.goal_off"): 1}


async def test_what_is_held_of_a_deleted_connection_is_closed(world):
    world.goal(**QUIET)
    world.person(1, member=True)
    world.commit(entered=[1], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    world.directory.connected = []
    world.directory.version += 1
    await world.deliver_all(lambda: MORNING)
    assert world.rows("select * from held") == []
    assert world.counts() == {filtered("activate.connection_gone"): 1}


async def test_held_calls_are_under_one_person_after_a_merge(world):
    world.goal(**QUIET, body='{"id": {{ profile.id }}}')
    world.person(1, member=True)
    world.person(2, member=True)
    world.commit(entered=[1], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    world.commit(left=[1], merged=[(1, 2)], at=EVENING + 1)
    await world.deliver_all(lambda: MORNING)
    assert [json.loads(call.body) for call in world.api.calls] == [{"id": 1}]
