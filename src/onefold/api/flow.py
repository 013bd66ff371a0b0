"""/api/v1/flow: what flows now, the same as a stream, and the minutes before."""

from typing import Annotated

from litestar import Router, get
from litestar.params import QueryParameter
from litestar.response import Stream

from onefold.api.right import SEE
from onefold.api.workspace import Here
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
async def stream_flow(workspace: Here) -> Stream:
    """The flow as server-sent events, one `data:` line of JSON a second."""
    # Proxies that gather answers would keep the events back.
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(workspace.observatory.ticker.watch(), media_type=EVENT_STREAM, headers=headers)


router = Router("/flow", route_handlers=[show_flow, show_history, stream_flow], tags=["Flow"])
