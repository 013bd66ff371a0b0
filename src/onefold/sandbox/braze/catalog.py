"""A catalog: typed fields and items, and the checks on both.

In: fields and values as they are sent. Out: what is stored, or the code of what is wrong. Source: Braze's
pages "Create catalog" and "Catalog endpoints" (July 2026).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from onefold.sandbox.braze.answers import Answer
from onefold.sandbox.braze.custom import FALSE_TEXTS, TRUE_TEXTS, IgnoredError, scalar_text
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.times import format_iso, parse_time

NAME_CHARS_MAX = 250
VALUE_CHARS_MAX = 5_000
ITEMS_MAX = 50
ARRAY_TEXTS_MAX = 100
DEPTH_MAX = 50
NAME_FORM = re.compile(r"^[A-Za-z0-9_-]+$")
TYPES = frozenset({"string", "number", "boolean", "time", "geo", "object", "array"})
MESSAGES = {
    "arbitrary-error": "An arbitrary error occurred",
    "catalog-array-invalid": "Catalogs must be an array of objects",
    "catalog-name-already-exists": "A catalog with that name already exists",
    "catalog-name-too-large": "Character limit for catalog name is 250",
    "catalog-not-found": "Could not find catalog",
    "description-too-long": "Character limit for description is 250",
    "field-not-found": "Could not find field",
    "field-names-not-unique": "Fields are not unique",
    "field-names-too-large": "Character limit for field names is 250",
    "id-in-body": "Item ID cannot be in the body",
    "id-not-first-column": "The id must be the first field in the array and of type string",
    "ids-not-strings": "Item IDs must be strings",
    "ids-not-unique": "Item IDs must be unique",
    "ids-too-large": "Character limit for item IDs is 250",
    "invalid-catalog-name": "Catalog names can only include letters, numbers, hyphens, and underscores",
    "invalid-cursor": "The cursor is not valid",
    "invalid-field-names": "Field names can only include letters, numbers, hyphens, and underscores",
    "invalid-field-types": "Fields must have a supported type",
    "invalid-fields": "Some of the fields given do not exist in the catalog",
    "invalid-ids": "Item IDs can only include letters, numbers, hyphens, and underscores",
    "invalid-keys-in-value-object": "Keys of objects cannot contain . or $",
    "item-already-exists": "The item already exists in the catalog",
    "item-array-invalid": "Items must be an array of objects",
    "item-not-found": "Could not find item",
    "items-missing-ids": "There are items that do not have IDs",
    "items-too-large": "There are items over the limit of 5,000 characters for a value",
    "request-includes-too-many-items": "The request includes more than 50 items",
    "selection-invalid": "The selection is not valid",
    "selection-not-found": "Could not find selection",
    "too-deep-nesting-in-value-object": "Objects cannot be nested more than 50 levels deep",
    "too-many-catalog-atoms": "Exactly one catalog can be created per request",
    "too-many-fields": "The catalog has more than 500 fields",
    "unable-to-coerce-value": "Unable to coerce value to the type of its field",
}


class Catalog:
    """One catalog; items by id, in order of creation."""

    def __init__(self, name: str, description: str, fields: dict[str, str], now: float) -> None:
        self.name = name
        self.description = description
        self.fields = fields
        self.items: dict[str, JsonObject] = {}
        self.selections: dict[str, JsonObject] = {}
        self.updated_at = now

    def view(self) -> JsonObject:
        """Return the row of a list."""
        return {
            "name": self.name,
            "description": self.description,
            "fields": [{"name": name, "type": kind} for name, kind in self.fields.items()],
            "num_items": len(self.items),
            "updated_at": format_iso(self.updated_at),
        }


class Problem(NamedTuple):
    """What is wrong: its code, and what it concerns."""

    code: str
    names: Sequence[str] = ()
    values: Sequence[object] = ()


def refuse_catalog(status: int, problem: Problem) -> Answer:
    """Return a refusal in the form that all catalog endpoints have."""
    error = {
        "id": problem.code,
        "message": MESSAGES[problem.code],
        "parameters": problem.names,
        "parameter_values": problem.values,
    }
    return Answer(status, {"errors": [error], "message": "Invalid Request"})


def check_item(catalog: Catalog, item: JsonObject, *, is_update: bool) -> JsonObject | Problem:
    """Return the values to store without the id."""
    unknown = sorted(item.keys() - catalog.fields.keys())
    if unknown:
        return Problem("invalid-fields", unknown)
    stored: JsonObject = {}
    for name, value in item.items():
        if name == "id":
            continue
        code = _find_flaw(value, may_change=is_update and catalog.fields[name] == "array")
        if code is not None:
            return Problem(code, [name])
        try:
            stored[name] = _coerce(value, catalog.fields[name], is_update)
        except IgnoredError:
            return Problem("unable-to-coerce-value", [name], [value])
    return stored


def _find_flaw(value: object, *, may_change: bool, depth: int = 0) -> str | None:
    if isinstance(value, str):
        return "items-too-large" if len(value) > VALUE_CHARS_MAX else None
    if not isinstance(value, list | dict):
        return None
    if depth >= DEPTH_MAX:
        return "too-deep-nesting-in-value-object"
    if isinstance(value, dict):
        is_change = may_change and depth == 0 and value.keys() <= {"$add", "$remove"}
        if not is_change and any("." in key or "$" in key for key in value):
            return "invalid-keys-in-value-object"
    children = value.values() if isinstance(value, dict) else value
    found = (_find_flaw(child, may_change=may_change, depth=depth + 1) for child in children)
    return next((code for code in found if code is not None), None)


def _coerce(value: object, kind: str, is_update: bool) -> object:
    """Return the value in its field's type; raises `IgnoredError` when it cannot be."""
    if value is None:
        return None
    if kind == "object" and isinstance(value, dict):
        return value
    if kind == "array":
        return _coerce_array(value, is_update)
    if kind == "geo" and _is_point(value):
        return value
    if isinstance(value, list | dict) or kind in ("object", "geo"):
        raise IgnoredError("unable-to-coerce-value")
    return _coerce_scalar(value, kind)


def _coerce_array(value: object, is_update: bool) -> object:
    is_change = is_update and isinstance(value, dict) and value.keys() <= {"$add", "$remove"}
    if is_change or (isinstance(value, list) and len(value) <= ARRAY_TEXTS_MAX):
        return value
    raise IgnoredError("unable-to-coerce-value")


def _is_point(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
        and abs(value[0]) <= 180
        and abs(value[1]) <= 90
    )


def _coerce_scalar(value: object, kind: str) -> object:
    text = scalar_text(value)
    if kind == "string":
        return text
    if kind == "boolean" and text.lower() in TRUE_TEXTS | FALSE_TEXTS:
        return text.lower() in TRUE_TEXTS
    if kind == "number" and not isinstance(value, bool):
        try:
            return msgspec.json.decode(text.strip().encode(), type=int | float)
        except (msgspec.DecodeError, UnicodeError):
            raise IgnoredError("unable-to-coerce-value") from None
    if kind == "time":
        at = float(value) if isinstance(value, int | float) else parse_time(value)
        if at is not None:
            return format_iso(at)
    raise IgnoredError("unable-to-coerce-value")


def change_array(old: object, change: object) -> object:
    """Return an array after `$add` and `$remove`; other values as they are."""
    if not isinstance(change, dict) or not change or not change.keys() <= {"$add", "$remove"}:
        return change
    kept = [one for one in (old if isinstance(old, list) else []) if one not in change.get("$remove", [])]
    return [*kept, *(one for one in change.get("$add", []) if one not in kept)]
