"""Paths of the API, safe whatever a name holds."""

from urllib.parse import quote


def piece(value: object) -> str:
    """A value as one piece of a path."""
    return quote(str(value), safe="")
