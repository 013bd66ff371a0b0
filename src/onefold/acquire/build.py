"""Turns rows into events as the mapping says.

In: the rows that belong together (one, or a group) and the key by which they are known unless the mapping's
`id` names columns.
Out: the JSON of each event, or what is wrong with it together with the event as far as it came: mended,
that draft goes the way of any dead letter, under the same message id, so it can never count twice.
"""

import hashlib
from collections.abc import Callable, Sequence
from decimal import Context, Decimal, localcontext
from zoneinfo import ZoneInfo

import msgspec

from onefold.acquire.cell import read_boolean, read_number, read_text, read_time
from onefold.acquire.mapping import (
    ConsentColumn,
    EventName,
    ImportMapping,
    TimeColumn,
    Value,
    consent_of,
    value_of,
)
from onefold.acquire.read import Row
from onefold.clock import to_iso
from onefold.model.consent import ConsentState
from onefold.model.identifier import ANONYMOUS_ID, USER_ID
from onefold.model.json import JsonObject, JsonValue

EVENT_BYTES_MAX = 4 * 1024**2
"""An order with all its lines may be long; what an SDK sends is held to less."""
ID_CHARS_MAX = 100
"""A longer id out of columns is replaced by its hash: what an SDK sends is held to 128."""
CUT_BYTES = 100_000
"""Of a larger event a dead letter keeps so much."""
NAME_CHARS_MAX = 200
"""A longer event name is no name."""
_EXACT = Context(prec=200)
"""Products of a few columns and their sums fit into so many digits, so nothing is ever rounded."""

_encoder = msgspec.json.Encoder(decimal_format="number")
_TOP_LEVEL = {USER_ID: "userId", ANONYMOUS_ID: "anonymousId"}
_HINTS = {
    "number": "Write a plain number with a point, like 1234.50.",
    "boolean": "Write true or false.",
    "time": "Write ISO 8601, or say the pattern in the mapping's `time.format`.",
    "text": "Choose a column with single values.",
    "consent": "Say in the mapping's `values` what the cell means: consented, refused or unset.",
}
CONSENT_UPDATED = "Consent Updated"
_CONSENTS = {
    **{state.value: state for state in ConsentState},
    **dict.fromkeys(("yes", "y", "true", "t", "1"), ConsentState.CONSENTED),
    **dict.fromkeys(("no", "n", "false", "f", "0"), ConsentState.REFUSED),
}
"""What a cell means, in lower case, unless the mapping says otherwise."""


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with an event."""

    code: str
    field: str
    reason: str
    hint: str


class Built(msgspec.Struct, frozen=True):
    """One event: its JSON, and what is wrong with it (nothing, or it must not be sent)."""

    event: bytes
    faults: tuple[Fault, ...] = ()


class Builder:
    """Builds the events of one import."""

    __slots__ = ("_faults", "_mapping", "_prefix", "_zone")

    def __init__(self, mapping: ImportMapping, prefix: str) -> None:
        """`prefix` is the file's hash, with which message ids begin."""
        self._mapping = mapping
        self._prefix = prefix
        self._zone = ZoneInfo(mapping.time.zone if mapping.time else "UTC")
        self._faults: list[Fault] = []

    def build(self, key: str, rows: Sequence[Row]) -> list[Built]:
        """The event of these rows, the identify of their traits, and what they say of consent."""
        mapping = self._mapping
        self._faults = []
        message_id = self._message_id(key, rows)
        at, rows = self._in_time(rows)
        envelope: JsonObject = {"messageId": message_id}
        if at is not None:
            envelope["timestamp"] = at
        self._add_identifiers(envelope, rows)
        built: list[Built] = []
        shared = self._faults
        if mapping.event is not None:
            built.append(self._finish(self._track(dict(envelope), mapping.event, rows)))
        if not ("userId" in envelope or "anonymousId" in envelope or "context" in envelope):
            return built
        if mapping.traits:
            self._faults = list(shared) if mapping.event is None else []
            traits = self._values(mapping.traits, rows, "traits")
            if traits and not (shared and mapping.event is not None):
                own = {"messageId": f"{message_id}:traits"} if mapping.event is not None else {}
                built.append(self._finish({"type": "identify", **envelope, **own, "traits": traits}))
        if mapping.consents and not (shared and built):
            self._faults = list(shared)
            purposes = self._purposes(rows)
            if purposes:
                own = {"messageId": f"{message_id}:consents"} if mapping.event or mapping.traits else {}
                properties = {"purposes": purposes, "method": "import"}
                event = {"type": "track", "event": CONSENT_UPDATED, **envelope, **own}
                built.append(self._finish({**event, "properties": properties}))
        return built

    def _purposes(self, rows: Sequence[Row]) -> JsonObject:
        """Purpose -> what is said of it; where several rows do, the first."""
        found: JsonObject = {}
        for purpose, given in self._mapping.consents.items():
            consent = consent_of(given)
            for row in rows:
                cell = row.cells.get(consent.column)
                if cell is not None and cell != "":
                    found[purpose] = self._consent(consent, cell, purpose, row.line)
                    break
        return found

    def _consent(self, consent: ConsentColumn, cell: JsonValue, purpose: str, line: int) -> JsonValue:
        text = read_text_or_empty(cell).strip()
        state = consent.values.get(text) if consent.values else _CONSENTS.get(text.lower())
        if state is None:
            reason = f'Line {line}: the value of "{consent.column}" is no consent.'
            self._fault("bad_consent", f"properties.purposes.{purpose}", reason, _HINTS["consent"])
            return text
        return state.value

    def _track(self, envelope: JsonObject, event: EventName, rows: Sequence[Row]) -> JsonObject:
        properties = self._values(self._mapping.properties, rows, "properties")
        for name, columns in self._mapping.totals.items():
            properties[name] = self._total(columns, rows)
        for name, fields in self._mapping.lists.items():
            properties[name] = [self._values(fields, (row,), f"properties.{name}") for row in rows]
        return {"type": "track", "event": self._name(event, rows), **envelope, "properties": properties}

    def _finish(self, event: JsonObject) -> Built:
        body = _encoder.encode(event)
        if len(body) > EVENT_BYTES_MAX:
            reason = f"The event has {len(body):,} bytes; {EVENT_BYTES_MAX:,} are allowed."
            self._fault("event_too_large", "", reason, "Map fewer columns, or group fewer rows.")
            # No store and no person wants it whole; cut, it cannot be replayed as if it were.
            body = body[:CUT_BYTES] + b"\xe2\x80\xa6 [cut: %d of %d bytes kept]" % (CUT_BYTES, len(body))
        return Built(body, tuple(self._faults))

    def _message_id(self, key: str, rows: Sequence[Row]) -> str:
        """The values of the id columns (several as JSON); else the file's hash and the key."""
        columns = self._mapping.id
        own = f"{self._prefix}:{key}"
        if not columns:
            return own
        parts = [read_text_or_empty(self._first(column, rows)) for column in columns]
        if not all(parts):
            empty = columns[parts.index("")]
            reason = f'Line {rows[0].line} has no value in "{empty}", which the mapping\'s `id` needs.'
            self._fault("missing_id", "messageId", reason, "Fill the column, or name others in `id`.")
            return own
        named = parts[0] if len(parts) == 1 else msgspec.json.encode(parts).decode()
        return named if len(named) <= ID_CHARS_MAX else hashlib.sha256(named.encode()).hexdigest()

    def _in_time(self, rows: Sequence[Row]) -> tuple[str | None, Sequence[Row]]:
        """When it happened as ISO text (the faulty cell itself, for mending), and the rows by their time."""
        time = self._mapping.time
        if time is None:
            return None, rows
        times = [self._time(time, row) for row in rows]
        known = [at for at in times if at is not None]
        if len(known) < len(rows):
            faulty = rows[times.index(None)].cells.get(time.column)
            return (None if faulty is None else str(faulty)), rows
        order = sorted(range(len(rows)), key=lambda index: (known[index], rows[index].line))
        return to_iso(known[order[0]]), [rows[index] for index in order]

    def _time(self, time: TimeColumn, row: Row) -> int | None:
        cell = row.cells.get(time.column)
        if cell is None:
            self._fault(
                "missing_time",
                "timestamp",
                f'Line {row.line} has no time in "{time.column}".',
                _HINTS["time"],
            )
            return None
        try:
            return read_time(cell, time.format, self._zone)
        except ValueError:
            reason = f'Line {row.line}: the value of "{time.column}" is no time.'
            self._fault("bad_time", "timestamp", reason, _HINTS["time"])
            return None

    def _add_identifiers(self, envelope: JsonObject, rows: Sequence[Row]) -> None:
        external: list[JsonObject] = []
        for kind, given in self._mapping.identifiers.items():
            found = self._value(value_of(given), rows, kind)
            if found is None or found == "":
                continue
            text = found if isinstance(found, str) else self._converted("text", found, kind, rows[0].line)
            if kind in _TOP_LEVEL:
                envelope[_TOP_LEVEL[kind]] = text
            else:
                external.append({"id": text, "type": kind})
        if external:
            envelope["context"] = {"externalIds": external}

    def _name(self, event: EventName, rows: Sequence[Row]) -> str:
        for rule in event.rules:
            cell = self._first(rule.column, rows)
            if cell is not None and read_text_or_empty(cell).startswith(rule.starts_with):
                return rule.name
        name = read_text_or_empty(self._first(event.column, rows)) if event.column else ""
        name = name or event.name
        if not name or len(name) > NAME_CHARS_MAX:
            reason = f"The name of the event is missing or has more than {NAME_CHARS_MAX} characters."
            self._fault("bad_name", "event", reason, "Give `event.name` in the mapping.")
        return name

    def _total(self, columns: Sequence[str], rows: Sequence[Row]) -> int | Decimal:
        """The exact sum over the rows of the product of the columns; a row with a gap adds nothing."""
        with localcontext(_EXACT):
            total: int | Decimal = 0
            for row in rows:
                factors = [row.cells.get(column) for column in columns]
                if None in factors:
                    continue
                product: int | Decimal = 1
                for column, factor in zip(columns, factors, strict=True):
                    product *= self._number(factor, column, row.line)
                total += product
            return total

    def _number(self, cell: JsonValue, column: str, line: int) -> int | Decimal:
        found = self._converted("number", cell, column, line)
        return found if isinstance(found, int | Decimal) else 0

    def _values(self, fields: dict[str, str | Value], rows: Sequence[Row], place: str) -> JsonObject:
        found = (
            (name, self._value(value_of(given), rows, f"{place}.{name}")) for name, given in fields.items()
        )
        return {name: value for name, value in found if value is not None}

    def _value(self, value: Value, rows: Sequence[Row], place: str) -> JsonValue:
        if not value.column:
            return value.value
        for row in rows:
            cell = row.cells.get(value.column)
            if cell is not None:
                return cell if value.type == "as_is" else self._converted(value.type, cell, place, row.line)
        return None

    def _first(self, column: str, rows: Sequence[Row]) -> JsonValue:
        return next((row.cells[column] for row in rows if column in row.cells), None)

    def _converted(self, kind: str, cell: JsonValue, place: str, line: int) -> JsonValue:
        try:
            return _READERS[kind](cell) if kind != "time" else to_iso(read_time(cell, "auto", self._zone))
        except ValueError:
            self._fault(
                f"bad_{kind}", place, f"Line {line}: the value of {place} is no {kind}.", _HINTS[kind]
            )
            return cell

    def _fault(self, code: str, field: str, reason: str, hint: str) -> None:
        self._faults.append(Fault(f"acquire.{code}", field, reason, hint))


def read_text_or_empty(cell: JsonValue) -> str:
    """A cell as text; empty for none, lists and objects."""
    try:
        return "" if cell is None else read_text(cell)
    except ValueError:
        return ""


_READERS: dict[str, Callable[[JsonValue], JsonValue]] = {
    "text": read_text,
    "number": read_number,
    "boolean": read_boolean,
}
