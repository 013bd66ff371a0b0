"""Runs of goals: when they begin, what they send and count, how they end, and what is left of them."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest

from onefold.activate.settings import DeliverySettings
from onefold.activate.store import Replay
from onefold.clock import DAY, HOUR, SECOND
from onefold.model.connection import Connection
from onefold.model.goal_run import Trigger
from onefold.model.outcome import Kind
from onefold.model.run import RunState
from onefold.model.schedule import ByHand, Schedule, Weekday, Weekdays

BY_HAND = Schedule(ByHand())
DAILY = Schedule(Weekdays(list(Weekday), ["08:00"]))
MORNING = int(datetime(2026, 11, 27, 7, 0, tzinfo=UTC).timestamp()) * SECOND


class Clock:
    """A clock that a test sets; it goes on by itself."""

    def __init__(self, at):
        self.offset = at - Clock.real()

    @staticmethod
    def real():
        return int(datetime.now(UTC).timestamp() * SECOND)

    def __call__(self):
        return Clock.real() + self.offset

    def go_on(self, span):
        self.offset += span


def reasons(run):
    return {(reason.kind, reason.code): reason.count for reason in run.reasons}


def is_whole(run):
    return run.planned == sum(run.total(kind) for kind in (Kind.PASSED, Kind.FILTERED, Kind.REJECTED))


async def test_a_goal_by_hand_waits_until_someone_asks_and_then_waits_again(world, sandbox):
    world.person(1, user_id="u1", plan="free")
    world.export("plan", schedule=BY_HAND)
    await world.deliver_all()
    assert [one["path"] for one in sandbox.journal() if one["path"] == "/users/track"] == []
    assert world.runs() == []
    asked = world.ask(1)
    await world.deliver_all()
    (run,) = world.runs(1)
    assert (run.id, run.trigger, run.by, run.state) == (asked, Trigger.PERSON, "tester", RunState.SUCCEEDED)
    assert (run.planned, reasons(run), run.deferred) == (1, {(Kind.PASSED, ""): 1}, 0)
    assert run.message == "1 planned: 1 passed, 0 filtered, 0 rejected."
    world.person(1, user_id="u1", plan="pro")
    world.commit(1)
    await world.deliver_all()
    assert len(world.runs()) == 1
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "free"}


async def test_a_run_sends_what_changed_since_the_last_one(world, sandbox):
    for number in range(1, 4):
        world.person(number, user_id=f"u{number}", plan="free")
    world.export("plan", schedule=BY_HAND)
    world.ask(1)
    await world.deliver_all()
    world.person(2, user_id="u2", plan="pro")
    world.commit(2)
    world.ask(1)
    await world.deliver_all()
    assert reasons(world.runs()[1]) == {(Kind.PASSED, ""): 1, (Kind.FILTERED, "activate.no_delta"): 2}
    assert sandbox.journal()[-1]["body"]["attributes"] == [{"external_id": "u2", "plan": "pro"}]


async def test_a_merge_between_two_runs_reaches_the_ledger(world, sandbox):
    world.person(1, user_id="u1", plan="free")
    world.person(2, anonymous_id="a2", plan="pro")
    world.export("plan", schedule=BY_HAND)
    world.ask(1)
    await world.deliver_all()
    world.person(1, user_id="u1", plan="pro")
    world.commit(1, merged=[(2, 1)])
    await world.deliver_all()
    world.ask(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}
    assert all(is_whole(run) for run in world.runs())


async def test_who_left_meanwhile_loses_the_fields_at_the_next_run(world, sandbox):
    world.person(1, user_id="u1", segments=[3], plan="pro")
    world.export("plan", segment_id=3, leaving="null", schedule=BY_HAND)
    world.ask(1)
    await world.deliver_all()
    world.person(1, user_id="u1", plan="pro")
    world.commit(1, left=[(3, 1)])
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}
    world.ask(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {}


async def test_a_time_of_the_schedule_runs_once(world, sandbox):
    world.clock = clock = Clock(MORNING)
    world.person(1, user_id="u1", plan="free")
    world.export("plan", schedule=DAILY)
    async with world.delivering():
        await world.until(lambda: world.rows("select 1 from goal_clock"))
        clock.go_on(HOUR - 5 * SECOND)
        assert world.runs() == []
        clock.go_on(5 * SECOND)
        await world.until(lambda: [run for run in world.runs() if not run.is_open])
    await world.deliver_all()
    (run,) = world.runs()
    assert (run.trigger, run.due_at, run.missed) == (Trigger.SCHEDULE, MORNING + HOUR, 0)
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "free"}


@pytest.mark.parametrize("missed", ["once", "skip"])
async def test_times_that_were_missed_run_once_at_most(world, missed):
    world.clock = clock = Clock(MORNING)
    world.person(1, user_id="u1", plan="free")
    world.export("plan", schedule=msgspec.structs.replace(DAILY, missed=missed))
    await world.deliver_all()
    clock.go_on(10 * DAY)
    await world.deliver_all()
    await world.deliver_all()
    (run,) = world.runs()
    assert run.due_at == MORNING + HOUR + 9 * DAY
    assert run.missed == 9
    if missed == "once":
        assert run.state is RunState.SUCCEEDED
        assert "10 times that passed" in run.message
    else:
        assert (run.state, run.code, run.planned) == (RunState.SKIPPED, "activate.run_missed", 0)


@pytest.mark.parametrize("off", ["goal", "connection"])
async def test_what_is_off_misses_nothing(world, off):
    world.clock = clock = Clock(MORNING)
    world.person(1, user_id="u1", plan="free")
    world.export("plan", schedule=DAILY)
    (goal,), (connection,) = world.directory.wanted, world.directory.connected
    await world.deliver_all()
    if off == "goal":
        world.set_goal(msgspec.structs.replace(goal, enabled=False))
    else:
        world.directory.connected = [msgspec.structs.replace(connection, enabled=False)]
    await world.deliver_all()
    clock.go_on(3 * DAY)
    world.directory.connected = [connection]
    world.set_goal(goal)
    await world.deliver_all()
    assert world.runs() == []
    clock.go_on(DAY)
    await world.deliver_all()
    assert len(world.runs()) == 1


@pytest.mark.parametrize("overlap", ["skip", "queue"])
async def test_a_run_that_is_due_before_the_last_one_ended(world, sandbox, overlap):
    sandbox.add_fault("status", status=503, path="/users/track")
    world.person(1, user_id="u1", plan="free")
    world.export("plan", schedule=msgspec.structs.replace(BY_HAND, overlap=overlap))
    async with world.delivering():
        world.ask(1)
        await world.until(lambda: [run for run in world.runs() if run.deferred])
        world.ask(1)
        await world.until(lambda: len(world.runs()) == 2)
        world.ask(1)
        await world.until(lambda: len(world.runs()) == 3)
        states = [run.state for run in world.runs()]
        skipped = world.runs()[2]
        sandbox.clear_faults()
    second = RunState.SKIPPED if overlap == "skip" else RunState.QUEUED
    assert states == [RunState.RUNNING, second, RunState.SKIPPED]
    assert skipped.code == "activate.run_overlap"
    await world.deliver_all()
    ends = [RunState.SUCCEEDED, RunState.SKIPPED if overlap == "skip" else RunState.SUCCEEDED]
    assert [run.state for run in world.runs()] == [*ends, RunState.SKIPPED]


async def test_goals_of_one_connection_run_in_their_order(world):
    for number in range(1, 1201):
        world.person(number, user_id=f"u{number}", plan="free", age=number)
    world.export("plan", goal_id=1, schedule=BY_HAND, position=1)
    world.export("age", goal_id=2, schedule=BY_HAND, position=0)
    world.ask(1)
    world.ask(2)
    await world.deliver_all()
    later, first = world.runs(1)[0], world.runs(2)[0]
    assert first.ended_at <= later.started_at
    assert first.planned == later.planned == 1200


async def test_connections_run_beside_one_another(world, sandbox):
    # Neither can end before both have begun, however slow the machine is.
    sandbox.add_fault("status", status=503, path="/users/track")
    settings, secrets = {"endpoint": sandbox.url}, {"api_key": sandbox.api_key}
    world.directory.connected.append(Connection(2, "Other", "braze", settings=settings, secrets=secrets))
    world.person(1, user_id="u1", plan="free")
    world.export("plan", goal_id=1, schedule=BY_HAND)
    (goal,) = world.directory.wanted
    world.set_goal(msgspec.structs.replace(goal, id=2, connection_id=2))
    world.ask(1)
    world.ask(2, connection_id=2)
    async with world.delivering():
        await world.until(lambda: [run.deferred for run in world.runs()] == [1, 1])
        sandbox.clear_faults()
        await world.until(lambda: not any(run.is_open for run in world.runs()))
    one, other = world.runs()
    assert other.started_at < one.ended_at
    assert one.started_at < other.ended_at


async def test_a_continuous_goal_has_a_run_an_hour_in_which_it_did_something(world):
    world.clock = clock = Clock(MORNING)
    world.person(1, user_id="u1", plan="free")
    world.export("plan")
    await world.deliver_all()
    world.person(1, user_id="u1", plan="pro")
    world.commit(1)
    await world.deliver_all()
    (run,) = world.runs()
    assert (run.trigger, run.state, run.due_at) == (Trigger.CONTINUOUS, RunState.RUNNING, MORNING)
    assert reasons(run) == {(Kind.PASSED, ""): 2}
    clock.go_on(5 * HOUR)
    await world.deliver_all()
    world.person(1, user_id="u1", plan="gold")
    world.commit(1)
    await world.deliver_all()
    ended, running = world.runs()
    assert (ended.state, running.state) == (RunState.SUCCEEDED, RunState.RUNNING)
    assert running.due_at == MORNING + 5 * HOUR


async def test_an_hour_ends_when_its_last_item_is_answered(world, sandbox):
    sandbox.add_fault("status", status=503, path="/users/track")
    world.clock = clock = Clock(MORNING)
    world.person(1, user_id="u1", plan="free")
    world.export("plan")
    async with world.delivering():
        await world.until(lambda: [run for run in world.runs() if run.deferred])
        clock.go_on(2 * HOUR)
        tried = "select 1 from attempt where sent_at >= ?"
        await world.until(lambda: world.rows(tried, MORNING + 2 * HOUR))
    (run,) = world.runs()
    assert (run.state, run.deferred) == (RunState.RUNNING, 1)
    sandbox.clear_faults()
    await world.deliver_all()
    (run,) = world.runs()
    assert (run.state, run.deferred, run.total(Kind.PASSED)) == (RunState.SUCCEEDED, 0, 1)


@pytest.mark.parametrize("off", ["goal", "connection"])
async def test_an_hour_ends_when_its_goal_is_turned_off(world, off):
    world.person(1, user_id="u1", plan="free")
    world.export("plan")
    (goal,), (connection,) = world.directory.wanted, world.directory.connected
    async with world.delivering() as deliver:
        async with asyncio.timeout(20):
            await deliver.drain()
        assert world.runs()[0].is_open
        if off == "goal":
            world.directory.wanted = [msgspec.structs.replace(goal, enabled=False)]
        else:
            world.directory.connected = [msgspec.structs.replace(connection, enabled=False)]
        world.directory.version += 1
        await world.until(lambda: not world.runs()[0].is_open)
    assert world.runs()[0].state is RunState.SUCCEEDED


async def test_a_continuous_goal_compares_everyone_when_someone_asks(world):
    world.person(1, user_id="u1", plan="free")
    world.export("plan")
    await world.deliver_all()
    world.ask(1)
    await world.deliver_all()
    hour, asked = sorted(world.runs(), key=lambda run: run.trigger)
    assert reasons(hour) == {(Kind.PASSED, ""): 1}
    assert reasons(asked) == {(Kind.FILTERED, "activate.no_delta"): 1}


async def test_a_cancelled_run_stops_what_is_not_sent_and_the_next_one_sends_it(world, sandbox):
    for number in range(1, 2001):
        world.person(number, user_id=f"u{number}", plan="free")
    (connection,) = world.directory.connected
    slowly = msgspec.structs.replace(connection, settings={**connection.settings, "concurrency": 2})
    world.directory.connected = [slowly]
    world.export("plan", schedule=BY_HAND)
    sandbox.add_fault("slow", delay_ms=200, path="/users/track")
    async with world.delivering() as deliver:
        run_id = world.ask(1)
        await world.until(lambda: [run for run in world.runs() if run.total(Kind.PASSED)])
        world.directory.cancelled.add(run_id)
        world.directory.version += 1
        await world.until(lambda: [run for run in world.runs() if not run.is_open])
        sandbox.clear_faults()
        async with asyncio.timeout(20):
            await deliver.drain()
    (run,) = world.runs()
    assert run.state is RunState.CANCELLED
    assert run.message.startswith("Cancelled; what was sent stays sent.")
    assert is_whole(run)
    assert run.total(Kind.PASSED) > 0
    assert reasons(run)[Kind.FILTERED, "activate.run_cancelled"] > 0
    sandbox.flush()
    assert sandbox.stats()["users"] == run.total(Kind.PASSED)
    world.ask(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.stats()["users"] == 2000
    assert world.runs()[1].total(Kind.PASSED) == 2000 - run.total(Kind.PASSED)


async def test_a_run_that_was_cut_short_goes_on_where_it_was(world, sandbox):
    for number in range(1, 3001):
        world.person(number, user_id=f"u{number}", plan="free")
    world.export("plan", schedule=BY_HAND)
    world.ask(1)
    async with world.delivering():
        await world.until(lambda: [run for run in world.runs() if run.scanned_to])
    await world.deliver_all()
    (run,) = world.runs()
    assert (run.state, run.planned, run.total(Kind.PASSED)) == (RunState.SUCCEEDED, 3000, 3000)
    sandbox.flush()
    assert sandbox.stats()["users"] == 3000


async def test_a_run_of_a_connection_that_was_deleted_is_cancelled(world, sandbox):
    sandbox.add_fault("status", status=503, path="/users/track")
    world.person(1, user_id="u1", plan="free")
    world.export("plan", schedule=BY_HAND)
    world.ask(1)
    async with world.delivering():
        await world.until(lambda: [run for run in world.runs() if run.deferred])
        world.directory.connected, world.directory.wanted = [], []
        world.directory.version += 1
        await world.until(lambda: [run for run in world.runs() if not run.is_open])
    (run,) = world.runs()
    assert (run.state, is_whole(run)) == (RunState.CANCELLED, True)


async def test_a_run_of_a_goal_that_is_stopped_is_cancelled(world, sandbox):
    sandbox.add_fault("status", status=503, path="/users/track")
    world.person(1, user_id="u1", plan="free")
    world.export("plan", schedule=BY_HAND)
    (goal,) = world.directory.wanted
    world.ask(1)
    async with world.delivering():
        await world.until(lambda: [run for run in world.runs() if run.deferred])
        world.set_goal(msgspec.structs.replace(goal, enabled=False, stopped=True))
        await world.until(lambda: world.runs()[0].cancel_asked)
        sandbox.clear_faults()
        await world.until(lambda: [run for run in world.runs() if not run.is_open])
    (run,) = world.runs()
    assert (run.state, is_whole(run)) == (RunState.CANCELLED, True)


async def test_samples_show_the_three_payloads_of_each_end(world):
    for number in range(1, 31):
        world.person(number, user_id=f"u{number}", plan="free")
    world.person(31, user_id="u31", plan={"a": "x" * 200_000})
    world.person(32, plan="free")
    world.export("plan", schedule=BY_HAND)
    world.ask(1)
    await world.deliver_all()
    (run,) = world.runs()
    assert is_whole(run)
    found = {}
    for sample in world.samples(run):
        found.setdefault((sample.kind, sample.code), []).append(sample)
    assert {key: len(samples) for key, samples in found.items()} == {
        key: min(10, count) for key, count in reasons(run).items()
    }
    passed = found[Kind.PASSED, ""][0]
    assert msgspec.json.decode(passed.ours) == {"plan": "free"}
    assert msgspec.json.decode(passed.request) == {"external_id": f"u{passed.profile_id}", "plan": "free"}
    assert '"message":"success"' in passed.answer
    assert all(len(one.ours) <= 20_000 for samples in found.values() for one in samples)


async def test_dead_letters_of_a_run_go_again_in_a_run_of_their_own(world, sandbox):
    world.person(1, user_id="u1", plan="free")
    world.export("plan", schedule=BY_HAND)
    sandbox.add_fault("status", status=400, path="/users/track")
    world.ask(1)
    await world.deliver_all()
    (failed,) = world.runs()
    assert (failed.state, failed.total(Kind.REJECTED)) == (RunState.FAILED, 1)
    assert world.rows("select run from letter") == [(failed.number,)]
    sandbox.clear_faults()
    world.directory.replayed = [Replay(1, 1)]
    world.directory.version += 1
    await world.deliver_all()
    retried = world.runs()[1]
    assert (retried.trigger, retried.state) == (Trigger.RETRY, RunState.SUCCEEDED)
    assert reasons(retried) == {(Kind.PASSED, ""): 1}
    assert world.runs()[0] == failed


async def test_events_are_counted_in_the_run_of_their_hour(world):
    world.person(1, user_id="u1")
    world.events()
    event = {"type": "track", "event": "Viewed", "messageId": "m1", "properties": {"n": 1}}
    world.commit(1, events=[(1, event)])
    await world.deliver_all(DeliverySettings(linger_ms=0, poll_ms=20))
    (run,) = world.runs(2)
    assert reasons(run) == {(Kind.PASSED, ""): 1}
    (sample,) = world.samples(run)
    assert (sample.key, msgspec.json.decode(sample.ours)) == ("m1", {"n": 1})
