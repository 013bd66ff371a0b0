"""/api/v1/runs, /replays, /backups: long work, its progress and its end."""

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from onefold.api.goals import find_goal
from onefold.api.page import ITEMS_DEFAULT, NUMBER_DIGITS_MAX, Cursor, Limit, Page, page_of, read_cursor
from onefold.api.problem import not_found
from onefold.api.right import ACTIVATE, OPERATE, SEE
from onefold.api.run_view import RunStanding, RunView, goal_run_view, run_view, waiting_view
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.decisions import Arguments
from onefold.errors import RequestError
from onefold.model.goal_run import Trigger
from onefold.model.run import RunKind

KindParameter = Annotated[RunKind | None, QueryParameter(description="Only runs of this kind.")]
ConnectionParameter = Annotated[
    str, QueryParameter(max_length=200, description="Only runs of goals of this connection (name or id).")
]
GoalParameter = Annotated[
    str,
    QueryParameter(max_length=200, description="Only runs of this goal (id, or name with its connection)."),
]


OF_GOALS = (RunKind.GOAL, RunKind.COMPARISON)
"""What deliver runs; the tasks role runs the rest."""


class NewBackup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A backup; `path` only on the server's own machine, else it goes to the data directory's backups/."""

    path: str = ""
    with_keys: bool = False
    """Take secret.key along: who holds such a backup can read every secret in it."""


@get("/", opt=SEE, sync_to_thread=True)
def list_runs(
    workspace: Here,
    *,
    kind: KindParameter = None,
    connection: ConnectionParameter = "",
    goal: GoalParameter = "",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> Page[RunView]:
    """Runs, newest first."""
    wanted = _wanted(workspace, kind, connection, goal)
    before = read_cursor(cursor) or "~"
    standing, limits = RunStanding(workspace), (before, limit + 1)
    found = [*_asked(workspace, standing, wanted, *limits), *_of_goals(workspace, standing, wanted, *limits)]
    found.sort(key=lambda view: view.id, reverse=True)
    return page_of(found, limit, lambda one: one.id, lambda one: one)


@get("/{run_id:str}", opt=SEE, sync_to_thread=True)
def show_run(workspace: Here, run_id: FromPath[str]) -> RunView:
    """One run."""
    return _show(workspace, run_id)


@post("/{run_id:str}/cancel", opt=ACTIVATE, sync_to_thread=True, status_code=202)
def cancel_run(workspace: Here, run_id: FromPath[str], request: Request[Any, Any, Any]) -> RunView:
    """Ask a run to stop; what it did so far stays, and what it has not sent is not sent."""
    view = _show(workspace, run_id)
    if view.ended_at is not None:
        raise RequestError("api.run_ended", "That run has ended already.", status=409)
    if view.trigger is Trigger.CONTINUOUS:
        raise RequestError(
            "api.run_continuous",
            "That is an hour of a goal that runs continuously.",
            status=409,
            hint=f"Turn the goal off: onefold connections goals off {view.connection_id} {view.goal_id}",
        )
    if view.kind in OF_GOALS:
        workspace.run_requests.cancel_goal_run(run_id, by=request.state.caller.name, at=workspace.clock())
        workspace.wake("deliver")
        return msgspec.structs.replace(view, cancel_asked=True)
    workspace.run_requests.cancel(run_id)
    workspace.wake("tasks")
    return _show(workspace, run_id)


@post("/replays", opt=OPERATE, sync_to_thread=True, tags=["Runs"])
def create_replay(workspace: Here, request: Request[Any, Any, Any]) -> RunView:
    """Fold the log into a fresh state and compare it with the live one."""
    return ask_run(workspace, RunKind.REPLAY, "state", {}, request.state.caller.name)


@post("/backups", opt=OPERATE, sync_to_thread=True, tags=["Runs"])
def create_backup(workspace: Here, data: JSONBody[NewBackup], request: Request[Any, Any, Any]) -> RunView:
    """Copy the workspace while it works."""
    caller = request.state.caller
    if (data.path or data.with_keys) and caller.kind != "local":
        raise RequestError(
            "api.local_only",
            "A path and the keys can only be asked for on the server's own machine.",
            status=403,
            field="path",
        )
    if data.path and (not Path(data.path).is_absolute() or Path(data.path).is_file()):
        raise RequestError(
            "api.bad_path",
            f"{data.path} is no place for a backup.",
            status=422,
            field="path",
            hint="Give the whole path of a new directory.",
        )
    arguments: Arguments = {"path": data.path, "with_keys": data.with_keys}
    return ask_run(workspace, RunKind.BACKUP, "workspace", arguments, caller.name)


def ask_run(workspace: Workspace, kind: RunKind, subject: str, arguments: Arguments, by: str) -> RunView:
    """Ask the tasks role for a run; it as it waits."""
    asked = workspace.run_requests.ask(kind, subject, arguments, by=by, at=workspace.clock())
    workspace.wake("tasks")
    return run_view(RunStanding(workspace), asked, None)


class _Wanted(NamedTuple):
    kind: RunKind | None
    connection_id: int | None
    goal_id: int | None


def _wanted(workspace: Workspace, kind: RunKind | None, connection: str, goal: str) -> _Wanted:
    """By id also what was deleted since: its runs outlive it."""
    if not connection and not goal:
        return _Wanted(kind, None, None)
    if goal and not connection and not goal.isdecimal():
        raise RequestError("api.bad_request", "A goal by name needs its connection.", field="goal")
    for field, given in (("connection", connection), ("goal", goal)):
        if given.isdecimal() and len(given) > NUMBER_DIGITS_MAX:
            raise RequestError("api.bad_request", "That is no id of ours: it is too long.", field=field)
    found = workspace.connections.find(connection) if connection else None
    # What was deleted is known by its number alone: its name, and those of its goals, went with it.
    is_by_number = connection.isdecimal() and (not goal or goal.isdecimal())
    if connection and found is None and not is_by_number:
        raise not_found("connection", connection, hint="`onefold connections list` shows them.")
    goal_id = int(goal) if goal.isdecimal() else None
    if goal and goal_id is None and found is not None:
        goal_id = find_goal(workspace, found, goal).id
    connection_id = found.id if found else int(connection) if connection else None
    return _Wanted(kind, connection_id, goal_id)


def _asked(
    workspace: Workspace, standing: RunStanding, wanted: _Wanted, before: str, count_max: int
) -> list[RunView]:
    """What the tasks role does."""
    if wanted.kind in OF_GOALS:
        return []
    found = workspace.run_requests.page(
        before=before,
        count_max=count_max,
        kind=wanted.kind,
        without=RunKind.GOAL,
        connection_id=wanted.connection_id,
        goal_id=wanted.goal_id,
    )
    begun = workspace.runs.find([request.id for request in found])
    return [run_view(standing, one, begun.get(one.id)) for one in found]


def _of_goals(
    workspace: Workspace, standing: RunStanding, wanted: _Wanted, before: str, count_max: int
) -> list[RunView]:
    """What deliver does, and what it has not seen yet."""
    if wanted.kind not in (None, *OF_GOALS):
        return []
    found = workspace.goal_runs.page(
        before=before,
        count_max=count_max,
        connection_id=wanted.connection_id,
        goal_id=wanted.goal_id,
        is_comparison=None if wanted.kind is None else wanted.kind is RunKind.COMPARISON,
    )
    asked = workspace.run_requests.page(
        before=before,
        count_max=count_max,
        kind=RunKind.GOAL,
        connection_id=wanted.connection_id,
        goal_id=wanted.goal_id,
    )
    begun = workspace.goal_runs.known([request.id for request in asked])
    waiting = [waiting_view(standing, one) for one in asked if one.id not in begun]
    return [
        *(one for one in waiting if wanted.kind in (None, one.kind)),
        *(goal_run_view(standing, run) for run in found),
    ]


def _show(workspace: Workspace, run_id: str) -> RunView:
    standing, run = RunStanding(workspace), workspace.goal_runs.find(run_id)
    if run is not None:
        return goal_run_view(standing, run)
    found = workspace.run_requests.find(run_id)
    if found is None:
        raise not_found("run", run_id, hint="`onefold runs list` shows them.")
    if found.kind is RunKind.GOAL:
        return waiting_view(standing, found)
    return run_view(standing, found, workspace.runs.find([run_id]).get(run_id))


router = Router("/runs", route_handlers=[list_runs, show_run, cancel_run], tags=["Runs"])
HANDLERS = [create_replay, create_backup]
