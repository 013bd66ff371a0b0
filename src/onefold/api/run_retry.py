"""POST /api/v1/runs/{run}/retry: an erasure that failed goes on where it ended.

The person may be gone by then, so nobody could ask for it by profile again; and what it left is known to the
run alone. Other work that failed is asked for anew, as it was the first time.
"""

from typing import Any

from litestar import Request, Router, post
from litestar.params import FromPath

from onefold.api.problem import not_found
from onefold.api.right import ERASE
from onefold.api.run_view import RunView
from onefold.api.runs import ask_run
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.decisions import RunRequest
from onefold.errors import RequestError
from onefold.model.run import RunKind, RunState

ERASURES_MAX = 1000
"""Newest erasures among which later attempts are looked for."""


@post("/runs/{run_id:str}/retry", opt=ERASE, sync_to_thread=True, status_code=202)
def retry_run(workspace: Here, run_id: FromPath[str], request: Request[Any, Any, Any]) -> RunView:
    """Ask for an erasure that failed again: a run of its own, which goes on where that one ended."""
    found = workspace.run_requests.find(run_id)
    if found is None and workspace.goal_runs.find(run_id) is None:
        raise not_found("run", run_id, hint="`onefold runs list` shows them.")
    if found is None or found.kind is not RunKind.ERASURE:
        raise RequestError(
            "api.run_not_repeatable",
            "Only an erasure is asked for again by its run.",
            status=409,
            hint="Of a goal's run, what was rejected is sent again: onefold runs retry RUN. Other work is "
            "asked for as it was the first time.",
        )
    origin = str(found.arguments.get("again", found.id))
    last = _last_attempt(workspace, found, origin)
    run = workspace.runs.find([last.id]).get(last.id)
    if run is None or run.state is not RunState.FAILED:
        state = RunState.QUEUED if run is None else run.state
        raise RequestError(
            "api.run_not_failed",
            f"The run {last.id} is {state}: there is nothing to ask for again.",
            status=409,
            hint=f"See it: onefold runs show {last.id}",
        )
    arguments = {"profile_id": found.arguments["profile_id"], "again": origin}
    return ask_run(workspace, RunKind.ERASURE, found.subject, arguments, request.state.caller.name)


def _last_attempt(workspace: Workspace, asked: RunRequest, origin: str) -> RunRequest:
    """The newest run of the same erasure."""
    found = workspace.run_requests.page(count_max=ERASURES_MAX, kind=RunKind.ERASURE)
    return next((one for one in found if origin in (one.id, one.arguments.get("again"))), asked)


router = Router("/", route_handlers=[retry_run], tags=["Runs"])
