"""Intake: what an import goal does with each row that a provider gives, field by field.

{"identifiers": [{"field": "external_id", "identifier": "user_id"}],
 "create": true,
 "rows": [{"field": "loyalty_points", "trait": "points", "strategy": "sum"},
          {"field": "first_name", "trait": "name", "transforms": [{"kind": "trim"}]}],
 "remaining": {"strategy": "set", "prefix": "braze_"}}
"""

from enum import StrEnum

import msgspec

from onefold.model.json import JsonValue


class Trim(msgspec.Struct, frozen=True, tag_field="kind", tag="trim", forbid_unknown_fields=True):
    """Without space around."""


class Lower(msgspec.Struct, frozen=True, tag_field="kind", tag="lower", forbid_unknown_fields=True):
    """In lower case."""


class Upper(msgspec.Struct, frozen=True, tag_field="kind", tag="upper", forbid_unknown_fields=True):
    """In upper case."""


class ToNumber(msgspec.Struct, frozen=True, tag_field="kind", tag="number", forbid_unknown_fields=True):
    """A text like `19.90` as a number."""


class ToText(msgspec.Struct, frozen=True, tag_field="kind", tag="text", forbid_unknown_fields=True):
    """A number or boolean as text."""


class ToDate(msgspec.Struct, frozen=True, tag_field="kind", tag="date", forbid_unknown_fields=True):
    """A time as ISO 8601 in UTC. `format`: `auto`, or a pattern like `%d/%m/%Y`."""

    format: str = "auto"
    zone: str = "UTC"
    """Of times that name none."""


class Split(msgspec.Struct, frozen=True, tag_field="kind", tag="split", forbid_unknown_fields=True):
    """A text as a list."""

    separator: str = ","


class Constant(msgspec.Struct, frozen=True, tag_field="kind", tag="constant", forbid_unknown_fields=True):
    """The same value for every row."""

    value: str | int | float | bool


class Template(msgspec.Struct, frozen=True, tag_field="kind", tag="template", forbid_unknown_fields=True):
    """A text with the row's fields in it: `{{ first_name }} {{ last_name }}`; `value` is the field itself."""

    template: str


Transform = Trim | Lower | Upper | ToNumber | ToText | ToDate | Split | Constant | Template


class RowStrategy(StrEnum):
    """What a field of a row does with the trait that it fills."""

    SET = "set"
    """Replace; an empty field leaves the trait as it is."""
    ADD = "add"
    """Put it (or each of its elements) into a list."""
    SUM = "sum"
    """Add it to a number, once a run and row."""
    SET_IF_EMPTY = "set_if_empty"
    """Only where the trait has no value."""
    CLEAR = "clear"
    """Replace, and remove the trait where the field is empty."""


class IntakeRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field of the provider fills a trait."""

    field: str
    trait: str
    strategy: RowStrategy = RowStrategy.SET
    transforms: list[Transform] = []


class IntakeIdentifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field of the provider holds an identifier of one of our kinds."""

    field: str
    identifier: str


class Remaining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do with every field that no row names: a trait of the same name behind a prefix."""

    strategy: RowStrategy = RowStrategy.SET
    prefix: str = ""


class Intake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an import goal reads a row."""

    identifiers: list[IntakeIdentifier]
    create: bool = False
    """Whether a row that matches nobody becomes a new profile."""
    rows: list[IntakeRow] = []
    remaining: Remaining | None = None


Row = dict[str, JsonValue]
"""One person as the provider gives it: field -> value; a missing field is empty."""
