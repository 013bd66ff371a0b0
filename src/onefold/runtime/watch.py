"""Runs in the process of a command: how its terminal follows them and ends them.

In: runs as they begin, go on and end. Out: whether someone at the terminal asked to cancel.
"""

from collections.abc import Sequence
from typing import Protocol

from onefold.model.run import Run
from onefold.run.store import RunStore


class Watch(Protocol):
    """Who follows runs."""

    def begin(self, run: Run) -> None:
        """A run is about to be worked on."""
        ...

    def show(self, run: Run) -> None:
        """How it now stands."""
        ...

    def is_cancelled(self) -> bool:
        """Whether it shall end early."""
        ...

    def end(self) -> None:
        """It is worked on no more."""
        ...


class Unwatched:
    """Nobody follows."""

    def begin(self, run: Run) -> None:
        """Nothing."""

    def show(self, run: Run) -> None:
        """Nothing."""

    def is_cancelled(self) -> bool:
        """Never."""
        return False

    def end(self) -> None:
        """Nothing."""


class WatchedRuns:
    """A store of runs that shows what it stores."""

    def __init__(self, runs: RunStore, watch: Watch) -> None:
        self._runs = runs
        self._watch = watch

    def claim(self, run: Run) -> tuple[Run, int] | None:
        """Begin or go on with a run."""
        return self._runs.claim(run)

    def save(self, run: Run, position: int) -> None:
        """Progress or end."""
        self._runs.save(run, position)
        self._watch.show(run)

    def find(self, run_id: str) -> Run | None:
        """One run."""
        return self._runs.find(run_id)

    def ended(self, run_ids: Sequence[str]) -> set[str]:
        """Those that need no more work."""
        return self._runs.ended(run_ids)
