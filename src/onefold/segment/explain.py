"""Why someone is, or is not, in a segment: the condition tree with what was found at each part.

In: a definition, a profile, the clock. Out: the tree with true or false, and the value that decided.
It interprets the tree with the plain reference of `compare`, without short cuts; the compiled rules
must agree with it, which a property test holds.
"""

from collections.abc import Sequence

import msgspec

from onefold.clock import DAY, day_of, from_iso, hour_of
from onefold.model.json import JsonValue
from onefold.model.profile import Amount, Profile
from onefold.model.segment import (
    All,
    Any,
    Condition,
    ConsentCondition,
    Dates,
    EventCondition,
    IdentifierCondition,
    Last,
    Not,
    SegmentCondition,
    SegmentDefinition,
    Test,
    TraitCondition,
)
from onefold.segment.compare import holds
from onefold.segment.features import exact, key_of
from onefold.segment.path import trait_values


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part of the tree: whether it holds, and what was found (a value, a total, or values)."""

    kind: str
    holds: bool
    condition: JsonValue = None
    """The condition of a leaf, as it was defined."""
    found: JsonValue = None
    parts: Sequence["Explanation"] = ()


def explain(definition: SegmentDefinition, profile: Profile, clock: int) -> Explanation:
    """The definition's tree for this profile. Other segments answer with the profile's present membership.

    A segment that is still being filled may say true here before the profile is a member.
    """
    return _explain(definition, definition.condition, profile, clock)


def _explain(
    definition: SegmentDefinition, condition: Condition, profile: Profile, clock: int
) -> Explanation:
    if isinstance(condition, All | Any):
        parts = [_explain(definition, one, profile, clock) for one in condition.conditions]
        together = all if isinstance(condition, All) else any
        kind = "all" if isinstance(condition, All) else "any"
        return Explanation(kind, together(one.holds for one in parts), parts=parts)
    if isinstance(condition, Not):
        part = _explain(definition, condition.condition, profile, clock)
        return Explanation("not", not part.holds, parts=[part])
    truth, found = _leaf(definition, condition, profile, clock)
    as_defined = msgspec.to_builtins(condition)
    return Explanation(as_defined["kind"], truth, as_defined, found)


def _leaf(
    definition: SegmentDefinition,
    condition: TraitCondition | IdentifierCondition | ConsentCondition | EventCondition | SegmentCondition,
    profile: Profile,
    clock: int,
) -> tuple[bool, JsonValue]:
    match condition:
        case TraitCondition():
            return _trait(condition, profile, clock)
        case IdentifierCondition():
            values = sorted(profile.identifiers.get(condition.identifier, ()))
            return bool(values), values
        case ConsentCondition():
            state = profile.consent(condition.purpose)
            return state is condition.state, state.value
        case SegmentCondition():
            is_member = bool(profile.mask >> condition.segment_id & 1)
            return is_member, is_member
        case EventCondition():
            amount = total_of(definition, condition, profile, clock)
            return compare_total(condition, amount), amount


def _trait(condition: TraitCondition, profile: Profile, clock: int) -> tuple[bool, JsonValue]:
    values = trait_values(profile.traits, condition.trait)
    found = values[0] if len(values) == 1 else (values or None)
    if condition.test in (Test.NOT_EQUALS, Test.NOT_WITHIN_LAST):
        return all(holds(condition.test, condition.value, one, clock) for one in values), found
    return any(holds(condition.test, condition.value, one, clock) for one in values), found


def total_of(
    definition: SegmentDefinition, condition: EventCondition, profile: Profile, clock: int
) -> Amount:
    """How often it happened, or what it adds up to, in the condition's window."""
    counter = profile.counters.get(key_of(definition, condition))
    if counter is None:
        return 0
    window = condition.window
    if isinstance(window, Dates):
        first, last = from_iso(window.start) // DAY, from_iso(window.end) // DAY
        return sum(amount for day, amount in counter.days.items() if first <= day <= last)
    if isinstance(window, Last) and window.unit == "hours":
        now = hour_of(clock)
        return sum(amount for hour, amount in counter.hours.items() if now - window.amount < hour <= now)
    if isinstance(window, Last):
        now = day_of(clock)
        return sum(amount for day, amount in counter.days.items() if now - window.amount < day <= now)
    return sum(counter.days.values())


def compare_total(condition: EventCondition, amount: Amount) -> bool:
    """A total against the condition's value."""
    if condition.test is Test.BETWEEN:
        low, high = condition.value
        return exact(low) <= amount <= exact(high)
    expected = exact(condition.value)
    return {
        Test.AT_LEAST: amount >= expected,
        Test.AT_MOST: amount <= expected,
        Test.MORE_THAN: amount > expected,
        Test.LESS_THAN: amount < expected,
        Test.EQUALS: amount == expected,
        Test.NOT_EQUALS: amount != expected,
    }[condition.test]
