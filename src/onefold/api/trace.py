"""/api/v1/trace: an event's way through every stage, by its message id."""

from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.params import QueryParameter

from onefold.api.right import SEE
from onefold.api.sources import find_source
from onefold.api.workspace import Here
from onefold.errors import RequestError
from onefold.observe.trace import Trace

Source = Annotated[str, QueryParameter(max_length=100, description="Id or name of a source; all without.")]


@get("/{message_id:path}", opt=SEE, sync_to_thread=True)
def show_trace(workspace: Here, request: Request[Any, Any, Any], source: Source = "") -> Trace:
    """Every receipt of the event: capture, unify, segment, and what each goal made of it.

    Costs a binary search in each run of hashes and about a hundred look-ups by key.
    """
    # A message id may hold slashes, even two in a row, which a path parameter would lose.
    message_id = request.scope["path"].partition("/trace/")[2]
    if source:
        find_source(workspace, source)
    found = workspace.observatory.trace(message_id, source)
    if found is None:
        raise RequestError(
            "api.unknown_message",
            "No event with this message id was received, or it is too long ago.",
            status=404,
            hint="Compare it with `messageId` in what the sender sent; one without gets a derived id. "
            "A whole body that could not be read stands in `onefold dead-letters list --stage capture`.",
        )
    return found


router = Router("/trace", route_handlers=[show_trace], tags=["Trace"])
