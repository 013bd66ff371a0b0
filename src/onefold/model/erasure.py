"""Erasure of a person: the record that asks for it, and what the fold made of it.

Neither holds personal data: a profile's id is a number of ours, which points to nobody afterwards.
"""

import msgspec

ERASED = "erased"
"""The type of what stands in the log in place of an erased event: it has no other field."""
PLACEHOLDER = b'{"type":"erased"}'


class Erase(msgspec.Struct, frozen=True):
    """What ERASE carries: the person behind this profile, with whoever was merged into it by then."""

    profile_id: int
    run_id: str
    """Who asks; a record that is appended twice erases once."""


class Removal(msgspec.Struct, array_like=True):
    """What the log's owner shall take out; several may be asked for one person, any of them again."""

    places: dict[int, list[int]] = {}
    """Offset -> positions of events."""
    keys: list[str] = []
    """Identifiers: dead letters of capture that name one of them go."""
    letters: list[int] = []
    """Dead letters of unify that are gone: what was decided about them goes, too."""


class Removed(msgspec.Struct, frozen=True):
    """What went."""

    events: int = 0
    letters: int = 0


class Erased(msgspec.Struct, frozen=True):
    """What the fold of an ERASE took away."""

    offset: int
    run_id: str
    profile_ids: list[int]
    """The profile and all that were merged into it; none if there was nobody."""
    identifiers: int = 0
    links: int = 0
    letters: list[int] = []
    """Numbers of the dead letters of unify that named the person."""
