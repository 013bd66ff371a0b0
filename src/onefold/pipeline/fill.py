"""Fills a new segment with the people of the past, beside the running worker.

In: the definition, the log up to the record that put it (`put_offset`), the state's trace of who each
event belonged to. Out: records of kind SEGMENT_FILL, range after range of profile ids, which the worker
folds in like everything else; so the state stays a function of the log alone.

Killed at any moment it starts again: what the worker has taken (`filled_to`) is skipped, and a range
that was appended twice is ignored by the worker. The events are read by the very `Reader` of the worker,
so the past is counted as the present is. Memory is bounded: when the aggregates of all people are too
many at once, the log is read again for the people left out.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, Protocol

import msgspec

from onefold.clock import DAY, HOUR, hour_of
from onefold.log.log import LogReader
from onefold.model.outcome import Kind
from onefold.model.profile import HOURS_KEPT, Amount, Counter
from onefold.model.record import Record, RecordKind
from onefold.model.segment import SegmentDefinition, SegmentDrop, SegmentFill, encode_fill
from onefold.segment.features import Feature, features_of
from onefold.unify.read import Reader, Reading

RANGE_PROFILES = 1000
"""People a record: as much work for the worker as a batch of events, so that live events do not wait."""
BUCKETS_MAX = 2_000_000
"""Buckets held at once: about 400 MB at worst; more people take another reading of the log."""
READ_ROWS = 100
"""Rows of the trace between two reports of progress."""

Aggregates = dict[int, dict[str, Counter]]


class SegmentProgress(msgspec.Struct, frozen=True):
    """What the worker knows of a segment: the row `segment` of its state."""

    version: int
    filled_to: int
    born_after: int
    """The highest profile id when the segment was put: later ones need no fill."""
    is_filling: bool = True


class TraceRow(msgspec.Struct, frozen=True):
    """What became of the events of the records first_offset..offset (the state's `batch`), in log order."""

    first_offset: int
    offset: int
    places: Sequence[int]
    """Of each event: the offset of its record less `first_offset`."""
    outcomes: bytes
    """Of each event: `outcome.Kind`."""
    profiles: Sequence[int]
    """Of each event: whose it was at that moment; 0 for nobody's."""


class FillState(Protocol):
    """What a fill reads of the worker's state; any backend gives it."""

    def segment_progress(self, segment_id: int) -> SegmentProgress | None:
        """The segment's row; None when it is dropped or not yet put."""
        ...

    def trace(self, after: int, up_to: int, count_max: int) -> list[TraceRow]:
        """Rows whose `offset` > `after` and whose `first_offset` <= `up_to`, oldest first."""
        ...


class FillProgress(msgspec.Struct, frozen=True):
    """How far it is: first the log is read (`records`), then people are filled in (`people`)."""

    unit: Literal["records", "people"]
    done: int
    total: int
    end: Literal["", "filled", "cancelled", "restored", "superseded", "stopped"] = ""
    """How it ended; on all but the last report empty."""
    first_offset: int = 0
    """The oldest record that could be counted; older ones fell to retention."""


def fill_segment(
    definition: SegmentDefinition,
    put_offset: int,
    *,
    log: LogReader,
    state: FillState,
    reader: Reader,
    append: Callable[[Record], int],
    wait_applied: Callable[[int], bool],
    is_cancelled: Callable[[], bool],
) -> Iterator[FillProgress]:
    """Fill the segment; reports progress as it goes, its last report says how it ended.

    Args:
        reader: reads events by the workspace's rules; for this fill alone, since it is told what to want.
        append: gives a record to the log's owner and returns its offset, durable.
        wait_applied: blocks until the worker has committed that offset; False when the caller must stop.
        is_cancelled: asked between ranges; true takes the version back (`cancel_fill`).
    """
    # What an earlier run of this fill appended must be seen in `filled_to` before more is appended.
    if not wait_applied(max(put_offset, log.end())):
        yield FillProgress("people", 0, 0, "stopped")
        return
    past = _Past(definition, put_offset, log, state, reader)
    while True:
        progress = state.segment_progress(definition.id)
        if progress is None or progress.version != definition.version:
            yield FillProgress("people", 0, 0, "superseded")
            return
        first, born_after = progress.filled_to + 1, progress.born_after
        if is_cancelled():
            yield from cancel_fill(
                definition.id, definition.version, state=state, append=append, wait_applied=wait_applied
            )
            return
        yield from past.read_for(first, born_after)
        last = min(first + RANGE_PROFILES - 1, past.up_to, born_after)
        is_done = last >= born_after
        taken = past.take(first, last)
        fill = SegmentFill(definition.id, definition.version, first, last, is_done, taken, past.counts_since)
        applied = wait_applied(append(_fill_record(fill)))
        end: Literal["", "filled", "stopped"] = "stopped" if not applied else "filled" if is_done else ""
        yield FillProgress("people", last, born_after, end, past.first_offset)
        if end:
            return


def cancel_fill(
    segment_id: int,
    version: int,
    *,
    state: FillState,
    append: Callable[[Record], int],
    wait_applied: Callable[[int], bool],
) -> Iterator[FillProgress]:
    """Take a version back: the one before is decided anew for everyone, or a new segment is dropped.

    No event is read for that, since what the version before counts went on. Safe to repeat.
    """
    drop = SegmentDrop(segment_id, "cancelled", version)
    applied = wait_applied(append(Record(RecordKind.SEGMENT_DROP, 0, 0, 0, msgspec.json.encode(drop))))
    last = born_after = 0
    while applied and (progress := state.segment_progress(segment_id)) is not None:
        last, born_after = progress.filled_to, progress.born_after
        if progress.version >= version:
            end: Literal["filled", "superseded"] = "filled" if progress.version == version else "superseded"
            yield FillProgress("people", last, born_after, end)
            return
        if not progress.is_filling:
            yield FillProgress("people", last, born_after, "restored")
            return
        first, last = last + 1, min(last + RANGE_PROFILES, born_after)
        fill = SegmentFill(segment_id, progress.version, first, last, last >= born_after)
        applied = wait_applied(append(_fill_record(fill)))
        yield FillProgress("people", last, born_after)
    yield FillProgress("people", last, born_after, "cancelled" if applied else "stopped")


def _fill_record(fill: SegmentFill) -> Record:
    return Record(RecordKind.SEGMENT_FILL, 0, 0, 0, encode_fill(fill))


class _Past:
    """The aggregates of the people from one id on, as many as memory allows."""

    def __init__(
        self, definition: SegmentDefinition, put_offset: int, log: LogReader, state: FillState, reader: Reader
    ) -> None:
        self.features = features_of(definition)
        self.up_to = 0
        self.first_offset = log.first()
        self.counts_since = self._find_start(log)
        self._put_offset = put_offset
        self._log = log
        self._state = state
        self._reader = reader
        self._names = tuple({feature.event.encode() for feature in self.features})
        self._can_skip = not any(feature.event.startswith("$") for feature in self.features)
        self._aggregates: Aggregates = {}
        self._buckets = 0
        put = log.get([put_offset]).get(put_offset)
        self._oldest_hour = hour_of(put.received_at if put else 0) - HOURS_KEPT

    def _find_start(self, log: LogReader) -> int:
        """When the oldest record that could be counted was received; 0: all could, or none is asked for."""
        if self.first_offset <= 1 or not self.features:
            return 0
        record = log.get([self.first_offset]).get(self.first_offset)
        return record.received_at if record else 0

    def read_for(self, first: int, last: int) -> Iterator[FillProgress]:
        """Make sure that the aggregates of the profile `first` are here."""
        if not self.features:
            self.up_to = last
        if first <= self.up_to or first > last:
            return
        self.up_to = last
        self._reader.wanted = _by_event(self.features)
        after = 0
        while rows := self._state.trace(after, self._put_offset, READ_ROWS):
            for row in rows:
                self._add_row(row, first)
            after = rows[-1].offset
            yield FillProgress("records", min(after, self._put_offset), self._put_offset)

    def take(self, first: int, last: int) -> Aggregates:
        """The aggregates of these people, which are forgotten here."""
        taken = {
            profile_id: self._aggregates.pop(profile_id)
            for profile_id in range(first, last + 1)
            if profile_id in self._aggregates
        }
        self._buckets -= _count_buckets(taken.values())
        return taken

    def _add_row(self, row: TraceRow, first: int) -> None:
        for record in self._records(row):
            if self._may_matter(record):
                self._add_record(record, row, first)
        if self._buckets > BUCKETS_MAX:
            self._forget_upper_half()

    def _records(self, row: TraceRow) -> Iterator[Record]:
        """The records of the row that stand before the put and that retention has left."""
        after, last = row.first_offset - 1, min(row.offset, self._put_offset)
        while after < last:
            records = self._log.read(after)
            for record in records:
                if record.offset > last:
                    return
                yield record
            after = records[-1].offset if records else last

    def _may_matter(self, record: Record) -> bool:
        """Whether an event of a wanted name may be inside; most records are passed over undecoded.

        A backslash may hide a name behind an escape.
        """
        if record.kind is not RecordKind.EVENTS:
            return False
        body = record.body
        return not self._can_skip or b"\\" in body or any(name in body for name in self._names)

    def _add_record(self, record: Record, row: TraceRow, first: int) -> None:
        start = bisect_left(row.places, record.offset - row.first_offset)
        for index, item in enumerate(self._reader.read(record), start):
            if not isinstance(item, Reading) or row.outcomes[index] != Kind.PASSED:
                continue
            profile_id = row.profiles[index]
            if item.amounts and first <= profile_id <= self.up_to:
                self._add(profile_id, item)

    def _add(self, profile_id: int, reading: Reading) -> None:
        counters = self._aggregates.setdefault(profile_id, {})
        for key, amount in reading.amounts or ():
            counter = counters.get(key)
            if counter is None:
                counter = counters[key] = Counter({}, {})
            self._buckets += _add_to(counter.days, reading.occurred_at // DAY, amount)
            hour = reading.occurred_at // HOUR
            if hour > self._oldest_hour:
                self._buckets += _add_to(counter.hours, hour, amount)

    def _forget_upper_half(self) -> None:
        """Leave people with high ids to another reading of the log."""
        ids = sorted(self._aggregates)
        if len(ids) < 2:
            return
        self.up_to = ids[len(ids) // 2 - 1]
        for profile_id in ids[len(ids) // 2 :]:
            del self._aggregates[profile_id]
        self._buckets = _count_buckets(self._aggregates.values())


def _add_to(buckets: dict[int, Amount], at: int, amount: Amount) -> int:
    """Add to a bucket; 1 if it is a new one."""
    known = buckets.get(at)
    buckets[at] = amount if known is None else known + amount
    return 1 if known is None else 0


def _count_buckets(people: Iterable[dict[str, Counter]]) -> int:
    return sum(len(one.days) + len(one.hours) for counters in people for one in counters.values())


def _by_event(features: Iterable[Feature]) -> dict[str, tuple[Feature, ...]]:
    by_event: dict[str, tuple[Feature, ...]] = {}
    for feature in features:
        by_event[feature.event] = (*by_event.get(feature.event, ()), feature)
    return by_event
