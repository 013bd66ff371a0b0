"""Reading what changed since a goal's cursor, as one slice that all goals at that place share.

In: changes, batches and profiles of the state, records of the log. Out: `Slice`: whose profiles changed, who
merged, and on demand the events with the profile that each went to. A few queries a slice, none a row.
Changes are kept for days; the past of events is read by the batches, which are kept as long as the log.
"""

from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from onefold.activate.person import Person, decode_person
from onefold.activate.store import Batch, StateReader
from onefold.log.log import LogReader
from onefold.model.change import Change, decode_change
from onefold.model.event import Event, decode_events
from onefold.model.record import Record, RecordKind

CHANGES_MAX = 64
"""Commits of the worker in one slice."""
EVENTS_MAX = 1000
"""Events in one slice; one batch of the worker may hold more and is then a slice of its own."""
PROFILES_MAX = 2000
"""Changed profiles in one slice, by the same rule."""
SEARCHED_MAX = 500_000
"""Events looked through, backwards, for those of a person: some tenths of a second."""
SLICES_KEPT = 4
"""Goals that keep up read the same slice one after the other."""


class Arrival(NamedTuple):
    """An event that passed, its place in the log, and the profile that it went to."""

    event: Event
    record: Record
    position: int
    profile_id: int


class Slice:
    """The changes after a cursor up to `last`."""

    def __init__(self, cursor: int, changes: list[tuple[int, Change]], batches: dict[int, Batch]) -> None:
        self.last = changes[-1][0]
        self.seqs = [seq for seq, _ in changes]
        self.changes = [change for _, change in changes]
        self.batches = batches
        self.people: dict[int, Person] = {}
        self.survivors: dict[int, int] = {}
        self.arrivals: list[Arrival] | None = None
        self.has_gap = changes[0][0] > cursor + 1
        """Changes between the cursor and this slice were retired before anyone read them."""
        self.has_more = False
        """It ended at a limit: the next one is there already."""
        self.lost = 0
        """Events whose records or batches are gone from the log."""

    @classmethod
    def empty(cls) -> "Slice":
        """No changes: a place to load people into."""
        return cls(0, [(0, Change(0, 0, 0))], {})

    def touched(self) -> dict[int, tuple[int, int]]:
        """Profile id -> (offset, time) of the first change that concerns it."""
        found: dict[int, tuple[int, int]] = {}
        for change in self.changes:
            place = (change.offset, change.at)
            for profile_id in change.touched:
                found.setdefault(profile_id, place)
            for pairs in (change.entered, change.left, change.merged):
                for _, profile_id in pairs:
                    found.setdefault(profile_id, place)
        return found

    def merged(self) -> Iterator[tuple[int, int]]:
        """(old, surviving) of each merge, in order."""
        for change in self.changes:
            yield from change.merged


class Feed:
    """Reads slices; the last few stay in memory for the next goal. One thread."""

    def __init__(self, state: StateReader, log: LogReader) -> None:
        self._state = state
        self._log = log
        self._slices: OrderedDict[int, Slice] = OrderedDict()

    @property
    def state(self) -> StateReader:
        """The reader that slices come from."""
        return self._state

    def forget(self) -> None:
        """Slices in memory may hold what is gone by now."""
        self._slices.clear()

    def slice_after(self, cursor: int) -> Slice | None:
        """The next slice after a cursor; None when there is nothing new."""
        found = self._slices.get(cursor)
        if found is None:
            found = self._read(cursor)
            if found is None:
                return None
            self._slices[cursor] = found
            while len(self._slices) > SLICES_KEPT:
                self._slices.popitem(last=False)
        return found

    def before_oldest(self) -> int:
        """The offset before the oldest record that the log holds."""
        return max(0, self._log.first() - 1)

    def past_after(self, offset: int, end: int) -> Slice | None:
        """The events of the next batches behind an offset, up to one; None when there are no more.

        Its `last` is an offset, and it tells of no merges: whoever merged is found under the survivor.
        """
        batches: list[Batch] = []
        events = 0
        for batch in self._state.batches_after(offset, end, CHANGES_MAX):
            events += len(batch.outcomes)
            if batches and events > EVENTS_MAX:
                break
            batches.append(batch)
        return _slice_of(batches, offset) if batches else None

    def newest(self, profile_ids: Collection[int] = (), events_max: int = SEARCHED_MAX) -> Iterator[Arrival]:
        """Events backwards from the newest, of these profiles if any are named; looks through so many."""
        wanted, before, looked = set(profile_ids), self._state.ends()[1] + 1, 0
        while looked < events_max:
            batches = self._state.batches_before(before, CHANGES_MAX)
            if not batches:
                return
            for batch in batches:
                looked += len(batch.outcomes)
                profiles = array("q")
                profiles.frombytes(batch.profiles)
                if not wanted or not wanted.isdisjoint(profiles):
                    found = self._join(_slice_of([batch]))
                    yield from reversed([one for one in found if not wanted or one.profile_id in wanted])
            before = batches[-1].offset

    def load_people(self, piece: Slice, ids: Iterable[int]) -> None:
        """Have these profiles in the slice; those merged away are found under their survivor."""
        wanted = [one for one in ids if one not in piece.people and one not in piece.survivors]
        if not wanted:
            return
        self._load(piece, wanted)
        gone = [one for one in wanted if one not in piece.people]
        if not gone:
            return
        moved = self._state.survivors(gone)
        piece.survivors |= moved
        further = [one for one in set(moved.values()) if one not in piece.people]
        if further:
            self._load(piece, further)

    def load_page(self, piece: Slice, after: int, limit: int) -> list[int]:
        """Have a page of all profiles in the slice; returns their ids."""
        rows = self._state.profiles_after(after, limit)
        for profile_id, body in rows:
            piece.people[profile_id] = decode_person(body)
        return [profile_id for profile_id, _ in rows]

    def find_arrival(self, offset: int, position: int, profile_id: int) -> Arrival | None:
        """One event of the log again; None when it is no longer held."""
        record = self._log.get([offset]).get(offset)
        events = _events(record) if record else []
        if record is None or position >= len(events):
            return None
        return Arrival(events[position], record, position, profile_id)

    def load_arrivals(self, piece: Slice) -> list[Arrival]:
        """The events of the slice, joined with their profiles. Read once a slice."""
        if piece.arrivals is None:
            piece.arrivals = list(self._join(piece))
        return piece.arrivals

    def _read(self, cursor: int) -> Slice | None:
        rows = self._state.changes(cursor, CHANGES_MAX)
        if not rows:
            return None
        changes: list[tuple[int, Change]] = []
        decoded = [(seq, decode_change(body)) for seq, body in rows]
        batches = self._state.batches([change.offset for _, change in decoded if change.events])
        events = profiles = 0
        for seq, change in decoded:
            batch = batches.get(change.offset)
            events += len(batch.outcomes) if batch else 0
            profiles += len(change.touched) + len(change.left)
            if changes and (events > EVENTS_MAX or profiles > PROFILES_MAX):
                break
            changes.append((seq, change))
        piece = Slice(cursor, changes, batches)
        piece.has_more = len(changes) < len(rows) or len(rows) == CHANGES_MAX
        return piece

    def _load(self, piece: Slice, ids: list[int]) -> None:
        for profile_id, body in self._state.profiles(ids).items():
            piece.people[profile_id] = decode_person(body)

    def _join(self, piece: Slice) -> Iterator[Arrival]:
        batches = []
        for change in piece.changes:
            batch = piece.batches.get(change.offset)
            if batch is not None:
                batches.append(batch)
            elif change.events:
                piece.lost += 1
        if not batches:
            return
        records = iter(self._records(batches))
        record = next(records, None)
        for batch in batches:
            mine: list[Record] = []
            while record is not None and record.offset <= batch.offset:
                if record.offset >= batch.first_offset:
                    mine.append(record)
                record = next(records, None)
            missing = len(batch.outcomes) - sum(one.count for one in mine)
            # The log is shortened from its beginning: what is missing are the first events of the batch.
            if missing and self._log.first() <= batch.first_offset:
                missing = len(batch.outcomes)
            piece.lost += missing
            if missing < len(batch.outcomes):
                yield from _assign(batch, mine, missing)

    def _records(self, batches: list[Batch]) -> list[Record]:
        """The records of these batches that hold events, in order."""
        found: list[Record] = []
        after, last = batches[0].first_offset - 1, batches[-1].offset
        events_max = max(1, sum(len(batch.outcomes) for batch in batches))
        while after < last:
            read = self._log.read(after, events_max=events_max)
            if not read:
                break
            found += [record for record in read if record.kind is RecordKind.EVENTS]
            after = read[-1].offset
        return found


def _slice_of(batches: Sequence[Batch], cursor: int = 0) -> Slice:
    """Batches as a slice of changes that tell of events alone."""
    changes = [
        (batch.offset, Change(batch.offset, batch.first_offset, batch.clock, events=True))
        for batch in batches
    ]
    return Slice(cursor, changes, {batch.offset: batch for batch in batches})


def _assign(batch: Batch, records: list[Record], place: int) -> Iterator[Arrival]:
    """Records and outcomes side by side, from a place among the outcomes on."""
    profiles = array("q")
    profiles.frombytes(batch.profiles)
    for record in records:
        outcomes = batch.outcomes[place : place + record.count]
        # A zero byte is an event that passed; records of a resend hold none.
        if 0 in outcomes:
            for position, event in enumerate(_events(record)):
                profile_id = profiles[place + position]
                if profile_id and not outcomes[position]:
                    yield Arrival(event, record, position, profile_id)
        place += record.count


def _events(record: Record) -> list[Event]:
    try:
        return decode_events(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The worker met the same and made a dead letter of it.
        return []
