"""/api/v1/connections/{connection}/goals: what a connection achieves, in order, and how far each goal is.

A goal is checked against what its connector declares, the other goals of its connection and the segments
there are. Every change wakes deliver.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from onefold.api.delivery_view import GoalView, Standing, goal_view
from onefold.api.goal_checks import connector_of, goal_problems, raise_problems, too_many_goals
from onefold.api.page import Page
from onefold.api.problem import FieldProblem, InvalidError, not_found
from onefold.api.revision import check_match, etag
from onefold.api.right import ACTIVATE, SEE, may
from onefold.api.undo import PutBack, PutInOrder, Turn
from onefold.api.workspace import Here, Workspace
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.model.connection import Connection
from onefold.model.event_mapping import EventMapping
from onefold.model.goal import EVERYONE, GOALS_MAX, Goal
from onefold.model.intake import Intake
from onefold.model.json import JsonValue
from onefold.model.mapping import Mapping, SegmentsValue, SegmentValue
from onefold.model.match import MatchKey
from onefold.model.schedule import CONTINUOUS, Schedule
from onefold.plugin.contract import Connector
from onefold.plugin.declare import Feed

Version = Annotated[
    int, Meta(ge=1, description="The version that the change starts from; another one is a conflict.")
]


FIELDS = (
    *("name", "enabled", "segment_id", "mappings", "settings", "schedule", "intake"),
    *("event_mappings", "match", "purpose", "compare_first"),
)
CHANGED = may(Right.ACTIVATE, undo=PutBack(FIELDS, merged=("settings",)))
DELETED = may(
    Right.ACTIVATE,
    undo="What the destination accepted for it is forgotten: made again, it would send everything once more.",
)
ENABLED = may(Right.ACTIVATE, undo=Turn("disable"))
DISABLED = may(Right.ACTIVATE, undo=Turn("enable"))
STOPPED = may(Right.ACTIVATE, undo="What was due is dropped: nothing keeps it.")
RESYNCED = may(Right.ACTIVATE, undo="What goes out cannot be called back. Stop the goal to end it.")
ORDERED = may(Right.ACTIVATE, undo=PutInOrder("goals"))


class NewGoal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A goal to be made; GET /api/v1/connectors tells what each kind takes."""

    kind: str
    name: str
    enabled: bool = False
    segment_id: int = EVERYONE
    mappings: list[Mapping] = []
    settings: dict[str, JsonValue] = {}
    schedule: Schedule = CONTINUOUS
    preset: str = ""
    """Begin with the settings of a preset that the kind declares; those given go before."""
    intake: Intake | None = None
    """Of a goal that brings people in: how it reads them."""
    event_mappings: list[EventMapping] = []
    """Of a goal that sends events: those that go under another name, or with other properties."""
    match: list[MatchKey] = []
    purpose: str = ""
    """Only people who consented to it are delivered; empty: no consent is asked for."""
    compare_first: bool = False
    """Before it sends anything, read back what the destination holds of its people: what differs goes."""


class GoalChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a goal; what is left out stays. Of `settings`, null takes the default again."""

    name: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    segment_id: int | UnsetType = UNSET
    mappings: list[Mapping] | UnsetType = UNSET
    settings: dict[str, JsonValue] | UnsetType = UNSET
    schedule: Schedule | UnsetType = UNSET
    intake: Intake | UnsetType = UNSET
    event_mappings: list[EventMapping] | UnsetType = UNSET
    match: list[MatchKey] | UnsetType = UNSET
    purpose: str | UnsetType = UNSET
    compare_first: bool | UnsetType = UNSET
    version: Version | UnsetType = UNSET


class GoalOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every goal of the connection by id, in the order that they shall have."""

    goals: list[int]


@get("/", opt=SEE, sync_to_thread=True)
def list_goals(workspace: Here, connection: FromPath[str]) -> Page[GoalView]:
    """Goals in their order, each with its progress and counts."""
    found = find_connection(workspace, connection)
    standing = Standing(workspace)
    return Page([goal_view(found, goal, standing) for goal in goals_of(workspace, found)], None)


@post("/", opt=ACTIVATE, sync_to_thread=True)
def create_goal(workspace: Here, connection: FromPath[str], data: JSONBody[NewGoal]) -> GoalView:
    """Add a goal behind the others."""
    found = find_connection(workspace, connection)
    others = goals_of(workspace, found)
    if len(others) >= GOALS_MAX:
        raise too_many_goals()
    goal = new_goal(connector_of(workspace, found.connector), data, workspace.clock())
    position = max((other.position for other in others), default=-1) + 1
    goal = msgspec.structs.replace(goal, connection_id=found.id, position=position)
    raise_problems(
        "goal.invalid", goal_problems(workspace, found.connector, goal, others, settings=found.settings)
    )
    made = workspace.connections.create_goal(goal)
    workspace.wake("deliver")
    return goal_view(found, made, Standing(workspace))


@get("/{goal:str}", opt=SEE, sync_to_thread=True)
def show_goal(workspace: Here, connection: FromPath[str], goal: FromPath[str]) -> Response[GoalView]:
    """One goal, by id or name; its ETag is the version that `If-Match` takes."""
    found = find_connection(workspace, connection)
    return _tagged(goal_view(found, find_goal(workspace, found, goal), Standing(workspace)))


@patch("/{goal:str}", opt=CHANGED, sync_to_thread=True)
def change_goal(
    workspace: Here,
    connection: FromPath[str],
    goal: FromPath[str],
    data: JSONBody[GoalChange],
    request: Request[Any, Any, Any],
) -> Response[GoalView]:
    """Change a goal. Everyone is then compared again with what the destination has accepted."""
    found = find_connection(workspace, connection)
    kept = find_goal(workspace, found, goal)
    check_match(request.headers.get("if-match", ""), kept.version, "goal")
    return _tagged(_change(workspace, found, kept, data))


@delete("/{goal:str}", opt=DELETED, sync_to_thread=True)
def delete_goal(workspace: Here, connection: FromPath[str], goal: FromPath[str]) -> None:
    """Remove a goal; what it sent stays at the destination."""
    found = find_connection(workspace, connection)
    workspace.connections.delete_goal(find_goal(workspace, found, goal).id)
    workspace.wake("deliver")


@post("/{goal:str}/enable", opt=ENABLED, sync_to_thread=True, status_code=200)
def enable_goal(workspace: Here, connection: FromPath[str], goal: FromPath[str]) -> GoalView:
    """Turn a goal on: it goes on where it stopped."""
    found = find_connection(workspace, connection)
    return _change(workspace, found, find_goal(workspace, found, goal), GoalChange(enabled=True))


@post("/{goal:str}/disable", opt=DISABLED, sync_to_thread=True, status_code=200)
def disable_goal(workspace: Here, connection: FromPath[str], goal: FromPath[str]) -> GoalView:
    """Pause a goal: what is under way is finished, and what is due is kept until it is turned on again."""
    found = find_connection(workspace, connection)
    return _change(workspace, found, find_goal(workspace, found, goal), GoalChange(enabled=False))


@post("/{goal:str}/stop", opt=STOPPED, sync_to_thread=True, status_code=200)
def stop_goal(workspace: Here, connection: FromPath[str], goal: FromPath[str]) -> GoalView:
    """Turn a goal off and drop what is due: once on again it follows what changes from then on."""
    found = find_connection(workspace, connection)
    kept = find_goal(workspace, found, goal)
    return _keep(workspace, found, kept, msgspec.structs.replace(kept, enabled=False, stopped=True))


@post("/{goal:str}/resync", opt=RESYNCED, sync_to_thread=True, status_code=200)
def resync_goal(workspace: Here, connection: FromPath[str], goal: FromPath[str]) -> GoalView:
    """Send everything of everyone again, whatever the ledger says; each field costs once more."""
    found = find_connection(workspace, connection)
    kept = find_goal(workspace, found, goal)
    kind = connector_of(workspace, found.connector).info.goal(kept.kind)
    if kind is not None and kind.feed is not Feed.PROFILES:
        raise RequestError(
            "goal.no_resync",
            "Only a goal that keeps profiles up to date can be sent again as a whole.",
            status=409,
            hint="Events sent again would count twice at the destination.",
        )
    return _keep(workspace, found, kept, msgspec.structs.replace(kept, resyncs=kept.resyncs + 1))


@put("/order", opt=ORDERED, sync_to_thread=True)
def order_goals(workspace: Here, connection: FromPath[str], data: JSONBody[GoalOrder]) -> Page[GoalView]:
    """Put the goals into another order: of one person, the fields of an earlier goal go first."""
    found = find_connection(workspace, connection)
    workspace.connections.place_goals(found.id, data.goals)
    workspace.wake("deliver")
    standing = Standing(workspace)
    return Page([goal_view(found, goal, standing) for goal in goals_of(workspace, found)], None)


def find_connection(workspace: Workspace, id_or_name: str) -> Connection:
    """The connection of a route.

    Raises:
        RequestError: there is none.
    """
    found = workspace.connections.find(id_or_name)
    if found is None:
        raise not_found("connection", id_or_name, hint="`onefold connections list` shows them.")
    return found


def goals_of(workspace: Workspace, connection: Connection) -> list[Goal]:
    """Its goals, in order."""
    return workspace.connections.goals([connection.id])


def new_goal(connector: Connector, data: NewGoal, at: int) -> Goal:
    """As it was asked for, begun with its preset; its connection and place come later.

    Raises:
        InvalidError: the kind has no preset of that name.
    """
    return Goal(
        0,
        0,
        data.kind,
        data.name.strip(),
        data.enabled,
        data.segment_id,
        data.mappings,
        without_nulls({**_preset(connector, data), **data.settings}),
        intake=data.intake,
        match=data.match,
        created_at=at,
        enabled_at=at if data.enabled else 0,
        event_mappings=data.event_mappings,
        schedule=data.schedule,
        purpose=data.purpose,
        compare_first=data.compare_first,
    )


def draft_goal(workspace: Workspace, connection: Connection, data: NewGoal) -> Goal:
    """A goal that is tried before it is kept: it need not have a name yet.

    Raises:
        InvalidError: the connector is not installed, or the kind has no preset of that name.
    """
    goal = new_goal(connector_of(workspace, connection.connector), data, workspace.clock())
    return msgspec.structs.replace(goal, connection_id=connection.id, name=goal.name or "Draft")


def in_place_of(kept: Goal, draft: Goal) -> Goal:
    """A draft as the goal that it would change: what was sent for that one, was sent for it."""
    return msgspec.structs.replace(
        draft,
        id=kept.id,
        position=kept.position,
        version=kept.version + 1,
        created_at=kept.created_at,
        enabled_at=kept.enabled_at,
        resyncs=kept.resyncs,
    )


def _preset(connector: Connector, data: NewGoal) -> dict[str, JsonValue]:
    """The settings of the preset that it names."""
    if not data.preset:
        return {}
    kind = connector.info.goal(data.kind)
    preset = kind.preset(data.preset) if kind else None
    if preset is None:
        known = ", ".join(one.name for one in kind.presets) if kind else ""
        message = f"There is no preset {data.preset!r}; there are: {known or 'none'}."
        raise InvalidError("goal.invalid", [FieldProblem("preset", message, data.preset)])
    return preset.settings


def revised(goal: Goal, changed: Goal, at: int) -> Goal:
    """A changed goal with its version and times: on or off alone is no new version."""
    if changed.enabled and (changed.stopped or not changed.enabled_at):
        changed = msgspec.structs.replace(changed, enabled_at=at, stopped=False)
    # Whoever turns a goal on again wants it to go on, not to begin anew.
    as_before = msgspec.structs.replace(
        changed,
        enabled=goal.enabled,
        enabled_at=goal.enabled_at,
        stopped=goal.stopped,
        position=goal.position,
    )
    if as_before != goal:
        changed = msgspec.structs.replace(changed, version=goal.version + 1, changed_at=at)
    return changed


def without_nulls(values: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Null means: as if it was never said."""
    return {name: value for name, value in values.items() if value is not None}


def goals_of_segment(workspace: Workspace, segment_id: int) -> list[Goal]:
    """The goals that would miss a segment: theirs, or one that a mapping tells of."""
    return [
        goal
        for goal in workspace.connections.goals()
        if goal.segment_id == segment_id
        or any(segment_id in _segments_of(mapping) for mapping in goal.mappings)
    ]


def _segments_of(mapping: Mapping) -> Sequence[int]:
    """The segments that a mapping names."""
    source = mapping.source
    if isinstance(source, SegmentValue):
        return (source.segment_id,)
    return source.segment_ids if isinstance(source, SegmentsValue) else ()


def find_goal(workspace: Workspace, connection: Connection, id_or_name: str) -> Goal:
    """The goal of a route.

    Raises:
        RequestError: there is none.
    """
    for goal in goals_of(workspace, connection):
        if id_or_name in (str(goal.id), goal.name):
            return goal
    raise not_found("goal", id_or_name, hint=f"`onefold connections show {connection.id}` shows them.")


def _change(workspace: Workspace, connection: Connection, goal: Goal, data: GoalChange) -> GoalView:
    changed = msgspec.structs.replace(
        goal,
        name=goal.name if data.name is UNSET else data.name.strip(),
        enabled=goal.enabled if data.enabled is UNSET else data.enabled,
        segment_id=goal.segment_id if data.segment_id is UNSET else data.segment_id,
        mappings=goal.mappings if data.mappings is UNSET else data.mappings,
        settings=goal.settings
        if data.settings is UNSET
        else without_nulls({**goal.settings, **data.settings}),
        schedule=goal.schedule if data.schedule is UNSET else data.schedule,
        intake=goal.intake if data.intake is UNSET else data.intake,
        event_mappings=goal.event_mappings if data.event_mappings is UNSET else data.event_mappings,
        match=goal.match if data.match is UNSET else data.match,
        purpose=goal.purpose if data.purpose is UNSET else data.purpose,
        compare_first=goal.compare_first if data.compare_first is UNSET else data.compare_first,
    )
    return _keep(
        workspace, connection, goal, changed, goal.version if data.version is UNSET else data.version
    )


def _keep(
    workspace: Workspace, connection: Connection, goal: Goal, changed: Goal, version: int | None = None
) -> GoalView:
    """Store a goal as it now is, unless someone changed it after `version`."""
    version = goal.version if version is None else version
    changed = revised(goal, changed, workspace.clock())
    if changed != goal or version != goal.version:
        # Turning off must always work, also where segments or the connector have gone since.
        if changed.enabled or changed.version != goal.version:
            others = goals_of(workspace, connection)
            problems = goal_problems(
                workspace, connection.connector, changed, others, settings=connection.settings
            )
            raise_problems("goal.invalid", problems)
        changed = workspace.connections.change_goal(changed, version=version)
        workspace.wake("deliver")
    return goal_view(connection, changed, Standing(workspace))


def _tagged(view: GoalView) -> Response[GoalView]:
    return Response(view, headers=etag(view.version))


router = Router(
    "/connections/{connection:str}/goals",
    route_handlers=[
        list_goals,
        create_goal,
        show_goal,
        change_goal,
        delete_goal,
        enable_goal,
        disable_goal,
        stop_goal,
        resync_goal,
        order_goals,
    ],
    tags=["Connections"],
)
