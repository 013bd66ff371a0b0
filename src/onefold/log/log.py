"""The protocol of the log and what a reader of it needs. Suites for backends: `testing/log_suite.py`."""

from collections.abc import Sequence
from typing import Protocol

from onefold.model.letter import Letter
from onefold.model.mark import Mark
from onefold.model.outcome import Count
from onefold.model.record import Record

READ_RECORDS_MAX = 1000
"""Records a read returns at most; bounds the memory of a reader."""


class LogReader(Protocol):
    """Reads the log; any number of readers, in any process."""

    def read(
        self, after: int, *, records_max: int = READ_RECORDS_MAX, events_max: int = 1000
    ) -> list[Record]:
        """Records with offset > `after`, oldest first; stops once they hold `events_max` events.

        Always at least one record if there is one. Sees durable records only.
        """
        ...

    def get(self, offsets: Sequence[int]) -> dict[int, Record]:
        """The records at these offsets that still exist. One query."""
        ...

    def first(self) -> int:
        """The oldest offset still held (0: empty). Older ones fell to retention."""
        ...

    def end(self) -> int:
        """The newest durable offset (0: empty)."""
        ...

    def find_mark(self, name: str) -> Mark | None:
        """How far long work has come."""
        ...


class Log(LogReader, Protocol):
    """Writes the log; one writer a workspace."""

    def append(
        self,
        records: Sequence[Record],
        *,
        counts: Sequence[Count] = (),
        letters: Sequence[Letter] = (),
        marks: Sequence[Mark] = (),
    ) -> int:
        """Append all or none, with what was counted, refused and marked; returns the last offset.

        Whether a mark is next, the caller has checked. Durable when it returns. Blocks for one fsync: call it
        from the committer's thread.

        Raises:
            StorageError: nothing was written (disk full, limit reached, I/O error).
        """
        ...
