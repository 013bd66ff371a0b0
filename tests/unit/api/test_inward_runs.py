"""Goals that bring something in run by hand, at their times, or every so many minutes; each time once."""

import asyncio
import itertools
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from onefold.api.inward_runs import Inward, ask_by_hand, ask_due
from onefold.backends.embedded.control.decisions import RunRequest
from onefold.backends.embedded.feedback import EmbeddedFeedback
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import DAY, HOUR, MINUTE, from_iso, to_iso
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.intake import Intake, IntakeIdentifier
from onefold.model.run import RunKind, RunState
from onefold.model.schedule import ByHand, Cron, Schedule, TimesADay, Weekday, Weekdays
from onefold.run.progress import Progress
from onefold.run.schedule import next_runs
from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.load_settings import load_settings
from onefold.runtime.steady_clock import SteadyClock
from onefold.runtime.tasks import run_of

START = 1_795_000_000_000_000
MINUTES = 60
"""Of a time each minute."""


class Here:
    """A workspace with one connection, whose time is told."""

    def __init__(self, root: Path) -> None:
        self.at = START
        directory = DataDirectory(root)
        directory.create()
        clock = SteadyClock(lambda: self.at, lambda: self.at)
        settings = load_settings(root, environ={})
        self.web = Web(directory, settings, {}, public_url="http://onefold", clock=clock)
        self.workspace = self.web.workspace
        self.runs = EmbeddedRuns(root)
        settings_of = {"endpoint": "https://rest.fra-01.braze.eu"}
        connection = Connection(0, "Braze", "braze", settings=settings_of, created_at=START)
        self.connection = self.workspace.connections.create(connection)

    def goal(self, **changes: object) -> Goal:
        goal = Goal(0, self.connection.id, "currents", "Engagement", enabled=True)
        return self.workspace.connections.create_goal(msgspec.structs.replace(goal, **changes))

    def import_goal(self, schedule: Schedule, **changes: object) -> Goal:
        """One that is defined now."""
        intake = Intake([IntakeIdentifier("external_id", "user_id")])
        goal = Goal(0, self.connection.id, "import", "Loyal", enabled=True, settings={"audience": "7"})
        goal = msgspec.structs.replace(goal, intake=intake, schedule=schedule, created_at=self.at)
        return self.workspace.connections.create_goal(msgspec.structs.replace(goal, **changes))

    def tick(self, minutes: int = 0) -> None:
        self.at += minutes * MINUTE
        ask_due(self.workspace)

    def tick_until(self, at: int, *, minutes: int = 5) -> None:
        """At full minutes, as web does, but not at each: that would take its time."""
        while (following := (self.at // MINUTE // minutes + 1) * minutes * MINUTE) <= at:
            self.at = following
            self.tick()

    def by_hand(self, goal: Goal, *, preview: bool = False) -> RunRequest:
        connector = self.workspace.connectors().connectors["braze"]
        kind = connector.info.goal(goal.kind)
        assert kind is not None
        inward = Inward(self.connection, connector, kind, goal)
        return ask_by_hand(self.workspace, inward, "me", is_preview=preview)

    def asked(self, kind: RunKind = RunKind.FEEDBACK) -> list[RunRequest]:
        return self.workspace.run_requests.page(kind=kind)

    def imports(self) -> list[tuple[str, str]]:
        """When each is due, and why it is left out, oldest first."""
        found = [
            (
                to_iso(int(one.arguments["due_at"])).replace(".000", ""),
                str(one.arguments.get("code", "")),
            )
            for one in self.asked(RunKind.INTAKE)
        ]
        return found[::-1]

    def end_last(self, kind: RunKind = RunKind.FEEDBACK) -> None:
        """The tasks role has run it."""
        self.end(self.asked(kind)[0])

    def end(self, request: RunRequest) -> None:
        """The tasks role has run it."""
        claimed = self.runs.claim(run_of(request))
        assert claimed is not None
        progress = Progress(
            *claimed, self.runs, lambda: self.at, is_cancelled=lambda: False, is_stopping=lambda: False
        )
        progress.end(RunState.SUCCEEDED, "Nothing to do.")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    made = Here(tmp_path)
    yield made
    made.runs.close()
    await made.web.close()


async def test_a_goal_that_is_on_is_run_every_so_many_minutes(here: Here) -> None:
    here.goal(settings={"every_minutes": 5})
    here.tick()
    assert len(here.asked()) == 1
    here.end_last()
    here.tick(4)
    assert len(here.asked()) == 1
    here.tick(1)
    assert len(here.asked()) == 2
    assert {one.by for one in here.asked()} == {"onefold"}


async def test_while_a_run_waits_or_goes_on_there_is_no_other(here: Here) -> None:
    here.goal(settings={"every_minutes": 1})
    here.tick()
    here.tick(60)
    assert len(here.asked()) == 1
    here.runs.claim(run_of(here.asked()[0]))
    here.tick(60)
    assert len(here.asked()) == 1
    here.end_last()
    here.tick(1)
    assert len(here.asked()) == 2


async def test_a_schedule_says_when_instead(here: Here) -> None:
    schedule = Schedule(TimesADay(24))
    here.goal(schedule=schedule, enabled_at=START)
    minutes = (next_runs(schedule, START, 1)[0] - START) // MINUTE
    here.tick(minutes)
    assert here.asked() == []
    here.tick(1)
    assert len(here.asked()) == 1
    here.end_last()
    here.tick(59)
    assert len(here.asked()) == 1
    # Hours went by while nothing ticked: they count once.
    here.tick(310)
    here.end_last()
    here.tick(1)
    assert len(here.asked()) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"enabled": False},
        {"settings": {"every_minutes": 0}},
        {"schedule": Schedule(ByHand())},
        {"kind": "events", "settings": {}},
        {"kind": "gone", "settings": {}},
    ],
)
async def test_others_are_not_run_by_themselves(here: Here, changes: dict[str, object]) -> None:
    here.goal(**changes)
    here.tick()
    assert here.asked() == []


async def test_what_was_read_before_goes_on_in_its_source_whatever_it_is_called(here: Here) -> None:
    goal = here.goal()

    def source_id() -> int:
        return int(here.by_hand(goal).arguments["source_id"])

    first = source_id()
    source = here.workspace.sources.find(str(first))
    assert source is not None
    assert (source.name, source.kind) == ("currents:Braze", "braze-currents")
    feedback = EmbeddedFeedback(here.workspace.data_dir, "place")
    feedback.open_place(first, here.connection.id)
    feedback.close()
    here.workspace.sources.change(first, {"name": "Engagement of the shop"})
    assert source_id() == first


DAILY = Weekdays(list(Weekday), ["08:00"])
PARIS = Schedule(DAILY, "Europe/Paris")


async def test_an_import_runs_at_each_of_its_times_once(here: Here) -> None:
    here.at = from_iso("2026-11-18T06:30:10Z")
    here.import_goal(PARIS)
    here.tick_until(from_iso("2026-11-18T07:05:00Z"))
    here.end_last(RunKind.INTAKE)
    here.tick_until(from_iso("2026-11-19T07:05:00Z"), minutes=30)
    assert here.imports() == [("2026-11-18T07:00:00Z", ""), ("2026-11-19T07:00:00Z", "")]
    (_, first) = here.asked(RunKind.INTAKE)
    assert (first.by, first.arguments["trigger"], first.arguments["missed"]) == ("onefold", "schedule", 0)


async def test_a_goal_that_is_made_just_before_its_time_runs_then(here: Here) -> None:
    here.at = from_iso("2026-11-18T06:59:30Z")
    here.import_goal(PARIS)
    here.tick_until(from_iso("2026-11-18T07:00:00Z"))
    assert here.imports() == [("2026-11-18T07:00:00Z", "")]


async def test_a_schedule_that_is_changed_has_the_times_from_then_on(here: Here) -> None:
    here.at = from_iso("2026-11-18T06:00:30Z")
    goal = here.import_goal(Schedule(ByHand()))
    here.tick_until(from_iso("2026-11-18T10:00:00Z"))
    changed = msgspec.structs.replace(goal, schedule=PARIS, version=2, changed_at=here.at + 1)
    here.workspace.connections.change_goal(changed, version=1)
    here.tick_until(from_iso("2026-11-18T10:05:00Z"))
    assert here.imports() == []


@pytest.mark.parametrize(("missed", "code"), [("once", ""), ("skip", "acquire.run_missed")])
async def test_times_that_passed_while_nothing_ran_count_once_or_not_at_all(
    here: Here, missed: str, code: str
) -> None:
    here.at = from_iso("2026-11-18T06:30:10Z")
    here.import_goal(msgspec.structs.replace(PARIS, missed=missed))
    here.tick()
    here.at = from_iso("2026-11-21T09:00:00Z")
    here.tick()
    here.tick(1)
    assert here.imports() == [("2026-11-21T07:00:00Z", code)]
    assert here.asked(RunKind.INTAKE)[0].arguments["missed"] == 3


async def test_what_passes_while_it_is_off_is_not_missed(here: Here) -> None:
    here.at = from_iso("2026-11-18T06:30:10Z")
    goal = here.import_goal(PARIS)
    here.tick()
    off = msgspec.structs.replace(goal, enabled=False)
    here.workspace.connections.change_goal(off, version=goal.version)
    here.tick_until(from_iso("2026-11-18T08:00:00Z"))
    here.workspace.connections.change_goal(goal, version=goal.version)
    here.tick_until(from_iso("2026-11-18T09:00:00Z"))
    assert here.imports() == []
    connection = here.workspace.connections.find("Braze")
    assert connection is not None
    here.workspace.connections.change(msgspec.structs.replace(connection, enabled=False), version=1)
    here.tick_until(from_iso("2026-11-19T08:00:00Z"), minutes=30)
    here.workspace.connections.change(connection, version=1)
    here.tick_until(from_iso("2026-11-19T09:00:00Z"))
    assert here.imports() == []


@pytest.mark.parametrize("overlap", ["skip", "queue"])
async def test_while_a_run_goes_on_the_next_is_left_out_or_one_waits(here: Here, overlap: str) -> None:
    here.at = from_iso("2026-11-18T06:30:10Z")
    goal = here.import_goal(Schedule(TimesADay(24), overlap=overlap))
    here.tick_until(from_iso("2026-11-18T07:00:00Z"))
    here.runs.claim(run_of(here.asked(RunKind.INTAKE)[0]))
    here.tick_until(from_iso("2026-11-18T09:00:00Z"))
    left_out = "acquire.run_overlap"
    second = left_out if overlap == "skip" else ""
    assert [code for _, code in here.imports()] == ["", second, left_out]
    assert here.by_hand(goal).arguments["code"] == left_out
    assert "code" not in here.by_hand(goal, preview=True).arguments, "a preview changes nothing"
    here.end(here.asked(RunKind.INTAKE)[-1])
    if overlap == "queue":
        here.end(here.asked(RunKind.INTAKE)[-2])
    assert "code" not in here.by_hand(goal).arguments


async def test_an_import_runs_once_where_clocks_change(here: Here) -> None:
    # In Paris, 02:30 does not exist on 2026-03-29, and exists twice on 2026-10-25.
    rule = Weekdays(list(Weekday), ["02:30"])
    here.at = from_iso("2026-03-28T12:00:00Z")
    here.import_goal(Schedule(rule, "Europe/Paris"))
    for day in ("2026-03-29", "2026-10-25"):
        here.at = from_iso(f"{day}T00:00:00Z") - HOUR
        here.tick()
        if here.imports():  # what passed since the first day
            here.end_last(RunKind.INTAKE)
        before = len(here.imports())
        here.tick_until(here.at + DAY - HOUR, minutes=30)
        assert len(here.imports()) == before + 1, day
        here.end_last(RunKind.INTAKE)
    times = [at for at, _ in here.imports()]
    assert (times[0], times[-1]) == ("2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z")


async def test_a_clock_that_is_set_back_a_little_makes_no_time_come_twice(here: Here) -> None:
    here.at = from_iso("2026-11-18T06:30:10Z")
    here.import_goal(PARIS)
    here.tick_until(from_iso("2026-11-18T07:00:00Z"))
    here.end_last(RunKind.INTAKE)
    here.at -= 2 * MINUTE
    here.tick()
    here.tick_until(from_iso("2026-11-18T07:05:00Z"))
    assert len(here.imports()) == 1


def tick_and_kill(command: list[str], lines: int) -> int:
    """The last of so many minutes that the process told before it was killed."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [int(line) for line in itertools.islice(process.stdout, lines)]
        process.kill()
    return told[-1]


async def test_a_time_is_followed_once_whatever_is_killed_when(here: Here, tmp_path: Path) -> None:
    first = START // MINUTE
    last = first + MINUTES
    here.at = first * MINUTE - 1
    here.import_goal(Schedule(Cron("* * * * *")))
    script = Path(__file__).with_name("tick_process.py")
    minute = first
    for lines in [*random.Random(7).choices(range(1, MINUTES // 4), k=3), 2 * MINUTES]:
        command = [sys.executable, str(script), str(tmp_path), str(minute), str(last)]
        minute = await asyncio.to_thread(tick_and_kill, command, lines)
    assert minute == last
    due = [int(one.arguments["due_at"]) // MINUTE for one in here.asked(RunKind.INTAKE)]
    assert sorted(due) == list(range(first, last + 1))
