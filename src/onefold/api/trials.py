"""Trying a connection before or after it is kept, and asking the destination what a field may hold.

Secrets that are given here are used for the question and forgotten. Nothing is changed at the destination.
"""

import asyncio
from collections.abc import Sequence

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from onefold.api.connection_checks import (
    Secrets,
    connection_problems,
    given_secrets,
    merged_secrets,
    moved_secrets,
)
from onefold.api.goal_checks import connector_of, explain_problems, raise_problems
from onefold.api.goals import NewGoal, find_connection, goals_of, new_goal, without_nulls
from onefold.api.problem import FieldProblem, InvalidError
from onefold.api.right import may
from onefold.api.workspace import Here
from onefold.errors import ConnectorError, RequestError
from onefold.model.access import Right
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.plugin.check import check_settings
from onefold.plugin.contract import Connector, OffersOptions, ProbesAll
from onefold.plugin.declare import FieldKind, OptionPage, Probe

TRY_S_MAX = 20.0
"""A destination that does not answer a try within so long will not serve deliveries either."""


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A connection to be tried before it is kept; with goals, what these need is marked."""

    connector: str
    settings: dict[str, JsonValue] = {}
    secrets: Secrets = {}
    goals: list[NewGoal] = []


class TrialChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to try instead of what is kept."""

    settings: dict[str, JsonValue] = {}
    secrets: Secrets = {}


class TrialView(msgspec.Struct, frozen=True):
    """What came of a try: each permission by itself, with what to do where it is missing."""

    passed: bool
    """Nothing that is needed is missing."""
    probes: list[Probe]


class OptionQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which values may a field have, with these settings and secrets?"""

    connector: str
    field: str
    goal_kind: str = ""
    """Of a field of a goal: its kind."""
    settings: dict[str, JsonValue] = {}
    secrets: Secrets = {}
    search: str = ""
    cursor: str = ""


class KeptOptionQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which values may a field have, with what is kept and these settings and secrets instead?"""

    field: str
    goal_kind: str = ""
    settings: dict[str, JsonValue] = {}
    secrets: Secrets = {}
    search: str = ""
    cursor: str = ""


@post("/test", opt=may(Right.CONNECT, audited=False), status_code=200)
async def try_connection(workspace: Here, data: JSONBody[Trial]) -> TrialView:
    """Try settings and secrets before they are kept. Changes nothing at the destination."""
    connector = await asyncio.to_thread(connector_of, workspace, data.connector)
    settings, secrets = without_nulls(data.settings), given_secrets(data.secrets)
    goals = [new_goal(connector, goal, workspace.clock()) for goal in data.goals]
    return await _try(connector, Connection(0, "Trial", data.connector, True, settings, secrets), goals)


@post("/{connection:str}/test", opt=may(Right.CONNECT, audited=False), status_code=200)
async def try_kept_connection(
    workspace: Here, connection: FromPath[str], data: JSONBody[TrialChange | None] = None
) -> TrialView:
    """Try a connection as it is kept, or with some settings and secrets in place of those kept."""
    found = await asyncio.to_thread(find_connection, workspace, connection)
    connector = await asyncio.to_thread(connector_of, workspace, found.connector)
    goals = await asyncio.to_thread(goals_of, workspace, found)
    if data is not None:
        found = _replaced(connector, found, data.settings, data.secrets)
    return await _try(connector, found, goals)


@post("/options", opt=may(Right.CONNECT, audited=False), status_code=200)
async def list_options(workspace: Here, data: JSONBody[OptionQuery]) -> OptionPage:
    """Ask the destination for the values of a field, such as its buckets, before anything is kept."""
    connector = await asyncio.to_thread(connector_of, workspace, data.connector)
    settings, secrets = without_nulls(data.settings), given_secrets(data.secrets)
    connection = Connection(0, "Trial", data.connector, True, settings, secrets)
    return await _ask(connector, connection, data)


@post("/{connection:str}/options", opt=may(Right.CONNECT, audited=False), status_code=200)
async def list_kept_options(
    workspace: Here, connection: FromPath[str], data: JSONBody[KeptOptionQuery]
) -> OptionPage:
    """Ask the destination for the values of a field, with what is kept or something else instead."""
    found = await asyncio.to_thread(find_connection, workspace, connection)
    connector = await asyncio.to_thread(connector_of, workspace, found.connector)
    return await _ask(connector, _replaced(connector, found, data.settings, data.secrets), data)


async def _try(connector: Connector, connection: Connection, goals: Sequence[Goal]) -> TrialView:
    raise_problems("connection.invalid", connection_problems(connector, connection))
    destination = connector.open(connection)
    try:
        async with asyncio.timeout(TRY_S_MAX):
            if isinstance(destination, ProbesAll):
                probes = await destination.probe_all(goals)
            else:
                probes = await destination.check_credentials()
    except TimeoutError:
        message = f"No answer came within {TRY_S_MAX:g} s. Check the address and the network between."
        probes = [Probe("reachable", passed=False, message=message)]
    except ConnectorError as error:
        probes = [Probe("reachable", passed=False, message=f"{error.message} {error.hint}".strip())]
    finally:
        await destination.close()
    return TrialView(all(probe.passed for probe in probes if probe.needed), probes)


async def _ask(
    connector: Connector, connection: Connection, query: OptionQuery | KeptOptionQuery
) -> OptionPage:
    """The options of a field.

    Raises:
        RequestError: it has none, something given is wrong, or the destination could not be asked.
    """
    info = connector.info
    kind = info.goal(query.goal_kind) if query.goal_kind else None
    fields = kind.fields if kind else () if query.goal_kind else info.fields
    listed = [field.name for field in fields if field.is_listed]
    offers = connector if isinstance(connector, OffersOptions) else None
    if query.field not in listed or offers is None:
        message = (
            f"{query.field!r} is no field with a list of values; there are: {', '.join(listed) or 'none'}."
        )
        raise InvalidError("connection.invalid", [FieldProblem("field", message, query.field)])
    # What is not filled in yet is no fault here: only what is filled in wrongly.
    given = {**connection.settings, **connection.secrets}
    filled = [field for field in info.fields if given.get(field.name)]
    plain = [field for field in filled if field.kind is not FieldKind.SECRET]
    secret = [field for field in filled if field.kind is FieldKind.SECRET]
    problems = check_settings(plain, connection.settings, "settings")
    problems += check_settings(secret, connection.secrets, "secrets")
    raise_problems("connection.invalid", explain_problems(problems, connection, info.fields))
    try:
        async with asyncio.timeout(TRY_S_MAX):
            return await offers.options(
                connection, query.field, goal_kind=query.goal_kind, search=query.search, cursor=query.cursor
            )
    except TimeoutError as error:
        raise RequestError(
            "connection.no_answer",
            f"No answer came within {TRY_S_MAX:g} s.",
            status=504,
            hint="Check the address and the network between.",
        ) from error


def _replaced(
    connector: Connector, found: Connection, settings: dict[str, JsonValue], secrets: Secrets
) -> Connection:
    """The kept connection with something else in its place, unless a kept secret would leave its address."""
    changed = msgspec.structs.replace(
        found,
        settings=without_nulls({**found.settings, **settings}),
        secrets=merged_secrets(found.secrets, secrets),
    )
    raise_problems("connection.invalid", moved_secrets(connector, found, changed, secrets))
    return changed
