"""One engagement event of Braze as a track event of ours.

In: an event type and its fields, as a record of a file or an event of a push has them. Out: the JSON of a
track event, the same for both; or why there is none. Types and fields that nobody knew are taken as they are.
Times are in seconds; a price in a file has 32 bits and becomes the decimal number that it stands for.
"""

import math
import re
import struct

import msgspec

from onefold.clock import to_iso
from onefold.connectors.braze.currents_names import BY_BOT, MACHINE_OPEN, channel_of, name_of
from onefold.connectors.braze.properties import ID_PROPERTY
from onefold.model.json import JsonObject, JsonValue
from onefold.plugin.feedback import BadItem, Item, LeftOut

ALIAS_LABEL = "onefold_id"
"""Of the aliases that our goals create: they stand for anonymous ids."""
BRAZE_ID = "braze_id"
BAD_EVENT = "acquire.braze.bad_event"
TEST_EVENT = LeftOut("acquire.braze.test_event", "A test event of Braze's dashboard, full of placeholders.")
ECHO = LeftOut("acquire.braze.echo", "Braze tells of an event that Onefold has sent there.")
OPEN = "users.messages.email.Open"
FREE = {
    "users.behaviors.CustomEvent": "custom_properties",
    "users.behaviors.Purchase": "purchase_properties",
}
"""Types with properties of the customer's own, and how a push calls them; a file has them as JSON text."""
ELSEWHERE = frozenset(
    {"id", "time", "user_id", "external_user_id", "timezone", "device_id", "user_alias", "event_type"}
)
"""Fields that have a place of their own in an event; all others are properties."""
ID_CHARS_MAX = 400
SECONDS_MAX = 253_402_300_800
"""The year 10000."""
EVENT_BYTES_MAX = 1024**2
"""Braze drops events over 900 KB itself."""
DRAFT_BYTES_MAX = 64 * 1024
DEPTH_MAX = 40
"""Deeper properties stay text: nobody could use them."""
DIGITS = range(6, 10)
"""A number of 32 bits has between six and nine digits that count."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_float32 = struct.Struct("<f")
_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(JsonObject).decode


def translate(event_type: str, given: JsonObject) -> Item:
    """Our event of one of Braze's."""
    fields = {name: _plain(value) for name, value in given.items() if value is not None}
    free = _free_properties(event_type, fields)
    if _is_test(fields):
        return TEST_EVENT
    if isinstance(free, dict) and ID_PROPERTY in free:
        return ECHO
    event: JsonObject = {"type": "track", "event": _name(event_type, fields)}
    fault = _identify(event, fields) or _stamp(event, fields)
    event["context"] = _context(event_type, fields)
    properties = {name: value for name, value in fields.items() if name not in ELSEWHERE}
    event["properties"] = {"event_type": event_type, **properties}
    return _finish(event, fault)


def bad_event(field: str, reason: str, draft: bytes, message_id: str = "") -> BadItem:
    """An event that cannot be taken."""
    return BadItem(
        BAD_EVENT,
        field,
        reason,
        "Mend it and replay the dead letter, or discard it.",
        draft[:DRAFT_BYTES_MAX].decode("utf-8", "backslashreplace"),
        message_id,
    )


def shorten(number: float) -> float:
    """The decimal number that a number of 32 bits was written for: 219.97999572753906 was 219.98.

    A number that needs more than 32 bits stays as it is.
    """
    if not math.isfinite(number) or abs(number) > 1e38 or _narrow(number) != number:
        return number
    for digits in DIGITS:
        short = float(f"{number:.{digits}g}")
        if _narrow(short) == number:
            return short
    return number


def _narrow(number: float) -> float:
    found: float = _float32.unpack(_float32.pack(number))[0]
    return found


def _plain(value: JsonValue) -> JsonValue:
    return shorten(value) if isinstance(value, float) else value


def _free_properties(event_type: str, fields: JsonObject) -> JsonValue:
    """The customer's own properties, brought to the form that a push has them in."""
    name = FREE.get(event_type)
    if name is None:
        return None
    text = fields.get("properties")
    if isinstance(text, str):
        try:
            free = _decode(text.encode())
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        if _is_deeper(free, DEPTH_MAX):
            return None
        del fields["properties"]
        fields[name] = free
    return fields.get(name)


def _is_deeper(value: JsonValue, levels: int) -> bool:
    if isinstance(value, dict):
        return not levels or any(_is_deeper(inner, levels - 1) for inner in value.values())
    if isinstance(value, list):
        return not levels or any(_is_deeper(inner, levels - 1) for inner in value)
    return False


def _is_test(fields: JsonObject) -> bool:
    """A time zone is never a UUID, and Braze's own ids have 24 digits."""
    if _is_uuid(fields.get("timezone")):
        return True
    return _is_uuid(fields.get("user_id")) and not fields.get("external_user_id")


def _is_uuid(value: JsonValue) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _name(event_type: str, fields: JsonObject) -> str:
    if event_type == OPEN and fields.get("machine_open") in ("true", True):
        return MACHINE_OPEN
    name = name_of(event_type)
    return name + BY_BOT if fields.get("is_suspected_bot_click") is True else name


def _identify(event: JsonObject, fields: JsonObject) -> tuple[str, str] | None:
    """Put the person into the event; what is wrong, as field and reason."""
    ids = {name: _id(fields.get(name)) for name in ("id", "external_user_id", "user_id")}
    for name, value in ids.items():
        if len(value) > ID_CHARS_MAX:
            return name, f"{name} has {len(value)} characters; {ID_CHARS_MAX} are allowed."
    if ids["id"]:
        event["messageId"] = ids["id"]
    if ids["external_user_id"]:
        event["userId"] = ids["external_user_id"]
    alias = fields.get("user_alias")
    if isinstance(alias, dict) and alias.get("alias_label") == ALIAS_LABEL and _id(alias.get("alias_name")):
        event["anonymousId"] = _id(alias["alias_name"])[:ID_CHARS_MAX]
    if not ids["id"]:
        return "messageId", "The event has no id, by which it could be told from its copies."
    if not (ids["external_user_id"] or ids["user_id"] or "anonymousId" in event):
        return "userId", "The event says of nobody: external_user_id and user_id are missing."
    return None


def _id(value: JsonValue) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def _stamp(event: JsonObject, fields: JsonObject) -> tuple[str, str] | None:
    """Put the time into the event; what is wrong, as field and reason."""
    seconds = fields.get("time")
    if seconds is None and isinstance(milliseconds := fields.get("time_ms"), int | float):
        seconds = milliseconds / 1000
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < SECONDS_MAX:
        return "timestamp", "The event has no time in seconds."
    event["timestamp"] = to_iso(int(seconds * 1_000_000))
    return None


def _context(event_type: str, fields: JsonObject) -> JsonObject:
    context: JsonObject = {}
    if braze_id := _id(fields.get("user_id"))[:ID_CHARS_MAX]:
        context["externalIds"] = [{"type": BRAZE_ID, "id": braze_id}]
    campaign = {
        "id": fields.get("campaign_id") or fields.get("canvas_id"),
        "name": fields.get("campaign_name") or fields.get("canvas_name"),
        "content": fields.get("message_variation_name") or fields.get("canvas_step_name"),
    }
    if any(campaign.values()):
        campaign |= {"source": "braze", "medium": channel_of(event_type)}
        context["campaign"] = {name: value for name, value in campaign.items() if value}
    if device_id := fields.get("device_id"):
        context["device"] = {"id": device_id}
    if timezone := fields.get("timezone"):
        context["timezone"] = timezone
    return context


def _finish(event: JsonObject, fault: tuple[str, str] | None) -> Item:
    message_id = str(event.get("messageId", ""))
    try:
        body = _encode(event)
    except (TypeError, OverflowError, RecursionError, UnicodeError, ValueError):
        return bad_event("properties", "A value of the event cannot be written as JSON.", b"", message_id)
    if fault is not None:
        return bad_event(*fault, body, message_id)
    if len(body) > EVENT_BYTES_MAX:
        reason = f"The event has {len(body):,} bytes; {EVENT_BYTES_MAX:,} are allowed."
        return bad_event("", reason, body, message_id)
    return body
