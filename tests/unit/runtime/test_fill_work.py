"""How the run of a fill ends when the segment, or whoever asked for it, thought otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.backends.embedded.log import EmbeddedLog
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import now
from onefold.model.erasure import Removed
from onefold.model.run import Run, RunKind, RunState
from onefold.run.execute import execute
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.settings import Settings
from onefold.runtime.work import make_work
from onefold.runtime.work_tools import Tools
from onefold.runtime.worker import WorkerParts
from onefold.testing.fold import drop_segment, events_record, make_event, put_segment

ANYONE = {"kind": "identifier", "identifier": "user_id"}
NOBODY = {"kind": "identifier", "identifier": "phone"}


class Bench:
    """A log, a worker that folds it only when a run waits for it, and runs of fills."""

    def __init__(self, root: Path) -> None:
        self._directory = DataDirectory(root)
        self._directory.create()
        self.log = EmbeddedLog(root)
        self.worker = WorkerParts(self._directory, Settings())
        self.people = EmbeddedPeople(root)
        self._runs = EmbeddedRuns(root)
        self.log.append([events_record(make_event("1", user_id="ann"))])

    def fill(self, version: int = 1, *, cancel: bool = False) -> tuple[RunState, str]:
        """How it ended."""
        arguments: dict[str, str | int | bool] = {"segment_id": 1, "version": version}
        run = Run(
            f"run-{version}{cancel}", RunKind.SEGMENT_FILL, "", RunState.QUEUED, now(), arguments=arguments
        )
        tools = Tools(
            self._directory,
            Settings(),
            self._runs,
            lambda records, counts=(), letters=(), mark=None: self.log.append(records),
            trim=self.log.trim,
            erase=lambda _: Removed(),
            deliver=lambda: None,
            fold=self.worker.drain,
        )
        work = make_work(run, tools)
        execute(run, work, self._runs, now, is_cancelled=lambda: cancel, is_stopping=lambda: False)
        ended = self._runs.find(run.id)
        assert ended is not None
        return ended.state, ended.message

    def close(self) -> None:
        self.worker.__exit__()
        self._runs.close()
        self.people.close()
        self.log.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_a_fill_cancelled_before_the_worker_came_to_it_leaves_no_segment_that_fills_for_ever(
    bench: Bench,
) -> None:
    bench.log.append([put_segment(1, ANYONE)])
    assert bench.fill(cancel=True) == (RunState.CANCELLED, "Cancelled. The segment was new: it is dropped.")
    assert bench.people.segments() == {}


def test_a_change_cancelled_before_the_worker_came_to_it_is_taken_back(bench: Bench) -> None:
    bench.log.append([put_segment(1, ANYONE)])
    assert bench.fill() == (RunState.SUCCEEDED, "Filled: 1 people looked at.")
    bench.log.append([put_segment(1, NOBODY, version=2)])
    assert bench.fill(2, cancel=True) == (RunState.CANCELLED, "Cancelled. The version before is live again.")
    status = bench.people.segments()[1]
    assert (status.definition.version, status.state, status.people) == (1, "live", 1)


def test_a_cancel_that_comes_too_late_changes_nothing(bench: Bench) -> None:
    bench.log.append([put_segment(1, ANYONE)])
    bench.fill()
    assert bench.fill(cancel=True)[0] is RunState.SUCCEEDED
    assert bench.people.segments()[1].state == "live"


@pytest.mark.parametrize("cancel", [False, True])
def test_the_fill_of_a_segment_that_is_gone_ends(bench: Bench, cancel: bool) -> None:
    bench.log.append([put_segment(1, ANYONE), drop_segment(1)])
    state, _ = bench.fill(cancel=cancel)
    assert state is (RunState.CANCELLED if cancel else RunState.SUCCEEDED)


def test_the_fill_of_a_version_that_was_overtaken_ends(bench: Bench) -> None:
    bench.log.append([put_segment(1, ANYONE), put_segment(1, NOBODY, version=2)])
    assert "newer version" in bench.fill()[1]
    assert "newer version" in bench.fill(cancel=True)[1]
