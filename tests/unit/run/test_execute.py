"""Runs on the embedded store: claimed once, cut short and taken up again, cancelled, failed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.backends.embedded.tasks import EmbeddedRunReader, EmbeddedRuns
from onefold.errors import OnefoldError
from onefold.model.outcome import Kind
from onefold.model.run import Run, RunKind, RunState
from onefold.run.execute import ATTEMPTS_MAX, Cancelled, Skipped, Work, execute
from onefold.run.progress import Interrupted, Progress

RUN = Run("run-1", RunKind.IMPORT, "orders.csv", RunState.QUEUED, created_at=5)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[EmbeddedRuns]:
    store = EmbeddedRuns(tmp_path, clock=lambda: 10)
    yield store
    store.close()


def execute_once(runs: EmbeddedRuns, work: Work) -> Run:
    execute(RUN, work, runs, lambda: 20, is_cancelled=lambda: False, is_stopping=lambda: False)
    found = runs.find(RUN.id)
    assert found is not None
    return found


def test_a_run_ends_with_its_counts_and_message(runs: EmbeddedRuns, tmp_path: Path) -> None:
    def work(progress: Progress) -> str:
        progress.count(Kind.PASSED, 3)
        progress.report(1, 2, "rows")
        return "Done."

    ended = execute_once(runs, work)
    assert (ended.state, ended.passed, ended.message) == (RunState.SUCCEEDED, 3, "Done.")
    assert (ended.started_at, ended.ended_at) == (10, 20)
    reader = EmbeddedRunReader(tmp_path)
    assert reader.find([RUN.id]) == {RUN.id: ended}
    reader.close()


def test_a_run_that_was_cut_short_goes_on_where_it_was(runs: EmbeddedRuns) -> None:
    def stopped(progress: Progress) -> str:
        progress.count(Kind.PASSED, 2)
        progress.reach(7)
        raise Interrupted

    assert execute_once(runs, stopped).state is RunState.RUNNING

    def rest(progress: Progress) -> str:
        assert progress.position == 7
        progress.count(Kind.PASSED, 1)
        return ""

    ended = execute_once(runs, rest)
    assert (ended.state, ended.passed) == (RunState.SUCCEEDED, 3)


def test_an_ended_run_is_not_run_again(runs: EmbeddedRuns) -> None:
    execute_once(runs, lambda _: "first")
    assert execute_once(runs, lambda _: "second").message == "first"
    assert runs.ended([RUN.id, "run-2"]) == {RUN.id}


@pytest.mark.parametrize(
    ("raised", "state", "words"),
    [
        (Cancelled(), RunState.CANCELLED, "stays"),
        (Skipped("Left out: its time passed."), RunState.SKIPPED, "its time passed"),
        (OnefoldError("acquire.x", "No such file.", hint="Look."), RunState.FAILED, "acquire.x"),
        (ValueError("a secret"), RunState.FAILED, "ValueError"),
    ],
)
def test_how_a_run_ends_is_told(runs: EmbeddedRuns, raised: Exception, state: RunState, words: str) -> None:
    def work(_: Progress) -> str:
        raise raised

    ended = execute_once(runs, work)
    assert ended.state is state
    assert words in ended.message
    assert "a secret" not in ended.message


def test_a_run_that_is_cut_short_again_and_again_ends(runs: EmbeddedRuns) -> None:
    def stopped(_: Progress) -> str:
        raise Interrupted

    for _ in range(ATTEMPTS_MAX + 1):
        execute_once(runs, stopped)
    assert execute_once(runs, stopped).state is RunState.FAILED
