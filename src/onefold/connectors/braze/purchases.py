"""Orders as Braze purchases: one a product, or one for the whole order.

The rules: `product_id` is the product's product_id, else sku, else id, else name; Braze takes whole
quantities of 1 to 100, so any other travels as quantity 1 at the line's total price, with the true one as
property `quantity_` (the plain name is reserved).
An order without products is one purchase named like the event, at its revenue (else total, else value).
Our message id gets `/1`, `/2`… a line, so that each purchase has an id of its own.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from onefold.connectors.braze.limits import QUANTITY_MAX, TEXT_CHARS_MAX
from onefold.connectors.braze.properties import PURCHASE_RESERVED, write_properties
from onefold.connectors.braze.tables import CURRENCIES
from onefold.model.json import JsonObject, JsonValue
from onefold.plugin import Address, Draft, Refusal

_PRODUCT_NAMES = ("product_id", "productId", "sku", "id", "name")
_TOTAL_NAMES = ("revenue", "total", "value")
_OWN_NAMES = frozenset({"product_id", "price", "quantity"})
"""What a purchase says by itself, not by its properties."""
PRODUCTS_MAX = 5_000
"""Lines of one order: more is a mistake, and would hold up the person's other objects."""


class _Order(msgspec.Struct, gc=False):
    """What all purchases of an order share: JSON before and after the product, properties, message id."""

    start: bytes
    end: bytes
    common: JsonObject
    message_id: str


class PurchaseWriter:
    """Makes purchases."""

    def __init__(self, currency: str, app: bytes) -> None:
        self._currency = currency
        self._app = app

    def write(
        self, address: Address, name: str, message_id: str, properties: JsonObject, time: bytes
    ) -> Sequence[Draft | Refusal]:
        """The purchases of one order; a line that cannot be one is refused by itself."""
        currency = str(properties.get("currency") or self._currency).upper()
        if currency not in CURRENCIES:
            return (_refuse("currency", "an ISO 4217 currency, such as EUR"),)
        start = b"".join((b"{", address.fragment, self._app, b',"currency":"', currency.encode(), b'"'))
        end = b',"time":"' + time + b'","properties":'
        products = properties.get("products")
        if not isinstance(products, list) or not products:
            rest = {key: value for key, value in properties.items() if key not in ("products", "currency")}
            return (_write_whole(_Order(start, end, rest, message_id), name),)
        if len(products) > PRODUCTS_MAX:
            return (_refuse("products", f"at most {PRODUCTS_MAX} products"),)
        order_id = properties.get("order_id")
        order = _Order(start, end, {"order_id": order_id} if order_id else {}, message_id)
        return [_write_line(order, product, place) for place, product in enumerate(products)]


def _write_whole(order: _Order, name: str) -> Draft | Refusal:
    total = next((order.common[key] for key in _TOTAL_NAMES if order.common.get(key) is not None), None)
    price = decimal_of(total)
    if price is None:
        return _refuse("revenue", "a number as revenue, total or value")
    return _draft(order, _Line(name, price, 1, order.common, order.message_id))


class _Line(msgspec.Struct, gc=False):
    """One purchase of an order."""

    product_id: str
    price: Decimal
    quantity: int
    properties: JsonObject
    message_id: str


def _write_line(order: _Order, product: JsonValue, place: int) -> Draft | Refusal:
    path = f"products.{place}"
    if not isinstance(product, dict):
        return _refuse(path, "an object for each product")
    product_id = next((product[key] for key in _PRODUCT_NAMES if product.get(key) not in (None, "")), None)
    if not isinstance(product_id, str | int | float):
        return _refuse(f"{path}.product_id", "a product_id, sku or name")
    price, quantity = decimal_of(product.get("price")), decimal_of(product.get("quantity", 1))
    if price is None:
        return _refuse(f"{path}.price", "a number as price")
    if quantity is None:
        return _refuse(f"{path}.quantity", "a number as quantity")
    rest = {key: value for key, value in product.items() if key not in _OWN_NAMES}
    if quantity != int(quantity) or not 1 <= quantity <= QUANTITY_MAX:
        rest["quantity"] = product["quantity"]
        price, quantity = price * quantity, Decimal(1)
    message_id = f"{order.message_id}/{place + 1}"
    return _draft(order, _Line(str(product_id), price, int(quantity), {**order.common, **rest}, message_id))


def _draft(order: _Order, line: _Line) -> Draft | Refusal:
    written = write_properties(line.properties, PURCHASE_RESERVED, line.message_id)
    if isinstance(written, Refusal):
        return written
    product_id = msgspec.json.encode(line.product_id[:TEXT_CHARS_MAX])
    body = b'%s,"product_id":%s,"price":%s,"quantity":%d%s%s}' % (
        order.start,
        product_id,
        repr(float(line.price)).encode(),
        line.quantity,
        order.end,
        written,
    )
    # Braze keeps a quantity of n as n purchases, and bills each.
    return Draft("track", "purchases", body, cost=line.quantity)


def decimal_of(value: JsonValue) -> Decimal | None:
    """Exact as written; sums of floats would drift by cents."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal("1e15") else None


def _refuse(field: str, expected: str) -> Refusal:
    return Refusal(
        "activate.braze.purchase",
        f"properties.{field}",
        f"Braze needs {expected} for a purchase.",
        "Correct it where the event comes from, or take the event out of the goal's orders.",
    )
