"""Reads events off the log into what identity and folding need, and nothing more.

In: one record of kind EVENTS. Out: one `Reading` or `Refusal` an event, in order. This is the only place
that touches what a sender wrote; whatever is wrong with it ends here, so the fold never fails on data.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

import msgspec

from onefold.model.consent import Consent
from onefold.model.event import (
    IMPORT,
    Event,
    decode_event,
    decode_events,
    decode_meta,
    derive_message_id,
    event_hash,
    occurred_at,
    raw_events,
)
from onefold.model.json import JsonObject, JsonValue
from onefold.model.profile import NEVER, Amount
from onefold.model.record import Record
from onefold.unify.amounts import read_revenue
from onefold.unify.consent import CONSENT_EVENTS, ConsentError, read_consents
from onefold.unify.identify import EventIdentifier, Identifiers
from onefold.unify.interaction import CHANNEL_OF, INTERACTION_VIEWED, Viewed, read_viewed
from onefold.unify.traits import Strategy, Write

OCCURRED_MIN = NEVER
"""An earlier time is a broken clock, so `received_at` is taken."""
NAME_CHARS_MAX = 200
"""Longer event names are cut for counting: a name that long carries data."""
TRAIT_CHARS_MAX = 200
TRAITS_MAX = 500
"""Traits of one identify; capture's limit on bytes is met long before by sane senders."""
TELLING = CONSENT_EVENTS.union(CHANNEL_OF)
"""Names of events that say more than that they happened: one look-up spares all others the rest."""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
_msgpack = msgspec.msgpack.Encoder()
_object = msgspec.json.Decoder(dict[str, object] | None)
_writes = msgspec.json.Decoder(list[tuple[str, Strategy, JsonValue]])


class Wanted(Protocol):
    """What a segment wants accumulated (`segment.features.Feature`)."""

    @property
    def key(self) -> str:
        """Under which key of a profile's counters."""
        ...

    def amount(self, properties: JsonObject) -> Amount | None:
        """What an event adds; None when it does not match."""
        ...


class Reading(msgspec.Struct, gc=False):
    """One event, read."""

    event_hash: int
    source_id: int
    occurred_at: int
    received_at: int
    type: str
    name: str
    """A track's own name; of others `$page`, `$identify`, …"""
    identifiers: list[EventIdentifier]
    traits: JsonObject | None = None
    revenue: Amount | None = None
    currency: str = ""
    amounts: list[tuple[str, Amount]] | None = None
    """What segments want of it: feature key and amount."""
    consents: dict[str, Consent] | None = None
    """What it says of purposes."""
    viewed: Viewed | None = None
    """What it says that the person saw."""
    is_unseen: bool = False
    """It says that something was seen, but not what."""
    blocked: int = 0
    """Identifiers that were ignored as blocked or malformed."""
    writes: list[Write] | None = None
    run_id: str = ""
    """The import that brought it."""
    create: bool = True
    """Whether a person whom nobody knows becomes a profile."""
    dropped: int = 0
    """Traits and event names that the profile had no room for; the fold counts them."""


class Amounts(NamedTuple):
    """What segments want of one event."""

    place: int
    """In the record."""
    occurred_at: int
    amounts: list[tuple[str, Amount]]


class Refusal(msgspec.Struct, gc=False):
    """An event that cannot be read: what becomes of its dead letter."""

    code: str
    field: str
    reason: str
    payload: bytes
    message_id: str = ""


class Reader:
    """Reads by the rules of one workspace. `wanted` changes with the segments."""

    __slots__ = ("_currency", "_identifiers", "wanted")

    def __init__(self, identifiers: Identifiers, currency: str) -> None:
        self._identifiers = identifiers
        self._currency = currency
        self.wanted: Mapping[str, tuple[Wanted, ...]] = {}

    def read(self, record: Record) -> list[Reading | Refusal]:
        """What the record holds: exactly `record.count` items."""
        try:
            events = decode_events(record)
            sent_at = decode_meta(record).sent_at
        except Exception:
            return self._read_apart(record)
        if len(events) != record.count:
            return _refuse_all(record, "The record holds another number of events than it says.")
        items: list[Reading | Refusal] = []
        raws: list[msgspec.Raw] = []  # parsed once, and only if an event needs it
        for index, event in enumerate(events):
            try:
                if not event.message_id:
                    raws = raws or raw_events(record)
                message_id = event.message_id or derive_message_id(raws[index])
                items.append(self._reading(event, record, sent_at, str(message_id)))
            except Exception as error:
                raws = raws or raw_events(record)
                items.append(_refusal(error, raws[index], event))
        return items

    def read_amounts(self, record: Record) -> Iterator[Amounts]:
        """Only what segments want of the record's events; all others are not looked into.

        It is what `read` says of them, at a fraction of the cost. Of events that cannot be read: nothing.
        """
        try:
            events = decode_events(record)
            sent_at = decode_meta(record).sent_at
        except Exception:
            events, sent_at = [], 0
        if len(events) != record.count:
            for index, item in enumerate(self._read_apart(record)):
                if isinstance(item, Reading) and item.amounts:
                    yield Amounts(index, item.occurred_at, item.amounts)
            return
        for index, event in enumerate(events):
            name = _name_of(event)
            if name not in self.wanted or event.type == IMPORT:
                continue
            try:
                amounts = self._amounts(name, event)
                if amounts:
                    yield Amounts(index, _time_of(event, record, sent_at), amounts)
            except Exception:  # noqa: S112  # `read` refuses it: its letter tells why
                continue

    def _read_apart(self, record: Record) -> list[Reading | Refusal]:
        """One by one, so that a bad event costs its neighbours nothing."""
        try:
            raws = split_array(record.body)
            sent_at = decode_meta(record).sent_at
        except Exception:
            return _refuse_all(record, "The record is not JSON.")
        if len(raws) != record.count:
            return _refuse_all(record, "The record holds another number of events than it says.")
        return [self._read_one(raw, record, sent_at) for raw in raws]

    def _read_one(self, raw: msgspec.Raw, record: Record, sent_at: int) -> Reading | Refusal:
        event: Event | None = None
        try:
            event = decode_event(raw)
            return self._reading(event, record, sent_at, str(event.message_id or derive_message_id(raw)))
        except Exception as error:
            return _refusal(error, raw, event)

    def _reading(self, event: Event, record: Record, sent_at: int, message_id: str) -> Reading:
        kind = event.type
        at = _time_of(event, record, sent_at)
        traits, identifiers, blocked = self._identifiers.of(event)
        if traits is not None:
            check_traits(traits)
        name = _name_of(event)
        name.encode()
        reading = Reading(
            event_hash(record.source_id, message_id),
            record.source_id,
            at,
            record.received_at,
            kind,
            name,
            identifiers,
            traits,
            blocked=blocked,
        )
        if kind == IMPORT:
            _read_import(reading, event, record)
        elif event.properties or reading.name in self.wanted:
            self._read_properties(reading, event)
        if reading.name in TELLING and kind == "track":
            _read_told(reading, event, message_id)
        return reading

    def _read_properties(self, reading: Reading, event: Event) -> None:
        if reading.type == "track" and event.properties:
            money = read_revenue(event.properties, self._currency)
            if money is not None:
                reading.revenue, reading.currency = money
        if reading.name in self.wanted:
            reading.amounts = self._amounts(reading.name, event)

    def _amounts(self, name: str, event: Event) -> list[tuple[str, Amount]]:
        # An event without properties may match too: "is not" holds for what is missing.
        properties = (_object.decode(event.properties) or {}) if event.properties else {}
        found = [(feature.key, feature.amount(properties)) for feature in self.wanted[name]]
        return [(key, amount) for key, amount in found if amount is not None]


def _name_of(event: Event) -> str:
    return (event.event if event.type == "track" else f"${event.type}")[:NAME_CHARS_MAX]


def _time_of(event: Event, record: Record, sent_at: int) -> int:
    at = occurred_at(event, received_at=record.received_at, sent_at=sent_at)
    return record.received_at if at < OCCURRED_MIN else at


def _read_told(reading: Reading, event: Event, message_id: str) -> None:
    """What an event says by its name."""
    if reading.name in CONSENT_EVENTS:
        reading.consents = read_consents(
            event, reading.event_hash, reading.source_id, reading.occurred_at, message_id
        )
    else:
        reading.viewed = read_viewed(event)
        reading.is_unseen = reading.viewed is None and reading.name == INTERACTION_VIEWED


def _read_import(reading: Reading, event: Event, record: Record) -> None:
    reading.create = event.create
    reading.run_id = decode_meta(record).run_id
    reading.writes = [Write(*one) for one in _writes.decode(event.writes)] if event.writes else []
    check_traits({write.name: write.value for write in reading.writes})


def split_array(body: bytes) -> list[msgspec.Raw]:
    """The elements of a JSON array however deep, malformed or mis-encoded each is; else the body itself.

    A parser gives up on the whole when one element is nested too deep for it; this only counts brackets.
    """
    body = body.strip()
    if body[:1] != b"[":
        return [msgspec.Raw(body)]
    parts = []
    depth, start = 0, 1
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in b"[{":
            depth += 1
        elif mark in b"]}":
            depth -= 1
        if (mark == b"," and depth == 1) or depth == 0:
            parts.append(msgspec.Raw(body[start : token.start()]))
            start = token.end()
    return parts if len(parts) != 1 or bytes(parts[0]).strip() else []


def check_traits(traits: JsonObject) -> None:
    """Make sure that a profile can store the traits.

    Raises:
        ValueError, OverflowError, RecursionError: too many, beyond 64 bits, nested too deep.
    """
    if len(traits) > TRAITS_MAX:
        raise ValueError(f"more than {TRAITS_MAX} traits")
    if any(len(name) > TRAIT_CHARS_MAX for name in traits):
        raise ValueError(f"a trait's name is longer than {TRAIT_CHARS_MAX} characters")
    _msgpack.encode(traits)


def _refuse_all(record: Record, reason: str) -> list[Reading | Refusal]:
    refusal = Refusal("unify.undecodable", "", reason, record.body)
    return [refusal] * record.count


def _refusal(error: Exception, raw: msgspec.Raw, event: Event | None) -> Refusal:
    message_id = "" if event is None or event.message_id is None else str(event.message_id)
    code, reason = _reason(error)
    field = error.field if isinstance(error, ConsentError) else ""
    return Refusal(code, field, reason, bytes(raw), message_id)


def _reason(error: Exception) -> tuple[str, str]:
    """A code and words without the data itself."""
    if isinstance(error, ConsentError):
        return "unify.bad_consent", str(error)
    if isinstance(error, RecursionError):
        return "unify.too_deep", "It is nested too deep."
    if isinstance(error, OverflowError):
        return "unify.number_too_large", "A number does not fit into 64 bits."
    if isinstance(error, UnicodeError):
        return "unify.bad_text", "A text is not valid Unicode."
    if isinstance(error, msgspec.MsgspecError):
        return "unify.undecodable", "A field has a type that it must not have, or is not JSON."
    return "unify.unreadable", "A value of it cannot be used (time, number or size)."
