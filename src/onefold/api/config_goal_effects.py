"""What the goals of a planned connection would send first: those that begin, or compare everyone again."""

import msgspec

from onefold.api.caller import Caller, missing_right
from onefold.api.connection_plan import PlannedConnection
from onefold.api.goal_preview import GoalPreviewView, preview_of
from onefold.api.goals import revised
from onefold.api.workspace import Workspace
from onefold.config.config_plan import GoalEffect
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.model.goal import Goal

UNTOLD = "Its connection is another one: asking the destination needs the right to connect."


async def goal_effects(
    workspace: Workspace, planned: PlannedConnection, made_segments: set[int], caller: Caller
) -> list[GoalEffect]:
    """One a goal that is on, and is new, was off or is another one now; `made_segments` are those that exist.

    Raises:
        RequestError: the caller has not the right to preview goals.
    """
    if Right.ACTIVATE not in caller.rights:
        raise missing_right(Right.ACTIVATE)
    before, connection = planned.before, planned.wanted.connection
    is_same = before is not None and (before.settings, before.secrets) == (
        connection.settings,
        connection.secrets,
    )
    # Goals that are not made yet have no ids: negative ones tell them apart.
    goals = [
        goal if goal.id else _numbered(goal, place) for place, goal in enumerate(planned.wanted.goals, 1)
    ]
    found = []
    for goal in goals:
        if not connection.enabled or not _begins(planned, goal):
            continue
        if not is_same and Right.CONNECT not in caller.rights:
            found.append(GoalEffect(goal.name, reason=UNTOLD))
        elif goal.segment_id and goal.segment_id not in made_segments:
            found.append(GoalEffect(goal.name, reason="Its segment is made with it: nobody is in it yet."))
        else:
            found.append(await _effect(workspace, planned, goal, goals))
    return found


async def _effect(
    workspace: Workspace, planned: PlannedConnection, goal: Goal, goals: list[Goal]
) -> GoalEffect:
    try:
        found = await preview_of(workspace, planned.wanted.connection, goal, goals, 0, is_counted=True)
    except RequestError as error:
        return GoalEffect(goal.name, reason=error.message)
    return _counted(goal, found)


def _counted(goal: Goal, found: GoalPreviewView) -> GoalEffect:
    if found.daily is not None:
        daily = found.daily
        return GoalEffect(goal.name, daily.events, daily.sent, daily.data_points, True, daily.exact)
    if found.reach is not None:
        reach = found.reach
        return GoalEffect(goal.name, reach.people, reach.sent, reach.data_points, is_exact=reach.exact)
    return GoalEffect(goal.name, reason="It is not counted.")


def _begins(planned: PlannedConnection, goal: Goal) -> bool:
    old = next((one for one in planned.goals_before if one.id == goal.id), None)
    if not goal.enabled or old is None:
        return goal.enabled
    was_on = old.enabled and planned.before is not None and planned.before.enabled
    return not was_on or revised(old, goal, 0).version != old.version


def _numbered(goal: Goal, place: int) -> Goal:
    return msgspec.structs.replace(goal, id=-place)
