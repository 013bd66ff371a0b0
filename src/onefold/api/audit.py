"""/api/v1/audit: who changed what, newest first."""

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.datastructures import State
from litestar.params import QueryParameter

from onefold.api.audit_undo import Ways, is_undoable, past_of, show_undo, undo_entry
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_number
from onefold.api.right import ADMINISTER
from onefold.api.workspace import Here
from onefold.backends.embedded.control.audit import Entry
from onefold.clock import to_iso
from onefold.model.json import JsonValue

By = Annotated[str, QueryParameter(max_length=300, description="By this caller, such as ada@example.org.")]
Action = Annotated[str, QueryParameter(max_length=100, description="Such as change_goal.")]
Below = Annotated[
    str, QueryParameter(max_length=400, description="Of what lies below this address, as /api/v1/segments/4.")
]


class AuditView(msgspec.Struct, frozen=True):
    """One change. `before` and `after` hold what differs; null where there was, or is, nothing."""

    id: int
    at: str
    by: str
    address: str
    """From where; empty on the server's own machine."""
    action: str
    path: str
    status: int
    before: JsonValue
    after: JsonValue
    is_undoable: bool
    """A change of a kind that can be taken back: whether this one still can, its address with /undo tells."""


@get("/", opt=ADMINISTER, sync_to_thread=True)
def list_audit(
    workspace: Here,
    state: State,
    *,
    by: By = "",
    action: Action = "",
    path: Below = "",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> Page[AuditView]:
    """Changes, newest first."""
    found = workspace.audit.page(
        before=read_number(cursor), count_max=limit + 1, by=by, action=action, path=path
    )
    return page_of(found, limit, lambda entry: entry.id, lambda entry: _view(entry, state.undos))


def _view(entry: Entry, ways: Ways) -> AuditView:
    past = past_of(entry)
    return AuditView(
        *(entry.id, to_iso(entry.at), entry.by, entry.address, entry.action, entry.path, entry.status),
        *(past.before, past.after, is_undoable(ways, entry.action, past)),
    )


router = Router("/audit", route_handlers=[list_audit, show_undo, undo_entry], tags=["Access"])
