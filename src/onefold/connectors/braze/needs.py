"""Which permissions of the key a connection cannot do without: by its settings and its goals."""

from collections.abc import Sequence

from onefold.connectors.braze.address import match_of_goal
from onefold.connectors.braze.connection_fields import CONNECTION_FIELDS
from onefold.connectors.braze.permissions import (
    DELETE,
    EXPORT,
    EXPORT_IDS,
    IDENTIFY,
    MERGE,
    RENAME,
    SEGMENTS,
    TRACK,
)
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.plugin.check import setting

BY_KIND: dict[str, frozenset[str]] = {
    "export": frozenset({TRACK.name}),
    "events": frozenset({TRACK.name}),
    "deletions": frozenset({DELETE.name}),
    "subscriptions": frozenset({TRACK.name}),
    "import": frozenset({EXPORT.name, SEGMENTS.name}),
    "currents": frozenset(),
}
"""What a goal of a kind cannot do without; a kind that is not here needs what the key is for."""
NEEDS_BUCKET = frozenset({"import", "currents"})
"""Kinds of goals that read files from the bucket."""


def needed_permissions(connection: Connection, goals: Sequence[Goal]) -> frozenset[str]:
    """What this connection and these goals need; without any goal, what nearly every goal will."""
    needed = {TRACK.name} if not goals else set[str]()
    for goal in goals:
        needed |= BY_KIND.get(goal.kind, frozenset({TRACK.name}))
        if goal.compare_first:
            needed.add(EXPORT_IDS.name)
    if _joins_people(goals):
        needed.add(IDENTIFY.name)
    if setting(CONNECTION_FIELDS, connection.settings, "merges") == "merge":
        needed.add(MERGE.name)
    if setting(CONNECTION_FIELDS, connection.settings, "changed_external_id") == "rename":
        # After a lost answer it is asked whether the rename was done: without that, all is paid again.
        needed |= {RENAME.name, EXPORT_IDS.name}
    return frozenset(needed)


def needs_bucket(goals: Sequence[Goal]) -> bool:
    """Whether one of them reads exports."""
    return any(goal.kind in NEEDS_BUCKET for goal in goals)


def _joins_people(goals: Sequence[Goal]) -> bool:
    """Whether whom one goal has made without an external_id may come to have one by another."""
    matches = [match_of_goal(goal, "") for goal in goals if TRACK.name in BY_KIND.get(goal.kind, ())]
    return any(match.joins for match in matches) and any(match.makes_unknown for match in matches)
