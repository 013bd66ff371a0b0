"""/api/v1/views: filters of a list under a name, one's own or shared with the team.

A teammate sees their own and the shared ones. A shared one is changed by who owns it, and by who administers;
one that no teammate owns (a program made it, or its owner has left) by whoever may share. Values of people in
it are shown to who may see them, and kept by nobody else.
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from onefold.api.caller import Caller, missing_right
from onefold.api.name import Name
from onefold.api.page import ID_MAX, ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_number
from onefold.api.problem import FieldProblem, InvalidError, not_found
from onefold.api.revision import check_match, etag
from onefold.api.right import SEE, may
from onefold.api.undo import PutBack
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.callers import MACHINE
from onefold.backends.embedded.control.saved_views import StoredView
from onefold.clock import to_iso
from onefold.errors import RequestError
from onefold.model.access import Personal, Right
from onefold.model.saved_view import QUERY_CHARS_MAX, Filters, ListPage, part_filters, read_query

MADE = may(Right.SEE, undo="Undoing would delete it: that is done where it stands.")
CHANGED = may(
    Right.SEE,
    undo=PutBack(
        ("name", "shared"), note="Its filters stay as they are: no values of people are kept to put back."
    ),
)
REMOVED = may(Right.SEE, undo="No values of people are kept, so its filters are not known any more.")

Query = Annotated[
    str,
    Meta(
        max_length=QUERY_CHARS_MAX,
        description="What stands behind the question mark of the page's address: `search=ada&segment=3`.",
    ),
]
OfPage = Annotated[ListPage | None, QueryParameter(name="page", description="Only those of this page.")]


class NewSavedView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A view to be kept."""

    page: ListPage
    name: Name
    query: Query
    shared: bool = False
    """Whether the team sees it; needs the right `segment`."""


class SavedViewChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be different; the rest stays."""

    name: Name | UnsetType = UNSET
    query: Query | UnsetType = UNSET
    shared: bool | UnsetType = UNSET


class SavedView(msgspec.Struct, frozen=True):
    """A view; its filters are what the address of its page says."""

    id: int
    page: ListPage
    name: str
    filters: Filters
    """Those without values of people."""
    personal_filters: Personal[Filters]
    """Those with values of people, or that are not known to have none."""
    shared: bool
    is_mine: bool
    may_change: bool
    """Whether the caller may change and delete it."""
    owner: str | None
    """The name of the teammate; null where there is none."""
    created_at: str
    updated_at: str
    revision: str
    """What `If-Match` takes: another one after every change."""


@get("/", opt=SEE, sync_to_thread=True)
def list_views(
    workspace: Here,
    request: Request[Any, Any, Any],
    *,
    of_page: OfPage = None,
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> Page[SavedView]:
    """The caller's own views, and those that are shared, oldest first."""
    caller: Caller = request.state.caller
    after = read_number(cursor)
    found = workspace.saved_views.page(
        owner_id=_owner_of(caller), of_page=of_page, after=after, count_max=limit + 1
    )
    names = {one.id: one.name for one in workspace.team.page()}
    return page_of(found, limit, lambda one: one.id, lambda one: _show(one, caller, names))


@get("/{view_id:int}", opt=SEE, sync_to_thread=True)
def show_view(
    workspace: Here, request: Request[Any, Any, Any], view_id: FromPath[int]
) -> Response[SavedView]:
    """One view; its ETag is the revision that `If-Match` takes."""
    caller: Caller = request.state.caller
    return _tagged(workspace, _find(workspace, caller, view_id), caller)


@post("/", opt=MADE, sync_to_thread=True)
def create_view(
    workspace: Here, request: Request[Any, Any, Any], data: JSONBody[NewSavedView]
) -> Response[SavedView]:
    """Keep a view: one's own, or for the team."""
    caller: Caller = request.state.caller
    _check_sharing(caller, shared=data.shared)
    plain, personal = _filters(caller, data.page, data.query)
    at = workspace.clock()
    owner_id = MACHINE if caller.kind == "token" else caller.teammate_id
    view = StoredView(0, owner_id, data.page, data.name, plain, personal, data.shared, 1, at, at)
    return _tagged(workspace, workspace.saved_views.save(view), caller, status=201)


@patch("/{view_id:int}", opt=CHANGED, sync_to_thread=True)
def change_view(
    workspace: Here,
    request: Request[Any, Any, Any],
    view_id: FromPath[int],
    data: JSONBody[SavedViewChange],
) -> Response[SavedView]:
    """Rename a view, keep other filters in it, share it with the team or take it back."""
    caller: Caller = request.state.caller
    stored = _find_changeable(workspace, request, view_id)
    changed = msgspec.structs.replace(
        stored,
        name=stored.name if data.name is UNSET else data.name,
        shared=stored.shared if data.shared is UNSET else data.shared,
        revision=stored.revision + 1,
        updated_at=workspace.clock(),
    )
    if stored.shared and not changed.shared and not _is_mine(stored, caller):
        raise _view_of_another("take it back", stored)
    _check_sharing(caller, shared=changed.shared)
    if data.query is not UNSET:
        plain, personal = _filters(caller, stored.page, data.query)
        changed = msgspec.structs.replace(changed, filters=plain, personal_filters=personal)
    return _tagged(workspace, workspace.saved_views.save(changed), caller)


@delete("/{view_id:int}", opt=REMOVED, sync_to_thread=True)
def delete_view(workspace: Here, request: Request[Any, Any, Any], view_id: FromPath[int]) -> None:
    """Forget a view; a shared one goes for the whole team."""
    workspace.saved_views.delete(_find_changeable(workspace, request, view_id).id)


def _owner_of(caller: Caller) -> int | None:
    """Whose views the caller has; None for a program, which has none."""
    return None if caller.kind == "token" else caller.teammate_id


def _is_mine(view: StoredView, caller: Caller) -> bool:
    return view.owner_id == _owner_of(caller)


def _may_change(view: StoredView, caller: Caller) -> bool:
    if not view.shared or _is_mine(view, caller) or Right.ADMINISTER in caller.rights:
        return True
    return view.owner_id == MACHINE and Right.SEGMENT in caller.rights


def _find(workspace: Workspace, caller: Caller, view_id: int) -> StoredView:
    """A view that the caller sees; on the machine itself, where the audit trail looks, all are seen.

    Raises:
        RequestError: there is none.
    """
    found = workspace.saved_views.find(view_id) if view_id <= ID_MAX else None
    if found is None or not (found.shared or _is_mine(found, caller) or caller.holds_machine):
        raise not_found("view", str(view_id), hint="`onefold views list` shows them.")
    return found


def _find_changeable(workspace: Workspace, request: Request[Any, Any, Any], view_id: int) -> StoredView:
    stored = _find(workspace, request.state.caller, view_id)
    if not _may_change(stored, request.state.caller):
        raise _view_of_another("change or delete it", stored)
    check_match(request.headers.get("if-match", ""), stored.revision, "view")
    return stored


def _check_sharing(caller: Caller, *, shared: bool) -> None:
    if shared and Right.SEGMENT not in caller.rights:
        raise missing_right(Right.SEGMENT)
    if not shared and caller.kind == "token":
        raise RequestError(
            "api.no_own_views",
            "A program has no views of its own.",
            status=409,
            field="shared",
            hint="Share the view with the team.",
        )


def _filters(caller: Caller, page: ListPage, query: str) -> tuple[Filters, Filters]:
    try:
        plain, personal = part_filters(page, read_query(query))
    except ValueError as error:
        remedy = "Filter the list on its page, and take what stands behind the question mark of its address."
        raise InvalidError("api.invalid_view", [FieldProblem("query", str(error), remedy=remedy)]) from error
    if personal and not caller.sees_people:
        raise missing_right(Right.PERSONAL)
    return plain, personal


def _view_of_another(what: str, view: StoredView) -> RequestError:
    return RequestError(
        "api.view_of_another",
        f"The view {view.name} is somebody else's: only who owns it may {what}.",
        status=403,
        hint="Save the filters under a name of your own, or ask who owns it, or an admin.",
    )


def _tagged(
    workspace: Workspace, view: StoredView, caller: Caller, *, status: int = 200
) -> Response[SavedView]:
    owner = workspace.team.find(str(view.owner_id)) if view.owner_id else None
    shown = _show(view, caller, {owner.id: owner.name} if owner else {})
    return Response(shown, status_code=status, headers=etag(shown.revision))


def _show(view: StoredView, caller: Caller, names: dict[int, str]) -> SavedView:
    return SavedView(
        *(view.id, view.page, view.name, view.filters, view.personal_filters, view.shared),
        *(_is_mine(view, caller), _may_change(view, caller), names.get(view.owner_id)),
        *(to_iso(view.created_at), to_iso(view.updated_at), str(view.revision)),
    )


router = Router(
    "/views", route_handlers=[list_views, show_view, create_view, change_view, delete_view], tags=["Views"]
)
