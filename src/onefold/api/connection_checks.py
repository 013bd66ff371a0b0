"""What is wrong with a connection that someone gives, and what becomes of the secrets that come with it."""

import msgspec

from onefold.api import revision
from onefold.api.goal_checks import explain_problems, goal_problems
from onefold.api.problem import FieldProblem
from onefold.api.workspace import Workspace
from onefold.errors import RequestError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.plugin.check import check_connection, check_secrets_stay
from onefold.plugin.contract import Connector

CONNECTIONS_MAX = 200
"""Each is a task with sockets of its own in deliver."""

Secrets = dict[str, str | None]


def check_room(workspace: Workspace) -> None:
    """Refuse one connection more than fit.

    Raises:
        RequestError: there are as many as fit.
    """
    if len(workspace.connections.page(count_max=CONNECTIONS_MAX)) >= CONNECTIONS_MAX:
        raise RequestError(
            "api.too_many_connections",
            f"There are {CONNECTIONS_MAX} connections, as many as fit.",
            status=409,
            hint="Delete those that are not used.",
        )


def connection_problems(connector: Connector, connection: Connection) -> list[FieldProblem]:
    """Everything that is wrong with a connection."""
    problems = check_connection(connector, connection)
    return explain_problems(problems, connection, connector.info.fields)


def moved_secrets(
    connector: Connector, before: Connection, after: Connection, given: Secrets
) -> list[FieldProblem]:
    """The kept secrets that would be sent to another address."""
    fields = connector.info.fields
    return explain_problems(check_secrets_stay(fields, before, after, given_secrets(given)), after, fields)


def goals_problems(workspace: Workspace, connection: Connection, goals: list[Goal]) -> list[FieldProblem]:
    """Of goals that come with their connection: each beside those before it."""
    problems: list[FieldProblem] = []
    # They have no ids yet: negative ones tell them apart.
    numbered = [msgspec.structs.replace(goal, id=-place) for place, goal in enumerate(goals, 1)]
    for place, goal in enumerate(numbered):
        beside, prefix = numbered[:place], f"goals.{place}."
        problems += goal_problems(
            workspace, connection.connector, goal, beside, prefix, settings=connection.settings
        )
    return problems


def given_secrets(secrets: Secrets) -> dict[str, str]:
    """Those that hold something."""
    return {name: value for name, value in secrets.items() if value}


def merged_secrets(kept: dict[str, str], given: Secrets) -> dict[str, str]:
    """Kept ones under those given; null removes one, and an empty text is a form left as it was."""
    return given_secrets({**kept, **{name: value for name, value in given.items() if value != ""}})


def check_match(if_match: str, connection: Connection) -> None:
    """What `If-Match` asks for.

    Raises:
        RequestError: the connection has another version by now.
    """
    revision.check_match(if_match, connection.version, "connection")
