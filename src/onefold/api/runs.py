"""/api/v1/runs, /replays, /backups: long work, its progress and its end."""

from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, JSONBody

from onefold.api.caller import CALLERS
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_cursor
from onefold.api.problem import not_found
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.decisions import Arguments, RunRequest
from onefold.clock import to_iso
from onefold.errors import RequestError
from onefold.model.run import Run, RunKind, RunState


class RunView(msgspec.Struct, frozen=True):
    """A run. `done` of `total` is its progress in `unit`; total 0: unknown."""

    id: str
    kind: RunKind
    subject: str
    state: RunState
    created_at: str
    started_at: str | None
    ended_at: str | None
    by: str
    unit: str
    done: int
    total: int
    passed: int
    filtered: int
    rejected: int
    deferred: int
    cancel_asked: bool
    message: str
    """What a person reads of its end."""


class NewBackup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A backup; `path` only on the server's own machine, else it goes to the data directory's backups/."""

    path: str = ""
    with_keys: bool = False
    """Take secret.key along: who holds such a backup can read every secret in it."""


@get("/", opt=CALLERS, sync_to_thread=True)
def list_runs(workspace: Here, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> Page[RunView]:
    """Runs, newest first."""
    found = workspace.run_requests.page(before=read_cursor(cursor) or "~", count_max=limit + 1)
    begun = workspace.runs.find([request.id for request in found])
    return page_of(found, limit, lambda one: one.id, lambda one: _view(one, begun.get(one.id)))


@get("/{run_id:str}", opt=CALLERS, sync_to_thread=True)
def show_run(workspace: Here, run_id: FromPath[str]) -> RunView:
    """One run."""
    return _show(workspace, _find(workspace, run_id))


@post("/{run_id:str}/cancel", opt=CALLERS, sync_to_thread=True, status_code=202)
def cancel_run(workspace: Here, run_id: FromPath[str]) -> RunView:
    """Ask a run to stop; what it did so far stays."""
    request = _find(workspace, run_id)
    view = _show(workspace, request)
    if view.ended_at is not None:
        raise RequestError("api.run_ended", "That run has ended already.", status=409)
    workspace.run_requests.cancel(request.id)
    workspace.wake("tasks")
    return _show(workspace, _find(workspace, run_id))


@post("/replays", opt=CALLERS, sync_to_thread=True, tags=["Runs"])
def create_replay(workspace: Here, request: Request[Any, Any, Any]) -> RunView:
    """Fold the log into a fresh state and compare it with the live one."""
    return ask_run(workspace, RunKind.REPLAY, "state", {}, request.state.caller.name)


@post("/backups", opt=CALLERS, sync_to_thread=True, tags=["Runs"])
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
    return waiting_run(asked)


def waiting_run(asked: RunRequest) -> RunView:
    """A run that was asked for and has not begun."""
    return _view(asked, None)


def _find(workspace: Workspace, run_id: str) -> RunRequest:
    found = workspace.run_requests.find(run_id)
    if found is None:
        raise not_found("run", run_id, hint="`onefold runs list` shows them.")
    return found


def _show(workspace: Workspace, request: RunRequest) -> RunView:
    return _view(request, workspace.runs.find([request.id]).get(request.id))


def _view(request: RunRequest, run: Run | None) -> RunView:
    run = run or Run(request.id, request.kind, request.subject, RunState.QUEUED, request.created_at)
    return RunView(
        id=run.id,
        kind=run.kind,
        subject=run.subject,
        state=run.state,
        created_at=to_iso(run.created_at),
        started_at=to_iso(run.started_at) if run.started_at else None,
        ended_at=to_iso(run.ended_at) if run.ended_at else None,
        by=request.by,
        unit=run.unit,
        done=run.done,
        total=run.total,
        passed=run.passed,
        filtered=run.filtered,
        rejected=run.rejected,
        deferred=run.deferred,
        cancel_asked=request.cancel_asked,
        message=run.message,
    )


router = Router("/runs", route_handlers=[list_runs, show_run, cancel_run], tags=["Runs"])
HANDLERS = [create_replay, create_backup]
