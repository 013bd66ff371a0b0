"""Copying a connection: what a copy takes over, and what it is called."""

import msgspec

from onefold.api.workspace import Workspace
from onefold.model.connection import NAME_CHARS_MAX
from onefold.model.goal import Goal


def free_name(workspace: Workspace, name: str) -> str:
    """ "Copy of …", with a number behind where that is taken."""
    taken = {connection.name for connection in workspace.connections.page()}
    number = 1
    while True:
        behind = f" ({number})" if number > 1 else ""
        found = f"Copy of {name}"[: NAME_CHARS_MAX - len(behind)].rstrip() + behind
        if found not in taken:
            return found
        number += 1


def copy_goal(goal: Goal, at: int) -> Goal:
    """Off, and without a past: two goals that write the same fields of one account would fight."""
    return msgspec.structs.replace(
        goal,
        id=0,
        connection_id=0,
        enabled=False,
        stopped=False,
        version=1,
        resyncs=0,
        created_at=at,
        enabled_at=0,
        changed_at=0,
    )
