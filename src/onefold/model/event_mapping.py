"""Event mappings: under which name an event goes to a destination, and with which properties.

{"event": "Signed Up", "name": "signed_up",
 "properties": {"plan": "tier", "ip": null, "products.title": "product_name"}, "others": "keep"}

Which events go at all is a setting of the goal; an event without a row goes as it is.
"""

from enum import StrEnum

import msgspec

ALL_OTHERS = "*"
"""The row of every event that has none of its own."""


class OtherProperties(StrEnum):
    """What becomes of properties that the row does not name."""

    KEEP = "keep"
    LEAVE_OUT = "leave_out"


class EventMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: an event of ours (`page` and `screen` are views) as the destination gets it."""

    event: str
    name: str = ""
    """What the destination calls it; empty: as we do."""
    properties: dict[str, str | None] = {}
    """Ours -> theirs; null leaves it out. `products.title`: `title` of an object, or of each in a list."""
    others: OtherProperties = OtherProperties.KEEP
