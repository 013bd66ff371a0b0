"""Runs and comparisons of goals that send, asked for: what must be so before, and the request.

In: a goal of a connection, and who asks. Out: a request that deliver follows within a second, as a run that
waits.
"""

from onefold.api.run_view import RunStanding, RunView, waiting_view
from onefold.api.workspace import Workspace
from onefold.errors import RequestError
from onefold.model.comparison import Wish
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.run import RunKind
from onefold.run.wish import write_wish


def raise_if_off(connection: Connection, goal: Goal, *, is_left: str) -> None:
    """See that goal and connection are on; `is_left` says what is not done without.

    Raises:
        RequestError: one of them is off.
    """
    if not (connection.enabled and goal.enabled):
        off = f"The goal {goal.name}" if connection.enabled else f"The connection {connection.name}"
        raise RequestError("goal.off", f"{off} is off: {is_left}.", status=409, hint="Turn it on first.")


def ask_deliver(
    workspace: Workspace, connection: Connection, goal: Goal, by: str, wish: Wish | None = None
) -> RunView:
    """Ask for a run of the goal or, with a wish, for a comparison of it."""
    arguments: dict[str, str | int | bool] = {"connection_id": connection.id, "goal_id": goal.id}
    if wish is not None:
        arguments |= write_wish(wish)
    asked = workspace.run_requests.ask(RunKind.GOAL, goal.subject, arguments, by=by, at=workspace.clock())
    workspace.wake("deliver")
    return waiting_view(RunStanding(workspace), asked)
