"""The six recommended e-commerce events: their strict schemas and what they derive.

In: the properties of an event with one of the six names. Out: None or the failure (its class and
property); when applied, orders, refunds, revenue and carts on the profile. Source: fact sheet on
recommended events (July 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.iso_tables import CURRENCIES
from onefold.sandbox.braze.profile import MICROS, Commerce, Profile
from onefold.sandbox.braze.values import is_one_of

PREFIX = "ecommerce."
CART_LIFE_S = 30 * 86_400
CART_ACTIONS = frozenset({"add", "remove", "replace"})
PARTIAL_ACTIONS = ("add", "remove")

# A field's type, with `*` where it must be present.
Schema = Mapping[str, str]
PRODUCT: Schema = {
    "product_id": "text*",
    "product_name": "text*",
    "variant_id": "text*",
    "quantity": "whole*",
    "price": "money*",
    "image_url": "text",
    "product_url": "text",
    "metadata": "object",
}
_TOTALS = {"subtotal_value": "money", "tax": "money", "shipping": "money", "metadata": "object"}
_COMMON = {"currency": "currency*", "source": "text*", "products": "products*"}
_ORDER = {"order_id": "text*", "total_value": "money*", **_COMMON, **_TOTALS, "cart_id": "text"}
_DISCOUNTS = {"total_discounts": "money", "discounts": "list"}

SCHEMAS: Mapping[str, Schema] = {
    "ecommerce.product_viewed": {
        "product_id": "text*",
        "product_name": "text*",
        "variant_id": "text*",
        "price": "money*",
        "currency": "currency*",
        "source": "text*",
        "image_url": "text",
        "product_url": "text",
        "type": "list",
        "metadata": "object",
    },
    "ecommerce.cart_updated": {
        "cart_id": "text*",
        **_COMMON,
        **_TOTALS,
        "action": "action",
        "total_value": "money",
    },
    "ecommerce.checkout_started": {
        "checkout_id": "text*",
        "total_value": "money*",
        **_COMMON,
        **_TOTALS,
        "cart_id": "text",
    },
    "ecommerce.order_placed": {**_ORDER, **_DISCOUNTS},
    "ecommerce.order_cancelled": {**_ORDER, **_DISCOUNTS, "cancel_reason": "text*"},
    "ecommerce.order_refunded": {**_ORDER, **_DISCOUNTS},
}


def find_failure(name: str, properties: JsonObject) -> str | None:
    """Return `class: 'property'` of the first thing that breaks the schema of a recommended event."""
    failure = _find_failure(SCHEMAS[name], properties)
    if failure is None and name == "ecommerce.cart_updated":
        is_partial = properties.get("action") in PARTIAL_ACTIONS
        if "total_value" not in properties and not is_partial:
            return "missing_property: 'total_value'"
    return failure


def _find_failure(schema: Schema, value: JsonObject) -> str | None:
    for field, kind in schema.items():
        if kind.endswith("*") and value.get(field) is None:
            return f"missing_property: '{field}'"
    for field, item in value.items():
        kind = schema.get(field, "").rstrip("*")
        if not kind:
            return f"extra_property: '{field[:60]}'"
        if item is not None and not _is_kind(kind, item):
            return f"unexpected_data_type: '{field}'"
        if kind == "products":
            for product in cast(list[JsonObject], item):
                failure = _find_failure(PRODUCT, product)
                if failure is not None:
                    return failure
    return None


def _is_kind(kind: str, value: object) -> bool:
    if kind == "text":
        return isinstance(value, str) and value != ""
    if kind == "money":
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    if kind == "whole":
        return type(value) is int and value >= 0
    if kind == "currency":
        return is_one_of(value, CURRENCIES)
    if kind == "object":
        return isinstance(value, dict)
    if kind == "list":
        return isinstance(value, list)
    if kind == "action":
        return is_one_of(value, CART_ACTIONS)
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def derive(profile: Profile, name: str, properties: JsonObject, now: float) -> None:
    """Update orders, refunds, revenue and carts from one valid event."""
    if profile.commerce is None:
        profile.commerce = Commerce()
    commerce = profile.commerce
    total = round(cast(float, properties.get("total_value") or 0) * MICROS)
    currency = str(properties["currency"])
    if name == "ecommerce.order_placed":
        commerce.orders += 1
        profile.add_revenue(currency, total)
        commerce.carts.pop(str(properties.get("cart_id")), None)
    elif name == "ecommerce.order_cancelled":
        commerce.orders -= 1
    elif name == "ecommerce.order_refunded":
        commerce.refunds += 1
        profile.add_revenue(currency, -total)
    elif name == "ecommerce.cart_updated":
        _update_cart(commerce, properties, now)


def _update_cart(commerce: Commerce, properties: JsonObject, now: float) -> None:
    for cart_id in [k for k, cart in commerce.carts.items() if _age_s(cart, now) > CART_LIFE_S]:
        del commerce.carts[cart_id]
    cart_id = str(properties["cart_id"])
    action = properties.get("action") or "replace"
    before = commerce.carts.get(cart_id, {}).get("products", {}) if action != "replace" else {}
    lines = dict(cast(dict[str, int], before))
    sign = -1 if action == "remove" else 1
    for product in cast(list[JsonObject], properties["products"]):
        key = f"{product['product_id']}/{product['variant_id']}"
        lines[key] = lines.get(key, 0) + sign * cast(int, product["quantity"])
    kept = {key: quantity for key, quantity in lines.items() if quantity > 0}
    commerce.carts[cart_id] = {"products": kept, "updated_at": now}


def _age_s(cart: dict[str, object], now: float) -> float:
    return now - cast(float, cart["updated_at"])
