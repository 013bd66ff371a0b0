"""Mappings: which value of a profile fills which field of a destination.

A row reads one value (`source`, tagged by `kind`) and names the destination's field:

    {"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}
    {"source": {"kind": "segment", "segment_id": 4}, "field": "is_vip"}
    {"source": {"kind": "consent", "purpose": "email"}, "field": "email_consent"}
    {"source": {"kind": "interactions", "channel": "email", "days": 90}, "field": "mails_seen"}
    {"source": {"kind": "interaction", "interaction_id": "spring-banner"}, "field": "saw_spring"}
    {"source": {"kind": "counter", "event": "Order Completed", "days": 30},
     "field": "orders_30d", "type": "number"}
    {"source": {"kind": "template", "template": "{{ traits.first }} {{ traits.last }}"}, "field": "full_name"}
    {"source": {"kind": "segment", "segment_id": 4}, "field": "is_vip", "leaving": false}

A new kind of source is one more struct in `ValueSource` and one more reader in `activate/map.py`.
"""

from enum import StrEnum
from typing import Literal

import msgspec

LISTED_DEFAULT = 25
"""As many values of a list as any destination keeps (Braze: 25 in older workspaces)."""
LISTED_MAX = 500


class TraitValue(msgspec.Struct, frozen=True, tag_field="kind", tag="trait", forbid_unknown_fields=True):
    """The value of a trait, as it stands."""

    trait: str


class IdentifierValue(
    msgspec.Struct, frozen=True, tag_field="kind", tag="identifier", forbid_unknown_fields=True
):
    """The identifier of a kind; of several, the one seen last."""

    identifier: str


class SegmentValue(msgspec.Struct, frozen=True, tag_field="kind", tag="segment", forbid_unknown_fields=True):
    """Whether the profile is in a segment: true or false."""

    segment_id: int


class SegmentsValue(
    msgspec.Struct, frozen=True, tag_field="kind", tag="segments", forbid_unknown_fields=True
):
    """The names of the segments that the profile is in, in the order of their ids; a list."""

    segment_ids: list[int] = []
    """Of these alone; empty: of all there are."""


class ConsentValue(msgspec.Struct, frozen=True, tag_field="kind", tag="consent", forbid_unknown_fields=True):
    """What the person said of a purpose: `consented`, `refused` or `unset` (nothing said is unset, too)."""

    purpose: str


class InteractionsValue(
    msgspec.Struct, frozen=True, tag_field="kind", tag="interactions", forbid_unknown_fields=True
):
    """Messages and content that the person saw, the one seen last first; a list, or nothing."""

    channel: str = ""
    """Of this channel alone; empty: of all."""
    days: int = 0
    """Seen in the last so many days (0: ever), days of UTC as counters have them."""
    what: Literal["names", "ids"] = "names"
    """What stands for each; the id, where it has no name."""
    limit: int = LISTED_DEFAULT
    """Of more, the latest."""


class InteractionValue(
    msgspec.Struct, frozen=True, tag_field="kind", tag="interaction", forbid_unknown_fields=True
):
    """Whether the person saw one, known by its id or its name: true or false."""

    interaction_id: str = ""
    name: str = ""
    channel: str = ""
    days: int = 0


class TextValue(msgspec.Struct, frozen=True, tag_field="kind", tag="text", forbid_unknown_fields=True):
    """The same text for everyone."""

    text: str


class SeenValue(msgspec.Struct, frozen=True, tag_field="kind", tag="seen", forbid_unknown_fields=True):
    """When the profile was first or last seen."""

    which: Literal["first", "last"]


class CounterValue(msgspec.Struct, frozen=True, tag_field="kind", tag="counter", forbid_unknown_fields=True):
    """How often an event happened, or its revenue, in the last `days` (0: ever)."""

    event: str
    measure: Literal["count", "revenue"] = "count"
    currency: str = ""
    """Of the revenue; must be named for it, since money of two currencies does not add up."""
    days: int = 0


class TemplateValue(
    msgspec.Struct, frozen=True, tag_field="kind", tag="template", forbid_unknown_fields=True
):
    """A text put together from traits, identifiers and counters: see `plugin/template.py`."""

    template: str


ValueSource = (
    TraitValue
    | IdentifierValue
    | SegmentValue
    | SegmentsValue
    | ConsentValue
    | InteractionsValue
    | InteractionValue
    | TextValue
    | SeenValue
    | CounterValue
    | TemplateValue
)


class ValueType(StrEnum):
    """The type that a field has at the destination; a value that cannot become it is refused."""

    AUTO = "auto"
    """As JSON has it."""
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    DATE = "date"
    LIST = "list"
    OBJECT = "object"


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: a value of the profile fills a field of the destination."""

    source: ValueSource
    field: str
    type: ValueType = ValueType.AUTO
    leaving: str | int | float | bool | None | msgspec.UnsetType = msgspec.UNSET
    """What the field becomes when the person leaves the goal's segment (null: removed); unset: as the goal
    says for all its fields."""
