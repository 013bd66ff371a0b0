"""What the worker needs of a store: reads for many at once, and one commit for everything.

Suites for backends: `tests/backends/test_state.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from onefold.model.change import Change
from onefold.model.erasure import Erased
from onefold.model.identity_rules import IdentityRules
from onefold.model.segment import SegmentDefinition
from onefold.unify.link import Link

CounterKey = tuple[int, str, str, int, str]
"""minute, stage, subject, kind, code."""
TotalKey = tuple[int, int, str, str]
"""day, source id, event, currency ("" = without revenue)."""
SegmentDay = tuple[int, int]
"""segment id, UTC day of the fold's clock."""


class Position(msgspec.Struct):
    """How far the log is folded."""

    offset: int = 0
    clock: int = 0
    next_profile_id: int = 1
    known: int = 0
    """Profiles with any identifier besides anonymous ids: kept, since counting them passes over all."""


class SegmentRow(msgspec.Struct):
    """A segment as the worker knows it. `definition` is the JSON of the record that defined it."""

    id: int
    version: int
    name: str
    definition: bytes
    state: str
    offset: int
    """Of that record: what a fill must count lies up to here."""
    filled_to: int
    """Profiles up to this id are evaluated, while it fills."""
    born_after: int
    """Profiles beyond this id are younger than the definition."""
    counts_since: int = 0
    """What it counts of events begins here (0: with the first event ever): older ones fell to retention."""
    fallback: bytes = b""
    """While it fills: JSON of the `Fallback` that a cancelled fill goes back to; empty for a new segment."""


class Fallback(msgspec.Struct, frozen=True):
    """The version of a segment that was live last. What it counts goes on until the next one is filled."""

    definition: SegmentDefinition
    offset: int
    counts_since: int


class IdentityRow(msgspec.Struct, frozen=True):
    """Rules of identity, and from which record on they hold."""

    offset: int
    """Of the record that says so; 0: from the first record on, as the server's settings said then."""
    version: int
    at: int
    """When that record was received."""
    rules: IdentityRules


class BatchRow(msgspec.Struct):
    """What became of each event, in the order of the log: as many items as the records' counts add up to."""

    first_offset: int
    count: int
    hashes: bytes
    """int64 an event; 0 if it could not be read."""
    places: bytes
    """int32 an event: the offset of its record less `first_offset`."""
    outcomes: bytes
    """A byte an event: `outcome.Kind`."""
    profiles: bytes
    """int64 an event: the profile's id at that moment (it may be an alias now); 0 for none."""


class LetterRow(msgspec.Struct):
    """A dead letter, before it has a number."""

    code: str
    field: str
    reason: str
    at: int
    source_id: int
    subject: str
    payload: bytes


class Erasing(msgspec.Struct):
    """A person to be taken out of every table."""

    erased: Erased
    keys: list[str]
    """All identifiers of the person."""


class Writes:
    """Everything of one commit. Lists that name rows by key are sorted by the store."""

    __slots__ = (
        "aliases", "batch", "change", "counters", "dropped_segments", "erasing", "identifiers", "identity",
        "letters", "links", "marks", "members", "membership_log", "position", "profiles", "removed_profiles",
        "seen", "segment_days", "segments", "timers_added", "timers_removed", "totals", "window_start",
    )  # fmt: skip

    def __init__(self, position: Position) -> None:
        self.position = position
        self.batch: BatchRow | None = None
        self.change: Change | None = None
        self.erasing: Erasing | None = None
        self.identifiers: list[tuple[str, int]] = []
        self.identity: list[IdentityRow] = []
        self.profiles: list[tuple[int, bytes]] = []
        self.removed_profiles: list[int] = []
        self.aliases: list[tuple[int, int]] = []
        self.links: list[Link] = []
        self.members: dict[tuple[int, int], int] = {}
        """(segment id, profile id) -> since; 0 = no longer a member."""
        self.membership_log: list[tuple[int, int, int, int, int]] = []
        """offset, at, segment id, profile id, 1 entered or 0 left."""
        self.segment_days: dict[SegmentDay, tuple[int, int]] = {}
        """How many entered and left; a segment that begins has a day of (0, 0)."""
        self.segments: list[SegmentRow] = []
        self.dropped_segments: list[int] = []
        self.timers_removed: list[tuple[int, int]] = []
        """(due at, profile id)"""
        self.timers_added: list[tuple[int, int]] = []
        self.counters: dict[CounterKey, int] = {}
        self.totals: dict[TotalKey, tuple[int, str]] = {}
        """Count and revenue (decimal text) to add; in the order of the log, by which names are bounded."""
        self.letters: list[LetterRow] = []
        self.marks: list[tuple[int, int]] = []
        """(clock's minute, first offset in it)"""
        self.window_start = 0
        """The oldest offset at which a duplicate still counts."""
        self.seen: dict[int, int] = {}
        """Hash of an event that counted -> its offset."""


class StateStore(Protocol):
    """One writer a workspace. Reads see the last commit. One query (or a bounded number) a call."""

    def load(self) -> tuple[Position, list[SegmentRow], list[tuple[int, int]]]:
        """Where the last commit stands: position, segments, and the marks of the dedupe window in order."""
        ...

    def identity(self) -> IdentityRow | None:
        """The rules of identity that hold; None while no record has said any."""
        ...

    def seen(self, hashes: Sequence[int]) -> dict[int, int]:
        """The newest offset at which each of these hashes counted; unknown ones are absent."""
        ...

    def identifiers(self, keys: Sequence[str]) -> dict[str, int]:
        """The profile of each identifier key; unknown ones are absent."""
        ...

    def profiles(self, ids: Sequence[int]) -> Iterable[tuple[int, bytes]]:
        """The stored profiles among these ids."""
        ...

    def profiles_between(self, first: int, last: int) -> Iterable[tuple[int, bytes]]:
        """The stored profiles with ids first..last, both included, by id."""
        ...

    def survivors(self, ids: Sequence[int]) -> dict[int, int]:
        """Where merged profiles live now; ids that are not merged away are absent."""
        ...

    def due(self, until: int, limit: int) -> list[tuple[int, int]]:
        """(due at, profile id) of timers up to a time, oldest first."""
        ...

    def members(self, segment_id: int, limit: int) -> list[int]:
        """The first profiles of a segment, by id."""
        ...

    def has_erased(self, run_id: str) -> bool:
        """Whether the erasure that this run asked for is done."""
        ...

    def merged_into(self, profile_id: int) -> list[int]:
        """Everyone who was merged into a profile, through any chain."""
        ...

    def refused_because_of(self, ids: Sequence[int]) -> list[int]:
        """Profiles that were refused an identifier since one of these has it."""
        ...

    def count_links(self, ids: Sequence[int]) -> int:
        """Pieces of evidence about these profiles."""
        ...

    def letters_of(self, names: Callable[[bytes], bool]) -> list[int]:
        """Numbers of the dead letters whose payload names somebody."""
        ...

    def commit(self, writes: Writes, meanwhile: Callable[[], None] | None = None) -> None:
        """All or nothing, durable when it returns.

        Args:
            meanwhile: called once while the disk works, if it may be; it must not raise, nor use the store.

        Raises:
            StorageError: nothing was written; drop what was cached and try again later.
        """
        ...

    def retire(self, log_first: int, clock: int) -> int:
        """Delete what only records already gone from the log needed; a bounded number of rows a call.

        Returns how many rows went.
        """
        ...
