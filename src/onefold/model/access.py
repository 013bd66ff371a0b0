"""Who may do what: rights, and the roles that bundle them.

Personal data is a right of its own: a role brings it or not, and it can be given to a teammate or taken away
apart from the role. Without it, the values of people are masked wherever they are shown.
"""

from enum import StrEnum
from typing import Annotated, TypeVar


class Right(StrEnum):
    """What a caller may do; every route of the API needs one."""

    SEE = "see"
    """Numbers, states and definitions: nothing about one person."""
    PERSONAL = "personal"
    """The values of people: identifiers, traits, events, payloads."""
    SEGMENT = "segment"
    """Make, change and delete segments."""
    ACTIVATE = "activate"
    """Goals and engagements: make, preview, turn on and off, run."""
    CONNECT = "connect"
    """Sources and their keys, connections and their secrets, the rules of identity."""
    OPERATE = "operate"
    """Dead letters, imports, replays, backups, retention."""
    ERASE = "erase"
    """Erase people and state their consent."""
    ADMINISTER = "administer"
    """The team, tokens, the audit trail, mail."""


class Role(StrEnum):
    """What a teammate is here."""

    OWNER = "owner"
    ADMIN = "admin"
    ENGINEER = "engineer"
    MARKETER = "marketer"
    ANALYST = "analyst"
    VIEWER = "viewer"


ALL = frozenset(Right)
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: ALL,
    Role.ADMIN: ALL,
    Role.ENGINEER: ALL - {Right.ADMINISTER},
    Role.MARKETER: frozenset({Right.SEE, Right.PERSONAL, Right.SEGMENT, Right.ACTIVATE}),
    Role.ANALYST: frozenset({Right.SEE, Right.SEGMENT}),
    Role.VIEWER: frozenset({Right.SEE}),
}
"""An owner may all that an admin may; only owners make and unmake owners."""


def rights_of(role: Role, *, personal: bool) -> frozenset[Right]:
    """The rights of a role, with or without personal data."""
    without = RIGHTS[role] - {Right.PERSONAL}
    return without | {Right.PERSONAL} if personal else without


def sees_people(role: Role) -> bool:
    """Whether a role brings personal data unless something else is said."""
    return Right.PERSONAL in RIGHTS[role]


class _Hidden:
    """Marks what `api.mask` hides from callers without personal data."""


_Value = TypeVar("_Value")
HIDDEN = _Hidden()
Personal = Annotated[_Value, HIDDEN]
"""The type of a field that holds a value of a person; of an object, the names in it stay."""
