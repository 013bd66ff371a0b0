"""Attributes objects: the fields of one profile that changed, addressed.

In: an address and fields already normalised. Out: one draft for the array `attributes`.
"""

from collections.abc import Mapping

import msgspec

from onefold.connectors.braze.cost import cost_of_fields
from onefold.connectors.braze.values import normalise
from onefold.model.json import JsonValue
from onefold.model.mapping import ValueType
from onefold.plugin import Address, Draft, Refusal

_NOT_REMOVABLE = frozenset({"email_subscribe", "push_subscribe"})
"""Subscription states have no empty state: Braze refuses null for them."""


class AttributesWriter:
    """Makes attributes objects."""

    def normalise(self, field: str, value: JsonValue, as_type: ValueType) -> JsonValue | Refusal:
        """The value as Braze stores it."""
        return normalise(field, value, as_type)

    def can_remove(self, field: str) -> bool:
        """All but the subscription states."""
        return field not in _NOT_REMOVABLE

    def write(self, address: Address, fields: Mapping[str, JsonValue]) -> Draft | Refusal:
        """One object. An alias needs to be told that it may create its user."""
        start = b"{" + address.fragment
        if address.key.startswith("a:"):
            start += b',"_update_existing_only":false'
        body = start + b"," + msgspec.json.encode(fields)[1:]
        return Draft("track", "attributes", body, cost=cost_of_fields(fields))
