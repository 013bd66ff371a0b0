"""May this event into the log? Pure: capture asks for what arrives, replay for a dead letter mended.

In: the JSON of one event, or of an array of them, and the type that the route implies. Out: the
bytes to store (as received, but with a message id, and without nulls where readers expect an
object), or a `Refusal` that names field, reason and remedy. What is accepted here,
`model.event.decode_events` can read.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from onefold.capture.bots import is_bot
from onefold.capture.refusal import Refusal, invalid_field, invalid_json, missing_field, too_long
from onefold.capture.settings import CaptureSettings
from onefold.model.event import TYPES, derive_message_id
from onefold.model.json import JsonObject

SECONDS_MAX = 253_402_300_800
"""The year 10000, in seconds; a thousand times it in milliseconds. Beyond is no time."""

Id = str | int | float | None
Object = JsonObject | UnsetType | None


class Candidate(msgspec.Struct, rename="camel", gc=False):
    """`model.event.Event` before it is one: nulls allowed, and objects decoded so that all is checked."""

    type: str | UnsetType | None = UNSET
    event: str | UnsetType | None = UNSET
    user_id: Id = None
    anonymous_id: Id = None
    previous_id: Id = None
    group_id: Id = None
    message_id: str | int | float | UnsetType | None = UNSET
    timestamp: str | int | float | None = None
    original_timestamp: str | int | float | None = None
    sent_at: str | int | float | None = None
    name: str | None = None
    category: str | None = None
    traits: Object = UNSET
    properties: Object = UNSET
    context: Object = UNSET


class Rules(msgspec.Struct, frozen=True):
    """What the settings and the source say about an event."""

    settings: CaptureSettings
    drop_ip: bool = False
    drop_bots: bool = False
    needs_identifier: bool = True
    """What an SDK sends is about somebody; a line of a file may be a guest's."""
    event_bytes_max: int = 0
    """Instead of the settings' (0)."""

    @property
    def bytes_max(self) -> int:
        """Bytes that an event may have."""
        return self.event_bytes_max or self.settings.event_bytes_max


BOT = Refusal("capture.bot", "context.userAgent", "Sent by a known bot.", "The source leaves bots out.")
"""Not wrong, but left out on purpose: counted as filtered, no dead letter."""

TOO_DEEP = Refusal(
    "capture.too_deep",
    "",
    "Objects and arrays are nested too deeply.",
    "Flatten it; the setting capture.nesting_max says how deep they may be.",
)

_one = msgspec.json.Decoder(Candidate)
_many = msgspec.json.Decoder(list[Candidate])
_object = msgspec.json.Decoder(JsonObject)
_storable = msgspec.msgpack.Encoder()
_scratch = bytearray(64 * 1024)


def judge(raw: bytes, rules: Rules, *, route_type: str = "") -> bytes | Refusal:
    """The event as it goes into the log, or why not. `route_type` is what the route says it is."""
    return judge_with_time(raw, rules, route_type)[0]


def judge_with_time(
    raw: bytes, rules: Rules, route_type: str
) -> tuple[bytes | Refusal, str | int | float | None]:
    """The same, with the event's own `sentAt`, so that a single event is decoded once."""
    if len(raw) > rules.bytes_max:
        return _too_large(len(raw), rules.bytes_max), None
    candidate = _decode(raw)
    if isinstance(candidate, Refusal):
        return candidate, None
    verdict = _check(candidate, raw, rules, route_type)
    return (verdict if isinstance(verdict, bytes | Refusal) else bytes(verdict)), candidate.sent_at


def judge_many(raws: Sequence[Raw], rules: Rules) -> list[bytes | Raw | Refusal]:
    """The same for the events of a batch, in order: one bad one costs the others nothing."""
    bytes_max = rules.bytes_max
    candidates = _decode_many(raws)
    if candidates is None:
        return [judge(bytes(raw), rules) for raw in raws]
    return [
        _check(candidate, raw, rules, "") if len(raw) <= bytes_max else _too_large(len(raw), bytes_max)
        for candidate, raw in zip(candidates, raws, strict=True)
    ]


def message_id_of(raw: bytes | Raw) -> str:
    """The message id of an event that was refused, as far as it can be read; else empty."""
    try:
        value = _object.decode(raw).get("messageId")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    return str(value)[:128] if isinstance(value, str | int) else ""


def _decode(raw: bytes) -> Candidate | Refusal:
    try:
        raw.decode()
        candidate = _one.decode(raw)
        _storable.encode_into(candidate, _scratch)
    except msgspec.ValidationError as error:
        return _invalid(error)
    except msgspec.DecodeError as error:
        return invalid_json(_explain(error, raw))
    except UnicodeDecodeError as error:
        return invalid_json(f"byte {error.start} is not UTF-8")
    except OverflowError:
        return invalid_field("", "a number has more than 64 bits; send it as text")
    except RecursionError:
        return TOO_DEEP
    return candidate


def _decode_many(raws: Sequence[Raw]) -> list[Candidate] | None:
    """All at once, which costs half of one by one; None if any is wrong."""
    body = b"[%b]" % b",".join(raws)
    try:
        body.decode()
        candidates = _many.decode(body)
        _storable.encode_into(candidates, _scratch)
    except (msgspec.MsgspecError, UnicodeDecodeError, OverflowError, RecursionError):
        return None
    return candidates


def _check(candidate: Candidate, raw: bytes | Raw, rules: Rules, route_type: str) -> bytes | Raw | Refusal:
    settings = rules.settings
    if rules.drop_bots and _is_from_bot(candidate.context):
        return BOT
    try:
        refusal = (
            _check_type(candidate, route_type, settings)
            or _check_ids(candidate, settings, needs_identifier=rules.needs_identifier)
            or _check_times(candidate)
            or _check_depth(raw, settings.nesting_max)
        )
        return refusal or _normalise(candidate, raw, rules, route_type)
    except msgspec.MsgspecError as error:
        # What no field of ours holds is decoded only here, for depth or for a message id.
        return invalid_json(_explain(error, bytes(raw)))
    except RecursionError:
        return TOO_DEEP


def _is_from_bot(context: Object) -> bool:
    user_agent = context.get("userAgent") if isinstance(context, dict) else None
    return isinstance(user_agent, str) and is_bot(user_agent)


def _check_type(candidate: Candidate, route_type: str, settings: CaptureSettings) -> Refusal | None:
    kind = route_type or candidate.type
    if kind == "track":
        name = candidate.event
        if not name:
            return missing_field("event", "track needs the name of what happened")
        if len(name) > settings.name_chars_max:
            return too_long("event", len(name), settings.name_chars_max)
        return None
    if not kind:
        return missing_field("type", "an event in a batch says what it is")
    if kind not in TYPES:
        return Refusal(
            "capture.unknown_type",
            "type",
            f'type is "{kind[:40]}", which is no type of event.',
            "Send one of alias, group, identify, page, screen, track.",
        )
    if kind == "alias" and candidate.previous_id in (None, ""):
        return missing_field("previousId", "alias links it with userId")
    if kind == "group" and candidate.group_id in (None, ""):
        return missing_field("groupId", "group says which one the person belongs to")
    return None


def _check_ids(candidate: Candidate, settings: CaptureSettings, *, needs_identifier: bool) -> Refusal | None:
    user_id, anonymous_id, message_id = candidate.user_id, candidate.anonymous_id, candidate.message_id
    is_nobodys = user_id in (None, "") and anonymous_id in (None, "")
    if needs_identifier and is_nobodys and not _has_identifier(candidate, settings):
        return Refusal(
            "capture.no_identifier",
            "userId",
            "The event says of nobody: userId and anonymousId are missing or empty.",
            "Send userId for people you know, else an anonymousId that stays the same for a visitor.",
        )
    texts = (user_id, anonymous_id, message_id, candidate.previous_id, candidate.group_id)
    for value in texts:
        if value.__class__ is str and len(value) > settings.id_chars_max:
            return too_long(_IDS[texts.index(value)], len(value), settings.id_chars_max)
    return None


_IDS = ("userId", "anonymousId", "messageId", "previousId", "groupId")


def _has_identifier(candidate: Candidate, settings: CaptureSettings) -> bool:
    context = candidate.context or {}
    found: list[Any] = [candidate.traits or {}, context.get("traits")]
    return bool(context.get("externalIds")) or any(
        isinstance(traits, dict) and traits.get(name)
        for traits in found
        for name in settings.identifier_traits
    )


def _check_times(candidate: Candidate) -> Refusal | None:
    value = candidate.timestamp or candidate.original_timestamp
    if not value:
        return None
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return invalid_field("timestamp", f'"{value[:40]}" is not a time')
    elif not -SECONDS_MAX < value < SECONDS_MAX * 1000:
        return invalid_field("timestamp", f"{value} is not a time")
    return None


def _check_depth(raw: bytes | Raw, nesting_max: int) -> Refusal | None:
    # Counting is ten times as cheap as walking; nearly every event has fewer brackets than levels allowed.
    content = bytes(raw)
    if content.count(b"{") + content.count(b"[") <= nesting_max:
        return None
    decoded = _object.decode(raw)
    return TOO_DEEP if _is_deeper(decoded, nesting_max) else None


def _is_deeper(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in value.values())
    if isinstance(value, list):
        return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in value)
    return False


def _normalise(candidate: Candidate, raw: bytes | Raw, rules: Rules, route_type: str) -> bytes | Raw:
    if _is_rewritten(candidate, rules, route_type):
        return _rewrite(raw, rules, route_type)
    if candidate.message_id is UNSET:
        return _append(bytes(raw), "messageId", derive_message_id(raw, route_type))
    return raw


def _is_rewritten(candidate: Candidate, rules: Rules, route_type: str) -> bool:
    context = candidate.context
    return (
        candidate.properties is None
        or candidate.traits is None
        or context is None
        or candidate.event is None
        or candidate.message_id in (None, "")
        or (candidate.type is not UNSET and (candidate.type or "") != (route_type or candidate.type))
        or (rules.drop_ip and context is not UNSET and "ip" in context)
    )


def _rewrite(raw: bytes | Raw, rules: Rules, route_type: str) -> bytes:
    content = _object.decode(raw)
    for field in ("properties", "traits", "context", "event", "type"):
        if content.get(field, "") is None:
            del content[field]
    if route_type and content.get("type"):
        content["type"] = route_type
    if rules.drop_ip and "context" in content:
        content["context"].pop("ip", None)
    if content.get("messageId") in (None, ""):
        content.pop("messageId", None)
        content["messageId"] = derive_message_id(raw, route_type)
    return msgspec.json.encode(content)


def _append(raw: bytes, field: str, value: str) -> bytes:
    """The object with a field more. It has fields already: an event without any was refused."""
    return raw.rstrip()[:-1] + b',"%b":%b}' % (field.encode(), msgspec.json.encode(value))


def _invalid(error: msgspec.ValidationError) -> Refusal:
    reason, _, path = str(error).partition(" - at `$")
    path = path.rstrip("`").lstrip("[0123456789].")
    if not path:
        return Refusal(
            "capture.not_an_object", "", "An event must be a JSON object.", "Send {...} for each event."
        )
    return invalid_field(path, reason[0].lower() + reason[1:])


def _explain(error: msgspec.MsgspecError, raw: bytes) -> str:
    # msgspec calls half a surrogate pair a truncated input, which would send its reader the wrong way.
    if "truncated" in str(error) and b"\\ud" in raw.lower():
        return "it ends early, or half of a surrogate pair stands alone"
    return str(error).removeprefix("JSON is malformed: ")[:200]


def _too_large(size: int, bytes_max: int) -> Refusal:
    return Refusal(
        "capture.event_too_large",
        "",
        f"The event has {size} bytes; {bytes_max} are allowed.",
        "Send less in properties and traits, or raise capture.event_bytes_max.",
    )
