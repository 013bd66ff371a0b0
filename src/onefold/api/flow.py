"""/api/v1/flow: what flows now, the same as a stream, and the minutes before."""

from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.datastructures import State
from litestar.params import QueryParameter
from litestar.response import Stream

from onefold.api.caller import CallerGuard
from onefold.api.right import SEE
from onefold.api.workspace import Here
from onefold.errors import OnefoldError
from onefold.model.access import Right
from onefold.observe.flow import Flow, FlowHistory

EVENT_STREAM = "text/event-stream"
HISTORY_MINUTES_MAX = 24 * 60
"""A day: more is a matter of analysis, not of watching."""

Minutes = Annotated[
    int,
    QueryParameter(ge=1, le=HISTORY_MINUTES_MAX, description="How many minutes, up to the last full one."),
]


@get("/", opt=SEE, sync_to_thread=True)
def show_flow(workspace: Here) -> Flow:
    """Totals and reasons of every stage, who runs, how long it takes, and what needs attention."""
    return workspace.observatory.flow()


@get("/history", opt=SEE, sync_to_thread=True)
def show_history(workspace: Here, minutes: Minutes = 60) -> FlowHistory:
    """What each stage received in each of the last minutes, oldest first."""
    return workspace.observatory.history(minutes)


@get("/stream", opt=SEE, media_type=EVENT_STREAM)
async def stream_flow(workspace: Here, request: Request[Any, Any, Any], state: State) -> Stream:
    """The flow as server-sent events, one `data:` line of JSON a second.

    Where one of its `marks` is another number than before, something of that kind has moved: whoever shows it
    asks its route again, and nobody need ask at intervals. The stream ends with the session or token, or the
    right, by which it was opened.
    """
    # Proxies that gather answers would keep the events back.
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    guard: CallerGuard = state.guard

    async def is_let_in() -> bool:
        try:
            return await guard.may(request, Right.SEE)
        except OnefoldError:
            return False  # It cannot be told now; whoever comes again is asked again.

    events = workspace.observatory.ticker.watch(is_let_in)
    return Stream(events, media_type=EVENT_STREAM, headers=headers)


router = Router("/flow", route_handlers=[show_flow, show_history, stream_flow], tags=["Flow"])
