"""Calls at the times of a schedule: one for each member, counted in a run, whatever happens meanwhile."""

from collections import Counter
from datetime import UTC, datetime
from textwrap import dedent

import msgspec
import pytest

from onefold.activate.check import feature_problems
from onefold.activate.store import Replay
from onefold.clock import DAY, HOUR, SECOND, from_iso, to_iso
from onefold.config.connection import check_wanted, read_connection
from onefold.config.text import read_text
from onefold.connectors.http import HttpConnector
from onefold.model.goal import Goal
from onefold.model.goal_run import Trigger
from onefold.model.outcome import Kind
from onefold.model.run import RunState
from onefold.model.schedule import ByHand, Schedule, Weekday, Weekdays

BY_HAND = Schedule(ByHand())
EIGHT = from_iso("2026-11-27T08:00:00Z")
DAILY = Schedule(Weekdays(list(Weekday), ["08:00"]))
BODY = '{"id": {{ profile.id }}, "key": {{ delivery_id }}, "at": {{ moment.at }}, "kind": {{ moment.kind }}}'


class Clock:
    """One that a test sets; it goes on by itself."""

    def __init__(self, at):
        self.offset = at - Clock.real()

    @staticmethod
    def real():
        return int(datetime.now(UTC).timestamp() * SECOND)

    def __call__(self):
        return Clock.real() + self.offset

    def go_on(self, span):
        self.offset += span


@pytest.fixture
def clock():
    return Clock(EIGHT - HOUR)


def reasons(run):
    return {(reason.kind, reason.code): reason.count for reason in run.reasons}


def called(world):
    return Counter(call.json()["id"] for call in world.api.calls)


def is_whole(run):
    ended = sum(run.total(kind) for kind in (Kind.PASSED, Kind.FILTERED, Kind.REJECTED))
    return run.planned == ended + run.deferred


async def test_at_its_time_each_member_gets_one_call(world, clock):
    world.goal(when="schedule", schedule=DAILY, body=BODY)
    world.person(1, member=True)
    world.person(2)
    world.person(3, member=True)
    await world.deliver_all(clock)
    world.commit(entered=[3])
    await world.deliver_all(clock)
    assert world.api.calls == []
    clock.go_on(HOUR)
    await world.deliver_all(clock)
    bodies = sorted((call.json() for call in world.api.calls), key=lambda body: body["id"])
    assert [(body["id"], body["at"], body["kind"]) for body in bodies] == [
        (1, to_iso(EIGHT), "schedule"),
        (3, to_iso(EIGHT), "schedule"),
    ]
    (run,) = world.runs()
    assert (run.trigger, run.due_at, run.state) == (Trigger.SCHEDULE, EIGHT, RunState.SUCCEEDED)
    assert (run.planned, reasons(run)) == (2, {(Kind.PASSED, ""): 2})
    clock.go_on(DAY)
    await world.deliver_all(clock)
    keys = {call.json()["key"] for call in world.api.calls}
    assert (called(world), len(keys)) == ({1: 2, 3: 2}, 4)


async def test_run_by_hand_calls_for_everyone_where_there_is_no_segment(world):
    world.goal(when="schedule", schedule=BY_HAND, everyone=True, requires=["traits.plan"], body=BODY)
    world.person(1, plan="pro")
    world.person(2)
    run_id = world.ask()
    await world.deliver_all()
    assert called(world) == {1: 1}
    (run,) = world.runs()
    assert (run.id, run.by, run.state) == (run_id, "tester", RunState.SUCCEEDED)
    assert reasons(run) == {(Kind.PASSED, ""): 1, (Kind.FILTERED, "activate.call.requirement"): 1}
    assert world.api.calls[0].json()["at"] == to_iso(run.created_at)


async def test_more_people_than_a_page_are_called_once_each(world):
    world.state.execute("begin")
    for number in range(1, 1203):
        world.person(number, member=True)
    world.state.execute("commit")
    world.goal(when="schedule", schedule=BY_HAND)
    world.ask()
    await world.deliver_all()
    assert called(world) == dict.fromkeys(range(1, 1203), 1)
    (run,) = world.runs()
    assert (run.planned, run.total(Kind.PASSED), run.deferred) == (1202, 1202, 0)


async def test_times_that_were_missed_make_one_round_of_calls_however_old(world, clock):
    world.goal(when="schedule", schedule=DAILY, age_hours_max=1)
    world.person(1, member=True)
    await world.deliver_all(clock)
    clock.go_on(3 * DAY + 12 * HOUR)
    await world.deliver_all(clock)
    assert called(world) == {1: 1}
    assert [(run.missed, run.state) for run in world.runs()] == [(3, RunState.SUCCEEDED)]


async def test_caps_and_consent_leave_people_out(world):
    goal = world.goal(when="schedule", schedule=BY_HAND, caps=["1/24h"])
    world.person(1, member=True)
    for _ in range(2):
        world.ask()
        await world.deliver_all()
    world.directory.wanted = [msgspec.structs.replace(goal, purpose="ads")]
    world.ask()
    await world.deliver_all()
    assert called(world) == {1: 1}
    assert [reasons(run) for run in world.runs()] == [
        {(Kind.PASSED, ""): 1},
        {(Kind.FILTERED, "activate.capped"): 1},
        {(Kind.FILTERED, "activate.no_consent"): 1},
    ]


QUIET = {"quiet_from": "07:00", "quiet_until": "09:30", "quiet_zone_trait": "zone"}


async def test_what_waits_for_the_end_of_quiet_hours_stays_in_its_run_and_hinders_no_other(world, clock):
    world.goal(1, when="schedule", schedule=DAILY, body=BODY, **QUIET)
    world.goal(2, when="schedule", schedule=BY_HAND)
    world.person(1, member=True)
    world.person(2, member=True, zone="Asia/Tokyo")
    await world.deliver_all(clock)
    clock.go_on(HOUR)
    await world.deliver_all(clock)
    assert called(world) == {2: 1}
    (run,) = world.runs()
    assert (run.state, run.planned, run.deferred) == (RunState.RUNNING, 2, 1)
    assert (run.held, is_whole(run), run.is_resting) == ({"activate.quiet_hours": 1}, True, True)
    world.ask(2)
    await world.deliver_all(clock)
    assert called(world) == {2: 2, 1: 1}, "another goal runs meanwhile"
    world.ask(1)
    await world.deliver_all(clock)
    assert [run.planned for run in world.runs()] == [2, 2], "and so does the next run of the same one"
    clock.go_on(2 * HOUR)
    await world.deliver_all(clock)
    assert {run.state for run in world.runs()} == {RunState.SUCCEEDED}
    assert all(is_whole(run) and not run.held for run in world.runs())
    assert world.counts()[int(Kind.PASSED), ""] == 4


async def test_a_cancelled_run_sends_nothing_that_is_held(world, clock):
    world.goal(when="schedule", schedule=BY_HAND, quiet_from="06:00", quiet_until="23:00")
    world.person(1, member=True)
    run_id = world.ask()
    await world.deliver_all(clock)
    assert world.runs()[0].deferred == 1
    world.cancel(run_id)
    async with world.delivering(clock):
        await world.until(lambda: not world.runs()[0].is_open)
    (run,) = world.runs()
    assert (run.state, reasons(run)) == (
        RunState.CANCELLED,
        {(Kind.FILTERED, "activate.run_cancelled"): 1},
    )
    assert world.rows("select count(*) from held") == [(0,)]
    assert world.api.calls == []


async def test_a_goal_that_acts_on_something_else_by_now_ends_its_run(world):
    world.goal(when="schedule", schedule=BY_HAND)
    world.person(1, member=True)
    world.ask()
    world.goal(when="entered")
    await world.deliver_all()
    assert world.api.calls == []
    assert [run.state for run in world.runs()] == [RunState.SUCCEEDED]


async def test_a_dead_letter_goes_again_for_the_time_that_it_was_about(world, clock):
    world.goal(
        when="schedule", schedule=DAILY, body='{"at": {{ moment.at }}, "plan": {{ profile.traits.plan }}}'
    )
    world.person(1, member=True)
    await world.deliver_all(clock)
    clock.go_on(HOUR)
    await world.deliver_all(clock)
    assert [code for code, *_ in world.letters()] == ["activate.call.template"]
    world.person(1, member=True, plan="pro")
    world.directory.replayed = [Replay(1, 1)]
    world.directory.version += 1
    clock.go_on(5 * HOUR)
    await world.deliver_all(clock)
    assert [call.json() for call in world.api.calls] == [{"at": to_iso(EIGHT), "plan": "pro"}]
    assert world.runs()[-1].trigger is Trigger.RETRY


async def test_the_key_of_a_call_is_made_of_goal_time_and_person(world, clock):
    """Whoever restores a backup from before a run calls with the same keys again."""
    world.goal(when="schedule", schedule=DAILY, body=BODY)
    world.person(1, member=True)
    await world.deliver_all(clock)
    clock.go_on(HOUR)
    await world.deliver_all(clock)
    world.store._writer.execute("delete from goal_run")
    world.store._writer.execute("delete from goal_clock")
    clock.go_on(-HOUR)
    await world.deliver_all(clock)
    clock.go_on(HOUR)
    await world.deliver_all(clock)
    first, second = (call.json()["key"] for call in world.api.calls)
    assert first == second


def test_such_a_goal_needs_times_or_a_hand():
    kind = HttpConnector().info.goal("call")
    goal = Goal(1, 1, "call", "Call", settings={"when": "schedule", "url": "/call"})
    assert [one.path for one in feature_problems(goal, kind)] == ["schedule.rule"]
    for schedule in (BY_HAND, DAILY):
        assert feature_problems(msgspec.structs.replace(goal, schedule=schedule), kind) == []
    other = msgspec.structs.replace(goal, settings={"when": "event"}, schedule=DAILY)
    assert [one.path for one in feature_problems(other, kind)] == ["schedule.rule"]


def test_a_document_says_when():
    text = """
    kind: connection
    name: Shop
    spec:
      connector: http
      settings: {endpoint: "https://api.example.com"}
      goals:
        - name: Offer
          kind: call
          segment: Gold
          settings: {when: schedule, url: /offers}
          schedule: {rule: {kind: weekdays, days: [monday], at: ["09:00"]}, timezone: Europe/Berlin}
    """
    wanted = read_connection(read_text(dedent(text)), None, [], {"Gold": 1}, 0).wanted
    assert wanted is not None
    assert check_wanted(wanted, None, HttpConnector(), {}) == []
    assert wanted.goals[0].schedule == Schedule(Weekdays([Weekday.MONDAY], ["09:00"]), "Europe/Berlin")
