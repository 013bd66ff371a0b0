"""What happens in a shop as Braze's six recommended e-commerce events.

In: properties of an event, under Braze's names, Segment's, or those that the goal maps to either. Out: the
properties of one recommended event. Braze drops an event that breaks its schema, so it is refused here, with
the field. What the schema does not know goes into `metadata`, our message id too, as do a product's other
values into the metadata of its line. Sources: Braze's recommended events, Segment's e-commerce spec (2026).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from onefold.connectors.braze.limits import TEXT_CHARS_MAX, VALUE_BYTES_MAX
from onefold.connectors.braze.properties import ID_PROPERTY, TOO_LARGE, clean_value
from onefold.connectors.braze.purchases import PRODUCTS_MAX, decimal_of
from onefold.connectors.braze.tables import CURRENCIES
from onefold.connectors.braze.values import WrongValueError
from onefold.model.json import JsonObject, JsonValue
from onefold.plugin import Refusal

PRODUCT_VIEWED = "ecommerce.product_viewed"
CART_UPDATED = "ecommerce.cart_updated"
CHECKOUT_STARTED = "ecommerce.checkout_started"
ORDER_PLACED = "ecommerce.order_placed"
ORDER_REFUNDED = "ecommerce.order_refunded"
ORDER_CANCELLED = "ecommerce.order_cancelled"
OURS = {
    "Product Viewed": PRODUCT_VIEWED,
    "Product Added": CART_UPDATED,
    "Product Removed": CART_UPDATED,
    "Checkout Started": CHECKOUT_STARTED,
    "Order Completed": ORDER_PLACED,
    "Order Refunded": ORDER_REFUNDED,
    "Order Cancelled": ORDER_CANCELLED,
}
"""Segment's names. `Cart Viewed` is none of them: Braze forbids to mix whole carts with changes of them."""
ACTIONS = {"Product Added": "add", "Product Removed": "remove"}
NO_REASON = "unknown"
"""Braze needs a reason of a cancelled order; Segment has no field for one."""
_encode = msgspec.json.Encoder(decimal_format="number").encode
_WITHOUT_PRODUCTS = frozenset({ORDER_REFUNDED, ORDER_CANCELLED})
"""An order that is refunded or cancelled as a whole often names no products; then the list is empty."""


class _MisfitError(Exception):
    """A field that Braze would drop the event for."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(path, expected)
        self.path = path
        self.expected = expected


def _text(value: JsonValue) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise WrongValueError("a text")
    return str(value)[:TEXT_CHARS_MAX]


def _money(value: JsonValue) -> Decimal:
    number = decimal_of(value)
    if number is None or number < 0:
        raise WrongValueError("a number of 0 or more")
    return number


def _whole(value: JsonValue) -> int:
    number = decimal_of(value)
    if number is None or number < 0 or number != int(number):
        raise WrongValueError("a whole number of 0 or more")
    return int(number)


def _currency(value: JsonValue) -> str:
    code = str(value).upper()
    if code not in CURRENCIES:
        raise WrongValueError("an ISO 4217 currency, such as EUR,")
    return code


def _list(value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        raise WrongValueError("a list")
    return clean_value(value)


def _action(value: JsonValue) -> str:
    if value not in ("add", "remove", "replace"):
        raise WrongValueError("add, remove or replace")
    return str(value)


class _Take(NamedTuple):
    """A field of the schema: how its value is read, and which of our properties may hold it, in order."""

    field: str
    read: Callable[[JsonValue], JsonValue]
    names: tuple[str, ...]
    default: JsonValue = None
    is_needed: bool = True
    is_strict: bool = True
    """Another value under the very name is refused; else, as under other names, it goes into the metadata."""


def _optional(field: str, read: Callable[[JsonValue], JsonValue], *names: str) -> _Take:
    return _Take(field, read, (field, *names), is_needed=False)


_ID = _Take("product_id", _text, ("product_id", "productId", "sku", "id"))
_NAME = _Take("product_name", _text, ("product_name", "name", "title"))
_VARIANT = _Take("variant_id", _text, ("variant_id", "variantId", "sku", "product_id", "productId", "id"))
_PRICE = _Take("price", _money, ("price",))
_PAGES = (_optional("image_url", _text, "imageUrl"), _optional("product_url", _text, "productUrl", "url"))
_LINE = (_ID, _NAME, _VARIANT, _Take("quantity", _whole, ("quantity",), 1), _PRICE, *_PAGES)
_TOTALS = (
    _optional("subtotal_value", _money, "subtotal"),
    _optional("tax", _money),
    _optional("shipping", _money),
)
_CART_ID = _optional("cart_id", _text, "cartId")
_ORDER = (
    _Take("order_id", _text, ("order_id", "orderId")),
    _CART_ID,
    _optional("total_discounts", _money, "discount"),
    _optional("discounts", _list),
    *_TOTALS,
)
_TYPE = _Take("type", _list, ("type",), is_needed=False, is_strict=False)
"""Braze's list of price_drop and back_in_stock; elsewhere often a word for what the product is."""
_FIELDS: dict[str, Sequence[_Take]] = {
    PRODUCT_VIEWED: (_ID, _NAME, _VARIANT, _PRICE, *_PAGES, _TYPE),
    CART_UPDATED: (_CART_ID._replace(is_needed=True), _optional("action", _action), *_TOTALS),
    CHECKOUT_STARTED: (
        _Take("checkout_id", _text, ("checkout_id", "checkoutId", "order_id", "orderId", "cart_id")),
        _CART_ID,
        *_TOTALS,
    ),
    ORDER_PLACED: _ORDER,
    ORDER_REFUNDED: _ORDER,
    ORDER_CANCELLED: (*_ORDER, _Take("cancel_reason", _text, ("cancel_reason", "reason"), NO_REASON)),
}
RECOMMENDED = frozenset(_FIELDS)
_TOTAL = ("total_value", "total", "revenue", "value")


class EcommerceWriter:
    """Makes the properties of recommended events for one goal."""

    def __init__(self, currency: str, source: str) -> None:
        self._common = (
            _Take("currency", _currency, ("currency",), currency),
            _Take("source", _text, ("source",), source),
        )

    def write(
        self, name: str, properties: JsonObject, message_id: str, *, action: str = ""
    ) -> bytes | Refusal:
        """The JSON of the properties of the event `name`, one of `RECOMMENDED`."""
        try:
            written = self._read(name, properties, action)
        except _MisfitError as error:
            return Refusal(
                "activate.braze.ecommerce",
                f"properties.{error.path}",
                f"Braze needs {error.expected} there for {name}.",
                "Correct it where the event comes from, or name the property that holds it in the goal's "
                "event mappings; then replay the dead letter.",
            )
        written["metadata"] = {**written.get("metadata", {}), ID_PROPERTY: message_id[:TEXT_CHARS_MAX]}
        body = _encode(written)
        return body if len(body) <= VALUE_BYTES_MAX else TOO_LARGE

    def _read(self, name: str, properties: JsonObject, action: str) -> JsonObject:
        given = {"action": action, **properties} if action else properties
        found, rest = _take((*self._common, *_FIELDS[name]), given, "")
        if name != PRODUCT_VIEWED:
            is_part = found.get("action") in ("add", "remove")
            lines, rest = _read_lines(name, rest, takes_itself=is_part)
            found["products"] = lines
            total, rest = _read_total(rest, lines, is_needed=not is_part)
            if total is not None:
                found["total_value"] = total
        return _with_metadata(found, rest)


def _take(fields: Sequence[_Take], given: JsonObject, path: str) -> tuple[JsonObject, JsonObject]:
    """The fields of the schema, and what none of them took."""
    found: JsonObject = {}
    used = set[str]()
    for field in fields:
        name = next((one for one in field.names if given.get(one) not in (None, "")), "")
        value = given[name] if name else field.default
        if value is None:
            if field.is_needed:
                raise _MisfitError(path + field.field, "a value")
            continue
        try:
            found[field.field] = field.read(value)
        except WrongValueError as error:
            if field.is_needed or (field.is_strict and name == field.field):
                raise _MisfitError(path + (name or field.field), str(error)) from None
            continue
        used.add(name)
    return found, {name: value for name, value in given.items() if name not in used}


def _read_lines(name: str, given: JsonObject, *, takes_itself: bool) -> tuple[list[JsonObject], JsonObject]:
    """The products; what is put into a cart, or taken out, Segment tells of in the event itself."""
    products = given.get("products")
    rest = {key: value for key, value in given.items() if key != "products"}
    if products is None and takes_itself:
        line, rest = _take(_LINE, rest, "")
        return [line], rest
    if products is None and name in _WITHOUT_PRODUCTS:
        return [], rest
    if not isinstance(products, list) or any(not isinstance(product, dict) for product in products):
        raise _MisfitError("products", "a list of objects")
    if len(products) > PRODUCTS_MAX:
        raise _MisfitError("products", f"at most {PRODUCTS_MAX} products")
    lines = []
    for place, product in enumerate(products):
        lines.append(_with_metadata(*_take(_LINE, product, f"products.{place}.")))
    return lines, rest


def _read_total(
    given: JsonObject, lines: Sequence[JsonObject], *, is_needed: bool
) -> tuple[Decimal | None, JsonObject]:
    """The total that is given, else that of the lines."""
    is_given = any(given.get(name) not in (None, "") for name in _TOTAL)
    found, rest = _take((_Take("total_value", _money, _TOTAL, is_needed=is_given),), given, "")
    total = found.get("total_value")
    if total is None and is_needed:
        if not lines:
            raise _MisfitError("total_value", "a number of 0 or more")
        total = sum((line["price"] * line["quantity"] for line in lines), Decimal(0))
    return total, rest


def _with_metadata(found: JsonObject, rest: JsonObject) -> JsonObject:
    """The fields, with all else in their metadata."""
    own = rest.pop("metadata", None)
    more: JsonObject = clean_value({**rest, **(own if isinstance(own, dict) else {"metadata": own})})
    if more:
        found["metadata"] = more
    return found
