"""What applying a document would change: a list that a person can read, and a program too."""

from typing import Literal

import msgspec

from onefold.model.json import JsonValue


class Change(msgspec.Struct, frozen=True):
    """One field: what it is and what it becomes; null for nothing. Secrets are never shown."""

    path: str
    before: JsonValue
    after: JsonValue


class Plan(msgspec.Struct, frozen=True):
    """What happens when a document is applied."""

    action: Literal["create", "change", "none"]
    name: str
    changes: list[Change]
    warnings: list[str]
    """What cannot be taken back, or costs something."""
    goals_deleted: list[str] = []
    applied: bool = False
    """It has happened."""


def difference(before: JsonValue, after: JsonValue, path: str = "") -> list[Change]:
    """Every field that differs, at its deepest; objects are compared field by field, lists as they stand."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            change
            for name in dict.fromkeys([*before, *after])
            for change in difference(before.get(name), after.get(name), f"{path}.{name}" if path else name)
        ]
    return [] if before == after and type(before) is type(after) else [Change(path, before, after)]
