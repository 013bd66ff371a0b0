"""The evidence of identity: what was decided about two identifiers, by which event, and why."""

from enum import StrEnum

import msgspec


class Decision(StrEnum):
    """What became of a link."""

    ATTACH = "attach"
    """`second` was new and now belongs to the profile of `first`."""
    MERGE = "merge"
    """The profiles of both became one: `other_profile_id` lives on in `profile_id`."""
    MOVED = "moved"
    """`second` left `other_profile_id` for `profile_id`, the user last identified on it."""
    REFUSED = "refused"
    """`second` stays where it is (or nowhere), though an event named it together with `first`."""


USER_ID_CONFLICT = "user_id_conflict"
"""Both sides have a user_id, and a profile has one only."""
IDENTIFIER_LIMIT = "identifier_limit"
"""The profile would hold more identifiers than a person has."""


class Origin(msgspec.Struct, frozen=True, gc=False):
    """The event that is being resolved: `position` counts within the record at `offset`."""

    offset: int
    position: int
    at: int
    rule: str
    """The event's type."""


class Link(msgspec.Struct, frozen=True, gc=False):
    """One row of evidence; `first` and `second` are identifier keys."""

    origin: Origin
    first: str
    second: str
    decision: Decision
    reason: str
    profile_id: int
    other_profile_id: int = 0
