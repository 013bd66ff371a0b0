"""What the records about segments do to the state: define, fill a range of people, drop.

In: one SEGMENT_* record and the store. Out: `Writes`. Cancelling the fill of a redefinition brings the
version before back, to be decided anew for everyone; cancelling that of a new segment drops it. A record that
makes no sense becomes a dead letter `segment.…` and changes nothing else. Dropping a large segment takes
several commits: all but the last leave the offset where it is, so a crash between them goes on where it
stopped.
"""

from collections.abc import Iterable

import msgspec

from onefold.clock import day_of
from onefold.errors import RequestError
from onefold.model.change import Change
from onefold.model.profile import Counter, Profile, decode_profile, encode_profile
from onefold.model.record import Record, RecordKind
from onefold.model.segment import SegmentDefinition, SegmentDrop, SegmentFill, SegmentState, decode_fill
from onefold.pipeline.memberships import Memberships
from onefold.pipeline.segments import Segments, check_segment_id
from onefold.pipeline.store import Position, SegmentRow, StateStore, Writes
from onefold.pipeline.tally import Tally
from onefold.unify.fold import merge_amounts
from onefold.unify.people import People
from onefold.unify.read import Refusal

LEAVE_MAX = 5000
"""Members that leave a dropped segment in one commit: half a second of the worker."""


class SegmentRecords:
    """Applies one record at a time; `clock` is the fold's at that record."""

    __slots__ = ("_clock", "_people", "_record", "_segments", "_store")

    def __init__(
        self, people: People, segments: Segments, store: StateStore, record: Record, clock: int
    ) -> None:
        self._people = people
        self._segments = segments
        self._store = store
        self._record = record
        self._clock = clock

    def apply(self, before: Position) -> tuple[Writes, bool]:
        """What must be committed, and whether the record is done with it (else: again, after the commit)."""
        record = self._record
        writes = Writes(Position(record.offset, self._clock, before.next_profile_id, before.known))
        is_done = True
        try:
            if record.kind is RecordKind.SEGMENT_PUT:
                self._put(writes)
            elif record.kind is RecordKind.SEGMENT_FILL:
                self._fill(writes)
            else:
                is_done = self._drop(writes)
        except RequestError as error:
            self._refuse(writes, error.code, error.message)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            self._refuse(writes, "segment.undecodable", "The record about a segment cannot be read.")
        if not is_done:
            writes.position = before
        return writes, is_done

    def _put(self, writes: Writes) -> None:
        definition = msgspec.json.decode(self._record.body, type=SegmentDefinition)
        known = self._segments.get(definition.id)
        if known is not None and known.version == definition.version:
            # Appended twice around a crash. Filling it up to here would count twice what came in between.
            return
        born_after = writes.position.next_profile_id - 1
        writes.segments = [self._segments.put(definition, self._record.offset, born_after)]
        if known is None:
            writes.segment_days = {(definition.id, day_of(self._clock)): (0, 0)}

    def _fill(self, writes: Writes) -> None:
        fill = decode_fill(self._record.body)
        row = self._segments.get(fill.segment_id)
        # A fill repeated after a crash, or overtaken by a new version, says nothing.
        if row is None or row.version != fill.version or fill.first != row.filled_to + 1:
            return
        self._segments.fill(row, fill.last, done=fill.done, counts_since=fill.counts_since)
        writes.segments = [row]
        profiles = self._in_range(fill)
        self._add_past(fill, row, profiles)
        self._decide(profiles.values(), writes)

    def _in_range(self, fill: SegmentFill) -> dict[int, Profile]:
        """Everyone in the range, and those outside in whom someone with a past lives on."""
        profiles = self._loaded(self._store.profiles_between(fill.first, fill.last))
        elsewhere = [profile_id for profile_id in fill.aggregates if profile_id not in profiles]
        if elsewhere:
            survivors = sorted(set(self._store.survivors(elsewhere).values()) - set(profiles))
            profiles |= self._loaded(self._store.profiles(survivors))
        return profiles

    def _add_past(self, fill: SegmentFill, row: SegmentRow, profiles: dict[int, Profile]) -> None:
        survivors = self._store.survivors([one for one in fill.aggregates if one not in profiles])
        prefix = f"f:{row.id}.{row.version}."
        for profile_id, counters in fill.aggregates.items():
            profile = profiles.get(survivors.get(profile_id, profile_id))
            if profile is None:
                continue
            for key, past in counters.items():
                if key.startswith(prefix):
                    counter = profile.counters.setdefault(key, Counter({}, {}))
                    merge_amounts(counter.days, iter(past.days.items()))
                    merge_amounts(counter.hours, iter(past.hours.items()))

    def _drop(self, writes: Writes) -> bool:
        drop = msgspec.json.decode(self._record.body, type=SegmentDrop)
        check_segment_id(drop.segment_id)
        row = self._segments.get(drop.segment_id)
        if row is not None and drop.reason == "cancelled":
            if row.version != drop.version or row.state == SegmentState.LIVE.value:
                return True  # overtaken by another version, or by the end of its fill
            if row.fallback:
                born_after = writes.position.next_profile_id - 1
                writes.segments = [self._segments.go_back(row, born_after)]
                return True
        self._segments.drop(drop.segment_id)
        ids = self._store.members(drop.segment_id, LEAVE_MAX)
        missing = [profile_id for profile_id in ids if profile_id not in self._people.profiles]
        known = {one: self._people.profiles[one] for one in ids if one in self._people.profiles}
        profiles = known | self._loaded(self._store.profiles(missing))
        self._decide([profiles[one] for one in ids if one in profiles], writes, bit=1 << drop.segment_id)
        writes.dropped_segments = [drop.segment_id]
        return len(ids) < LEAVE_MAX

    def _decide(self, profiles: Iterable[Profile], writes: Writes, *, bit: int = 0) -> None:
        """Evaluate these people (after taking them out of a dropped segment), and write who changed."""
        memberships = Memberships(self._segments, 0)
        rows = []
        for profile in profiles:
            self._forget_stale_features(profile)
            memberships.leave(profile, bit, self._clock, self._record.offset)
            memberships.evaluate(profile, self._clock, self._record.offset)
            rows.append((profile.id, encode_profile(profile)))
        memberships.fill(writes)
        writes.profiles = sorted(rows)
        if memberships.entered or memberships.left:
            touched = {profile_id for _, profile_id in memberships.entered + memberships.left}
            writes.change = Change(0, 0, self._clock, sorted(touched), memberships.entered, memberships.left)

    def _forget_stale_features(self, profile: Profile) -> None:
        """Aggregates of segments that were dropped or redefined serve nobody."""
        wanted = self._segments.feature_keys
        stale = [key for key in profile.counters if key.startswith("f:") and key not in wanted]
        for key in stale:
            del profile.counters[key]

    def _loaded(self, rows: Iterable[tuple[int, bytes]]) -> dict[int, Profile]:
        """Profiles by id; those of the cache are the truth, and what the cache lacks stays out of it."""
        cached = self._people.profiles
        return {profile_id: cached.get(profile_id) or decode_profile(body) for profile_id, body in rows}

    def _refuse(self, writes: Writes, code: str, reason: str) -> None:
        tally = Tally()
        tally.add_letter(Refusal(code, "", reason, self._record.body), self._record.source_id, self._clock)
        tally.fill(writes)
