"""What a file's columns mean: read from a mapping file in TOML or JSON, with all its problems at once.

A row (or, with `group_by`, all rows of one group) becomes one event, and one identify if it has traits:

    group_by = ["InvoiceNo"]
    [time]
    column = "InvoiceDate"
    zone = "Europe/London"
    [identifiers]
    user_id = "CustomerID"
    [traits]
    country = "Country"
    [event]
    name = "Order Completed"
    rules = [{ column = "InvoiceNo", starts_with = "C", name = "Order Cancelled" }]
    [properties]
    order_id = "InvoiceNo"
    currency = { value = "GBP" }
    [totals]
    revenue = ["Quantity", "UnitPrice"]
    [lists.products]
    product_id = "StockCode"
    price = { column = "UnitPrice", type = "number" }

With `id = ["InvoiceNo"]` an event is known by that, not by its place in the file. A column of JSON Lines
may be a dotted path. A value without a type stays as the file has it: text in CSV.
"""

import codecs
import difflib
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from onefold.clock import read_zone
from onefold.errors import ConfigError, ConfigProblem
from onefold.model.consent import PURPOSE_CHARS_MAX, ConsentState, is_purpose
from onefold.model.json import JsonValue

MAPPING_BYTES_MAX = 1024**2
"""A mapping is written by a person."""
COLUMNS_MAX = 1000
"""Columns a mapping may use."""
COLUMNS_SHOWN = 20
"""Of a file's columns a message lists so many."""
NEAR_MAX = 3
NEAR_RATIO = 0.6
"""How many names, and how like a wrong one, are suggested (difflib's own ratio)."""


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a value comes from: a column, or the same `value` for all rows."""

    column: str = ""
    value: str | int | float | bool | None = None
    type: Literal["as_is", "text", "number", "boolean", "time"] = "as_is"


class ConsentColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a person said about a purpose, in a column; an empty cell says nothing."""

    column: str
    values: dict[str, ConsentState] = {}
    """A cell's text -> what it means. Without any: consented, refused, unset, and the usual yes and no."""


class TimeColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When it happened. A group happened at its earliest row."""

    column: str
    format: str = "auto"
    """`auto` (ISO 8601, or a number of seconds or milliseconds), or a pattern like `%d/%m/%Y %H:%M`."""
    zone: str = "UTC"
    """The time zone of times that do not name one."""


class NameRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Another event name for rows whose column starts so."""

    column: str
    starts_with: str
    name: str


class EventName(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the event is called: the first rule that fits, else the column, else `name`."""

    name: str = ""
    column: str = ""
    rules: list[NameRule] = []


class ImportMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """All that an import must know of a file."""

    identifiers: dict[str, str | Value] = {}
    """kind -> column. A row without any is counted but belongs to nobody."""
    traits: dict[str, str | Value] = {}
    consents: dict[str, str | ConsentColumn] = {}
    """purpose -> column. They become an event of their own, `Consent Updated`."""
    event: EventName | None = None
    time: TimeColumn | None = None
    """Without it, a row happened when it was imported."""
    properties: dict[str, str | Value] = {}
    """Of a group: its first row that has a value."""
    id: list[str] = []
    """Columns that name an event for good, so that a corrected file brings only what is new. Without it, an
    event is known by the file's content and its line (or group)."""
    group_by: list[str] = []
    totals: dict[str, list[str]] = {}
    """property -> columns that are multiplied in each row and added up exactly over the rows."""
    lists: dict[str, dict[str, str | Value]] = {}
    """property -> fields of one element; an element a row."""
    empty: tuple[str, ...] = ("",)
    """Texts of a CSV cell that mean no value."""
    encoding: str = ""
    """Of a CSV file; empty: UTF-8, UTF-16 by its mark, else Windows-1252."""
    delimiter: str = ""
    """Of a CSV file; empty: whichever of `,` `;` tab `|` is most frequent in the header."""

    def columns(self) -> list[str]:
        """Every column that is read, each once."""
        return list(dict.fromkeys(column for _, column in _columns(self)))


def value_of(given: str | Value) -> Value:
    """The full form of a value that may be written as its column alone."""
    return Value(given) if isinstance(given, str) else given


def consent_of(given: str | ConsentColumn) -> ConsentColumn:
    """The full form of a consent that may be written as its column alone."""
    return ConsentColumn(given) if isinstance(given, str) else given


def read_mapping(path: Path) -> ImportMapping:
    """The mapping of a file: TOML, or JSON by its suffix.

    Raises:
        ConfigError: it cannot be used; names every problem.
    """
    if path.stat().st_size > MAPPING_BYTES_MAX:
        raise ConfigError([ConfigProblem(path.name, "the file", "over 1 MiB", "a mapping")])
    text = path.read_text(encoding="utf-8")
    try:
        document: JsonValue = msgspec.json.decode(text) if path.suffix == ".json" else tomllib.loads(text)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            [ConfigProblem(path.name, "the file", f"unreadable ({error})", "TOML or JSON")]
        ) from error
    return parse_mapping(document, path.name)


def parse_mapping(document: JsonValue, source: str) -> ImportMapping:
    """The mapping of a decoded document.

    Raises:
        ConfigError: it cannot be used; names every problem.
    """
    try:
        mapping = msgspec.convert(document, ImportMapping)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at ")
        raise ConfigError(
            [ConfigProblem(source, place.strip("`") or "$", reason, "see the reference")]
        ) from error
    problems = [ConfigProblem(source, *problem) for problem in _problems(mapping)]
    if problems:
        raise ConfigError(problems)
    return mapping


def check_columns(mapping: ImportMapping, columns: Sequence[str], source: str) -> None:
    """Make sure that the file has every column that the mapping reads, and has it once.

    Raises:
        ConfigError: names each one that it lacks, with those that are written nearly the same.
    """
    problems = []
    for place, column in _columns(mapping):
        times = columns.count(column)
        if times == 0:
            problems.append(ConfigProblem(source, place, f'"{column}"', _suggest(column, columns)))
        elif times > 1:
            expected = "a column that is there once: rename one in the file's header"
            problems.append(ConfigProblem(source, place, f'"{column}", {times} times there', expected))
    if problems:
        raise ConfigError(problems)


def _suggest(column: str, columns: Sequence[str]) -> str:
    folded = {name.strip().casefold(): name for name in reversed(columns)}
    near = difflib.get_close_matches(column.strip().casefold(), folded, NEAR_MAX, NEAR_RATIO)
    if near:
        return " or ".join(f'"{folded[name]}"' for name in near)
    shown = ", ".join(columns[:COLUMNS_SHOWN])
    return f"one of the file's columns ({shown}{', …' if len(columns) > COLUMNS_SHOWN else ''})"


def _columns(mapping: ImportMapping) -> Iterator[tuple[str, str]]:
    """(where it is named, column)"""
    yield from (("id", column) for column in mapping.id)
    yield from (("group_by", column) for column in mapping.group_by)
    if mapping.time:
        yield "time.column", mapping.time.column
    yield from ((where, value.column) for where, value in _values(mapping) if value.column)
    yield from ((f"consents.{name}", consent_of(one).column) for name, one in mapping.consents.items())
    if mapping.event:
        yield from (("event.rules", rule.column) for rule in mapping.event.rules)
        if mapping.event.column:
            yield "event.column", mapping.event.column
    for name, factors in mapping.totals.items():
        yield from ((f"totals.{name}", column) for column in factors)


def _problems(mapping: ImportMapping) -> Iterator[tuple[str, str, str]]:
    """(path, got, expected)"""
    if mapping.event is None and not mapping.traits and not mapping.consents:
        yield "event", "missing", "an event, traits or consents: a row must become something"
    if mapping.event is None and (mapping.properties or mapping.totals or mapping.lists):
        yield "event", "missing", "an event that the properties belong to"
    if mapping.event and not (mapping.event.name or mapping.event.column):
        yield "event.name", "missing", "a name, or a column that holds it"
    if mapping.traits and not mapping.identifiers:
        yield "identifiers", "missing", "an identifier: traits need a person"
    if mapping.consents and not mapping.identifiers:
        yield "identifiers", "missing", "an identifier: consents need a person"
    for purpose in mapping.consents:
        if not is_purpose(purpose):
            yield f"consents.{purpose}", f'"{purpose}"', f"a purpose of 1 to {PURPOSE_CHARS_MAX} characters"
    yield from _value_problems(mapping)
    yield from _form_problems(mapping)
    yield from _name_problems(mapping)


def _form_problems(mapping: ImportMapping) -> Iterator[tuple[str, str, str]]:
    if mapping.time and read_zone(mapping.time.zone) is None:
        yield "time.zone", f'"{mapping.time.zone}"', "a time zone like Europe/Berlin"
    if mapping.encoding and not _is_encoding(mapping.encoding):
        yield "encoding", f'"{mapping.encoding}"', "an encoding like utf-8 or cp1252"
    if len(mapping.delimiter) > 1:
        yield "delimiter", f'"{mapping.delimiter}"', "one character"
    if len(mapping.columns()) > COLUMNS_MAX:
        yield "the mapping", f"{len(mapping.columns())} columns", f"at most {COLUMNS_MAX}"


def _name_problems(mapping: ImportMapping) -> Iterator[tuple[str, str, str]]:
    for name, factors in mapping.totals.items():
        if not factors:
            yield f"totals.{name}", "empty", "columns to multiply"
        if name in mapping.properties or name in mapping.lists:
            yield f"totals.{name}", "a name twice", "another name"
    for name in mapping.lists:
        if name in mapping.properties:
            yield f"lists.{name}", "a name twice", "another name"


def _value_problems(mapping: ImportMapping) -> Iterator[tuple[str, str, str]]:
    for where, value in _values(mapping):
        if bool(value.column) == (value.value is not None):
            yield where, "column and value, or neither", "either a column or a value"


def _values(mapping: ImportMapping) -> Iterator[tuple[str, Value]]:
    """(where it is named, how a field is filled)"""
    sections = {
        "identifiers": mapping.identifiers,
        "traits": mapping.traits,
        "properties": mapping.properties,
    }
    sections |= {f"lists.{name}": fields for name, fields in mapping.lists.items()}
    for section, values in sections.items():
        for name, given in values.items():
            yield f"{section}.{name}", value_of(given)


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
