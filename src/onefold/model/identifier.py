"""Identifiers: a kind and a value that point to a person.

A stored identifier is one string `kind:value`, with `value` already normalised.
"""

import msgspec

USER_ID = "user_id"
ANONYMOUS_ID = "anonymous_id"
EMAIL = "email"
PHONE = "phone"


class Identifier(msgspec.Struct, frozen=True, gc=False, order=True):
    """A kind and a normalised value."""

    kind: str
    value: str

    @property
    def key(self) -> str:
        """`kind:value`: the primary key of the identifier table."""
        return f"{self.kind}:{self.value}"


def parse_key(key: str) -> Identifier:
    """The identifier of a stored key."""
    kind, _, value = key.partition(":")
    return Identifier(kind, value)
