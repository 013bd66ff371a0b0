"""/api/v1/events: what was received lately, newest first, for looking and for watching.

To watch, ask again each second with `after`: what `newest` said before. An answer holds at most `limit` of
what came since, the newest, and how many there were.
"""

from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from onefold.api.caller import missing_right
from onefold.api.page import ID_MAX, ITEMS_DEFAULT, NUMBER_DIGITS_MAX, Cursor, Limit
from onefold.api.right import SEE
from onefold.api.sources import find_source
from onefold.api.workspace import Here
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.observe.goal_trace import Ending
from onefold.observe.received import ReceivedPage, Sought, find_received
from onefold.observe.received_store import Place

Source = Annotated[str, QueryParameter(max_length=100, description="Id or name of a source; all without.")]
Type = Annotated[
    str, QueryParameter(name="type", max_length=20, description="Such as track or identify; import for rows.")
]
Name = Annotated[
    str, QueryParameter(name="name", max_length=200, description="A part of the event's name, in any case.")
]
MessageId = Annotated[str, QueryParameter(max_length=1000, description="Exactly this message id.")]
Identifier = Annotated[
    str,
    QueryParameter(
        max_length=400,
        description="The value of an identifier that the event itself carries. Needs personal data.",
    ),
]
Profile = Annotated[int, QueryParameter(name="profile", ge=0, le=ID_MAX, description="Of this profile.")]
OutcomeParameter = Annotated[
    Ending | None,
    QueryParameter(name="outcome", description="filtered: a duplicate; deferred: it waits."),
]
Payload = Annotated[bool, QueryParameter(name="payload", description="With the events as they were sent.")]
After = Annotated[
    str, QueryParameter(max_length=2000, description="`newest` of an answer before: only what came since.")
]


def events_sought(
    workspace: Here,
    request: Request[Any, Any, Any],
    *,
    source: Source = "",
    of_type: Type = "",
    named: Name = "",
    message_id: MessageId = "",
    identifier: Identifier = "",
    of_profile: Profile = 0,
    ending: OutcomeParameter = None,
    with_payload: Payload = False,
) -> Sought:
    """As the parameters of a request say.

    Raises:
        RequestError: there is no such source, or what is found would tell the caller what is hidden.
    """
    if identifier and not request.state.caller.sees_people:
        raise missing_right(Right.PERSONAL)
    source_id = find_source(workspace, source).id if source else None
    return Sought(source_id, of_type, named, message_id, identifier.strip(), of_profile, ending, with_payload)


@get("/", opt=SEE, sync_to_thread=True)
def list_events(
    workspace: Here,
    sought: NamedDependency[Sought],
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
    after: After = "",
) -> ReceivedPage:
    """Events as they were received, the newest first, with what capture refused among them.

    An answer looks at 20,000 events or 16 MiB at most. With a filter that few events fit it may hold less
    than `limit`, or nothing, and a `next_cursor` to go on from; `looked_at` and `back_to` say how far it
    came.
    """
    return find_received(
        workspace.received,
        sought,
        workspace.make_identify(),
        {one.id: one.name for one in workspace.sources.page()},
        limit=limit,
        before=_read_place(cursor, "cursor"),
        after=_read_place(after, "after"),
    )


def _read_place(cursor: str, field: str) -> Place | None:
    if not cursor:
        return None
    parts = cursor.split(".")
    numbers = [int(one) for one in parts if one.isdecimal() and len(one) <= NUMBER_DIGITS_MAX]
    if len(numbers) != 3 or len(parts) != 3:
        raise RequestError("api.bad_cursor", "That cursor is not one of ours.", field=field)
    return Place(*numbers)


router = Router(
    "/events",
    route_handlers=[list_events],
    dependencies={"sought": Provide(events_sought, sync_to_thread=True)},
    tags=["Events"],
)
