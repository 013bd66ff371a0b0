"""Properties of events as Braze takes them. The rules, applied in silence because the event matters more:

    a reserved name             gets an underscore at its end (`time` becomes `time_`)
    `$` at a name's beginning   is taken off; an empty name is left out
    names and texts             are cut after 255 characters
    null                        is left out
    numbers beyond 64 bits      become floats; those beyond floats are left out
    more than 255 names         the first 255 stay (the 256th is ours: `onefold_id`)

Over 100 KB in all the event is refused: what to cut is not ours to choose.
"""

from collections.abc import Collection

import msgspec

from onefold.connectors.braze.limits import (
    DEPTH_MAX,
    INTEGER_MAX,
    PROPERTIES_MAX,
    TEXT_CHARS_MAX,
    VALUE_BYTES_MAX,
)
from onefold.model.json import JsonObject, JsonValue
from onefold.plugin import Refusal

EVENT_RESERVED = frozenset({"time", "event_name"})
PURCHASE_RESERVED = frozenset({"time", "event_name", "product_id", "quantity", "price", "currency"})
ID_PROPERTY = "onefold_id"
"""Our message id: two events in Braze with the same one are one event sent twice."""

TOO_LARGE = Refusal(
    "activate.braze.properties_too_large",
    "properties",
    "The properties are larger than 100 KB.",
    "Send less with the event, or leave this event out of the goal.",
)
_encode = msgspec.json.Encoder(decimal_format="number").encode


def write_properties(properties: JsonObject, reserved: Collection[str], message_id: str) -> bytes | Refusal:
    """The JSON of clean properties with our message id."""
    clean: JsonObject = {}
    for name, value in properties.items():
        kind = type(value)
        if kind is str:
            if len(value) > TEXT_CHARS_MAX:
                value = value[:TEXT_CHARS_MAX]  # noqa: PLW2901 - the loop's own value, cut
        elif kind is int or kind is float:
            if value > INTEGER_MAX or value < -INTEGER_MAX:
                value = _as_float(value)  # noqa: PLW2901
        elif kind is not bool and value is not None:
            value = clean_value(value, 1)  # noqa: PLW2901
        if value is None:
            continue
        if name in reserved or not name or name[0] == "$" or len(name) > TEXT_CHARS_MAX:
            name = _rename(name, reserved, properties)  # noqa: PLW2901
            if not name:
                continue
        clean[name] = value
    if len(clean) >= PROPERTIES_MAX:
        clean = dict(list(clean.items())[: PROPERTIES_MAX - 1])
    clean[ID_PROPERTY] = message_id[:TEXT_CHARS_MAX]
    body = _encode(clean)
    return body if len(body) <= VALUE_BYTES_MAX else TOO_LARGE


def _rename(name: str, reserved: Collection[str], taken: Collection[str]) -> str:
    name = name.lstrip("$")[:TEXT_CHARS_MAX]
    if name in reserved:
        name += "_"
        while name in taken:
            name += "_"
    return name


def clean_value(value: JsonValue, depth: int = 0) -> JsonValue:
    """A nested value; None is left out with its name. What lies deeper than anyone's data becomes empty."""
    if isinstance(value, str):
        return value[:TEXT_CHARS_MAX]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -INTEGER_MAX <= value <= INTEGER_MAX else _as_float(value)
    if depth >= DEPTH_MAX:
        return {} if isinstance(value, dict) else []
    if isinstance(value, dict):
        cleaned = ((name[:TEXT_CHARS_MAX], clean_value(item, depth + 1)) for name, item in value.items())
        return {name: item for name, item in cleaned if item is not None}
    if isinstance(value, list):
        return [item for item in (clean_value(item, depth + 1) for item in value) if item is not None]
    return value


def _as_float(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None
