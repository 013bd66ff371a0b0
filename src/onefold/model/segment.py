"""Segments: a named condition over a profile, and what the log says about them.

The condition is a tree, in JSON tagged by `kind`:

    {"kind": "all", "conditions": [
        {"kind": "trait", "trait": "plan", "test": "equals", "value": "pro"},
        {"kind": "event", "event": "Order Completed", "measure": "count", "test": "at_least", "value": 3,
         "window": {"kind": "last", "amount": 30, "unit": "days"},
         "where": [{"property": "category", "test": "equals", "value": "shoes"}]},
        {"kind": "not", "condition": {"kind": "segment", "segment_id": 4}}]}
"""

from enum import StrEnum
from typing import Literal

import msgspec

from onefold.model.consent import ConsentState
from onefold.model.json import JsonValue
from onefold.model.profile import Counter


class Test(StrEnum):
    """How a value is compared. Which tests fit which type: `segment/check.py`."""

    __test__ = False  # not a test case for pytest

    EXISTS = "exists"
    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    ONE_OF = "one_of"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    BETWEEN = "between"
    BEFORE = "before"
    AFTER = "after"
    WITHIN_LAST = "within_last"
    """A time in the last `value` days."""
    NOT_WITHIN_LAST = "not_within_last"


class Ever(msgspec.Struct, frozen=True, tag_field="kind", tag="ever", forbid_unknown_fields=True):
    """All that the log and the base snapshot know."""


class Last(msgspec.Struct, frozen=True, tag_field="kind", tag="last", forbid_unknown_fields=True):
    """A rolling window: `hours` up to 48 exact to the hour, `days` exact to the day (today counts)."""

    amount: int
    unit: Literal["hours", "days"] = "days"


class Dates(msgspec.Struct, frozen=True, tag_field="kind", tag="dates", forbid_unknown_fields=True):
    """From one day to another, both included, as `YYYY-MM-DD`."""

    start: str
    end: str


Window = Ever | Last | Dates


class Where(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A test of one property of the event; `property` is a dotted path."""

    property: str
    test: Test
    value: JsonValue = None


class All(msgspec.Struct, frozen=True, tag_field="kind", tag="all", forbid_unknown_fields=True):
    """Every one holds (none: true for everyone)."""

    conditions: list["Condition"]


class Any(msgspec.Struct, frozen=True, tag_field="kind", tag="any", forbid_unknown_fields=True):
    """At least one holds."""

    conditions: list["Condition"]


class Not(msgspec.Struct, frozen=True, tag_field="kind", tag="not", forbid_unknown_fields=True):
    """It does not hold."""

    condition: "Condition"


class TraitCondition(msgspec.Struct, frozen=True, tag_field="kind", tag="trait", forbid_unknown_fields=True):
    """A trait compares so with a value, by the trait's type."""

    trait: str
    test: Test
    value: JsonValue = None


class IdentifierCondition(
    msgspec.Struct, frozen=True, tag_field="kind", tag="identifier", forbid_unknown_fields=True
):
    """The profile has an identifier of this kind."""

    identifier: str


class ConsentCondition(
    msgspec.Struct, frozen=True, tag_field="kind", tag="consent", forbid_unknown_fields=True
):
    """What the person said about a purpose; whoever said nothing has it `unset`."""

    purpose: str
    state: ConsentState = ConsentState.CONSENTED


class EventCondition(msgspec.Struct, frozen=True, tag_field="kind", tag="event", forbid_unknown_fields=True):
    """How often an event happened, or what a property of it adds up to, within a window."""

    event: str
    test: Test = Test.AT_LEAST
    value: JsonValue = 1
    measure: Literal["count", "sum"] = "count"
    property: str = ""
    """What `sum` adds: a dotted path of the event's properties."""
    window: Window = Ever()
    where: list[Where] = []


class SegmentCondition(
    msgspec.Struct, frozen=True, tag_field="kind", tag="segment", forbid_unknown_fields=True
):
    """The profile is in another segment."""

    segment_id: int


Condition = (
    All
    | Any
    | Not
    | TraitCondition
    | IdentifierCondition
    | ConsentCondition
    | EventCondition
    | SegmentCondition
)


class SegmentState(StrEnum):
    """Where a segment stands."""

    FILLING = "filling"
    LIVE = "live"
    CANCELLED = "cancelled"


class SegmentDefinition(msgspec.Struct, frozen=True):
    """What SEGMENT_PUT carries. `id` is the segment's bit in a profile's mask and is never reused."""

    id: int
    version: int
    name: str
    condition: Condition


class SegmentFill(msgspec.Struct, frozen=True, array_like=True):
    """What SEGMENT_FILL carries: the profiles first..last, and their aggregates up to the definition.

    The ranges of a version follow one another without gaps, from 1; `done` marks the last. A range that
    does not begin right behind the last one taken, or is of another version, is to be ignored: so a fill
    may be repeated after a crash. Ids are those at the time of the event; the alias table says who they are.
    """

    segment_id: int
    version: int
    first: int
    last: int
    done: bool
    aggregates: dict[int, dict[str, Counter]] = {}
    """profile id -> feature key -> buckets of the past; added, never replaced."""
    counts_since: int = 0
    """When the oldest record that could be counted was received (0: none had fallen to retention)."""


class SegmentDrop(msgspec.Struct, frozen=True):
    """What SEGMENT_DROP carries: a segment goes, or (`cancelled`) the fill of a version is taken back."""

    segment_id: int
    reason: Literal["deleted", "cancelled"] = "deleted"
    version: int = 0
    """Of a cancelled fill: who cancels may be overtaken by a newer version, or by the end of the fill."""


_fill_encoder = msgspec.msgpack.Encoder(decimal_format="string")
_fill_decoder = msgspec.msgpack.Decoder(SegmentFill)


def encode_fill(fill: SegmentFill) -> bytes:
    """The body of a record of kind SEGMENT_FILL."""
    return _fill_encoder.encode(fill)


def decode_fill(body: bytes) -> SegmentFill:
    """The fill of such a body.

    Raises:
        msgspec.ValidationError, msgspec.DecodeError: it is none.
    """
    return _fill_decoder.decode(body)
