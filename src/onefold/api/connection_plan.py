"""What a connection's document changes, and the change itself: for one document, and for a whole config.

In: a document, the connection that it is about, and the segments that there are. Out: a plan with every
problem told at once; writing it is one transaction, refused when somebody changed the connection meanwhile.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from onefold.api.connection_checks import check_room
from onefold.api.goal_checks import connector_of, explain_problems, raise_problems
from onefold.api.goals import goals_of, revised
from onefold.api.problem import FieldProblem
from onefold.api.workspace import Workspace
from onefold.config.connection import Reading, Wanted, check_wanted, find_changes, read_connection
from onefold.config.plan import Plan
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.json import JsonObject, JsonValue
from onefold.plugin.declare import Field

CODE = "connection.invalid"
_ACTIONS: dict[bool, Literal["create", "change"]] = {True: "create", False: "change"}


class PlannedConnection(NamedTuple):
    """A connection as it is, as it shall be, and what that changes."""

    before: Connection | None
    goals_before: list[Goal]
    wanted: Wanted
    plan: Plan
    at: int


def plan_connection(
    workspace: Workspace,
    document: JsonValue,
    before: Connection | None,
    ids: Mapping[str, int],
    names: Mapping[int, str],
) -> PlannedConnection:
    """What a document changes; `ids` are the segments that it may name, `names` all those known.

    Raises:
        InvalidError: with everything that is wrong with it.
    """
    goals_before = goals_of(workspace, before) if before is not None else []
    at = workspace.clock()
    reading = read_connection(document, before, goals_before, ids, at)
    wanted = _checked(workspace, reading, before, document)
    changes = find_changes(before, goals_before, wanted, names)
    plan = Plan(
        action=_ACTIONS[before is None] if changes else "none",
        name=wanted.connection.name,
        changes=changes,
        warnings=_warnings(goals_before, wanted.goals),
        goals_deleted=[goal.name for goal in _gone(goals_before, wanted.goals)],
    )
    return PlannedConnection(before, goals_before, wanted, plan, at)


def write_connection_plan(workspace: Workspace, planned: PlannedConnection) -> None:
    """All of it in one transaction; wakes who delivers.

    Raises:
        RequestError: someone else changed something meanwhile, or there are too many connections.
    """
    before, wanted = planned.before, planned.wanted
    old = {goal.id: goal for goal in planned.goals_before}
    goals = [
        revised(old[goal.id], goal, planned.at)
        if goal.id
        else msgspec.structs.replace(goal, enabled_at=planned.at if goal.enabled else 0)
        for goal in wanted.goals
    ]
    if before is None:
        check_room(workspace)
        workspace.connections.create(wanted.connection, goals)
    else:
        is_own = any(not change.path.startswith("spec.goals") for change in planned.plan.changes)
        connection = wanted.connection
        if is_own:
            connection = msgspec.structs.replace(connection, version=before.version + 1)
        workspace.connections.replace(connection, goals, before=before, goals_before=planned.goals_before)
    workspace.wake("deliver")


def _checked(
    workspace: Workspace, reading: Reading, before: Connection | None, document: JsonValue
) -> Wanted:
    wanted = reading.wanted
    if wanted is None:
        raise_problems(CODE, [FieldProblem(one.path, one.message) for one in reading.problems])
        raise AssertionError("a document without problems is wanted")
    connector = connector_of(workspace, wanted.connection.connector)
    given: JsonObject = document["spec"].get("secrets", {})
    problems = check_wanted(wanted, before, connector, given)
    shown = msgspec.structs.replace(wanted.connection, secrets={})
    explained = explain_problems(problems, shown, _fields(workspace, wanted))
    raise_problems(CODE, explained)
    return wanted


def _fields(workspace: Workspace, wanted: Wanted) -> list[Field]:
    """Every field that a problem may speak of, for its help."""
    info = connector_of(workspace, wanted.connection.connector).info
    kinds = [info.goal(goal.kind) for goal in wanted.goals]
    return [*info.fields, *(field for kind in kinds if kind is not None for field in kind.fields)]


def _warnings(before: list[Goal], after: list[Goal]) -> list[str]:
    kept = {goal.id: goal for goal in after}
    found = [
        f"The goal {goal.name!r} is deleted. What it sent stays sent; made anew, it sends all again."
        for goal in _gone(before, after)
    ]
    for goal in before:
        if goal.id not in kept:
            continue
        if revised(goal, kept[goal.id], 0).version != goal.version and goal.enabled:
            found.append(f"The goal {goal.name!r} is changed: everyone is compared with the ledger again.")
    return found


def _gone(before: list[Goal], after: list[Goal]) -> list[Goal]:
    kept = {goal.id for goal in after}
    return [goal for goal in before if goal.id not in kept]
