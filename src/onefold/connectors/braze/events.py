"""Custom events and purchases of one goal.

In: an address and an event. Out: one draft a custom event; for an order one draft a product.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from onefold.clock import SECOND, to_iso
from onefold.connectors.braze.cost import cost_of_event
from onefold.connectors.braze.declare import EVENTS
from onefold.connectors.braze.limits import TEXT_CHARS_MAX
from onefold.connectors.braze.properties import EVENT_RESERVED, write_properties
from onefold.connectors.braze.purchases import PurchaseWriter
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
        app_id = setting(EVENTS.fields, settings, "app_id")
        self._app = b',"app_id":' + msgspec.json.encode(app_id) if app_id else b""
        self._names: dict[str, bytes] = {}
        currency = setting(EVENTS.fields, settings, "currency")
        self._purchases = PurchaseWriter(currency, self._app)

    def choose(self, name: str) -> bool:
        """Named events, orders, and without names every track event."""
        return name in self._chosen or name in self._orders or (not self._chosen and name not in _VIEWS)

    def write(self, address: Address, event: Happening, now: int) -> Sequence[Draft | Refusal]:
        """The objects that the event becomes."""
        time = iso_time(min(event.occurred_at, now))
        properties: JsonObject = _decode(event.properties) if event.properties else {}
        name = event.name
        if name in self._orders:
            return self._purchases.write(address, name, event.message_id, properties, time)
        if name in _VIEWS:
            name = _VIEWS[name]
            if event.page:
                properties.setdefault("name", event.page)
        if len(name) > TEXT_CHARS_MAX:
            return (_NAME_TOO_LONG,)
        written = write_properties(properties, EVENT_RESERVED, event.message_id)
        if isinstance(written, Refusal):
            return (written,)
        body = b"".join(
            (
                b"{",
                address.fragment,
                self._app,
                self._name(name),
                b',"time":"',
                time,
                b'","properties":',
                written,
                b"}",
            )
        )
        return (Draft("track", "events", body, cost=cost_of_event(name)),)

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
