"""Connections: one configured account of a connector, with its credentials.

`settings` and `secrets` hold the fields that the connector declares; secrets are decrypted only in the
process that sends, and never leave by the API.
"""

import msgspec

from onefold.model.json import JsonValue

NAME_CHARS_MAX = 200
"""Long enough for any name a person gives, short enough for a heading."""


class Connection(msgspec.Struct, frozen=True):
    """One account. `version` grows with every change of it: a pause after wrong credentials ends then."""

    id: int
    name: str
    connector: str
    enabled: bool = True
    settings: dict[str, JsonValue] = {}
    secrets: dict[str, str] = {}
    description: str = ""
    labels: list[str] = []
    favourite: bool = False
    version: int = 1
    created_at: int = 0
    owner: str = ""
    """Who answers for it: a name or an address, for people."""

    def __repr__(self) -> str:
        return f"Connection(id={self.id}, connector={self.connector!r})"
