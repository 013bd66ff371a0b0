"""What events of the past add up to for each person: read from the log by the worker's own rules.

In: what is counted, the log up to an offset, the state's trace of who each event belonged to. Out: aggregates
by the profile whose an event was at that moment. Memory is bounded: when they are too many at once, people
with high ids are left to another reading.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from onefold.clock import DAY, HOUR, hour_of
from onefold.log.log import LogReader
from onefold.model.outcome import Kind
from onefold.model.profile import HOURS_KEPT, Amount, Counter
from onefold.model.record import Record, RecordKind
from onefold.segment.features import Feature
from onefold.unify.fold import merge_amounts
from onefold.unify.read import Amounts, Reader

Aggregates = dict[int, dict[str, Counter]]


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


class TraceReader(Protocol):
    """Who the events of the log belonged to; any backend gives it."""

    def trace(self, after: int, up_to: int, count_max: int) -> list[TraceRow]:
        """Rows whose `offset` > `after` and whose `first_offset` <= `up_to`, oldest first."""
        ...


class Read(NamedTuple):
    """How far the log is read, of how far."""

    done: int
    total: int


class Past:
    """The aggregates of the people from one id on, as many as memory allows."""

    def __init__(
        self,
        features: Sequence[Feature],
        end: int,
        log: LogReader,
        state: TraceReader,
        reader: Reader,
        *,
        buckets_max: int,
        rows_max: int,
    ) -> None:
        """Read up to the offset `end`, and report after every `rows_max` rows of the trace."""
        self.features = features
        self.up_to = 0
        self.first_offset = log.first()
        self.counts_since = self._find_start(log)
        self._end = end
        self._buckets_max = buckets_max
        self._rows_max = rows_max
        self._log = log
        self._state = state
        self._reader = reader
        self._names = tuple({feature.event.encode() for feature in self.features})
        self._can_skip = not any(feature.event.startswith("$") for feature in self.features)
        self._aggregates: Aggregates = {}
        self._buckets = 0
        self._ahead: list[Record] = []
        last = log.get([end]).get(end)
        self._oldest_hour = hour_of(last.received_at if last else 0) - HOURS_KEPT

    def _find_start(self, log: LogReader) -> int:
        """When the oldest record that could be counted was received; 0: all could, or none is asked for."""
        if self.first_offset <= 1 or not self.features:
            return 0
        record = log.get([self.first_offset]).get(self.first_offset)
        return record.received_at if record else 0

    def read_for(self, first: int, last: int) -> Iterator[Read]:
        """Make sure that the aggregates of the profile `first` are here."""
        if not self.features:
            self.up_to = last
        if first <= self.up_to or first > last:
            return
        self.up_to = last
        self._reader.wanted = _by_event(self.features)
        after = 0
        while rows := self._state.trace(after, self._end, self._rows_max):
            for row in rows:
                self._add_row(row, first)
            after = rows[-1].offset
            yield Read(min(after, self._end), self._end)

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
        if self._buckets > self._buckets_max:
            self._forget_upper_half()

    def _records(self, row: TraceRow) -> Iterator[Record]:
        """The records of the row up to the end, as far as retention has left them.

        A read goes beyond a short row: what it brought is kept for the rows that follow.
        """
        after, last = row.first_offset - 1, min(row.offset, self._end)
        while after < last:
            place = bisect_right(self._ahead, after, key=lambda one: one.offset)
            if place == len(self._ahead) or self._ahead[0].offset > after + 1:
                self._ahead, place = self._log.read(after), 0
            if not self._ahead:
                return
            for record in self._ahead[place:]:
                if record.offset > last:
                    return
                yield record
            after = self._ahead[-1].offset

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
        for found in self._reader.read_amounts(record):
            place = start + found.place
            profile_id = row.profiles[place]
            if row.outcomes[place] == Kind.PASSED and first <= profile_id <= self.up_to:
                self._add(profile_id, found)

    def _add(self, profile_id: int, found: Amounts) -> None:
        counters = self._aggregates.setdefault(profile_id, {})
        for key, amount in found.amounts:
            counter = counters.get(key)
            if counter is None:
                counter = counters[key] = Counter({}, {})
            self._buckets += _add_to(counter.days, found.occurred_at // DAY, amount)
            hour = found.occurred_at // HOUR
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


def add_up(aggregates: Aggregates, survivors: Mapping[int, int]) -> Aggregates:
    """The same by who those people are now; `survivors`: into whom each was merged."""
    found: Aggregates = {}
    for profile_id, counters in aggregates.items():
        own = found.setdefault(survivors.get(profile_id, profile_id), {})
        for key, past in counters.items():
            counter = own.setdefault(key, Counter({}, {}))
            merge_amounts(counter.days, iter(past.days.items()))
            merge_amounts(counter.hours, iter(past.hours.items()))
    return found
