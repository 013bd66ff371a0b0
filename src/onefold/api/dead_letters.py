"""/api/v1/dead-letters: what was refused at any stage; shown, mended and replayed, discarded, exported."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.di import Provide
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from msgspec import Meta

from onefold.api.letter_replay import already_replayed, decide, prepare, refuse_replayed, send
from onefold.api.letter_view import (
    LetterCountsView,
    LetterDetail,
    LetterView,
    Stage,
    Wanted,
    counts_view,
    letter_detail,
    letter_filter,
    letter_view,
    read_places,
    run_number,
    write_places,
)
from onefold.api.page import ID_MAX, ITEMS_DEFAULT, Cursor, Limit, Page, read_cursor, write_cursor
from onefold.api.problem import not_found
from onefold.api.right import OPERATE, PERSONAL, SEE
from onefold.api.sources import find_source
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.decisions import LetterDecision
from onefold.backends.embedded.letters import LetterFilter, StoredLetter
from onefold.errors import RequestError
from onefold.model.access import Personal
from onefold.model.json import JsonValue
from onefold.model.letter import LetterState

BULK_MAX = 1000
"""Letters of one call: some seconds and at most some MB of payloads; `next_cursor` goes on."""
BULK_GROUP = 100
"""Letters judged and appended at a time, so that others come between."""
REFUSALS_SHOWN = 20
JSON_LINES = "application/x-ndjson"
EXPORT_PAGE = 200
"""Letters read at a time: a few MB at most."""


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to replay a letter: as it was, or with a mended payload (an object, or text of one)."""

    payload: JsonValue = None


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which open letters: by what they have in common, by their ids, or all of them."""

    ids: Annotated[list[str], Meta(max_length=BULK_MAX)] = []
    stage: Stage | None = None
    code: str | None = None
    source_id: Annotated[int, Meta(ge=0, le=ID_MAX)] | None = None
    source: Annotated[str, Meta(max_length=100)] = ""
    """The same by name or id of the source."""
    connection_id: Annotated[int, Meta(ge=0, le=ID_MAX)] | None = None
    run: Annotated[str, Meta(max_length=100)] = ""
    """Of this run of a goal."""
    all: bool = False
    limit: Annotated[int, Meta(ge=1, le=BULK_MAX)] = BULK_MAX
    cursor: Annotated[str, Meta(max_length=2000)] = ""


class ReplayView(msgspec.Struct, frozen=True):
    """A letter that is on its way again."""

    id: str
    state: LetterState
    message_id: str
    """Of the new receipt; `onefold trace` follows it. Empty for letters of activation."""
    message: str


class RefusedView(msgspec.Struct, frozen=True):
    """A letter that stays open, and why."""

    id: str
    code: str
    field: str
    reason: Personal[str]
    hint: str


class BulkView(msgspec.Struct, frozen=True):
    """What became of many letters. With a `next_cursor` there are more: call again with it."""

    done: int
    refused: int
    refusals: list[RefusedView]
    """The first of them."""
    next_cursor: str | None
    message: str


@get("/", opt=SEE, sync_to_thread=True)
def list_letters(
    workspace: Here, wanted: Wanted, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = ""
) -> Page[LetterView]:
    """Dead letters of all stages, newest first, without their payloads."""
    found, following = _page(workspace, wanted, cursor, limit)
    return Page([letter_view(stored) for stored in found], following)


@get("/counts", opt=SEE, sync_to_thread=True)
def count_letters(workspace: Here, wanted: Wanted) -> LetterCountsView:
    """How many letters are kept, by stage and code."""
    return counts_view(workspace.letters.counts(wanted))


@get("/export", opt=PERSONAL, media_type=JSON_LINES)
async def export_letters(workspace: Here, wanted: Wanted) -> Stream:
    """Every letter with its payload as a line of JSON, newest first."""
    headers = {
        "content-disposition": 'attachment; filename="dead-letters.jsonl"',
        "cache-control": "no-store",
    }
    return Stream(_lines(workspace, wanted), media_type=JSON_LINES, headers=headers)


@get("/{letter_id:str}", opt=SEE, sync_to_thread=True)
def show_letter(workspace: Here, letter_id: FromPath[str]) -> LetterDetail:
    """One letter with what was refused."""
    return letter_detail(_find(workspace, letter_id))


@post("/{letter_id:str}/replay", opt=OPERATE, status_code=200)
async def replay_letter(
    workspace: Here,
    letter_id: FromPath[str],
    request: Request[Any, Any, Any],
    data: JSONBody[Replay | None] = None,
) -> ReplayView:
    """Send a letter on its way again. What is still refused is answered with the new reason."""
    stored = await asyncio.to_thread(_find, workspace, letter_id)
    refuse_replayed(stored)
    payload = _payload(data.payload) if data else None
    if payload is not None and stored.letter.stage == "activate":
        raise RequestError(
            "dead_letters.no_payload",
            "What goes to a destination is made from the profile and the event.",
            status=422,
            field="payload",
            hint="Correct the value at its source or the goal's mapping, then replay without a payload.",
        )
    ready, refused = await asyncio.to_thread(prepare, workspace, [stored], payload)
    if refused:
        refusal = refused[0].refusal
        status = 409 if refusal.code.startswith("dead_letters.") else 422
        # It may quote the value at fault.
        message = refusal.message if request.state.caller.sees_people else "It is refused again."
        raise RequestError(refusal.code, message, status=status, field=refusal.field, hint=refusal.hint)
    if await send(workspace, ready, request.state.caller.name):
        raise already_replayed(await asyncio.to_thread(_find, workspace, letter_id))
    message_id = ready[0].message_id
    message = (
        f"Taken again as {message_id}." if message_id else "Deliver sends it again within a second or so."
    )
    return ReplayView(letter_id, LetterState.REPLAYED, message_id, message)


@post("/{letter_id:str}/discard", opt=OPERATE, sync_to_thread=True, status_code=200)
def discard_letter(
    workspace: Here, letter_id: FromPath[str], request: Request[Any, Any, Any]
) -> LetterDetail:
    """Put a letter aside: nobody needs it. It is kept until it expires and can still be replayed."""
    stored = _find(workspace, letter_id)
    refuse_replayed(stored)
    if decide(workspace, [_discarded(workspace, stored, request.state.caller.name)]):
        raise already_replayed(stored)
    return letter_detail(_find(workspace, letter_id))


@post("/replay", opt=OPERATE, status_code=200)
async def replay_letters(
    workspace: Here, data: JSONBody[Selection], request: Request[Any, Any, Any]
) -> BulkView:
    """Replay many open letters; those that are refused again stay open."""
    letters, following = await asyncio.to_thread(_select, workspace, data)
    done, refusals = 0, []
    for start in range(0, len(letters), BULK_GROUP):
        group = letters[start : start + BULK_GROUP]
        ready, refused = await asyncio.to_thread(prepare, workspace, group)
        taken = await send(workspace, ready, request.state.caller.name)
        done += len(ready) - len(taken)
        refusals += [
            RefusedView(one.stored.letter.id, *msgspec.structs.astuple(one.refusal)) for one in refused
        ]
    message = f"{done} replayed, {len(refusals)} refused again" + _go_on(following)
    return BulkView(done, len(refusals), refusals[:REFUSALS_SHOWN], following, message)


@post("/discard", opt=OPERATE, sync_to_thread=True, status_code=200)
def discard_letters(workspace: Here, data: JSONBody[Selection], request: Request[Any, Any, Any]) -> BulkView:
    """Put many open letters aside."""
    letters, following = _select(workspace, data)
    by = request.state.caller.name
    taken = decide(workspace, [_discarded(workspace, stored, by) for stored in letters])
    done = len(letters) - len(taken)
    return BulkView(done, 0, [], following, f"{done} discarded{_go_on(following)}")


def _page(
    workspace: Workspace, wanted: LetterFilter, cursor: str, limit: int, *, with_payload: bool = False
) -> tuple[list[StoredLetter], str | None]:
    places = read_places(read_cursor(cursor))
    found = workspace.letters.page(wanted, places, limit + 1, with_payload=with_payload)
    shown = found[:limit]
    following = write_cursor(write_places(places, shown)) if len(found) > limit else None
    return shown, following


async def _lines(workspace: Workspace, wanted: LetterFilter) -> AsyncIterator[bytes]:
    cursor: str | None = ""
    while cursor is not None and not workspace.is_stopping():
        found, cursor = await asyncio.to_thread(
            _page, workspace, wanted, cursor, EXPORT_PAGE, with_payload=True
        )
        lines = [
            msgspec.json.encode(
                {**msgspec.structs.asdict(letter_view(stored)), "payload": stored.letter.payload}
            )
            for stored in found
        ]
        if lines:
            yield b"\n".join([*lines, b""])


def _select(workspace: Workspace, selection: Selection) -> tuple[list[StoredLetter], str | None]:
    if selection.ids:
        found = [_find(workspace, letter_id) for letter_id in dict.fromkeys(selection.ids)]
        return [stored for stored in found if stored.letter.state is LetterState.OPEN], None
    wanted = LetterFilter(
        selection.stage,
        selection.code,
        find_source(workspace, selection.source).id if selection.source else selection.source_id,
        selection.connection_id,
        LetterState.OPEN,
        run_number(workspace, selection.run),
    )
    if not selection.all and wanted == LetterFilter(state=LetterState.OPEN):
        raise RequestError(
            "dead_letters.nothing_selected",
            "Say which letters: ids, a stage, a code, a source, a connection or a run.",
            status=422,
            hint='{"all": true} takes every open letter.',
        )
    return _page(workspace, wanted, selection.cursor, selection.limit, with_payload=True)


def _go_on(following: str | None) -> str:
    return "; there are more: call again with next_cursor." if following else "."


def _payload(given: JsonValue) -> str | None:
    if given is None or isinstance(given, str):
        return given
    return msgspec.json.encode(given).decode()


def _discarded(workspace: Workspace, stored: StoredLetter, by: str) -> LetterDecision:
    return LetterDecision(stored.letter.id, LetterState.DISCARDED, workspace.clock(), by, "", "")


def _find(workspace: Workspace, letter_id: str) -> StoredLetter:
    found = workspace.letters.find(letter_id)
    if found is None:
        raise not_found("dead letter", letter_id, hint="It may have expired: `onefold dead-letters list`.")
    return found


router = Router(
    "/dead-letters",
    route_handlers=[
        list_letters,
        count_letters,
        export_letters,
        show_letter,
        replay_letter,
        discard_letter,
        replay_letters,
        discard_letters,
    ],
    dependencies={"wanted": Provide(letter_filter, sync_to_thread=True)},
    tags=["Dead letters"],
)
