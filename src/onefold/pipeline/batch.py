"""Folds one batch of records into the people around it: dedupe, identity, fold, segments, in log order.

In: records of events and ticks, read; the people and timers around them, loaded. Out: `Writes`. Pure: no
store, no time of day. Each event is decided at the clock of its record and before it the timers due by then
fire, so the state does not depend on where one batch ends and the next begins.
"""

from collections.abc import Sequence

from onefold.model.change import Change
from onefold.model.profile import encode_profile
from onefold.model.record import Record
from onefold.pipeline.marks import Marks
from onefold.pipeline.memberships import Memberships
from onefold.pipeline.segments import Segments
from onefold.pipeline.store import Position, Writes
from onefold.pipeline.tally import Tally
from onefold.segment.evaluator import CONSENTS, IDENTIFIERS, TRAITS
from onefold.unify.fold import fold
from onefold.unify.graph import find_known, is_unknown, resolve
from onefold.unify.link import Origin
from onefold.unify.people import People
from onefold.unify.read import Reading, Refusal

UNKNOWN_PERSON = "unify.unknown_person"
ReadRecord = tuple[Record, list[Reading | Refusal]]


class Batch:
    """One batch, from its first record to its writes."""

    __slots__ = (
        "_asked",
        "_clock",
        "_first_offset",
        "_marks",
        "_merges",
        "_offset",
        "_people",
        "_seen",
        "_tally",
        "_touched",
        "fresh",
        "memberships",
    )

    def __init__(
        self,
        people: People,
        segments: Segments,
        marks: Marks,
        *,
        clock: int,
        horizon: int,
        seen: dict[int, int],
        first_offset: int = 0,
    ) -> None:
        self._people = people
        self._marks = marks
        self._seen = seen
        self._clock = clock
        self._offset = 0
        self._merges = 0
        self._tally = Tally(first_offset)
        self._first_offset = first_offset
        self._touched: set[int] = set()
        self.fresh: dict[int, int] = {}
        self.memberships = Memberships(segments, horizon)
        self._asked = segments.evaluator.traits

    def run(self, records: Sequence[ReadRecord]) -> None:
        """Fold the records in order."""
        for record, items in records:
            self.move_clock(record)
            if items:
                self._fold_record(record, items)

    def move_clock(self, record: Record) -> None:
        """Time passes up to this record; what is due by then happens first."""
        self._offset = record.offset
        self._clock = max(self._clock, record.received_at)
        if self.memberships.heap:
            self.fire(self._clock, record.offset)

    def fire(self, clock: int, offset: int) -> None:
        """Evaluate the profiles whose timers are due, at this clock, before the record at this offset."""
        memberships = self.memberships
        while entry := memberships.take_due(clock):
            due, profile_id = entry
            profile = self._people.profiles.get(profile_id)
            # Merged away, or its timer was moved after this entry was made.
            if profile is None or profile.timer_at != due:
                memberships.forget(due, profile_id)
                continue
            memberships.evaluate(profile, clock, offset)

    def writes(self, position: Position) -> Writes:
        """All that must be committed together."""
        people = self._people
        writes = Writes(position)
        self.memberships.fill(writes)
        self._tally.fill(writes)
        writes.seen = self.fresh
        writes.marks = self._marks.added
        writes.window_start = self._marks.start
        write_people(writes, people, self.memberships.changed)
        writes.change = self._change(position)
        return writes

    def _fold_record(self, record: Record, items: list[Reading | Refusal]) -> None:
        clock, offset, tally = self._clock, record.offset, self._tally
        boundary = self._marks.boundary(clock, offset)
        tally.start_record(record, clock)
        seen, fresh = self._seen, self.fresh
        for position, item in enumerate(items):
            if type(item) is Refusal:
                tally.add_refused(item, record, clock)
                continue
            assert isinstance(item, Reading)  # noqa: S101  # tells the type checker what remains
            event_hash = item.event_hash
            before = fresh.get(event_hash) or seen.get(event_hash)
            if before is not None and before >= boundary:
                tally.add_duplicate(item)
                continue
            fresh[event_hash] = offset
            self._fold_event(item, position)

    def _fold_event(self, event: Reading, position: int) -> None:
        people = self._people
        identifiers = event.identifiers
        if not identifiers:
            self._tally.add_passed(event, 0)
            return
        clock, offset = self._clock, self._offset
        profile = find_known(people, identifiers)
        changed, is_new, is_merged = 0, False, False
        if profile is None:
            if not event.create and is_unknown(people, identifiers):
                # It did not count, so it is no duplicate when it comes again.
                self.fresh.pop(event.event_hash, None)
                self._tally.add_filtered(event, UNKNOWN_PERSON)
                return
            next_id = people.next_id
            profile = resolve(
                people, identifiers, event.occurred_at, Origin(offset, position, clock, event.type)
            )
            changed, is_new = IDENTIFIERS, people.next_id != next_id
            if len(people.merged) != self._merges:
                self._follow_merges()
                is_merged = True
        traits = fold(profile, event, clock, people.interactions_max)
        if traits and not self._asked.isdisjoint(traits):
            changed |= TRAITS
        if event.consents:
            changed |= CONSENTS
        people.dirty.add(profile.id)
        self._touched.add(profile.id)
        # A merge may concern any segment, an event only those that ask for what it changed.
        news = None if is_merged else (event.name, changed, is_new)
        is_segmented = self.memberships.evaluate(profile, clock, offset, news)
        if people.disturbed:
            self._follow_moves()
        self._tally.add_passed(event, profile.id, is_segmented=is_segmented)

    def _follow_merges(self) -> None:
        """Losers leave their segments; whoever hears of changes hears of the survivor."""
        for loser, survivor_id in self._people.merged[self._merges :]:
            self.memberships.remove(loser, self._clock, self._offset)
            self._touched.discard(loser.id)
            self._touched.add(survivor_id)
        self._merges = len(self._people.merged)

    def _follow_moves(self) -> None:
        """Profiles that lost an identifier may leave segments that ask for it."""
        for profile in self._people.disturbed:
            self._touched.add(profile.id)
            self.memberships.evaluate(profile, self._clock, self._offset)
        self._people.disturbed = []

    def _change(self, position: Position) -> Change | None:
        memberships = self.memberships
        self._touched.update(profile_id for _, profile_id in memberships.entered)
        self._touched.update(profile_id for _, profile_id in memberships.left)
        merged = [(loser.id, survivor_id) for loser, survivor_id in self._people.merged]
        self._touched.difference_update(old for old, _ in merged)
        if not self._touched and not merged and not self._tally.passed:
            return None
        return Change(
            position.offset if self._first_offset else 0,
            self._first_offset,
            position.clock,
            sorted(self._touched),
            memberships.entered,
            memberships.left,
            merged,
            bool(self._tally.passed),
        )


def write_people(writes: Writes, people: People, changed: set[int]) -> None:
    """The rows of everybody who changed, sorted, so that the store writes page after page."""
    profiles = people.profiles
    dirty = people.dirty | changed
    merged = people.merged
    losers = {loser.id for loser, _ in merged}
    writes.profiles = [
        (profile_id, encode_profile(profiles[profile_id])) for profile_id in sorted(dirty - losers)
    ]
    writes.removed_profiles = sorted(losers)
    writes.aliases = [(loser.id, survivor_id) for loser, survivor_id in merged]
    identifiers = people.identifiers
    writes.identifiers = [(key, identifiers[key]) for key in sorted(people.attached)]
    writes.links = people.links
