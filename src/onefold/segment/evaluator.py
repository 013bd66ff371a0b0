"""All segments of a workspace, ready to be asked about one profile after the other.

In: the definitions. Out: what the worker must accumulate for them, and for a profile at a clock: in
which segments it is, and when that may next change without an event.
"""

from collections.abc import Sequence

from onefold.model.profile import Profile
from onefold.model.segment import SegmentDefinition
from onefold.segment.compile import Evaluate, compile_function, in_order
from onefold.segment.features import Feature, event_conditions, features_of, referred_segments


class Evaluator:
    """Immutable: a change of any definition makes a new one (1 ms a segment)."""

    __slots__ = ("_by_event", "_concerned", "_evaluate", "features_by_event", "segment_ids")

    def __init__(self, definitions: Sequence[SegmentDefinition]) -> None:
        self.segment_ids = tuple(one.id for one in definitions)
        self.features_by_event = _by_event(definitions)
        self._evaluate = compile_function(definitions)
        self._concerned = _concerned(definitions)
        self._by_event: dict[str, Evaluate] = {}
        """Compiled when the first such event comes."""

    def evaluate(self, profile: Profile, clock: int, allowed: int) -> tuple[int, int]:
        """The new mask, and the next time at which it may change without an event (0: never).

        Bits of segments outside `allowed`, and of segments unknown here, stay as they are. A segment
        that another asks about is decided first; if it is not allowed, its present bit answers.
        """
        return self._evaluate(profile, clock, allowed)

    def evaluate_event(self, profile: Profile, clock: int, allowed: int, event: str) -> tuple[int, int]:
        """The same mask, when nothing happened since `evaluate` but events of this name, and nothing was due.

        Only the rules that count such events are asked, and those that ask about their segments. The time
        is theirs, too: the time that was known before holds for all others.
        """
        evaluate = self._by_event.get(event)
        if evaluate is None:
            concerned = self._concerned.get(event)
            if concerned is None:
                return profile.mask, 0
            evaluate = self._by_event[event] = compile_function(concerned)
        return evaluate(profile, clock, allowed)


def compile_segments(definitions: Sequence[SegmentDefinition]) -> Evaluator:
    """The evaluator of definitions that `check_condition` has passed.

    Raises:
        RequestError: `segment.cycle`.
    """
    return Evaluator(definitions)


def _by_event(definitions: Sequence[SegmentDefinition]) -> dict[str, tuple[Feature, ...]]:
    by_event: dict[str, tuple[Feature, ...]] = {}
    for definition in definitions:
        for feature in features_of(definition):
            by_event[feature.event] = (*by_event.get(feature.event, ()), feature)
    return by_event


def _concerned(definitions: Sequence[SegmentDefinition]) -> dict[str, list[SegmentDefinition]]:
    """By event name the segments whose answer such an event may change through the counters of a profile."""
    events: dict[int, set[str]] = {}
    by_event: dict[str, list[SegmentDefinition]] = {}
    for definition in in_order(definitions):
        condition = definition.condition
        asked = [events.get(segment_id, set()) for segment_id in referred_segments(condition)]
        events[definition.id] = {one.event for one in event_conditions(condition)}.union(*asked)
        for event in events[definition.id]:
            by_event.setdefault(event, []).append(definition)
    return by_event
