"""Checks on values that hold wherever Braze takes JSON: string lengths, number ranges, depth.

In: a decoded value. Out: a `Flaw` or None. With truncation chosen in the settings, long strings are cut
in place.
"""

from __future__ import annotations

from enum import Enum

STRING_CHARS_MAX = 255
# No depth is documented; deeper values than this are refused so that no walk can exhaust the stack.
DEPTH_MAX = 50
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**64 - 1


class Flaw(Enum):
    """What is wrong with a value."""

    TOO_LONG = "too_long"
    NOT_VALID = "not_valid"


def find_flaw(value: object, depth: int = 0) -> Flaw | None:
    """Return what Braze would not store, looking into lists and objects."""
    kind = type(value)
    if kind is str:
        return Flaw.TOO_LONG if len(value) > STRING_CHARS_MAX else None  # type: ignore[arg-type]
    if kind is int:
        return None if INTEGER_MIN <= value <= INTEGER_MAX else Flaw.NOT_VALID  # type: ignore[operator]
    if isinstance(value, list | dict):
        if depth >= DEPTH_MAX:
            return Flaw.NOT_VALID
        for item in value.values() if isinstance(value, dict) else value:
            flaw = find_flaw(item, depth + 1)
            if flaw is not None:
                return flaw
    return None


def cut_strings(value: object) -> object:
    """Return the value with every string cut to 255 characters."""
    if isinstance(value, str):
        return value[:STRING_CHARS_MAX]
    if isinstance(value, list):
        return [cut_strings(item) for item in value]
    if isinstance(value, dict):
        return {key: cut_strings(item) for key, item in value.items()}
    return value


def is_one_of(value: object, allowed: frozenset[str]) -> bool:
    """Whether the value is one of some texts; lists and objects never are."""
    return type(value) is str and value in allowed
