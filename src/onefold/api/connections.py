"""/api/v1/connections and /connectors: configured accounts of destinations: checked, tried, on or off.

Secrets go in and never come out. Every change wakes deliver, which takes it up within a second.
"""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from onefold.api.caller import CALLERS
from onefold.api.delivery_view import ConnectionView, Standing, connection_view
from onefold.api.goals import (
    GOALS_MAX,
    NewGoal,
    Version,
    connector_of,
    explain_problems,
    find_connection,
    goal_problems,
    goals_of,
    new_goal,
    raise_problems,
    too_many_goals,
    with_preset,
    without_nulls,
)
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_number
from onefold.api.problem import FieldProblem, not_found
from onefold.api.workspace import Here, Workspace
from onefold.errors import ConnectorError, RequestError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.plugin.check import check_connection, check_secrets_stay
from onefold.plugin.contract import Connector
from onefold.plugin.declare import ConnectorInfo, Probe

CONNECTIONS_MAX = 200
"""Each is a task with sockets of its own in deliver."""
TRY_S_MAX = 20.0
"""A destination that does not answer a try within so long will not serve deliveries either."""

DESCRIBING = frozenset({"enabled", "description", "labels", "favourite"})
"""What no connector has a say in."""

Label = Annotated[str, Meta(min_length=1, max_length=100)]
Labels = Annotated[list[Label], Meta(max_length=50)]
Description = Annotated[str, Meta(max_length=2000)]
Secrets = dict[str, str | None]


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
    version: Version | UnsetType = UNSET


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A connection to be tried before it is kept."""

    connector: str
    settings: dict[str, JsonValue] = {}
    secrets: Secrets = {}


class TrialChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to try instead of what is kept."""

    settings: dict[str, JsonValue] = {}
    secrets: Secrets = {}


class TrialView(msgspec.Struct, frozen=True):
    """What came of a try: each permission by itself, with what to do where it is missing."""

    passed: bool
    probes: list[Probe]


class ConnectorView(msgspec.Struct, frozen=True):
    """A connector that is installed; one that could not be loaded has a reason and no declaration."""

    name: str
    state: Literal["ok", "failed"]
    reason: str
    declaration: ConnectorInfo | None


@get("/connectors", opt=CALLERS, sync_to_thread=True)
def list_connectors(workspace: Here) -> Page[ConnectorView]:
    """What is installed: fields of the connection, kinds of goals with their fields and targets, codes."""
    found = workspace.connectors()
    items = [ConnectorView(name, "ok", "", one.info) for name, one in found.connectors.items()]
    items += [ConnectorView(name, "failed", reason, None) for name, reason in found.failures.items()]
    return Page(sorted(items, key=lambda item: item.name), None)


@get("/connectors/{connector:str}", opt=CALLERS, sync_to_thread=True)
def show_connector(workspace: Here, connector: FromPath[str]) -> ConnectorInfo:
    """One connector's declaration."""
    found = workspace.connectors().connectors.get(connector)
    if found is None:
        raise not_found("connector", connector)
    return found.info


@get("/", opt=CALLERS, sync_to_thread=True)
def list_connections(
    workspace: Here, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = ""
) -> Page[ConnectionView]:
    """Connections, oldest first, each with its goals."""
    found = workspace.connections.page(after=read_number(cursor), count_max=limit + 1)
    goals = workspace.connections.goals([connection.id for connection in found])
    standing = Standing(workspace)
    return page_of(found, limit, lambda one: one.id, lambda one: connection_view(one, goals, standing))


@post("/", opt=CALLERS, sync_to_thread=True)
def create_connection(workspace: Here, data: JSONBody[NewConnection]) -> ConnectionView:
    """Make a connection, with goals if they are given."""
    if len(workspace.connections.page(count_max=CONNECTIONS_MAX)) >= CONNECTIONS_MAX:
        raise RequestError(
            "api.too_many_connections",
            f"There are {CONNECTIONS_MAX} connections, as many as fit.",
            status=409,
            hint="Delete those that are not used.",
        )
    if len(data.goals) > GOALS_MAX:
        raise too_many_goals()
    connection = Connection(
        0,
        data.name.strip(),
        data.connector,
        data.enabled,
        without_nulls(data.settings),
        _given(data.secrets),
        data.description,
        data.labels,
        data.favourite,
        created_at=workspace.clock(),
    )
    connector = connector_of(workspace, connection.connector)
    goals = [new_goal(with_preset(connector, goal), workspace.clock()) for goal in data.goals]
    problems = _connection_problems(connector, connection)
    raise_problems("connection.invalid", problems + _goals_problems(workspace, connection.connector, goals))
    made = workspace.connections.create(connection, goals)
    workspace.wake("deliver")
    return _show(workspace, made)


@get("/{connection:str}", opt=CALLERS, sync_to_thread=True)
def show_connection(workspace: Here, connection: FromPath[str]) -> Response[ConnectionView]:
    """One connection, by id or name; its ETag is the version that `If-Match` takes."""
    return _tagged(_show(workspace, find_connection(workspace, connection)))


@patch("/{connection:str}", opt=CALLERS, sync_to_thread=True)
def change_connection(
    workspace: Here,
    connection: FromPath[str],
    data: JSONBody[ConnectionChange],
    request: Request[Any, Any, Any],
) -> Response[ConnectionView]:
    """Change a connection; a secret that is not given is kept. A pause ends with the change."""
    found = find_connection(workspace, connection)
    _check_match(request.headers.get("if-match", ""), found)
    return _tagged(_change(workspace, found, data))


@delete("/{connection:str}", opt=CALLERS, sync_to_thread=True)
def delete_connection(workspace: Here, connection: FromPath[str], request: Request[Any, Any, Any]) -> None:
    """Remove a connection with its goals and secrets; what was sent stays at the destination."""
    found = find_connection(workspace, connection)
    _check_match(request.headers.get("if-match", ""), found)
    workspace.connections.delete(found.id)
    workspace.wake("deliver")


@post("/{connection:str}/enable", opt=CALLERS, sync_to_thread=True, status_code=200)
def enable_connection(workspace: Here, connection: FromPath[str]) -> ConnectionView:
    """Turn a connection on: it catches up on what happened meanwhile."""
    return _change(workspace, find_connection(workspace, connection), ConnectionChange(enabled=True))


@post("/{connection:str}/disable", opt=CALLERS, sync_to_thread=True, status_code=200)
def disable_connection(workspace: Here, connection: FromPath[str]) -> ConnectionView:
    """Turn a connection off: what is under way is finished, the rest waits."""
    return _change(workspace, find_connection(workspace, connection), ConnectionChange(enabled=False))


@post("/test", opt=CALLERS, status_code=200)
async def try_connection(workspace: Here, data: JSONBody[Trial]) -> TrialView:
    """Try settings and secrets before they are kept. Changes nothing at the destination."""
    connector = await asyncio.to_thread(connector_of, workspace, data.connector)
    settings, secrets = without_nulls(data.settings), _given(data.secrets)
    return await _try(connector, Connection(0, "Trial", data.connector, True, settings, secrets))


@post("/{connection:str}/test", opt=CALLERS, status_code=200)
async def try_kept_connection(
    workspace: Here, connection: FromPath[str], data: JSONBody[TrialChange | None] = None
) -> TrialView:
    """Try a connection as it is kept, or with some settings and secrets in place of those kept."""
    found = await asyncio.to_thread(find_connection, workspace, connection)
    connector = await asyncio.to_thread(connector_of, workspace, found.connector)
    if data is not None:
        changed = msgspec.structs.replace(
            found,
            settings=without_nulls({**found.settings, **data.settings}),
            secrets=_merged(found.secrets, data.secrets),
        )
        raise_problems("connection.invalid", _moved_secrets(connector, found, changed, data.secrets))
        found = changed
    return await _try(connector, found)


async def _try(connector: Connector, connection: Connection) -> TrialView:
    raise_problems("connection.invalid", _connection_problems(connector, connection))
    destination = connector.open(connection)
    try:
        async with asyncio.timeout(TRY_S_MAX):
            probes = await destination.check_credentials()
    except TimeoutError:
        message = f"No answer came within {TRY_S_MAX:g} s. Check the address and the network between."
        probes = [Probe("reachable", passed=False, message=message)]
    except ConnectorError as error:
        probes = [Probe("reachable", passed=False, message=f"{error.message} {error.hint}".strip())]
    finally:
        await destination.close()
    return TrialView(all(probe.passed for probe in probes), probes)


def _change(workspace: Workspace, old: Connection, data: ConnectionChange) -> ConnectionView:
    version = old.version if data.version is UNSET else data.version
    given = {
        name: value
        for name in ("enabled", "description", "labels", "favourite")
        if (value := getattr(data, name)) is not UNSET
    }
    if data.name is not UNSET:
        given["name"] = data.name.strip()
    if data.settings is not UNSET:
        given["settings"] = without_nulls({**old.settings, **data.settings})
    if data.secrets is not UNSET:
        given["secrets"] = _merged(old.secrets, data.secrets)
    changed = msgspec.structs.replace(old, **given)
    if changed != old or version != old.version:
        changed = msgspec.structs.replace(changed, version=old.version + 1)
        # Turning off must always work, also where the connector has gone or asks for more since.
        if given.keys() - DESCRIBING or changed.enabled:
            connector = connector_of(workspace, old.connector)
            given_secrets = {} if data.secrets is UNSET else data.secrets
            problems = _connection_problems(connector, changed)
            problems = problems or _moved_secrets(connector, old, changed, given_secrets)
            raise_problems("connection.invalid", problems)
        changed = workspace.connections.change(changed, version=version)
        workspace.wake("deliver")
    return _show(workspace, changed)


def _connection_problems(connector: Connector, connection: Connection) -> list[FieldProblem]:
    problems = check_connection(connector, connection)
    return explain_problems(problems, connection, connector.info.fields)


def _moved_secrets(
    connector: Connector, before: Connection, after: Connection, given: Secrets
) -> list[FieldProblem]:
    fields = connector.info.fields
    return explain_problems(check_secrets_stay(fields, before, after, _given(given)), after, fields)


def _goals_problems(workspace: Workspace, connector: str, goals: list[Goal]) -> list[FieldProblem]:
    """Of goals that come with their connection: each beside those before it."""
    problems: list[FieldProblem] = []
    # They have no ids yet: negative ones tell them apart.
    numbered = [msgspec.structs.replace(goal, id=-place) for place, goal in enumerate(goals, 1)]
    for place, goal in enumerate(numbered):
        problems += goal_problems(workspace, connector, goal, numbered[:place], f"goals.{place}.")
    return problems


def _given(secrets: Secrets) -> dict[str, str]:
    return {name: value for name, value in secrets.items() if value}


def _merged(kept: dict[str, str], given: Secrets) -> dict[str, str]:
    """Kept ones under those given; null removes one, and an empty text is a form left as it was."""
    return _given({**kept, **{name: value for name, value in given.items() if value != ""}})


def _check_match(if_match: str, connection: Connection) -> None:
    tag = if_match.strip().removeprefix("W/").strip('"')
    if tag and tag != "*" and tag != str(connection.version):
        raise RequestError(
            "api.changed_meanwhile",
            "The connection was changed by someone else meanwhile.",
            status=412,
            hint="Read it again and repeat your change.",
        )


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
        try_connection,
        try_kept_connection,
    ],
    tags=["Connections"],
)
connectors_router = Router("/", route_handlers=[list_connectors, show_connector], tags=["Connections"])
