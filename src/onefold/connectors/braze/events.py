"""Custom events and purchases of one goal.

In: an address and an event. Out: one draft a custom event; for an order one draft a product, or a recommended
e-commerce event, or both, as the goal says. App sessions are the SDK's own: nothing here begins or ends one.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from onefold.clock import SECOND, to_iso
from onefold.connectors.braze.cost import cost_of_event
from onefold.connectors.braze.ecommerce import ACTIONS, ORDER_PLACED, OURS, RECOMMENDED, EcommerceWriter
from onefold.connectors.braze.goal_kinds import EVENTS
from onefold.connectors.braze.limits import TEXT_CHARS_MAX
from onefold.connectors.braze.properties import EVENT_RESERVED, write_properties
from onefold.connectors.braze.purchases import PurchaseWriter
from onefold.connectors.braze.shape import shapes_of
from onefold.model.goal import Goal
from onefold.model.json import JsonObject
from onefold.plugin import Address, Draft, Happening, Refusal
from onefold.plugin.check import setting

_VIEWS = {"page": "Page Viewed", "screen": "Screen Viewed"}
"""A view is no track event: the name that it gets in Braze."""
_decode = msgspec.json.Decoder(dict).decode
_NAME_TOO_LONG = Refusal(
    "activate.braze.event_name",
    "event",
    f"The event's name is longer than {TEXT_CHARS_MAX} characters.",
    "Rename the event.",
)


class EventsWriter:
    """Makes custom events and purchases."""

    def __init__(self, goal: Goal) -> None:
        settings = goal.settings
        self._chosen = frozenset(setting(EVENTS.fields, settings, "events"))
        self._orders = frozenset(setting(EVENTS.fields, settings, "purchase_events"))
        orders = setting(EVENTS.fields, settings, "orders")
        self._as_purchases = orders != "ecommerce"
        self._as_recommended = orders != "purchases"
        self._names_of = {**_VIEWS, **OURS} if self._as_recommended else _VIEWS
        self._shapes, self._other = shapes_of(goal.event_mappings)
        app_id = setting(EVENTS.fields, settings, "app_id")
        self._app = b',"app_id":' + msgspec.json.encode(app_id) if app_id else b""
        self._names: dict[str, bytes] = {}
        currency = setting(EVENTS.fields, settings, "currency")
        self._purchases = PurchaseWriter(currency, self._app)
        self._ecommerce = EcommerceWriter(currency, setting(EVENTS.fields, settings, "shop"))

    def choose(self, name: str) -> bool:
        """Named events, orders, and without names every track event."""
        return name in self._chosen or name in self._orders or (not self._chosen and name not in _VIEWS)

    def write(self, address: Address, event: Happening, now: int) -> Sequence[Draft | Refusal]:
        """The objects that the event becomes."""
        time = iso_time(min(event.occurred_at, now))
        shape = self._shapes.get(event.name, self._other)
        properties: JsonObject = _decode(event.properties) if event.properties else {}
        if event.name in _VIEWS and event.page:
            properties.setdefault("name", event.page)
        properties = shape.apply(properties)
        written: list[Draft | Refusal] = []
        is_order = event.name in self._orders
        if is_order and self._as_purchases:
            called = shape.name or event.name
            written += self._purchases.write(address, called, event.message_id, properties, time)
        if not is_order or self._as_recommended:
            name = ORDER_PLACED if is_order else shape.name or self._names_of.get(event.name, event.name)
            written.append(self._write(address, name, event, properties, time))
        return written

    def _write(
        self, address: Address, name: str, event: Happening, properties: JsonObject, time: bytes
    ) -> Draft | Refusal:
        if len(name) > TEXT_CHARS_MAX:
            return _NAME_TOO_LONG
        if name in RECOMMENDED:
            action = ACTIONS.get(event.name, "")
            written = self._ecommerce.write(name, properties, event.message_id, action=action)
        else:
            written = write_properties(properties, EVENT_RESERVED, event.message_id)
        if isinstance(written, Refusal):
            return written
        start = b"".join((b"{", address.fragment, self._app, self._name(name)))
        body = b"".join((start, b',"time":"', time, b'","properties":', written, b"}"))
        return Draft("track", "events", body, cost=cost_of_event(name))

    def _name(self, name: str) -> bytes:
        written = self._names.get(name)
        if written is None:
            if len(self._names) > NAMES_KEPT_MAX:
                self._names.clear()
            written = self._names[name] = b',"name":' + msgspec.json.encode(name)
        return written


NAMES_KEPT_MAX = 10_000
"""Encoded names kept: a sender that puts ids into names must not fill the memory."""


def iso_time(at: int) -> bytes:
    """A time to the millisecond; formatted once a second, since events come in order of time."""
    return b"%s.%03dZ" % (_iso_second(at // SECOND), at % SECOND // 1000)


@lru_cache(maxsize=4096)
def _iso_second(second: int) -> bytes:
    return to_iso(second * SECOND)[:19].encode()
