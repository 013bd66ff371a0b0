"""What became of a batch's events, counted: outcomes in order, counters a minute, totals a day, dead letters.

In: one outcome after the other, in log order. Out: the parts of `Writes` that a sum of outcomes fills.
"""

from array import array
from decimal import Decimal

from onefold.clock import DAY, MINUTE
from onefold.model.outcome import Kind
from onefold.model.profile import Amount
from onefold.model.record import Record
from onefold.pipeline.store import BatchRow, CounterKey, LetterRow, TotalKey, Writes
from onefold.unify.read import Reading, Refusal

STAGE = "unify"
SEGMENT_STAGE = "segment"
RULE_FAILED = "segment.rule_failed"
DUPLICATE = "unify.duplicate"
BLOCKED_STAGE = "identifier"
"""Its own stage, so that blocked identifiers do not disturb the sum of outcomes of events."""
BLOCKED = "unify.blocked_value"
ROOM_STAGE = "profile"
PROFILE_FULL = "unify.profile_full"
BAD_INTERACTION = "unify.bad_interaction"
PAYLOAD_BYTES_MAX = 65_536
"""A dead letter's payload; the record itself stays in the log."""


class Tally:
    """The books of one batch."""

    __slots__ = (
        "_counters",
        "_first_offset",
        "_hashes",
        "_last_refusal",
        "_letters",
        "_minute",
        "_outcomes",
        "_passed",
        "_place",
        "_places",
        "_profiles",
        "_totals",
        "passed",
    )

    def __init__(self, first_offset: int = 0) -> None:
        self._first_offset = first_offset
        self._place = 0
        self._hashes = array("q")
        self._places = array("i")
        self._outcomes = bytearray()
        self._profiles = array("q")
        self._counters: dict[CounterKey, int] = {}
        self._totals: dict[TotalKey, list[Amount]] = {}
        self._letters: list[LetterRow] = []
        self._last_refusal: Refusal | None = None
        self._minute = 0
        self._passed: dict[tuple[int, int, bool], int] = {}
        """By minute, source and whether the segments took it: the counters of most events."""
        self.passed = 0

    def start_record(self, record: Record, clock: int) -> None:
        """What follows belongs to this record, and is counted in this minute."""
        self._minute = clock // MINUTE
        self._place = record.offset - self._first_offset

    def add_passed(self, event: Reading, profile_id: int, *, is_segmented: bool = True) -> None:
        """The event was folded (profile 0: nobody's, a guest's) and handed to the segments."""
        self._hashes.append(event.event_hash)
        self._places.append(self._place)
        self._outcomes.append(0)
        self._profiles.append(profile_id)
        self.passed += 1
        key = (self._minute, event.source_id, is_segmented)
        self._passed[key] = self._passed.get(key, 0) + 1
        if event.blocked:
            self.count(BLOCKED_STAGE, str(event.source_id), Kind.FILTERED, BLOCKED, event.blocked)
        if event.dropped:
            self.count(ROOM_STAGE, str(event.source_id), Kind.FILTERED, PROFILE_FULL, event.dropped)
        if event.is_unseen:
            self.count(ROOM_STAGE, str(event.source_id), Kind.FILTERED, BAD_INTERACTION)
        self._total(event)

    def add_duplicate(self, event: Reading) -> None:
        """The event counted before."""
        self.add_filtered(event, DUPLICATE)

    def add_filtered(self, event: Reading, code: str) -> None:
        """The event is left out on purpose."""
        self._note(event.event_hash, Kind.FILTERED, 0)
        self.count(STAGE, str(event.source_id), Kind.FILTERED, code)

    def add_refused(self, refusal: Refusal, record: Record, clock: int) -> None:
        """The event cannot be read; a record that cannot be read at all is one letter."""
        self._note(0, Kind.REJECTED, 0)
        self.count(STAGE, str(record.source_id), Kind.REJECTED, refusal.code)
        if refusal is not self._last_refusal:
            self.add_letter(refusal, record.source_id, clock)
            self._last_refusal = refusal

    def add_letter(self, refusal: Refusal, source_id: int, clock: int) -> None:
        """Keep what was refused."""
        self._letters.append(
            LetterRow(
                refusal.code,
                refusal.field,
                refusal.reason,
                clock,
                source_id,
                refusal.message_id,
                refusal.payload[:PAYLOAD_BYTES_MAX],
            )
        )

    def count(self, stage: str, subject: str, kind: Kind, code: str, amount: int = 1) -> None:
        """Add to a counter of the record's minute."""
        key = (self._minute, stage, subject, int(kind), code)
        self._counters[key] = self._counters.get(key, 0) + amount

    def fill(self, writes: Writes) -> None:
        """Hand over what was counted."""
        if self._outcomes:
            writes.batch = BatchRow(
                self._first_offset,
                len(self._outcomes),
                self._hashes.tobytes(),
                self._places.tobytes(),
                bytes(self._outcomes),
                self._profiles.tobytes(),
            )
        for (minute, source_id, is_segmented), count in self._passed.items():
            self._minute = minute
            subject = str(source_id)
            self.count(STAGE, subject, Kind.PASSED, "", count)
            if is_segmented:
                self.count(SEGMENT_STAGE, subject, Kind.PASSED, "", count)
            else:
                self.count(SEGMENT_STAGE, subject, Kind.REJECTED, RULE_FAILED, count)
        writes.counters = self._counters
        writes.totals = {key: (int(count), str(revenue)) for key, (count, revenue) in self._totals.items()}
        writes.letters = self._letters

    def _note(self, event_hash: int, kind: Kind, profile_id: int) -> None:
        self._hashes.append(event_hash)
        self._places.append(self._place)
        self._outcomes.append(kind)
        self._profiles.append(profile_id)

    def _total(self, event: Reading) -> None:
        key = (event.occurred_at // DAY, event.source_id, event.name, event.currency)
        total = self._totals.get(key)
        if total is None:
            total = self._totals[key] = [0, Decimal(0)]
        total[0] += 1
        if event.revenue is not None:
            total[1] += event.revenue
