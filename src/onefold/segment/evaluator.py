"""All segments of a workspace, ready to be asked about one profile after the other.

In: the definitions. Out: what the worker must accumulate for them, and for a profile at a clock: in
which segments it is, and when that may next change without an event.
"""

from collections.abc import Sequence

from onefold.model.profile import Profile
from onefold.model.segment import SegmentDefinition
from onefold.segment.compile import compile_function
from onefold.segment.features import Feature, features_of


class Evaluator:
    """Immutable: a change of any definition makes a new one (1 ms a segment)."""

    __slots__ = ("_evaluate", "features_by_event", "segment_ids")

    def __init__(self, definitions: Sequence[SegmentDefinition]) -> None:
        self.segment_ids = tuple(one.id for one in definitions)
        self.features_by_event = _by_event(definitions)
        self._evaluate = compile_function(definitions)

    def evaluate(self, profile: Profile, clock: int, allowed: int) -> tuple[int, int]:
        """The new mask, and the next time at which it may change without an event (0: never).

        Bits of segments outside `allowed`, and of segments unknown here, stay as they are. A segment
        that another asks about is decided first; if it is not allowed, its present bit answers.
        """
        return self._evaluate(profile, clock, allowed)


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
