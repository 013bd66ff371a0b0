"""Goals that read what a destination tells are run by hand and every so many minutes, never twice at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from onefold.api.feedback import ask_due_feedback, ask_feedback
from onefold.backends.embedded.control.decisions import RunRequest
from onefold.backends.embedded.feedback import EmbeddedFeedback
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import MINUTE
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.run import RunKind, RunState
from onefold.model.schedule import ByHand, Schedule, TimesADay
from onefold.run.progress import Progress
from onefold.run.schedule import next_runs
from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.load_settings import load_settings
from onefold.runtime.steady_clock import SteadyClock
from onefold.runtime.tasks import run_of

START = 1_795_000_000_000_000


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

    def tick(self, minutes: int = 0) -> None:
        self.at += minutes * MINUTE
        ask_due_feedback(self.workspace)

    def asked(self) -> list[RunRequest]:
        return self.workspace.run_requests.page(kind=RunKind.FEEDBACK)

    def end_last(self) -> None:
        """The tasks role has run it."""
        claimed = self.runs.claim(run_of(self.asked()[0]))
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
    connector = here.workspace.connectors().connectors["braze"]

    def source_id() -> int:
        return int(
            ask_feedback(here.workspace, here.connection, connector, goal, "me").arguments["source_id"]
        )

    first = source_id()
    source = here.workspace.sources.find(str(first))
    assert source is not None
    assert (source.name, source.kind) == ("currents:Braze", "braze-currents")
    feedback = EmbeddedFeedback(here.workspace.data_dir, "place")
    feedback.open_place(first, here.connection.id)
    feedback.close()
    here.workspace.sources.change(first, {"name": "Engagement of the shop"})
    assert source_id() == first
