"""What a run tells of itself while it works, written at most a few times a second.

In: reports of the work. Out: rows of the store. A position that must survive is written at once.
"""

import time
from collections.abc import Callable

import msgspec

from onefold.clock import Clock
from onefold.errors import StorageError
from onefold.model.outcome import Kind
from onefold.model.run import Run, RunState
from onefold.run.store import RunStore

WRITE_S = 0.5
"""Progress that only people look at is written so often: each write is an fsync."""
MESSAGE_CHARS_MAX = 2000


class Interrupted(Exception):  # noqa: N818  (no error: the role stops, or its disk is full)
    """The work stopped and is to be taken up again."""


class Progress:
    """Of one run; for the thread that works."""

    def __init__(
        self,
        run: Run,
        position: int,
        store: RunStore,
        clock: Clock,
        *,
        is_cancelled: Callable[[], bool],
        is_stopping: Callable[[], bool],
    ) -> None:
        self.run = run
        self.position = position
        """Where an earlier attempt came to."""
        self.is_cancelled = is_cancelled
        """Someone asked to end it."""
        self.is_stopping = is_stopping
        """The role stops: go on at the next start."""
        self._store = store
        self._clock = clock
        self._written_at = 0.0

    def report(self, done: int, total: int, unit: str) -> None:
        """How far it is."""
        self.run = msgspec.structs.replace(self.run, done=done, total=total, unit=unit)
        if time.monotonic() - self._written_at >= WRITE_S:
            self._write()

    def count(self, kind: Kind, count: int) -> None:
        """Add to the run's counts; written with the next position or report."""
        name = kind.name.lower()
        self.run = msgspec.structs.replace(self.run, **{name: getattr(self.run, name) + count})

    def restore(self, position: int, **counts: int) -> None:
        """Go on from `position`, with the counts that someone who knows better than the store has of it."""
        self.position = position
        if counts:
            self.run = msgspec.structs.replace(self.run, **counts)

    def note(self, **arguments: str | int | bool) -> None:
        """Add to what the run's arguments say, for whoever looks for it later."""
        self.run = msgspec.structs.replace(self.run, arguments={**self.run.arguments, **arguments})
        self._write()

    def reach(self, position: int) -> None:
        """What lies before `position` is done for good."""
        self.position = position
        self._write()

    def end(self, state: RunState, message: str) -> None:
        """It has ended."""
        self.run = msgspec.structs.replace(
            self.run, state=state, message=message[:MESSAGE_CHARS_MAX], ended_at=self._clock()
        )
        self._write()

    def _write(self) -> None:
        try:
            self._store.save(self.run, self.position)
        except StorageError as error:
            # What is not kept did not happen: the run is taken up again from what is.
            raise Interrupted from error
        self._written_at = time.monotonic()
