"""What an ERASE record does to the state: the person is gone, as if the profile had never been.

In: the record and the store. Out: `Writes`. Whoever was merged into the profile goes with it; evidence about
it, where it was a member and when, and dead letters that name it go, too. Counters and totals stay: they
count events, not people. Others keep what is theirs, but for the note that they were refused an identifier of
this person.
"""

import msgspec

from onefold.model.erasure import Erase, Erased
from onefold.model.identifier import ANONYMOUS_ID
from onefold.model.profile import Profile, decode_profile, encode_profile
from onefold.model.record import Record
from onefold.pipeline.memberships import Memberships
from onefold.pipeline.segments import Segments
from onefold.pipeline.store import Erasing, Position, StateStore, Writes
from onefold.pipeline.tally import Tally
from onefold.unify.mention import Mentions
from onefold.unify.normalise import Normaliser
from onefold.unify.people import People
from onefold.unify.read import Refusal


class ErasureRecord:
    """Applies one record; `clock` is the fold's at that record."""

    __slots__ = ("_clock", "_normaliser", "_people", "_record", "_segments", "_store")

    def __init__(
        self,
        people: People,
        segments: Segments,
        store: StateStore,
        normaliser: Normaliser,
        *,
        record: Record,
        clock: int,
    ) -> None:
        self._people = people
        self._segments = segments
        self._store = store
        self._normaliser = normaliser
        self._record = record
        self._clock = clock

    def apply(self, before: Position) -> Writes:
        """What must be committed."""
        record = self._record
        writes = Writes(Position(record.offset, self._clock, before.next_profile_id, before.known))
        try:
            wish = msgspec.json.decode(record.body, type=Erase)
        except (msgspec.MsgspecError, UnicodeError):
            self._refuse(writes)
            return writes
        if self._store.has_erased(wish.run_id):
            return writes
        profile = self._find(wish.profile_id)
        if profile is None:
            writes.erasing = Erasing(Erased(record.offset, wish.run_id, []), [])
        else:
            self._erase(writes, wish, profile)
        return writes

    def _erase(self, writes: Writes, wish: Erase, profile: Profile) -> None:
        people, store = self._people, self._store
        keys = [f"{kind}:{value}" for kind, values in profile.identifiers.items() for value in values]
        ids = [profile.id, *store.merged_into(profile.id)]
        letters = store.letters_of(Mentions(keys, self._normaliser))
        if len(profile.identifiers) > (ANONYMOUS_ID in profile.identifiers):
            people.known -= 1
            writes.position.known -= 1
        memberships = Memberships(self._segments, 0)
        memberships.remove(profile, self._clock, self._record.offset)
        memberships.fill(writes)
        writes.membership_log = []
        writes.profiles = self._without_refusals(ids, frozenset(keys))
        erased = Erased(self._record.offset, wish.run_id, ids, len(keys), store.count_links(ids), letters)
        writes.erasing = Erasing(erased, keys)
        people.profiles.pop(profile.id, None)
        for key in keys:
            people.identifiers.pop(key, None)

    def _without_refusals(self, ids: list[int], keys: frozenset[str]) -> list[tuple[int, bytes]]:
        """Others who were refused one of the person's identifiers, and remember so."""
        rows = []
        for profile_id in self._store.refused_because_of(ids):
            other = self._find(profile_id)
            if other is not None and other.id not in ids and not keys.isdisjoint(other.refused):
                other.refused = [key for key in other.refused if key not in keys]
                rows.append((other.id, encode_profile(other)))
        return sorted(set(rows))

    def _find(self, profile_id: int) -> Profile | None:
        """The profile, or its survivor; what is in the cache is the truth."""
        profile_id = self._store.survivors([profile_id]).get(profile_id, profile_id)
        cached = self._people.profiles.get(profile_id)
        if cached is not None:
            return cached
        for _, body in self._store.profiles([profile_id]):
            return decode_profile(body)
        return None

    def _refuse(self, writes: Writes) -> None:
        record, tally = self._record, Tally()
        reason = "The record that erases somebody cannot be read."
        tally.add_letter(Refusal("unify.bad_erasure", "", reason, record.body), record.source_id, self._clock)
        tally.fill(writes)
