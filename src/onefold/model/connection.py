"""Connections: one configured account of a connector, with its credentials.

`settings` and `secrets` hold the fields that the connector declares; secrets are decrypted only in the
process that sends, and never leave by the API.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from onefold.model.budget import Budget
from onefold.model.json import JsonValue
from onefold.model.mail import Address

ADDRESSES_MAX = 20
"""For more people, a list of your mail server."""
NAME_CHARS_MAX = 200
"""Long enough for any name a person gives, short enough for a heading."""


class Notices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who hears by e-mail of runs that have ended."""

    addresses: Annotated[list[Address], Meta(max_length=ADDRESSES_MAX)] = []
    when: Literal["every", "failures"] = "failures"
    """Of every run; or only of one that failed, was left out, or had something rejected."""


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
    notices: Notices = Notices()
    budget: Budget = Budget()
    """What may be spent where the destination bills."""

    def __repr__(self) -> str:
        return f"Connection(id={self.id}, connector={self.connector!r})"
