"""Checks of one event or purchase object on arrival.

In: one element of the `events` or `purchases` array. Out: what will be applied, or the error text. An
event of the recommended schema that breaks it is `Dropped`: reported, but not counted as an invalid
object.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import msgspec

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.ecommerce import SCHEMAS, find_failure
from onefold.sandbox.braze.identifiers import JsonObject, Who, read_who
from onefold.sandbox.braze.iso_tables import CURRENCIES
from onefold.sandbox.braze.settings import SandboxSettings
from onefold.sandbox.braze.times import parse_time
from onefold.sandbox.braze.values import STRING_CHARS_MAX, Flaw, cut_strings, find_flaw

PROPERTY_BYTES_MAX = 102_400
QUANTITY_MAX = 100
EVENT_RESERVED = frozenset({"time", "event_name"})
PURCHASE_RESERVED = frozenset({"time", "product_id", "quantity", "event_name", "price", "currency"})
NO_PROPERTIES: JsonObject = {}


class CheckedEvent(NamedTuple):
    """A custom event that will be applied; `update_only` None means not said."""

    who: Who
    update_only: bool | None
    name: str
    at: float
    properties: JsonObject


class CheckedPurchase(NamedTuple):
    """A purchase object that will be applied as `quantity` purchases of one."""

    who: Who
    update_only: bool | None
    product_id: str
    currency: str
    price: float
    quantity: int
    at: float
    properties: JsonObject


class Dropped(NamedTuple):
    """A recommended event that breaks its schema: listed in the errors of a 2xx answer."""

    reason: str


def read_update_only(item: JsonObject) -> bool | None:
    """Return `_update_existing_only`, or None when it is not said."""
    value = item.get("_update_existing_only")
    return value if type(value) is bool else None


def check_event(item: object, settings: SandboxSettings, now: float) -> CheckedEvent | Dropped | str:
    """Return the event to apply; a time in the future becomes `now`."""
    if type(item) is not dict:
        return texts.IDENTIFIER_REQUIRED
    fields = cast(JsonObject, item)
    who = read_who(fields, settings.blocked_external_ids)
    if type(who) is str:
        return who
    name = fields.get("name")
    if name is None or name == "":
        return texts.required("name")
    if type(name) is not str:
        return texts.not_valid("name")
    if len(name) > STRING_CHARS_MAX:
        return texts.too_long("name")
    at = _read_time(fields, now)
    if type(at) is str:
        return at
    properties = _check_properties(fields.get("properties"), EVENT_RESERVED, settings)
    if type(properties) is str:
        return properties
    if name in SCHEMAS:
        failure = find_failure(name, cast(JsonObject, properties))
        if failure is not None:
            return Dropped(failure)
    return CheckedEvent(
        cast(Who, who), read_update_only(fields), name, cast(float, at), cast(JsonObject, properties)
    )


def check_purchase(item: object, settings: SandboxSettings, now: float) -> CheckedPurchase | str:
    """Return the purchase to apply."""
    if type(item) is not dict:
        return texts.IDENTIFIER_REQUIRED
    fields = cast(JsonObject, item)
    who = read_who(fields, settings.blocked_external_ids)
    if type(who) is str:
        return who
    error = _check_purchase_fields(fields)
    if error is not None:
        return error
    at = _read_time(fields, now)
    if type(at) is str:
        return at
    properties = _check_properties(fields.get("properties"), PURCHASE_RESERVED, settings)
    if type(properties) is str:
        return properties
    return CheckedPurchase(
        cast(Who, who),
        read_update_only(fields),
        cast(str, fields["product_id"]),
        cast(str, fields["currency"]),
        cast(float, fields["price"]),
        cast(int, fields.get("quantity", 1)),
        cast(float, at),
        cast(JsonObject, properties),
    )


def _check_purchase_fields(fields: JsonObject) -> str | None:
    product_id = fields.get("product_id")
    if product_id is None or product_id == "":
        return texts.required("product_id")
    if type(product_id) is not str:
        return texts.not_valid("product_id")
    if len(product_id) > STRING_CHARS_MAX:
        return texts.too_long("product_id")
    currency = fields.get("currency")
    if type(currency) is not str or currency not in CURRENCIES:
        return texts.CURRENCY_INVALID
    price = fields.get("price")
    if price is None:
        return texts.required("price")
    if type(price) is not float and type(price) is not int:
        return texts.not_valid("price")
    quantity = fields.get("quantity", 1)
    if type(quantity) is not int or not 1 <= quantity <= QUANTITY_MAX:
        return texts.QUANTITY_INVALID
    return None


def _read_time(fields: JsonObject, now: float) -> float | str:
    value = fields.get("time")
    if value is None or value == "":
        return texts.required("time")
    at = parse_time(value)
    if at is None:
        return texts.not_valid("time")
    return at if at < now else now


def _check_properties(value: object, reserved: frozenset[str], settings: SandboxSettings) -> JsonObject | str:
    if value is None:
        return NO_PROPERTIES
    if type(value) is not dict:
        return texts.PROPERTIES_INVALID
    properties = cast(JsonObject, value)
    if not reserved.isdisjoint(properties):
        return texts.PROPERTIES_INVALID
    cut = False
    for key, item in properties.items():
        if not key or key[0] == "$" or len(key) > STRING_CHARS_MAX:
            return texts.PROPERTIES_INVALID
        flaw = find_flaw(item)
        if flaw is not None:
            if flaw is Flaw.NOT_VALID or settings.long_strings == "reject":
                return texts.PROPERTIES_INVALID
            cut = True
    if cut:
        properties = cast(JsonObject, cut_strings(properties))
    return properties


def is_too_large(properties: JsonObject) -> bool:
    """Whether the JSON form is over 100 KB; the caller asks only when the whole body is larger than that."""
    return len(msgspec.json.encode(properties)) > PROPERTY_BYTES_MAX
