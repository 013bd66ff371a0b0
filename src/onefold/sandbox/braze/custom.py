"""How one custom attribute takes a new value: fixed types, operations, objects, data points.

In: the old value, what was sent, the type that the workspace fixed for the name. Out: the value to keep
and what it costs, or the reason why Braze silently ignores it. Source: fact sheet on custom attributes,
nested attributes, arrays of objects and data points (July 2026).
"""

from __future__ import annotations

from typing import NamedTuple, cast

import msgspec

from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.times import format_iso, parse_attribute_time, parse_time

ARRAY_ITEMS_MAX = 500
NESTED_BYTES_MAX = 102_400
KEY_CHARS_MAX = 255
OBJECT_OPERATIONS = frozenset({"$add", "$remove", "$update"})
ARRAY_OPERATIONS = frozenset({"add", "remove"})
TRUE_TEXTS = frozenset({"1", "true", "t"})
FALSE_TEXTS = frozenset({"0", "false", "f"})


class IgnoredError(Exception):
    """Braze answers success and changes nothing; the argument is the reason."""


class Written(NamedTuple):
    """A value to keep (None: remove the attribute), its type, and its data points."""

    value: object
    kind: str | None
    points: int


def write_custom(old: object, sent: object, fixed: str | None, merge: bool) -> Written:
    """Return what becomes of one attribute; raises `IgnoredError`."""
    if sent is None:
        return Written(None, None, 1)
    if type(sent) is list:
        return _write_list(sent, fixed)
    if type(sent) is dict:
        return _write_dict(old, cast(JsonObject, sent), fixed, merge)
    return _write_scalar(sent, fixed)


def _write_scalar(sent: object, fixed: str | None) -> Written:
    if type(sent) is str:
        kind = "string"
        if fixed in (None, "time"):
            at = parse_attribute_time(sent)
            if at is not None:
                return Written(format_iso(at), "time", 1)
    elif type(sent) is bool:
        kind = "boolean"
    else:
        kind = "number"
    if fixed is None or fixed == kind:
        return Written(sent, kind, 1)
    return Written(_coerce(sent, fixed), fixed, 1)


def _coerce(sent: object, fixed: str) -> object:
    """Bring a scalar into the type that the name has; what cannot be is ignored."""
    text = scalar_text(sent)
    if fixed == "string":
        return text
    if fixed == "boolean" and text.lower() in TRUE_TEXTS | FALSE_TEXTS:
        return text.lower() in TRUE_TEXTS
    if fixed == "number" and type(sent) is str:
        try:
            return msgspec.json.decode(sent.strip().encode(), type=int | float)
        except (msgspec.DecodeError, UnicodeError):
            raise IgnoredError("type_mismatch") from None
    raise IgnoredError("type_mismatch")


def scalar_text(value: object) -> str:
    """Return the text form of a scalar, as JSON writes it."""
    return value if type(value) is str else msgspec.json.encode(value).decode()


def _write_list(sent: list[object], fixed: str | None) -> Written:
    if sent and all(type(item) is dict for item in sent):
        _expect(fixed, "object_array")
        value = [clean_object(cast(JsonObject, item)) for item in sent]
        return Written(_sized(value), "object_array", sum(count_keys(item) for item in value))
    if fixed == "object_array" and not sent:
        return Written([], "object_array", 1)
    _expect(fixed, "array")
    return Written(_sized(_unique(_scalars(sent))), "array" if sent else fixed, 1)


def _write_dict(old: object, sent: JsonObject, fixed: str | None, merge: bool) -> Written:
    keys = sent.keys()
    if keys == {"inc"}:
        return _increment(old, sent["inc"], fixed)
    if keys == {"$time"}:
        _expect(fixed, "time")
        return Written(_nested_time(sent), "time", 1)
    if keys and keys <= ARRAY_OPERATIONS:
        _expect(fixed, "array")
        return _change_array(old, sent)
    if keys and keys <= OBJECT_OPERATIONS:
        _expect(fixed, "object_array")
        return _change_object_array(old, sent, merge)
    _expect(fixed, "object")
    value = clean_object(sent)
    points = max(count_keys(value), 1)
    if merge and type(old) is dict:
        value = deep_merge(cast(JsonObject, old), value)
    return Written(_sized(value), "object", points)


def _expect(fixed: str | None, kind: str) -> None:
    if fixed is not None and fixed != kind:
        raise IgnoredError("type_mismatch")


def _increment(old: object, by: object, fixed: str | None) -> Written:
    """Add a whole number; a missing attribute starts at 0."""
    _expect(fixed, "number")
    if type(by) is not int:
        raise IgnoredError("inc_not_integer")
    if old is None:
        return Written(by, "number", 1)
    if type(old) is not int and type(old) is not float:
        raise IgnoredError("inc_on_non_number")
    return Written(old + by, "number", 1)


def _change_array(old: object, sent: JsonObject) -> Written:
    value = list(old) if type(old) is list else []
    added, removed = sent.get("add", []), sent.get("remove", [])
    if type(added) is not list or type(removed) is not list:
        raise IgnoredError("array_operation_invalid")
    gone = _scalars(removed)
    value = _unique([*value, *_scalars(added)])
    value = [item for item in value if item not in gone]
    return Written(_sized(value), "array", len(added) + len(removed))


def _scalars(items: list[object]) -> list[object]:
    """Return the items; mixed types all become text."""
    kinds = set()
    for item in items:
        if item is None or type(item) in (dict, list):
            raise IgnoredError("array_item_invalid")
        kinds.add(str if type(item) is str else bool if type(item) is bool else float)
    return list(items) if len(kinds) <= 1 else [scalar_text(item) for item in items]


def _unique(items: list[object]) -> list[object]:
    """Keep one of each in order of last insertion; beyond 500 the oldest go."""
    ordered: dict[tuple[bool, object], object] = {}
    for item in items:
        key = (type(item) is bool, item)
        ordered.pop(key, None)
        ordered[key] = item
    return list(ordered.values())[-ARRAY_ITEMS_MAX:]


def _change_object_array(old: object, sent: JsonObject, merge: bool) -> Written:
    """Apply $add, then $remove, then $update, whatever order they were sent in."""
    value: list[JsonObject] = [dict(item) for item in old] if type(old) is list else []
    points = 0
    for item in _objects(sent.get("$add", [])):
        added = clean_object(item)
        value.append(added)
        points += count_keys(added)
    for item in _objects(sent.get("$remove", [])):
        key, wanted = _match_of(item)
        value = [element for element in value if not _is_same(element.get(key), wanted)]
        points += 1
    for item in _objects(sent.get("$update", [])):
        key, wanted = _match_of(item)
        new_object = item.get("$new_object")
        if type(new_object) is not dict:
            raise IgnoredError("object_operation_invalid")
        new = clean_object(new_object)
        value = [
            (deep_merge(element, new) if merge else new) if _is_same(element.get(key), wanted) else element
            for element in value
        ]
        points += count_keys(new)
    return Written(_sized(value), "object_array", points)


def _objects(items: object) -> list[JsonObject]:
    if type(items) is not list or any(type(item) is not dict for item in items):
        raise IgnoredError("object_operation_invalid")
    return cast(list[JsonObject], items)


def _match_of(item: JsonObject) -> tuple[str, object]:
    key = item.get("$identifier_key")
    if type(key) is not str or "$identifier_value" not in item:
        raise IgnoredError("object_operation_invalid")
    return key, item["$identifier_value"]


def _is_same(left: object, right: object) -> bool:
    return type(left) is type(right) and left == right


def clean_object(sent: JsonObject) -> JsonObject:
    """Return a nested object with its $time values read.

    A bad key, a null or a bad time drops the whole update.
    """
    clean: JsonObject = {}
    for key, value in sent.items():
        if not key or len(key) > KEY_CHARS_MAX or any(mark in key for mark in " .$"):
            raise IgnoredError("nested_key_invalid")
        clean[key] = _clean_value(value)
    return clean


def _clean_value(value: object) -> object:
    if value is None:
        raise IgnoredError("nested_null")
    if type(value) is dict:
        nested = cast(JsonObject, value)
        return _nested_time(nested) if "$time" in nested else clean_object(nested)
    if type(value) is list:
        return [_clean_value(item) for item in value]
    return value


def _nested_time(sent: JsonObject) -> str:
    at = parse_time(sent["$time"]) if len(sent) == 1 else None
    if at is None:
        raise IgnoredError("nested_time_invalid")
    text = format_iso(at)
    if text[:4] > "3000":
        raise IgnoredError("nested_time_year")
    return text


def deep_merge(old: JsonObject, new: JsonObject) -> JsonObject:
    """Return `old` with `new` laid over it at every level."""
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        if type(before) is dict and type(value) is dict:
            merged[key] = deep_merge(cast(JsonObject, before), cast(JsonObject, value))
        else:
            merged[key] = value
    return merged


def count_keys(value: object) -> int:
    """Count the leaf keys that were sent: each is a data point."""
    if type(value) is not dict:
        return 1
    return sum(count_keys(item) for item in value.values())


def _sized(value: object) -> object:
    if len(msgspec.json.encode(value)) > NESTED_BYTES_MAX:
        raise IgnoredError("over_100_kb")
    return value
