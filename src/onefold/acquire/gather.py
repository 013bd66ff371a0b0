"""Gathers the events, dead letters and counts of a run into batches that are appended as a whole.

In: one outcome an item. Out: batches with the position behind their last item. Every item is in exactly one
of passed, filtered and rejected.
"""

from collections import Counter

import msgspec

from onefold.clock import Clock
from onefold.model.letter import Letter
from onefold.model.outcome import Count, Kind
from onefold.model.record import Record, RecordKind

STAGE = "capture"
"""What a run brings in is received like everything else; its source tells it apart."""
RECORD_BYTES_MAX = 1024**2
"""A record: live events behind it wait some tens of milliseconds. A single event may be larger."""
RECORD_EVENTS_MAX = 500
"""Events a record, for the same reason."""
PAYLOAD_CHARS_MAX = 65_536


class GatheredBatch(msgspec.Struct, frozen=True):
    """What to append together, and how far the whole is then. A report of progress alone has no records."""

    records: list[Record]
    letters: list[Letter]
    counts: list[Count]
    position: int
    """Items that are done once this is appended."""
    done: int
    """Of `total`, in `unit`; a total of 0 is not known."""
    total: int
    unit: str
    rows: int = 0
    """Of a file: rows read so far, good and bad."""


class Gatherer:
    """Holds what belongs to the next batch."""

    def __init__(self, source_id: int, meta: bytes, clock: Clock) -> None:
        self._source_id = source_id
        self._meta = meta
        self._clock = clock
        self._events: list[bytes] = []
        self._bytes = 0
        self._letters: list[Letter] = []
        self._filtered: Counter[str] = Counter()

    def take(self, event: bytes) -> None:
        """An event for the log."""
        self._events.append(event)
        self._bytes += len(event)

    def leave_out(self, code: str) -> None:
        """An item that is left out on purpose."""
        self._filtered[code] += 1

    def refuse(self, code: str, field: str, reason: str, hint: str, *, subject: str, payload: str) -> None:
        """An item that cannot be taken."""
        at, cut = self._clock(), payload[:PAYLOAD_CHARS_MAX]
        self._bytes += len(cut.encode("utf-8", "backslashreplace"))
        self._letters.append(Letter("", STAGE, code, field, reason, hint, at, self._source_id, subject, cut))

    @property
    def is_full(self) -> bool:
        """The batch should be cut before another item."""
        return (
            len(self._events) >= RECORD_EVENTS_MAX
            or self._bytes >= RECORD_BYTES_MAX
            or len(self._letters) >= RECORD_EVENTS_MAX
        )

    def cut(self, position: int, done: int, total: int, unit: str) -> GatheredBatch:
        """The batch of all items before a position; the next one begins."""
        batch = GatheredBatch(self._records(), self._letters, self._counts(), position, done, total, unit)
        self._events, self._letters, self._bytes = [], [], 0
        self._filtered.clear()
        return batch

    def _records(self) -> list[Record]:
        if not self._events:
            return []
        body = b"[%b]" % b",".join(self._events)
        return [
            Record(RecordKind.EVENTS, self._source_id, self._clock(), len(self._events), body, self._meta)
        ]

    def _counts(self) -> list[Count]:
        subject = str(self._source_id)
        counts = [Count(STAGE, subject, Kind.PASSED, "", len(self._events))] if self._events else []
        refused = Counter(letter.code for letter in self._letters)
        for kind, codes in ((Kind.FILTERED, self._filtered), (Kind.REJECTED, refused)):
            counts += [Count(STAGE, subject, kind, code, codes[code]) for code in sorted(codes)]
        return counts
