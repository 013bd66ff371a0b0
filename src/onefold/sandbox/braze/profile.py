"""One person as the local Braze keeps them: fields, attributes, tallies and a bounded raw log."""

from __future__ import annotations

from typing import NamedTuple

from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.received import Received

# Money is summed in millionths, so that sums are exact and do not depend on order.
MICROS = 1_000_000


class RawEvent(NamedTuple):
    """One event or purchase as it was applied; `properties` is JSON to keep memory small."""

    name: str
    at: float
    properties: bytes
    applied_at: float
    request_id: int


class RawPurchase(NamedTuple):
    """One purchase object as it was applied; it stands for `quantity` purchases."""

    product_id: str
    currency: str
    price: float
    quantity: int
    at: float
    properties: bytes
    applied_at: float
    request_id: int


class Tally:
    """How often something happened, first and last."""

    __slots__ = ("count", "first_at", "last_at")

    def __init__(self, count: int, first_at: float, last_at: float) -> None:
        self.count = count
        self.first_at = first_at
        self.last_at = last_at

    def add(self, at: float, count: int = 1) -> None:
        """Count `count` more at `at`."""
        self.count += count
        if at < self.first_at:
            self.first_at = at
        elif at > self.last_at:
            self.last_at = at

    def absorb(self, other: Tally) -> None:
        """Add another tally: sums, earliest first, latest last."""
        self.count += other.count
        self.first_at = min(self.first_at, other.first_at)
        self.last_at = max(self.last_at, other.last_at)


class Commerce:
    """What the recommended e-commerce events derive."""

    __slots__ = ("carts", "orders", "refunds")

    def __init__(self) -> None:
        self.orders = 0
        self.refunds = 0
        self.carts: dict[str, dict[str, object]] = {}


class Profile:
    """A person; the dictionaries that most people never need are made on first use."""

    __slots__ = (
        "active_month",
        "aliases",
        "braze_id",
        "commerce",
        "created_at",
        "custom",
        "data_points",
        "event_log",
        "events",
        "external_id",
        "former_ids",
        "groups",
        "phone_as_sent",
        "purchase_log",
        "purchases",
        "push_tokens",
        "random_bucket",
        "received",
        "revenue_micros",
        "seq",
        "shadow",
        "shadow_until",
        "standard",
        "updated_at",
        "updated_seq",
    )

    def __init__(self, seq: int, braze_id: str, random_bucket: int, at: float) -> None:
        self.seq = seq
        self.braze_id = braze_id
        self.random_bucket = random_bucket
        self.external_id: str | None = None
        # Deprecated external ids, which still lead here.
        self.former_ids: list[str] | None = None
        self.aliases: dict[str, str] | None = None
        self.phone_as_sent: str | None = None
        self.standard: dict[str, object] = {}
        self.custom: dict[str, object] = {}
        self.events: dict[str, Tally] | None = None
        self.purchases: dict[str, Tally] | None = None
        self.event_log: list[RawEvent] | None = None
        self.purchase_log: list[RawPurchase] | None = None
        self.revenue_micros: dict[str, int] | None = None
        self.groups: dict[str, str] | None = None
        self.push_tokens: list[JsonObject] | None = None
        self.commerce: Commerce | None = None
        self.received: Received | None = None
        self.created_at = at
        self.updated_at = at
        self.updated_seq = seq
        self.data_points = 0
        self.active_month = 0
        # What exports still show while a change is newer than the export lag; None = did not exist yet.
        self.shadow: JsonObject | None = None
        self.shadow_until = 0.0

    @property
    def email(self) -> str | None:
        """The address, lower-case, or None."""
        value = self.standard.get("email")
        return value if type(value) is str else None

    @property
    def phone(self) -> str | None:
        """The number in its stored form, or None."""
        value = self.standard.get("phone")
        return value if type(value) is str else None

    def is_known(self) -> bool:
        """Whether it has an external id."""
        return self.external_id is not None

    def count_event(self, name: str, at: float) -> None:
        """Tally one event."""
        if self.events is None:
            self.events = {}
        tally = self.events.get(name)
        if tally is None:
            self.events[name] = Tally(1, at, at)
        else:
            tally.add(at)

    def count_purchases(self, product_id: str, at: float, quantity: int) -> None:
        """Tally `quantity` purchases of one product."""
        if self.purchases is None:
            self.purchases = {}
        tally = self.purchases.get(product_id)
        if tally is None:
            self.purchases[product_id] = Tally(quantity, at, at)
        else:
            tally.add(at, quantity)

    def add_revenue(self, currency: str, micros: int) -> None:
        """Add money in millionths of its currency."""
        if self.revenue_micros is None:
            self.revenue_micros = {}
        self.revenue_micros[currency] = self.revenue_micros.get(currency, 0) + micros
