"""The trace of an event: every stage it passed, with times and outcomes, by its message id.

In: a message id (and a source, or all of them). Out: one `EventTrace` a receipt, oldest first: two sources
may use one id, and a sender may repeat itself. Nothing is written an event for this: the log, the batch rows,
the evidence, the membership log, the changes and the attempts say it all. Cost: a binary search in each run
of hashes (runs × log n), a scan of the last batches, and a dozen look-ups by key.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from onefold.clock import to_iso
from onefold.model.access import Personal
from onefold.model.event import decode_meta, raw_events
from onefold.model.letter import Letter
from onefold.model.outcome import Kind
from onefold.observe.goal_trace import ENDINGS, Ending, GoalTrace, GoalTracer, LetterTrace, show_letter
from onefold.observe.store import Config, Evidence, Folded, Receipt, SourceName, TraceStore, Transition

DUPLICATE = "unify.duplicate"
NOT_FOLDED = "The worker has not come to it yet."


class SourceTrace(msgspec.Struct, frozen=True):
    """Who sent it."""

    id: int
    name: str


class CaptureTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """How it was received. `payload` is what stands in the log (or in the dead letter)."""

    outcome: Ending
    received_at: str
    offset: int | None = None
    position: int | None = None
    payload: Personal[Any] = None
    run_id: str = ""
    replay_of: str = ""
    letter: LetterTrace | None = None


class PlaceTrace(msgspec.Struct, frozen=True):
    """Another receipt of the same event."""

    offset: int
    position: int
    received_at: str


class LinkTrace(msgspec.Struct, frozen=True):
    """What identity learnt from the event."""

    rule: str
    decision: str
    reason: Personal[str]
    first: Personal[str]
    second: Personal[str]
    profile_id: int
    other_profile_id: int


class UnifyTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who it belongs to. `profile_id` is where that person lives now."""

    outcome: Ending
    code: str = ""
    message: Personal[str] = ""
    committed_at: str = ""
    profile_id: int | None = None
    profile_id_then: int | None = None
    first_receipt: PlaceTrace | None = None
    links: list[LinkTrace] = []
    letter: LetterTrace | None = None


class MoveTrace(msgspec.Struct, frozen=True):
    """A segment that its profile entered or left at this record."""

    segment_id: int
    segment: str
    entered: bool
    at: str


class SegmentTrace(msgspec.Struct, frozen=True):
    """Which memberships it changed."""

    outcome: Ending
    memberships: list[MoveTrace] = []


class EventTrace(msgspec.Struct, frozen=True):
    """One receipt of the event."""

    source: SourceTrace
    capture: CaptureTrace
    unify: UnifyTrace | None
    segment: SegmentTrace | None
    activate: list[GoalTrace]


class Trace(msgspec.Struct, frozen=True):
    """All receipts of a message id, oldest first."""

    message_id: str
    events: list[EventTrace]


class _Tracer:
    """One search."""

    def __init__(self, store: TraceStore, message_id: str) -> None:
        self._store = store
        self._message_id = message_id
        self._config: Config = store.config()
        self._letters: Sequence[Letter] = store.letters(message_id)
        self._goals = GoalTracer(store, self._config)
        self._counted: dict[int, Receipt] = {}
        """Source -> the receipt that counted last."""

    def run(self, sources: Sequence[SourceName]) -> list[EventTrace]:
        ids = {source.id for source in sources}
        refused = [
            (letter.at, self._refused(letter))
            for letter in self._letters
            if letter.stage == "capture" and letter.source_id in ids
        ]
        found = [*refused]
        for receipt in self._store.find(sorted(ids), self._message_id):
            record = self._store.record(receipt.offset)
            found.append((record.received_at if record else 0, self._received(receipt)))
        return [event for _, event in sorted(found, key=lambda one: one[0])]

    def _refused(self, letter: Letter) -> EventTrace:
        capture = CaptureTrace(
            "rejected", to_iso(letter.at), payload=letter.payload, letter=show_letter(letter)
        )
        return EventTrace(self._source(letter.source_id), capture, None, None, [])

    def _received(self, receipt: Receipt) -> EventTrace:
        source = self._source(receipt.source_id)
        capture = self._capture(receipt)
        folded = self._store.folded(receipt)
        if folded is None:
            return EventTrace(source, capture, UnifyTrace("deferred", message=NOT_FOLDED), None, [])
        unify = self._unify(receipt, folded)
        if folded.kind is not Kind.PASSED:
            return EventTrace(source, capture, unify, None, [])
        self._counted[receipt.source_id] = receipt
        return EventTrace(
            source, capture, unify, self._segment(receipt, folded), self._goals.trace(receipt, folded)
        )

    def _capture(self, receipt: Receipt) -> CaptureTrace:
        record = self._store.record(receipt.offset)
        if record is None:
            return CaptureTrace("passed", "", receipt.offset, receipt.position)
        meta = decode_meta(record)
        return CaptureTrace(
            "passed",
            to_iso(record.received_at),
            receipt.offset,
            receipt.position,
            raw_events(record)[receipt.position],
            meta.run_id,
            meta.replay_of,
        )

    def _unify(self, receipt: Receipt, folded: Folded) -> UnifyTrace:
        rejected = folded.kind is Kind.REJECTED
        letter = next((one for one in self._letters if one.stage == "unify"), None) if rejected else None
        code = DUPLICATE if folded.kind is Kind.FILTERED else letter.code if letter else ""
        return UnifyTrace(
            ENDINGS[folded.kind],
            code,
            letter.reason if letter else "",
            to_iso(folded.committed_at),
            folded.survivor_id or None,
            folded.profile_id or None,
            self._first(receipt) if folded.kind is Kind.FILTERED else None,
            [_link(one) for one in self._store.evidence(receipt.offset, receipt.position)],
            show_letter(letter) if letter else None,
        )

    def _first(self, receipt: Receipt) -> PlaceTrace | None:
        first = self._counted.get(receipt.source_id)
        if first is None:
            return None
        record = self._store.record(first.offset)
        return PlaceTrace(first.offset, first.position, to_iso(record.received_at) if record else "")

    def _segment(self, receipt: Receipt, folded: Folded) -> SegmentTrace:
        moved = self._store.transitions(receipt.offset, [folded.profile_id]) if folded.profile_id else []
        return SegmentTrace("passed", [self._move(one) for one in moved])

    def _move(self, one: Transition) -> MoveTrace:
        name = self._config.segments.get(one.segment_id, f"segment {one.segment_id} (deleted)")
        return MoveTrace(one.segment_id, name, one.entered, to_iso(one.at))

    def _source(self, source_id: int) -> SourceTrace:
        name = next((one.name for one in self._config.sources if one.id == source_id), "")
        return SourceTrace(source_id, name)


def trace_event(store: TraceStore, message_id: str, source: str = "") -> Trace | None:
    """Trace a message id of one source (by id or name), or of all; None if it is nowhere to be found."""
    sources = [one for one in store.config().sources if not source or source in (one.name, str(one.id))]
    events = _Tracer(store, message_id).run(sources) if sources else []
    return Trace(message_id, events) if events else None


def _link(one: Evidence) -> LinkTrace:
    return LinkTrace(*one)
