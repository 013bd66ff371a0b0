"""All segments of a workspace, ready to be asked about one profile after the other.

In: the definitions. Out: what the worker must accumulate for them, and for a profile at a clock: in
which segments it is, and when that may next change without an event.
"""

from collections.abc import Sequence
from typing import NamedTuple

from onefold.model.profile import Profile
from onefold.model.segment import (
    ConsentCondition,
    EventCondition,
    IdentifierCondition,
    SegmentDefinition,
    TraitCondition,
)
from onefold.segment.compile import Evaluate, compile_function, in_order
from onefold.segment.features import Feature, features_of, leaves, referred_segments
from onefold.segment.path import trait_names

TRAITS = 1
IDENTIFIERS = 2
CONSENTS = 4
"""What besides counters an event changed on a profile: flags of `evaluate_after`."""


class Evaluator:
    """Immutable: a change of any definition makes a new one (1 ms a segment)."""

    __slots__ = (
        "_after",
        "_definitions",
        "_evaluate",
        "_events",
        "blank",
        "every",
        "features_by_event",
        "traits",
    )

    def __init__(self, definitions: Sequence[SegmentDefinition]) -> None:
        self.features_by_event = _by_event(definitions)
        self.every = sum(1 << one.id for one in definitions)
        self._evaluate = compile_function(definitions)
        self._definitions = _with_concerns(definitions)
        self._events = frozenset().union(*(concerns.events for _, concerns in self._definitions))
        self.traits = frozenset().union(*(concerns.traits for _, concerns in self._definitions))
        """Names of traits that any rule asks for; a change of another one concerns nobody."""
        self.blank = self._evaluate(Profile(0, 0, 0), 0, self.every, 0)[0]
        """The segments of a profile of which nothing is known, whatever the time: those that only deny."""
        self._after: tuple[dict[str, Evaluate], ...] = tuple({} for _ in range(8))
        """By flags and event name, compiled when the first such event comes: few of the eight a name."""

    def evaluate(self, profile: Profile, clock: int, allowed: int) -> tuple[int, int]:
        """The new mask, and the next time at which it may change without an event (0: never).

        Bits of segments outside `allowed`, and of segments unknown here, stay as they are. A segment
        that another asks about is decided first; if it is not allowed, its present bit answers.
        """
        return self._evaluate(profile, clock, allowed, profile.mask)

    def evaluate_after(  # noqa: PLR0917  # once an event: names would cost a tenth of the call
        self, profile: Profile, clock: int, allowed: int, mask: int, event: str, changed: int
    ) -> tuple[int, int]:
        """The same, when `mask` was right, nothing was due since, and one event of this name came.

        Only the rules that it may concern are asked, and those that ask about their segments. The time
        is theirs, too: the time that was known before holds for all others.

        Args:
            changed: `TRAITS`, `IDENTIFIERS` and `CONSENTS`, where the event changed such of the profile.
        """
        if event not in self._events:
            event = ""
        evaluate = self._after[changed].get(event)
        if evaluate is None:
            evaluate = self._after[changed][event] = self._compile_after(event, changed)
        return evaluate(profile, clock, allowed, mask)

    def _compile_after(self, event: str, changed: int) -> Evaluate:
        concerned = [
            definition
            for definition, concerns in self._definitions
            if event in concerns.events
            or (changed & TRAITS and concerns.traits)
            or (changed & IDENTIFIERS and concerns.identifiers)
            or (changed & CONSENTS and concerns.consents)
        ]
        return compile_function(concerned) if concerned else _nothing_changes


def compile_segments(definitions: Sequence[SegmentDefinition]) -> Evaluator:
    """The evaluator of definitions that `check_condition` has passed.

    Raises:
        RequestError: `segment.cycle`.
    """
    return Evaluator(definitions)


def _nothing_changes(profile: Profile, clock: int, allowed: int, mask: int) -> tuple[int, int]:  # noqa: ARG001
    return mask, 0


def _by_event(definitions: Sequence[SegmentDefinition]) -> dict[str, tuple[Feature, ...]]:
    by_event: dict[str, tuple[Feature, ...]] = {}
    for definition in definitions:
        for feature in features_of(definition):
            by_event[feature.event] = (*by_event.get(feature.event, ()), feature)
    return by_event


class _Concerns(NamedTuple):
    """What of a profile decides a segment: by its own rule, and by the segments that it asks about."""

    events: frozenset[str]
    traits: frozenset[str]
    identifiers: bool
    consents: bool


def _with_concerns(definitions: Sequence[SegmentDefinition]) -> list[tuple[SegmentDefinition, _Concerns]]:
    """Each behind those that it asks about."""
    found: dict[int, _Concerns] = {}
    ordered = in_order(definitions)
    for definition in ordered:
        own = list(leaves(definition.condition))
        asked = [found[one] for one in referred_segments(definition.condition) if one in found]
        found[definition.id] = _Concerns(
            frozenset(one.event for one in own if isinstance(one, EventCondition)).union(
                *(one.events for one in asked)
            ),
            frozenset(
                name for one in own if isinstance(one, TraitCondition) for name in trait_names(one.trait)
            ).union(*(one.traits for one in asked)),
            any(isinstance(one, IdentifierCondition) for one in own) or any(one.identifiers for one in asked),
            any(isinstance(one, ConsentCondition) for one in own) or any(one.consents for one in asked),
        )
    return [(definition, found[definition.id]) for definition in ordered]
