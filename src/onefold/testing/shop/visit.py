"""One visit: from the first page to the order, or to nothing.

In: a visitor, when she comes, a source of chance. Out: the calls that a shop's pages would make of an
SDK, each with its moment. Names and properties follow the usual e-commerce specification.
"""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

import msgspec

from onefold.clock import DAY, MINUTE, SECOND, to_iso
from onefold.model.json import JsonObject
from onefold.testing.shop.catalogue import CURRENCY, PRODUCTS, Product
from onefold.testing.shop.visitor import Visitor

VIEWS_MAX = 12
"""Products looked at in one visit."""
PAUSE = 5 * MINUTE
"""Between two visits of one person, at least."""
SEASON_FACTOR = 3
"""How much more a product sells in its months."""


class Call(msgspec.Struct, frozen=True):
    """One call of an SDK. `body` is properties of a page or track, traits of an identify."""

    at: int
    type: Literal["identify", "page", "track"]
    name: str
    identity: JsonObject
    body: JsonObject
    number: int = 0
    """Counts the calls of a shop: part of the message id."""


def visit(visitor: Visitor, at: int, chance: random.Random) -> Iterator[Call]:
    """What the visitor does, in order of time."""
    for call in _Visit(visitor, max(at, visitor.busy_until + PAUSE), chance).run():
        visitor.busy_until = call.at
        yield call


class _Visit:
    def __init__(self, visitor: Visitor, at: int, chance: random.Random) -> None:
        self._visitor = visitor
        self._at = at
        self._chance = chance
        self._month = int(to_iso(at)[5:7])
        self._device = chance.choice(visitor.devices)

    def run(self) -> Iterator[Call]:
        visitor, chance = self._visitor, self._chance
        yield self._page("Home", "/")
        if visitor.is_known and chance.random() < 0.7:
            yield from self._log_in()
        if chance.random() < 0.25:
            yield self._track("Products Searched", {"query": visitor.favourite})
        cart: list[Product] = []
        for _ in range(min(VIEWS_MAX, 1 + int(chance.expovariate(0.45)))):
            product = self._choose()
            yield self._page(product.name, f"/{product.category}/{product.product_id}")
            yield self._track("Product Viewed", _properties(product))
            if chance.random() < 0.12 + 0.3 * visitor.temper:
                cart.append(product)
                yield self._track("Product Added", {**_properties(product), "quantity": 1})
        if not visitor.is_known and chance.random() < 0.06:
            yield from self._sign_up()
        if cart and chance.random() < 0.45:
            yield from self._check_out(cart)

    def _check_out(self, cart: list[Product]) -> Iterator[Call]:
        visitor, chance = self._visitor, self._chance
        yield self._track("Checkout Started", {"value": _sum(cart), "currency": CURRENCY})
        if chance.random() < 0.3:
            return
        if not visitor.is_known:
            yield from self._sign_up()
        elif self._device not in visitor.known_devices:
            yield from self._log_in()
        visitor.orders += 1
        visitor.spent += sum((product.price for product in cart), Decimal(0))
        order_id = f"{visitor.number}-{visitor.orders}"
        order: JsonObject = {
            "order_id": order_id,
            "revenue": _sum(cart),
            "currency": CURRENCY,
            "coupon": "WELCOME" if visitor.orders == 1 and chance.random() < 0.3 else None,
            "products": [
                {**_properties(product), "quantity": cart.count(product)} for product in dict.fromkeys(cart)
            ],
        }
        yield self._track(
            "Order Completed", {name: value for name, value in order.items() if value is not None}
        )
        if chance.random() < 0.04:
            # Some days later, by the shop's back office: no device takes part.
            self._at += int(chance.uniform(0.5, 5) * DAY)
            cancelled: JsonObject = {"order_id": order_id, "revenue": -_sum(cart), "currency": CURRENCY}
            yield Call(self._at, "track", "Order Cancelled", {"user_id": visitor.user_id}, cancelled)

    def _sign_up(self) -> Iterator[Call]:
        visitor = self._visitor
        visitor.is_known = True
        visitor.known_devices.add(self._device)
        traits = {**visitor.traits, "signedUpAt": to_iso(self._at)}
        yield self._call("identify", "", traits)
        yield self._track("Signed Up", {"channel": visitor.channel})

    def _log_in(self) -> Iterator[Call]:
        """Known again on this device; on a new one, this is what joins the two."""
        if self._device in self._visitor.known_devices:
            return
        self._visitor.known_devices.add(self._device)
        yield self._call("identify", "", {"email": self._visitor.traits["email"]})
        yield self._track("Signed In", {})

    def _choose(self) -> Product:
        weights = [
            (SEASON_FACTOR if self._month in product.season else 1)
            * (4 if product.category == self._visitor.favourite else 1)
            for product in PRODUCTS
        ]
        return self._chance.choices(PRODUCTS, weights)[0]

    def _page(self, name: str, path: str) -> Call:
        return self._call("page", name, {"path": path, "url": f"https://shop.example{path}"})

    def _track(self, name: str, properties: JsonObject) -> Call:
        return self._call("track", name, properties)

    def _call(self, kind: Literal["identify", "page", "track"], name: str, body: JsonObject) -> Call:
        self._at += int(self._chance.lognormvariate(2.5, 0.8) * SECOND)
        return Call(self._at, kind, name, self._visitor.identity(self._device), body)


def _properties(product: Product) -> JsonObject:
    return {
        "product_id": product.product_id,
        "name": product.name,
        "category": product.category,
        "price": float(product.price),
        "currency": CURRENCY,
    }


def _sum(cart: list[Product]) -> float:
    return float(sum((product.price for product in cart), Decimal(0)))
