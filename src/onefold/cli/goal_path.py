"""Where the API has a connection and its goals, and the arguments that name them."""

from typing import Annotated

import typer

from onefold.cli.path import piece

ConnectionName = Annotated[str, typer.Argument(help="The connection's name or id.", metavar="CONNECTION")]
GoalName = Annotated[str, typer.Argument(help="The goal's name or id.", metavar="GOAL")]


def connection_path(connection: str) -> str:
    """Where a connection is."""
    return f"/api/v1/connections/{piece(connection)}"


def goals_path(connection: str) -> str:
    """Where the goals of a connection are."""
    return f"{connection_path(connection)}/goals"


def goal_path(connection: str, goal: str) -> str:
    """Where a goal is."""
    return f"{goals_path(connection)}/{piece(goal)}"
