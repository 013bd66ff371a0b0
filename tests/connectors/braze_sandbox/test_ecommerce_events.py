"""Recommended e-commerce events: strict schemas, free of data points, and what they derive."""

from __future__ import annotations

import pytest

from onefold.testing.sandbox import BrazeSandbox

PRODUCT = {"product_id": "p", "product_name": "Shoe", "variant_id": "v", "quantity": 2, "price": 10.0}
COMMON = {"currency": "EUR", "products": [PRODUCT], "source": "web"}
ORDER = {"order_id": "o1", "total_value": 20.0, **COMMON}
GOOD: list[tuple[str, dict[str, object]]] = [
    (
        "product_viewed",
        {
            "product_id": "p",
            "product_name": "Shoe",
            "variant_id": "v",
            "price": 10,
            "currency": "EUR",
            "source": "web",
            "type": ["price_drop"],
        },
    ),
    ("cart_updated", {"cart_id": "c", "total_value": 20, **COMMON}),
    ("cart_updated", {"cart_id": "c", "action": "add", **COMMON}),
    ("checkout_started", {"checkout_id": "x", "total_value": 20, "metadata": {"any": "thing"}, **COMMON}),
    ("order_placed", {**ORDER, "discounts": [{"code": "A", "amount": 1}], "total_discounts": 1}),
    ("order_cancelled", {**ORDER, "cancel_reason": "late"}),
    ("order_refunded", ORDER),
]
BAD: list[tuple[str, dict[str, object], str]] = [
    ("order_placed", {k: v for k, v in ORDER.items() if k != "order_id"}, "missing_property: 'order_id'"),
    ("order_placed", {**ORDER, "coupon": "x"}, "extra_property: 'coupon'"),
    ("order_placed", {**ORDER, "total_value": "20"}, "unexpected_data_type: 'total_value'"),
    ("order_placed", {**ORDER, "total_value": -1}, "unexpected_data_type: 'total_value'"),
    ("order_placed", {**ORDER, "currency": "EURO"}, "unexpected_data_type: 'currency'"),
    ("order_placed", {**ORDER, "products": [{**PRODUCT, "color": "red"}]}, "extra_property: 'color'"),
    ("order_placed", {**ORDER, "products": [{"product_id": "p"}]}, "missing_property: 'product_name'"),
    ("order_cancelled", ORDER, "missing_property: 'cancel_reason'"),
    ("cart_updated", {"cart_id": "c", **COMMON}, "missing_property: 'total_value'"),
    ("cart_updated", {"cart_id": "c", "action": "swap", **COMMON}, "unexpected_data_type: 'action'"),
]


def event(name: str, properties: dict[str, object]) -> dict[str, object]:
    """Return a recommended event of one person."""
    return {
        "external_id": "u1",
        "name": f"ecommerce.{name}",
        "time": "2026-01-02T03:04:05Z",
        "properties": properties,
    }


@pytest.mark.parametrize(("name", "properties"), GOOD)
def test_good_events_are_free(braze: BrazeSandbox, name: str, properties: dict[str, object]) -> None:
    reply = braze.track(events=[event(name, properties)])
    assert (reply.status, reply.payload) == (201, {"message": "success", "events_processed": 1})
    braze.flush()
    assert (braze.user("u1") or {})["data_points"] == 0


@pytest.mark.parametrize(("name", "properties", "text"), BAD)
def test_bad_events_are_dropped_from_a_success(
    braze: BrazeSandbox, name: str, properties: dict[str, object], text: str
) -> None:
    reply = braze.track(events=[event(name, properties)])
    assert (reply.status, reply.payload) == (
        201,
        {
            "message": "success",
            "events_processed": 0,
            "errors": [{"type": text, "input_array": "events", "index": 0}],
        },
    )
    braze.flush()
    assert braze.user("u1") is None


def test_other_names_are_not_checked(braze: BrazeSandbox) -> None:
    assert braze.track(events=[event("Order_Placed", {"any": 1})]).payload["events_processed"] == 1


def test_orders_revenue_and_carts_are_derived(braze: BrazeSandbox) -> None:
    order = {**ORDER, "cart_id": "c"}
    sent: list[tuple[str, dict[str, object]]] = [
        ("cart_updated", {"cart_id": "c", "total_value": 20, **COMMON}),
        ("cart_updated", {"cart_id": "c", "action": "add", **COMMON}),
        ("cart_updated", {"cart_id": "d", "action": "add", **COMMON}),
        ("cart_updated", {"cart_id": "d", "action": "remove", **COMMON}),
        ("order_placed", {**order, "order_id": "o0", "cart_id": "z"}),
        ("order_placed", {**order, "order_id": "o1", "cart_id": "z"}),
        ("order_cancelled", {**ORDER, "cancel_reason": "late"}),
        ("order_refunded", {**ORDER, "total_value": 5.5}),
    ]
    for name, properties in sent:
        assert braze.track(events=[event(name, properties)]).payload["events_processed"] == 1
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert user["revenue"] == {"EUR": 34.5}
    commerce = user["commerce"]
    assert isinstance(commerce, dict)
    assert (commerce["orders"], commerce["refunds"]) == (1, 1)
    assert {key: cart["products"] for key, cart in commerce["carts"].items()} == {"c": {"p/v": 4}, "d": {}}
