"""/api/v1/audit/{entry}/undo: what taking a change back would do, and doing it.

A change is taken back by a request to the routes themselves, in the name of whoever asks: with their rights,
their checks, `If-Match` of what was looked at, and an entry of its own, which can be taken back, too. Whoever
administers may take back every change, others their own.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from onefold.api.caller import ACTING_SCOPE_KEY, WATCHING_SCOPE_KEY, Caller
from onefold.api.inside import ask_inside
from onefold.api.page import ID_MAX
from onefold.api.problem import MEDIA_TYPE, not_found
from onefold.api.right import SEE, may
from onefold.api.undo import Past, TakenBack, Undo, changed_since, no_undo
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.audit import Entry
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.model.json import JsonValue

UNDO_HEADER = "onefold-undo"
"""Of the answer to a change: the address that takes it back."""
SECRETS_GIVEN = "secrets_given"
"""In an entry: the names of the secrets that came with a change, whose former values nobody keeps."""
TOO_LONG = "too_long"
"""In an entry, instead of a side that was too long to keep."""

Ways = Mapping[str, Undo | str]
"""By the action of an entry: how it is taken back, or why not."""


class UndoView(msgspec.Struct, frozen=True):
    """What taking a change back would do. Where it cannot be, `code`, `message` and `hint` say why."""

    entry: int
    path: str
    """What the change was about."""
    is_possible: bool
    code: str = ""
    message: str = ""
    hint: str = ""
    note: str = ""
    """What would not be as it was."""
    now: JsonValue = None
    """The fields that would change, as they are."""
    then: JsonValue = None
    """The same, as they would be."""


class UndoneView(msgspec.Struct, frozen=True):
    """A change that was taken back; the header `onefold-undo` of the answer leads back again."""

    entry: int
    path: str
    now: JsonValue
    """The fields as they are from now on; null where there is nothing."""


class _Found(NamedTuple):
    way: Undo
    taken_back: TakenBack
    etag: str


@get("/{entry_id:int}/undo", opt=SEE)
async def show_undo(
    workspace: Here, state: State, entry_id: FromPath[int], request: Request[Any, Any, Any]
) -> UndoView:
    """What taking a change back would do, and whether it can be; of your own, or as who administers."""
    entry = await asyncio.to_thread(_entry, workspace, entry_id, request.state.caller)
    try:
        found = await _find(state.undos, entry, request)
    except RequestError as error:
        return UndoView(
            *(entry.id, entry.path, False), code=error.code, message=error.message, hint=error.hint
        )
    return UndoView(
        *(entry.id, entry.path, True),
        note=found.way.note,
        now=found.taken_back.now,
        then=found.taken_back.then,
    )


# The request that it sends is the change, and has the entry.
@post("/{entry_id:int}/undo", opt=may(Right.SEE, audited=False), status_code=200)
async def undo_entry(
    workspace: Here, state: State, entry_id: FromPath[int], request: Request[Any, Any, Any]
) -> Response[UndoneView]:
    """Take a change back, if what it was about still is as it left it. Needs the right of that change.

    Only who administers takes back what others did.
    """
    caller: Caller = request.state.caller
    entry = await asyncio.to_thread(_entry, workspace, entry_id, caller)
    way, (method, path, body, _, then), etag = await _find(state.undos, entry, request)
    acting = (ACTING_SCOPE_KEY, caller)
    answer = await ask_inside(request.scope, method, path, body, if_match=etag, caller=acting)
    if answer.status == 412:
        raise changed_since([])
    if answer.status >= 400:
        refusal: Any = Response(answer.body, status_code=answer.status, media_type=MEDIA_TYPE)
        return refusal  # type: ignore[no-any-return]
    undone = answer.header(UNDO_HEADER)
    headers = {UNDO_HEADER: undone} if undone else {}
    return Response(UndoneView(entry.id, way.subject(entry.path), then), headers=headers)


def find_way(ways: Ways, action: str, past: Past) -> Undo:
    """How an action is taken back, by what kind of change it is and what it did.

    Raises:
        RequestError: nothing leads back.
    """
    way = ways.get(action, "")
    if isinstance(way, str):
        raise no_undo(way or "A change of this kind cannot be undone.")
    for side in (past.before, past.after):
        if side is not None and TOO_LONG in side:
            raise no_undo("What there was is too long to be kept in the audit trail.")
    if given := (past.after or {}).get(SECRETS_GIVEN):
        raise no_undo(
            f"Secrets came with it ({', '.join(given)}), and nobody keeps the former ones.",
            "Give the secrets again, with the rest as it was.",
        )
    if not way.fields(past):
        raise no_undo("It changed nothing that can be put back.", "There is nothing to do.")
    return way


def is_undoable(ways: Ways, action: str, past: Past) -> bool:
    """Whether a way leads back, as far as the entry itself tells."""
    try:
        find_way(ways, action, past)
    except RequestError:
        return False
    return True


def past_of(entry: Entry) -> Past:
    """What an entry tells, as JSON."""
    before, after = (msgspec.json.decode(side) if side else None for side in (entry.before, entry.after))
    return Past(entry.path, before, after)


def _entry(workspace: Workspace, entry_id: int, caller: Caller) -> Entry:
    """One that the caller may undo.

    Raises:
        RequestError: there is none, or it is not theirs.
    """
    entry = workspace.audit.find(entry_id) if entry_id <= ID_MAX else None
    if entry is None or not (entry.by == caller.name or Right.ADMINISTER in caller.rights):
        hint = "`onefold audit list` shows them; without the right administer only your own can be undone."
        raise not_found("audit entry", str(entry_id), hint=hint)
    return entry


async def _find(ways: Ways, entry: Entry, request: Request[Any, Any, Any]) -> _Found:
    """How an entry is taken back as things are now.

    Raises:
        RequestError: it cannot be.
    """
    past = past_of(entry)
    way = find_way(ways, entry.action, past)
    subject = way.subject(entry.path)
    seen = await ask_inside(request.scope, "GET", subject, caller=(WATCHING_SCOPE_KEY, True))
    now = seen.json() if seen.status == 200 else None
    return _Found(way, way.wish(past, now), seen.header("etag"))
