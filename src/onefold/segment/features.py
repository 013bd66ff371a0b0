"""What a condition counts: which aggregates of a profile it reads, and what an event adds to them.

In: the event conditions of a segment. Out: the key under which a profile keeps the aggregate, and a
`Feature` where the worker must accumulate it (plain counts and revenue are always kept).

A feature belongs to one version of one segment (`f:<segment>.<version>.<hash>`): its past is filled
once, and a redefinition starts from nothing without disturbing what another segment counts.
"""

import hashlib
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from onefold.model.json import JsonObject, JsonValue
from onefold.model.profile import storable
from onefold.model.segment import (
    All,
    Any,
    Condition,
    EventCondition,
    Last,
    Not,
    SegmentCondition,
    SegmentDefinition,
    Test,
    Where,
)
from onefold.segment.compare import holds
from onefold.segment.path import values_at

AMOUNT_MAX = 10**15
"""Larger amounts are noise, and sums of smaller ones stay exact in 28 digits."""
DECIMALS_MAX = 6
"""Amounts are rounded to so many decimals (half to even): a float's tail is no money, and what is
added must not depend on the order of adding."""
AMOUNT_TEXT_MAX = 40
"""A longer text is no amount; parsing it would cost more than it tells."""
_QUANTUM = Decimal(1).scaleb(-DECIMALS_MAX)


class Feature(msgspec.Struct, frozen=True):
    """One aggregate that a segment needs beyond those always kept."""

    key: str
    event: str
    measure: str
    property: str
    where: tuple[Where, ...]
    hours: bool = False
    """Whether a window in hours reads it; else days are enough."""

    def amount(self, properties: JsonObject) -> int | Decimal | None:
        """What an event of this name adds: 1 or its amount; None when it does not match."""
        for where in self.where:
            if not passes(where, properties):
                return None
        return 1 if self.measure == "count" else sum_at(properties, self.property)


def passes(where: Where, properties: JsonObject) -> bool:
    """Whether any value at the path passes; the opposites ask that no value passes their plain test."""
    found = values_at(properties, where.property)
    if where.test is Test.NOT_EQUALS:
        return all(holds(where.test, where.value, one, 0) for one in found)
    return any(holds(where.test, where.value, one, 0) for one in found)


def sum_at(properties: JsonObject, path: str) -> int | Decimal | None:
    """The sum of the amounts at the path; None when there is none. `revenue` falls back to `total`."""
    found = values_at(properties, path)
    if not found and path == "revenue":
        found = values_at(properties, "total")
    flat = [value for one in found for value in (one if isinstance(one, list) else (one,))]
    amounts = [amount for amount in map(parse_amount, flat) if amount is not None]
    return storable(sum(amounts)) if amounts else None


def parse_amount(value: JsonValue) -> int | Decimal | None:
    """An exact amount of a JSON number or a text like `19.90`; None when it is none or out of range."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, int):
        return value if -AMOUNT_MAX < value < AMOUNT_MAX else None
    if isinstance(value, str) and (len(value) > AMOUNT_TEXT_MAX or not value.isascii() or "_" in value):
        return None
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return None
    if not amount.is_finite() or not -AMOUNT_MAX < amount < AMOUNT_MAX:
        return None
    exponent = amount.as_tuple().exponent
    return (
        amount.quantize(_QUANTUM)
        if isinstance(exponent, int) and not -DECIMALS_MAX <= exponent <= 0
        else amount
    )


def exact(value: JsonValue) -> int | Decimal:
    """A number of a condition as exact as the totals that it meets: 0.1 means a tenth."""
    return value if isinstance(value, int) else Decimal(str(value))


def event_conditions(condition: Condition) -> Iterator[EventCondition]:
    """Every event condition of the tree, in the order in which it is written."""
    for one in leaves(condition):
        if isinstance(one, EventCondition):
            yield one


def referred_segments(condition: Condition) -> set[int]:
    """The ids of the segments that the tree asks about."""
    return {one.segment_id for one in leaves(condition) if isinstance(one, SegmentCondition)}


def leaves(condition: Condition) -> Iterator[Condition]:
    """The conditions that hold no others."""
    if isinstance(condition, All | Any):
        for one in condition.conditions:
            yield from leaves(one)
    elif isinstance(condition, Not):
        yield from leaves(condition.condition)
    else:
        yield condition


def key_of(definition: SegmentDefinition, condition: EventCondition) -> str:
    """Under which key of `profile.counters` the aggregate of this condition stands."""
    if condition.measure == "count" and not condition.where:
        return f"c:{condition.event}"
    currency = _currency_of_revenue(condition)
    if currency:
        return f"s:{condition.event}:revenue:{currency}"
    meaning = (condition.event, condition.measure, condition.property, condition.where)
    digest = hashlib.blake2b(msgspec.json.encode(meaning, order="sorted"), digest_size=6).hexdigest()
    return f"f:{definition.id}.{definition.version}.{digest}"


def features_of(definition: SegmentDefinition) -> tuple[Feature, ...]:
    """What the worker must accumulate for this segment, and a fill must find in the past; each once."""
    features: dict[str, Feature] = {}
    for condition in event_conditions(definition.condition):
        key = key_of(definition, condition)
        if not key.startswith("f:"):
            continue
        known = features.get(key)
        hours = _is_hourly(condition) or (known is not None and known.hours)
        features[key] = Feature(
            key, condition.event, condition.measure, condition.property, tuple(condition.where), hours
        )
    return tuple(features.values())


def _is_hourly(condition: EventCondition) -> bool:
    return isinstance(condition.window, Last) and condition.window.unit == "hours"


def _currency_of_revenue(condition: EventCondition) -> str:
    """The currency, when the condition is the revenue in one currency, which is always kept."""
    if condition.measure != "sum" or condition.property != "revenue" or len(condition.where) != 1:
        return ""
    where = condition.where[0]
    is_currency = where.property == "currency" and where.test is Test.EQUALS and isinstance(where.value, str)
    return where.value if is_currency else ""
