"""GET /api/v1/connections: filtered, searched, sorted, in pages.

There are at most some hundred: they are filtered in memory.
"""

from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.params import QueryParameter

from onefold.api.delivery_view import ConnectionView, Standing, connection_view
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_cursor
from onefold.api.right import SEE
from onefold.api.workspace import Here
from onefold.errors import RequestError
from onefold.model.connection import Connection

Sort = Literal["created", "-created", "name", "-name", "favourite"]
Key = tuple[bool, str, int]
"""Sorted by this: whether behind the favourites, text, id."""


@get("/", opt=SEE, sync_to_thread=True)
def list_connections(
    workspace: Here,
    *,
    label: Annotated[str, QueryParameter(max_length=100, description="Only those with this label.")] = "",
    connector: Annotated[str, QueryParameter(max_length=100, description="Only of this connector.")] = "",
    enabled: Annotated[bool | None, QueryParameter(description="Only those that are on, or off.")] = None,
    favourite: Annotated[bool | None, QueryParameter(description="Only favourites, or only others.")] = None,
    search: Annotated[
        str,
        QueryParameter(max_length=200, description="Only with this in name, description, owner or a label."),
    ] = "",
    sort: Annotated[
        Sort, QueryParameter(description="By age, by name, or favourites first; `-` turns it round.")
    ] = "created",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> Page[ConnectionView]:
    """Connections, oldest first unless sorted otherwise, each with its goals."""
    found = [
        one
        for one in workspace.connections.page()
        if (not label or label in one.labels)
        and (not connector or connector == one.connector)
        and enabled in (None, one.enabled)
        and favourite in (None, one.favourite)
        and _holds(one, search)
    ]
    shown = _behind(found, sort, cursor)[: limit + 1]
    goals = workspace.connections.goals([connection.id for connection in shown])
    standing = Standing(workspace)
    return page_of(
        shown,
        limit,
        lambda one: msgspec.json.encode(_key(one, sort)).decode(),
        lambda one: connection_view(one, goals, standing),
    )


def _holds(connection: Connection, search: str) -> bool:
    texts = [connection.name, connection.description, connection.owner, *connection.labels]
    return search.lower() in "\n".join(texts).lower()


def _key(connection: Connection, sort: Sort) -> Key:
    match sort:
        case "created" | "-created":
            return False, "", connection.id
        case "name" | "-name":
            return False, connection.name.lower(), connection.id
        case "favourite":
            return not connection.favourite, connection.name.lower(), connection.id


def _behind(found: list[Connection], sort: Sort, cursor: str) -> list[Connection]:
    """In order, those behind the cursor."""
    is_down = sort.startswith("-")
    ordered = sorted(found, key=lambda one: _key(one, sort), reverse=is_down)
    after = read_cursor(cursor)
    if not after:
        return ordered
    try:
        place = msgspec.json.decode(after, type=Key)
    except msgspec.MsgspecError as error:
        raise RequestError("api.bad_cursor", "That cursor is not one of ours.", field="cursor") from error
    return [one for one in ordered if (_key(one, sort) < place if is_down else _key(one, sort) > place)]
