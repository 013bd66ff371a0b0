"""Which segments there are, how far each is filled, and the one evaluator for all of them.

In: SEGMENT_* records. Out: an evaluator, and for a profile the segments that may be decided live: all that
are live, and of those that fill the ones that have reached the profile, or that are older than it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from onefold.errors import RequestError
from onefold.model.profile import Profile
from onefold.model.segment import SegmentDefinition, SegmentState
from onefold.pipeline.store import Fallback, SegmentRow
from onefold.segment.features import features_of
from onefold.unify.read import Wanted

SEGMENT_ID_MAX = 4095
"""Ids are bits of a mask that every profile carries: 512 bytes at most."""


class Evaluator(Protocol):
    """What `segment.evaluator` gives."""

    @property
    def features_by_event(self) -> Mapping[str, tuple[Wanted, ...]]:
        """What must be accumulated, by event name."""
        ...

    def evaluate(self, profile: Profile, clock: int, allowed: int) -> tuple[int, int]:
        """The new mask, and when it may next change without an event (0: never)."""
        ...

    @property
    def every(self) -> int:
        """The mask of all segments."""
        ...

    @property
    def blank(self) -> int:
        """The mask of a profile of which nothing is known."""
        ...

    @property
    def traits(self) -> frozenset[str]:
        """Names of the traits that any rule asks for."""
        ...

    def evaluate_after(  # noqa: PLR0917
        self, profile: Profile, clock: int, allowed: int, mask: int, event: str, changed: int
    ) -> tuple[int, int]:
        """The same from a mask that was right before this event: only rules that it may concern are asked."""
        ...


Compile = Callable[[Sequence[SegmentDefinition]], Evaluator]


class Segments:
    """The segments of the workspace, as of an offset."""

    __slots__ = ("_compile", "_filling", "_live", "_rows", "evaluator", "feature_keys", "wanted")

    def __init__(self, rows: Sequence[SegmentRow], compile_segments: Compile) -> None:
        self._compile = compile_segments
        self._rows = {row.id: row for row in rows}
        self._refresh()

    def __len__(self) -> int:
        return len(self._rows)

    def allowed(self, profile_id: int) -> int:
        """The mask of segments that may be decided now for this profile."""
        mask = self._live
        for bit, filled_to, born_after in self._filling:
            if profile_id <= filled_to or profile_id > born_after:
                mask |= bit
        return mask

    def get(self, segment_id: int) -> SegmentRow | None:
        """The segment, if there is one of this id."""
        return self._rows.get(segment_id)

    def put(self, definition: SegmentDefinition, offset: int, born_after: int) -> SegmentRow:
        """Define or redefine: it fills from the first profile on. Members stay until the fill meets them.

        Raises:
            RequestError: the definitions together cannot be compiled; nothing changed.
        """
        check_segment_id(definition.id)
        before = self._rows.get(definition.id)
        row = _filling_row(definition, offset, born_after, _fallback_of(before))
        self._rows[definition.id] = row
        try:
            self._refresh()
        except Exception as error:
            # The API checks definitions; what slips through must not stop the worker for ever.
            if before is None:
                del self._rows[definition.id]
            else:
                self._rows[definition.id] = before
            self._refresh()
            raise RequestError("segment.uncompilable", "The definition cannot be compiled.") from error
        return row

    def fill(self, row: SegmentRow, filled_to: int, *, done: bool, counts_since: int = 0) -> None:
        """The fill got so far; when done the segment is live for everyone."""
        row.counts_since = max(row.counts_since, counts_since)
        row.filled_to = max(row.filled_to, filled_to)
        if done:
            row.state = SegmentState.LIVE.value
            row.fallback = b""
            self._find_wanted()
        self._masks()

    def go_back(self, row: SegmentRow, born_after: int) -> SegmentRow:
        """Take a redefinition back: the version before fills anew, with all that it counted until now."""
        fallback = msgspec.json.decode(row.fallback, type=Fallback)
        restored = _filling_row(fallback.definition, fallback.offset, born_after, row.fallback)
        restored.counts_since = fallback.counts_since
        self._rows[row.id] = restored
        self._refresh()
        return restored

    def drop(self, segment_id: int) -> None:
        """Forget the segment."""
        if self._rows.pop(segment_id, None) is not None:
            self._refresh()

    def _refresh(self) -> None:
        rows = sorted(self._rows.values(), key=lambda row: row.id)
        definitions = [msgspec.json.decode(row.definition, type=SegmentDefinition) for row in rows]
        self.evaluator = self._compile(definitions)
        self._find_wanted()
        self._masks()

    def _find_wanted(self) -> None:
        """What is counted: for the definitions, and for those that a cancelled fill goes back to."""
        wanted = {event: list(features) for event, features in self.evaluator.features_by_event.items()}
        for row in self._rows.values():
            if row.fallback:
                for feature in features_of(msgspec.json.decode(row.fallback, type=Fallback).definition):
                    same_event = wanted.setdefault(feature.event, [])
                    if feature not in same_event:
                        same_event.append(feature)
        self.wanted = {event: tuple(features) for event, features in wanted.items()}
        self.feature_keys = {feature.key for features in wanted.values() for feature in features}

    def _masks(self) -> None:
        live = SegmentState.LIVE.value
        self._live = sum(1 << row.id for row in self._rows.values() if row.state == live)
        self._filling = [
            (1 << row.id, row.filled_to, row.born_after) for row in self._rows.values() if row.state != live
        ]


def _filling_row(definition: SegmentDefinition, offset: int, born_after: int, fallback: bytes) -> SegmentRow:
    return SegmentRow(
        definition.id,
        definition.version,
        definition.name,
        msgspec.json.encode(definition),
        SegmentState.FILLING.value,
        offset,
        0,
        born_after,
        fallback=fallback,
    )


def _fallback_of(before: SegmentRow | None) -> bytes:
    """What a redefinition of this row can be taken back to: the version that was live last, if any was."""
    if before is None or before.state != SegmentState.LIVE.value:
        return before.fallback if before else b""
    definition = msgspec.json.decode(before.definition, type=SegmentDefinition)
    return msgspec.json.encode(Fallback(definition, before.offset, before.counts_since))


def check_segment_id(segment_id: int) -> None:
    """Make sure that the id can be a bit of a mask.

    Raises:
        RequestError: `segment.id`.
    """
    if not 0 <= segment_id <= SEGMENT_ID_MAX:
        raise RequestError("segment.id", "The segment's id is out of range.", field="id")
