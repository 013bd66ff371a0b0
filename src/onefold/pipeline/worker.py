"""The worker's loop: read what the log holds, fold it, commit it with the offset; then again.

In: a log reader and a state store. Out: the state, one transaction a batch. A batch is what is there, at
most `batch_events_max` events (a larger record is a batch of its own); a record about a segment or
about the rules of identity is one too.
Exactly once: the offset commits with the state, and after a failed commit everything cached is dropped.
"""

import gc
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Protocol

from onefold.clock import MINUTE
from onefold.log.log import LogReader
from onefold.model.identity_rules import IdentityChoice, IdentityRules, resolve
from onefold.model.profile import decode_profile
from onefold.model.record import Record, RecordKind
from onefold.pipeline.ahead import BATCHED, Ahead, until_lone_record
from onefold.pipeline.batch import Batch, ReadRecord
from onefold.pipeline.erasure import ErasureRecord
from onefold.pipeline.identity_record import apply_identity
from onefold.pipeline.marks import Marks
from onefold.pipeline.segment_records import SegmentRecords
from onefold.pipeline.segments import Compile, Segments
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.store import Position, StateStore, Writes
from onefold.unify.identify import Identifiers
from onefold.unify.normalise import Normaliser
from onefold.unify.people import People
from onefold.unify.read import Reader, Reading
from onefold.unify.settings import UnifySettings

TIMERS_MAX = 2000
"""Timers fired in one commit. At midnight many windows end at once: they go in pieces, oldest first."""
IDLE_S = 1.0
"""A worker that nobody wakes looks so often: a lost datagram costs no more than that."""
COLLECT_STEPS = 500
"""Steps between two collections of cyclic garbage, which the fold does not make but libraries may."""
CACHED_BYTES_MAX = 16_384
"""A larger profile is read again when its person comes back: decoded it takes ten times its bytes, and the
cache counts profiles."""
RETIRE_EVERY = 10 * MINUTE


class Sleeping(Protocol):
    """What wakes the worker (`log.wake.Sleeper`)."""

    def wait(self, timeout_s: float) -> bool:
        """True when woken, False after the time-out."""
        ...


def make_reader(rules: IdentityRules) -> Reader:
    """Reads events by the workspace's rules; fills use one of their own, so past and present agree."""
    return Reader(Identifiers(make_normaliser(rules), rules.trait_identifiers), rules.currency)


def make_normaliser(rules: IdentityRules) -> Normaliser:
    """What identifiers look like in their stored form, by the workspace's rules."""
    return Normaliser(phone_region=rules.phone_region, blocked_values=rules.blocked_values)


def make_finder(rules: IdentityRules) -> Normaliser:
    """The same to look for somebody: a value that is blocked by now may have identified them before."""
    return Normaliser(phone_region=rules.phone_region)


class Worker:
    """Folds the log. One a workspace; not for use by several threads."""

    def __init__(
        self,
        log: LogReader,
        store: StateStore,
        compile_segments: Compile,
        *,
        unify: UnifySettings | None = None,
        settings: WorkerSettings | None = None,
    ) -> None:
        self._log = log
        self._store = store
        self._compile = compile_segments
        self._settings = settings or WorkerSettings()
        self._unify = unify or UnifySettings()
        self._retired_at = 0
        self._load()

    @property
    def position(self) -> Position:
        """How far the log is folded, committed."""
        return self._position

    def run(self, stop: Callable[[], bool], sleeper: Sleeping) -> None:
        """Work until told to stop; the step under way is finished first.

        Raises:
            StorageError: the store cannot commit. Nothing is lost: run again.
        """
        steps = 0
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            while not stop():
                if not self.step():
                    sleeper.wait(IDLE_S)
                steps += 1
                if steps % COLLECT_STEPS == 0:
                    gc.collect()
                self._retire()
        finally:
            gc.enable()
            gc.unfreeze()

    def step(self, until: int = 0) -> int:
        """Fold the next batch and commit it; returns the work done (events, timers), 0 = nothing to do.

        Args:
            until: the last offset to fold (0: no limit), for a replay up to an offset.

        Raises:
            StorageError: nothing of the batch was committed; the next step does it again.
        """
        records = self._ahead.records(self._position.offset)
        if until:
            records = [record for record in records if record.offset <= until]
        if not records:
            return 0
        try:
            return self._fold(records)
        except BaseException:
            # Profiles in the cache are changed in place: what was not committed must not stay there.
            self._load()
            raise

    def _fold(self, records: Sequence[Record]) -> int:
        first = records[0]
        clock = max(self._position.clock, first.received_at)
        due = self._store.due(clock, TIMERS_MAX + 1)
        if len(due) > TIMERS_MAX:
            return self._fire_piece(due[:TIMERS_MAX], clock, first.offset)
        if first.kind not in BATCHED:
            if due:
                return self._fire_piece(due, clock, first.offset)
            if first.kind is RecordKind.ERASE:
                return self._apply_erasure(first, clock)
            if first.kind is RecordKind.IDENTITY_PUT:
                return self._apply_identity(first, clock)
            return self._apply_segment_record(first, clock)
        return self._fold_events(until_lone_record(records), clock)

    def _fold_events(self, records: Sequence[Record], clock: int) -> int:
        horizon = max(clock, *(record.received_at for record in records)) if len(records) > 1 else clock
        due = self._store.due(horizon, TIMERS_MAX + 1)
        if len(due) > TIMERS_MAX:
            # Too many for one commit, but few enough before the first record.
            records, horizon = records[:1], clock
            due = self._store.due(horizon, TIMERS_MAX)
        read = self._ahead.parsed(records)
        self._load_people(_keys(read), [profile_id for _, profile_id in due])
        batch = Batch(
            self._people,
            self._segments,
            self._marks,
            clock=self._position.clock,
            horizon=horizon,
            seen=self._store.seen(_hashes(read)),
            first_offset=records[0].offset,
        )
        batch.memberships.heap = due
        batch.run(read)
        position = Position(records[-1].offset, horizon, self._people.next_id, self._people.known)
        events = sum(record.count for record in records)
        self._commit(batch.writes(position), lambda: self._ahead.fetch(position.offset))
        return events or 1

    def _fire_piece(self, due: list[tuple[int, int]], clock: int, offset: int) -> int:
        """Fire timers in a commit of their own, before the record at `offset`, which is not folded yet."""
        self._load_people([], [profile_id for _, profile_id in due])
        batch = Batch(self._people, self._segments, self._marks, clock=clock, horizon=0, seen={})
        batch.memberships.heap = list(due)
        batch.fire(clock, offset)
        self._commit(batch.writes(self._position))
        return len(due)

    def _apply_segment_record(self, record: Record, clock: int) -> int:
        applied = SegmentRecords(self._people, self._segments, self._store, record, clock)
        writes, _ = applied.apply(self._position)
        self._commit(writes)
        self._want()
        return 1

    def _apply_identity(self, record: Record, clock: int) -> int:
        default = resolve(IdentityChoice(), self._unify)
        writes = apply_identity(record, clock, self._position, self._store.identity(), default)
        self._commit(writes)
        if writes.identity:
            self._follow(writes.identity[-1].rules)
            self._want()
        return 1

    def _apply_erasure(self, record: Record, clock: int) -> int:
        applied = ErasureRecord(
            *(self._people, self._segments, self._store, make_finder(self._rules)),
            record=record,
            clock=clock,
        )
        self._commit(applied.apply(self._position))
        return 1

    def _commit(self, writes: Writes, meanwhile: Callable[[], None] | None = None) -> None:
        self._store.commit(writes, meanwhile)
        self._position = writes.position
        self._people.start_batch()
        self._marks.added = []
        self._evict(writes)

    def _evict(self, writes: Writes) -> None:
        """Drop what was used longest ago; large profiles at once, so that their number bounds the memory."""
        profiles = self._people.profiles
        for profile_id, body in writes.profiles:
            if len(body) > CACHED_BYTES_MAX:
                profiles.pop(profile_id, None)
        _shorten(profiles, self._settings.profiles_cached)
        _shorten(self._people.identifiers, self._settings.identifiers_cached)

    def _load(self) -> None:
        """Start from what is committed, with empty caches."""
        self._position, segments, marks = self._store.load()
        identity = self._store.identity()
        self._follow(identity.rules if identity else self._unify)
        self._people = People(
            self._position.next_profile_id,
            self._position.known,
            interactions_max=self._unify.interactions_max,
        )
        self._segments = Segments(segments, self._compile)
        self._marks = Marks(self._unify.dedupe_hours, marks)
        self._want()

    def _follow(self, rules: IdentityRules) -> None:
        """From here on events are read by these rules."""
        self._rules = rules
        self._reader = make_reader(rules)
        self._ahead = Ahead(self._log, self._reader, self._settings.batch_events_max)

    def _want(self) -> None:
        """The segments changed, maybe, and so what is read of an event."""
        self._reader.wanted = self._segments.wanted
        self._ahead.forget()

    def _load_people(self, keys: Iterable[str], profile_ids: Iterable[int]) -> None:
        """Make sure that everybody the batch may touch is here; what is used last is evicted last."""
        people = self._people
        wanted = dict.fromkeys(keys)
        unknown = [key for key in wanted if key not in people.identifiers]
        if unknown:
            people.identifiers.update(dict.fromkeys(unknown, 0))
            people.identifiers.update(self._store.identifiers(unknown))
        ids = {people.identifiers[key] for key in wanted}
        ids.update(profile_ids)
        ids.discard(0)
        cached = people.profiles
        missing = []
        for profile_id in ids:
            profile = cached.pop(profile_id, None)
            if profile is None:
                missing.append(profile_id)
            else:
                cached[profile_id] = profile
        if missing:
            missing.sort()
            for profile_id, body in self._store.profiles(missing):
                cached[profile_id] = decode_profile(body)

    def _retire(self) -> None:
        clock = self._position.clock
        if clock - self._retired_at >= RETIRE_EVERY and not self._store.retire(self._log.first(), clock):
            self._retired_at = clock


def _keys(read: Sequence[ReadRecord]) -> list[str]:
    return [
        identifier.key
        for _, items in read
        for item in items
        if type(item) is Reading
        for identifier in item.identifiers
    ]


def _hashes(read: Sequence[ReadRecord]) -> list[int]:
    return [item.event_hash for _, items in read for item in items if type(item) is Reading]


def _shorten(cache: dict[Any, Any], size_max: int) -> None:
    surplus = len(cache) - size_max
    if surplus > 0:
        for key in list(islice(cache, surplus)):
            del cache[key]
