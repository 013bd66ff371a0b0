"""An event as it stands in the log, and how to read it.

In: a record of kind EVENTS. Out: one `Event` an item, in the order of the body. Both capture (to
judge) and every reader of the log use this one decoder, so what was accepted can always be read.
Traits, properties and context stay undecoded (`Raw`): most events never need them.
"""

import hashlib
from functools import lru_cache

import msgspec

from onefold.clock import MINUTE, from_iso
from onefold.model.record import Meta, Record

IMPORT = "import"
"""The type of a row that an import brings: only acquire writes it, capture takes none."""
TYPES = frozenset({"track", "identify", "page", "screen", "group", "alias"})
FUTURE_MAX = 5 * MINUTE
"""An event may lie this far in the future (clock noise); further, `received_at` is taken."""

EMPTY = msgspec.Raw(b"")
Id = str | int | float | None


class Event(msgspec.Struct, rename="camel", gc=False):
    """The envelope of one event, as the SDKs send it. Unknown keys are left in the log, unread."""

    type: str = ""
    event: str = ""
    user_id: Id = None
    anonymous_id: Id = None
    previous_id: Id = None
    group_id: Id = None
    message_id: Id = None
    timestamp: str | int | float | None = None
    original_timestamp: str | int | float | None = None
    sent_at: str | int | float | None = None
    name: str | None = None
    category: str | None = None
    traits: msgspec.Raw = EMPTY
    properties: msgspec.Raw = EMPTY
    context: msgspec.Raw = EMPTY
    writes: msgspec.Raw = EMPTY
    """Of an import: `[[trait, strategy, value], …]`."""
    create: bool = True
    """Of an import: whether a person whom nobody knows becomes a profile."""


_one = msgspec.json.Decoder(Event)
_many = msgspec.json.Decoder(list[Event])
_meta = msgspec.json.Decoder(Meta)
_NO_META = Meta()


def decode_event(body: bytes | msgspec.Raw) -> Event:
    """One event of its JSON object.

    Raises:
        msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError: not an event.
    """
    return _one.decode(body)


def decode_meta(record: Record) -> Meta:
    """The envelope of a record."""
    return _meta.decode(record.meta) if record.meta else _NO_META


def decode_events(record: Record) -> list[Event]:
    """The events of a record of kind EVENTS, in order: one for an object, n for an array."""
    body = record.body
    if body[:1] == b"[":
        return _many.decode(body)
    event = _one.decode(body)
    if not event.type:
        event.type = decode_meta(record).type
    return [event]


def raw_events(record: Record) -> list[msgspec.Raw]:
    """The same events undecoded: what a dead letter, a trace and the history keep."""
    if record.body[:1] == b"[":
        return msgspec.json.decode(record.body, type=list[msgspec.Raw])
    return [msgspec.Raw(record.body)]


def parse_time(value: str | int | float | None) -> int:
    """Microseconds UTC of a client's time (ISO 8601, or a number of seconds or milliseconds); 0 for none.

    Raises:
        ValueError: not a time.
    """
    if value is None or value == "":
        return 0
    if isinstance(value, str):
        return from_iso(value)
    return int(value * 1000) if value > 1e11 else int(value * 1_000_000)


def occurred_at(event: Event, *, received_at: int, sent_at: int) -> int:
    """When it happened by our clock: the client's time, corrected by how far its clock is off.

    An original timestamp and a time after `received_at` + 5 minutes give way to what we know.
    """
    at = parse_time(event.timestamp or event.original_timestamp)
    if not at:
        return received_at
    if sent_at:
        at += received_at - sent_at
    return at if at <= received_at + FUTURE_MAX else received_at


def event_hash(source_id: int, message_id: str) -> int:
    """63 bits that stand for (source, message id) in dedupe, traits and traces.

    Any collision among n ids has odds of about n² / 2⁶⁴ (100 million ids: 0.05 %).
    """
    digest = _hash_of_source(source_id).copy()
    digest.update(message_id.encode())
    return int.from_bytes(digest.digest(), "big") >> 1


@lru_cache(1000)
def _hash_of_source(source_id: int) -> hashlib.blake2b:
    """What all hashes of a source begin with: copying it costs a third of beginning anew."""
    return hashlib.blake2b(f"{source_id}\0".encode(), digest_size=8)


def derive_message_id(raw: bytes | msgspec.Raw, kind: str = "") -> str:
    """A message id from the content, for an event sent without one: a resend gives the same.

    `sentAt` changes at every resend, so it does not count; nor does a messageId that says nothing. `kind`
    is the type that only the route said: the same body is another event there.
    """
    content = msgspec.json.decode(raw)
    content.pop("sentAt", None)
    content.pop("messageId", None)
    if kind:
        content["type"] = kind
    canonical = msgspec.json.encode(content, order="deterministic")
    return "derived-" + hashlib.blake2b(canonical, digest_size=16).hexdigest()
