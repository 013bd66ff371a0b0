"""Attributes objects: the fields of one profile that changed, addressed.

In: an address and fields already normalised. Out: one draft for the array `attributes`.
"""

from collections.abc import Mapping

import msgspec

from onefold.connectors.braze.cost import costs_of_fields
from onefold.connectors.braze.held import Held
from onefold.connectors.braze.values import normalise
from onefold.model.json import JsonValue
from onefold.model.mapping import ValueType
from onefold.plugin import Address, Draft, Refusal

_NOT_REMOVABLE = frozenset({"email_subscribe", "push_subscribe"})
"""Subscription states have no empty state: Braze refuses null for them."""


class AttributesWriter:
    """Makes attributes objects."""

    def __init__(self, held: Held | None = None, *, creates: bool = True, merges: bool = False) -> None:
        """`held`: what Braze has already; `creates` people; `merges` objects into those that Braze has."""
        self._held = held or Held()
        self._creates = creates
        self._merges = merges

    def normalise(self, field: str, value: JsonValue, as_type: ValueType) -> JsonValue | Refusal:
        """The value as Braze stores it, in the type that it has there already."""
        found = normalise(field, value, as_type)
        return found if isinstance(found, Refusal) else self._held.fit(field, found)

    def can_remove(self, field: str) -> bool:
        """All but the subscription states."""
        return field not in _NOT_REMOVABLE

    def write(self, address: Address, fields: Mapping[str, JsonValue]) -> Draft | Refusal:
        """One object. An alias needs to be told that it may create its user."""
        sent = {field: value for field, value in fields.items() if field not in address.taken}
        body = b"{" + address.fragment
        if self._creates and address.key.startswith("a:"):
            body += b',"_update_existing_only":false'
        if self._merges and any(isinstance(value, dict) for value in sent.values()):
            body += b',"_merge_objects":true'
        body += b"," + msgspec.json.encode(sent)[1:] if sent else b"}"
        costs = costs_of_fields(sent)
        uneven = {field: cost for field, cost in costs.items() if cost != 1}
        uneven |= dict.fromkeys(fields.keys() & address.taken.keys(), 0)
        return Draft("track", "attributes", body, cost=sum(costs.values()), costs=uneven or None)
