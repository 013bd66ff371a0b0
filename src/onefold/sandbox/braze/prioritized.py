"""An email or phone, with the order in which its owners are preferred: identify, merge and delete take it.

In: `{email | phone, prioritization}`. Out: a `Target`, then the one person that the order leaves.
"""

from __future__ import annotations

from typing import NamedTuple

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.identifiers import JsonObject, Who, is_email, normal_phone
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.workspace import Workspace

PRIORITIES = frozenset({"identified", "unidentified", "most_recently_updated", "least_recently_updated"})


class Target(NamedTuple):
    """An identifier; the order is empty unless it is an email or a phone."""

    who: Who
    priorities: tuple[str, ...]


def read_address(item: JsonObject, kind: str, allowed: frozenset[str]) -> Target | str:
    """Return the target, or the error text that refuses it."""
    value = item.get(kind)
    if not isinstance(value, str) or not value:
        return texts.required(kind)
    if kind == "email" and not is_email(value):
        return texts.EMAIL_INVALID
    order = item.get("prioritization")
    if not isinstance(order, list) or not order:
        return texts.required("prioritization") if order is None else texts.PRIORITIZATION_INVALID
    if not all(isinstance(one, str) and one in allowed for one in order):
        return texts.PRIORITIZATION_INVALID
    if "identified" in order and "unidentified" in order:
        return texts.PRIORITIZATION_INVALID
    stored = value.lower() if kind == "email" else normal_phone(value)
    return Target(Who(kind, stored), tuple(order))


def choose(workspace: Workspace, address: Target) -> Profile | None:
    """Return the one owner that the order leaves; several left means nobody."""
    who = address.who
    if who.kind not in ("email", "phone"):
        return workspace.store.find(who)
    owners = workspace.store.by_address(who.kind, who.value)
    for priority in address.priorities:
        if priority == "identified":
            owners = [owner for owner in owners if owner.is_known()]
        elif priority == "unidentified":
            owners = [owner for owner in owners if not owner.is_known()]
        else:
            ordered = sorted(owners, key=lambda owner: owner.updated_seq)
            owners = ordered[-1:] if priority == "most_recently_updated" else ordered[:1]
    return owners[0] if len(owners) == 1 else None
