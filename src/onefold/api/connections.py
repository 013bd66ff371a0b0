"""/api/v1/connections and /connectors: configured accounts of destinations: checked, tried, on or off.

Secrets go in and never come out. Every change wakes deliver, which takes it up within a second.
"""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from onefold.api import connection_document, trials
from onefold.api.audit_undo import SECRETS_GIVEN
from onefold.api.budget_waiting import list_budget_waiters
from onefold.api.connection_checks import (
    Secrets,
    check_match,
    check_room,
    connection_problems,
    given_secrets,
    goals_problems,
    merged_secrets,
    moved_secrets,
)
from onefold.api.connection_copy import copy_goal, free_name
from onefold.api.connection_list import list_connections
from onefold.api.data_points import show_data_points
from onefold.api.delivery_view import ConnectionView, Standing, connection_view
from onefold.api.goal_checks import (
    connector_of,
    explain_problems,
    raise_problems,
    too_many_goals,
)
from onefold.api.goals import (
    NewGoal,
    Version,
    find_connection,
    goals_of,
    new_goal,
    without_nulls,
)
from onefold.api.page import Page
from onefold.api.problem import not_found
from onefold.api.right import CONNECT, SEE, may
from onefold.api.undo import PutBack, Turn
from onefold.api.workspace import Here, Workspace
from onefold.model.access import Right
from onefold.model.budget import Budget
from onefold.model.connection import Connection, Notices
from onefold.model.goal import GOALS_MAX
from onefold.model.json import JsonValue
from onefold.plugin.check import (
    DESCRIPTION_CHARS_MAX,
    LABEL_CHARS_MAX,
    LABELS_MAX,
    OWNER_CHARS_MAX,
    check_name,
)
from onefold.plugin.declare import ConnectorInfo

DESCRIBING = frozenset({"enabled", "description", "labels", "favourite", "owner", "notices"})
"""What no connector has a say in."""

CHANGED = may(
    Right.CONNECT, undo=PutBack(("name", *sorted(DESCRIBING), "settings", "budget"), merged=("settings",))
)
DELETED = may(
    Right.CONNECT, undo="Its secrets are gone for good, and what the destination accepted, with it."
)
ENABLED = may(Right.ACTIVATE, undo=Turn("disable"))
DISABLED = may(Right.ACTIVATE, undo=Turn("enable"))

Label = Annotated[str, Meta(min_length=1, max_length=LABEL_CHARS_MAX)]
Labels = Annotated[list[Label], Meta(max_length=LABELS_MAX)]
Description = Annotated[str, Meta(max_length=DESCRIPTION_CHARS_MAX)]
Owner = Annotated[
    str, Meta(max_length=OWNER_CHARS_MAX, description="Who answers for it: a name or an address.")
]


class NewConnection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A connection to be made; GET /api/v1/connectors tells which fields and goals it takes."""

    name: str
    connector: str
    settings: dict[str, JsonValue] = {}
    secrets: Secrets = {}
    enabled: bool = True
    description: Description = ""
    labels: Labels = []
    favourite: bool = False
    owner: Owner = ""
    notices: Notices | UnsetType = UNSET
    budget: Budget | UnsetType = UNSET
    goals: list[NewGoal] = []


class ConnectionChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays, also a single setting or secret. Null removes one."""

    name: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    settings: dict[str, JsonValue] | UnsetType = UNSET
    secrets: Secrets | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    favourite: bool | UnsetType = UNSET
    owner: Owner | UnsetType = UNSET
    notices: Notices | UnsetType = UNSET
    budget: Budget | UnsetType = UNSET
    version: Version | UnsetType = UNSET


class Duplicate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the copy shall be called; "Copy of …" unless given."""

    name: str = ""


class ConnectorView(msgspec.Struct, frozen=True):
    """A connector that is installed; one that could not be loaded has a reason and no declaration."""

    name: str
    state: Literal["ok", "failed"]
    reason: str
    declaration: ConnectorInfo | None


@get("/connectors", opt=SEE, sync_to_thread=True)
def list_connectors(workspace: Here) -> Page[ConnectorView]:
    """What is installed: fields of the connection, kinds of goals with their fields and targets, codes."""
    found = workspace.connectors()
    items = [ConnectorView(name, "ok", "", one.info) for name, one in found.connectors.items()]
    items += [ConnectorView(name, "failed", reason, None) for name, reason in found.failures.items()]
    return Page(sorted(items, key=lambda item: item.name), None)


@get("/connectors/{connector:str}", opt=SEE, sync_to_thread=True)
def show_connector(workspace: Here, connector: FromPath[str]) -> ConnectorInfo:
    """One connector's declaration."""
    found = workspace.connectors().connectors.get(connector)
    if found is None:
        raise not_found("connector", connector)
    return found.info


@post("/", opt=CONNECT, sync_to_thread=True)
def create_connection(workspace: Here, data: JSONBody[NewConnection]) -> ConnectionView:
    """Make a connection, with goals if they are given."""
    check_room(workspace)
    if len(data.goals) > GOALS_MAX:
        raise too_many_goals()
    connection = Connection(
        0,
        data.name.strip(),
        data.connector,
        data.enabled,
        without_nulls(data.settings),
        given_secrets(data.secrets),
        data.description,
        data.labels,
        data.favourite,
        created_at=workspace.clock(),
        owner=data.owner.strip(),
        notices=Notices() if data.notices is UNSET else data.notices,
        budget=Budget() if data.budget is UNSET else data.budget,
    )
    connector = connector_of(workspace, connection.connector)
    goals = [new_goal(connector, goal, workspace.clock()) for goal in data.goals]
    problems = connection_problems(connector, connection)
    raise_problems("connection.invalid", problems + goals_problems(workspace, connection, goals))
    made = workspace.connections.create(connection, goals)
    workspace.wake("deliver")
    return _show(workspace, made)


@post("/{connection:str}/duplicate", opt=CONNECT, sync_to_thread=True, status_code=201)
def duplicate_connection(
    workspace: Here, connection: FromPath[str], data: JSONBody[Duplicate | None] = None
) -> ConnectionView:
    """Copy a connection with its settings, secrets and goals; the copy and its goals are off."""
    check_room(workspace)
    found = find_connection(workspace, connection)
    name = (data.name if data else "").strip() or free_name(workspace, found.name)
    at = workspace.clock()
    copied = msgspec.structs.replace(
        found, id=0, name=name, enabled=False, favourite=False, version=1, created_at=at
    )
    problems = check_name(name)
    raise_problems("connection.invalid", explain_problems(problems, copied, ()))
    goals = [copy_goal(goal, at) for goal in goals_of(workspace, found)]
    made = workspace.connections.create(copied, goals)
    workspace.wake("deliver")
    return _show(workspace, made)


@get("/{connection:str}", opt=SEE, sync_to_thread=True)
def show_connection(workspace: Here, connection: FromPath[str]) -> Response[ConnectionView]:
    """One connection, by id or name; its ETag is the version that `If-Match` takes."""
    return _tagged(_show(workspace, find_connection(workspace, connection)))


@patch("/{connection:str}", opt=CHANGED, sync_to_thread=True)
def change_connection(
    workspace: Here,
    connection: FromPath[str],
    data: JSONBody[ConnectionChange],
    request: Request[Any, Any, Any],
) -> Response[ConnectionView]:
    """Change a connection; a secret that is not given is kept. A pause ends with the change."""
    found = find_connection(workspace, connection)
    check_match(request.headers.get("if-match", ""), found)
    if data.secrets is not UNSET and (
        given := sorted(name for name, value in data.secrets.items() if value != "")
    ):
        request.state[SECRETS_GIVEN] = given
    return _tagged(_change(workspace, found, data))


@delete("/{connection:str}", opt=DELETED, sync_to_thread=True)
def delete_connection(workspace: Here, connection: FromPath[str], request: Request[Any, Any, Any]) -> None:
    """Remove a connection with its goals and secrets; what was sent stays at the destination."""
    found = find_connection(workspace, connection)
    check_match(request.headers.get("if-match", ""), found)
    workspace.connections.delete(found.id)
    workspace.wake("deliver")


@post("/{connection:str}/enable", opt=ENABLED, sync_to_thread=True, status_code=200)
def enable_connection(workspace: Here, connection: FromPath[str]) -> ConnectionView:
    """Turn a connection on: it catches up on what happened meanwhile."""
    return _change(workspace, find_connection(workspace, connection), ConnectionChange(enabled=True))


@post("/{connection:str}/disable", opt=DISABLED, sync_to_thread=True, status_code=200)
def disable_connection(workspace: Here, connection: FromPath[str]) -> ConnectionView:
    """Turn a connection off: what is under way is finished, what is due is kept until it is on again."""
    return _change(workspace, find_connection(workspace, connection), ConnectionChange(enabled=False))


def _change(workspace: Workspace, old: Connection, data: ConnectionChange) -> ConnectionView:
    version = old.version if data.version is UNSET else data.version
    given = {name: value for name in (*DESCRIBING, "budget") if (value := getattr(data, name)) is not UNSET}
    if data.name is not UNSET:
        given["name"] = data.name.strip()
    if data.settings is not UNSET:
        given["settings"] = without_nulls({**old.settings, **data.settings})
    if data.secrets is not UNSET:
        given["secrets"] = merged_secrets(old.secrets, data.secrets)
    changed = msgspec.structs.replace(old, **given)
    if changed != old or version != old.version:
        changed = msgspec.structs.replace(changed, version=old.version + 1)
        # Turning off must always work, also where the connector has gone or asks for more since.
        if given.keys() - DESCRIBING or changed.enabled:
            connector = connector_of(workspace, old.connector)
            secrets = {} if data.secrets is UNSET else data.secrets
            problems = connection_problems(connector, changed)
            problems = problems or moved_secrets(connector, old, changed, secrets)
            raise_problems("connection.invalid", problems)
        changed = workspace.connections.change(changed, version=version)
        workspace.wake("deliver")
    return _show(workspace, changed)


def _show(workspace: Workspace, connection: Connection) -> ConnectionView:
    return connection_view(connection, goals_of(workspace, connection), Standing(workspace))


def _tagged(view: ConnectionView) -> Response[ConnectionView]:
    return Response(view, headers={"etag": f'"{view.version}"'})


router = Router(
    "/connections",
    route_handlers=[
        list_connections,
        create_connection,
        show_connection,
        change_connection,
        delete_connection,
        enable_connection,
        disable_connection,
        duplicate_connection,
        trials.try_connection,
        trials.try_kept_connection,
        trials.list_options,
        trials.list_kept_options,
        connection_document.show_document,
        connection_document.apply_document,
        show_data_points,
        list_budget_waiters,
    ],
    tags=["Connections"],
)
connectors_router = Router("/", route_handlers=[list_connectors, show_connector], tags=["Connections"])
