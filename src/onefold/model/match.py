"""Match keys: which of our identifiers the destination knows a person by, in the order tried.

    {"key": "external_id", "identifier": "user_id"}
    {"key": "alias", "identifier": "anonymous_id", "label": "onefold_id"}

The first whose kind the person has is the address; which keys there are, the connector declares.
"""

import msgspec


class MatchKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The destination's `key` is filled by our identifier of a kind."""

    key: str
    identifier: str
    label: str = ""
    """Of keys that need one; empty: that of the connection."""
