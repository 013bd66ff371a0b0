"""Reads and parses the next records while the disk is busy with the commit of those before.

In: the log, the reader. Out: records behind an offset with what they hold. Parsing needs nothing of the
state but what the segments want counted, so it may go first; whoever changes that says `forget`.
"""

from collections.abc import Sequence

from onefold.log.log import LogReader
from onefold.model.record import Record, RecordKind
from onefold.pipeline.batch import ReadRecord
from onefold.unify.read import Reader

BATCHED = frozenset({RecordKind.EVENTS, RecordKind.TICK})
"""Kinds of which many are folded in one commit."""


class Ahead:
    """The records of the next batch, at most."""

    __slots__ = ("_after", "_events_max", "_log", "_read", "_reader", "_records")

    def __init__(self, log: LogReader, reader: Reader, events_max: int) -> None:
        self._log = log
        self._reader = reader
        self._events_max = events_max
        self._after = -1
        """The offset behind which the records stand; -1 for none."""
        self._records: Sequence[Record] = ()
        self._read: list[ReadRecord] = []

    def fetch(self, after: int) -> None:
        """Read what stands behind the offset. Never raises: what fails here fails again when it is due."""
        try:
            self._records = self._log.read(after, events_max=self._events_max)
            self._read = self._parsed(until_lone_record(self._records))
            self._after = after if self._records else -1
        except Exception:
            self.forget()

    def forget(self) -> None:
        """What was read must be read again."""
        self._after, self._records, self._read = -1, (), []

    def records(self, after: int) -> Sequence[Record]:
        """The records behind the offset; [] at the end of the log."""
        if after != self._after:
            self.forget()
            return self._log.read(after, events_max=self._events_max)
        return self._records

    def parsed(self, records: Sequence[Record]) -> list[ReadRecord]:
        """What these first ones of `records` hold."""
        return self._read[: len(records)] if self._read else self._parsed(records)

    def _parsed(self, records: Sequence[Record]) -> list[ReadRecord]:
        read = self._reader.read
        return [(record, read(record) if record.count else []) for record in records]


def until_lone_record(records: Sequence[Record]) -> Sequence[Record]:
    """The first records, up to one that is a commit of its own: about a segment, the
    rules of identity, or an erasure."""
    for index, record in enumerate(records):
        if record.kind not in BATCHED:
            return records[:index]
    return records
