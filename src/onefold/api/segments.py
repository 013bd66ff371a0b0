"""/api/v1/segments: named conditions; a new or changed one is put into the log and filled with the past."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from onefold.api.goals import goals_of_segment
from onefold.api.name import Name
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_number
from onefold.api.problem import FieldProblem, InvalidError, not_found
from onefold.api.revision import check_match, etag
from onefold.api.right import SEE, SEGMENT, may
from onefold.api.undo import MakeAgain, PutBack
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.segments import NOT_PUT, StoredSegment
from onefold.backends.embedded.people import SegmentStatus
from onefold.clock import to_iso
from onefold.errors import RequestError
from onefold.model.access import Personal, Right
from onefold.model.json import JsonValue
from onefold.model.record import Record, RecordKind
from onefold.model.run import RunKind, RunState
from onefold.model.segment import Condition, SegmentDefinition, SegmentDrop
from onefold.segment.check import check_condition, parse_condition
from onefold.segment.features import referred_segments
from onefold.segment.words import describe

Description = Annotated[str, Meta(max_length=2000)]
Search = Annotated[
    str, QueryParameter(max_length=200, description="Only with this in name or description, in any case.")
]


FIELDS = ("name", "condition", "description")
MADE = may(
    Right.SEGMENT,
    undo="Undoing would delete it, and what that means for others is asked where it is deleted.",
)
CHANGED = may(Right.SEGMENT, undo=PutBack(FIELDS))
DELETED = may(
    Right.SEGMENT,
    undo=MakeAgain(FIELDS, "It is made anew, under another id, and filled: people enter it again."),
)


class NewSegment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A segment to be made; `condition` is a tree as docs/reference describes it."""

    name: Name
    condition: dict[str, JsonValue]
    description: Description = ""


class SegmentChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; another condition is a new version, filled anew."""

    name: Name | UnsetType = UNSET
    condition: dict[str, JsonValue] | UnsetType = UNSET
    description: Description | UnsetType = UNSET


class SegmentView(msgspec.Struct, frozen=True):
    """A segment, what it says in words, and how many people are in it."""

    id: int
    name: str
    version: int
    description: str
    condition: Condition
    words: str
    state: Literal["filling", "live", "cancelled"]
    people: int
    fill_done: int
    """People looked at while filling, of `fill_total`."""
    fill_total: int
    counts_since: str | None
    """What it counts of events begins here: older records had fallen to retention. Null: with the first."""
    created_at: str
    updated_at: str
    revision: str
    """What `If-Match` takes: another one after every change, of words, too."""


class CancelledFill(msgspec.Struct, frozen=True):
    """The runs that were asked to stop."""

    runs: list[str]


class MemberView(msgspec.Struct, frozen=True):
    """One member and since when."""

    profile_id: int
    since: str
    identifiers: Personal[dict[str, list[str]]]


@get("/", opt=SEE, sync_to_thread=True)
def list_segments(
    workspace: Here, *, search: Search = "", limit: Limit = ITEMS_DEFAULT, cursor: Cursor = ""
) -> Page[SegmentView]:
    """Segments, oldest first."""
    follow_log(workspace)
    # There are at most some hundred: they are searched in memory.
    found = [one for one in workspace.segments.page(after=read_number(cursor)) if _holds(one, search)]
    names, known = segment_names(workspace), workspace.people.segments()
    return page_of(
        found, limit, lambda one: one.definition.id, lambda one: _view(workspace, one, known, names)
    )


@post("/", opt=MADE)
async def create_segment(
    workspace: Here, data: JSONBody[NewSegment], request: Request[Any, Any, Any]
) -> SegmentView:
    """Define a segment: from here on it is kept in real time; a run fills in the past."""
    stored = await define_segment(workspace, data, by=request.state.caller.name)
    return await asyncio.to_thread(_show, workspace, stored)


@get("/{segment:str}", opt=SEE, sync_to_thread=True)
def show_segment(workspace: Here, segment: FromPath[str]) -> Response[SegmentView]:
    """One segment, by id or name; its ETag is the revision that `If-Match` takes."""
    return _tagged(_show(workspace, find_segment(workspace, segment)))


@patch("/{segment:str}", opt=CHANGED)
async def change_segment(
    workspace: Here, segment: FromPath[str], data: JSONBody[SegmentChange], request: Request[Any, Any, Any]
) -> Response[SegmentView]:
    """Rename or redefine a segment. Members stay until the fill has looked at them."""
    by, if_match = request.state.caller.name, request.headers.get("if-match", "")
    stored = await redefine_segment(workspace, segment, data, if_match, by=by)
    return _tagged(await asyncio.to_thread(_show, workspace, stored))


@delete("/{segment:str}", opt=DELETED)
async def delete_segment(workspace: Here, segment: FromPath[str], request: Request[Any, Any, Any]) -> None:
    """Remove a segment: its members leave."""
    await remove_segment(workspace, segment, request.headers.get("if-match", ""))


@get("/{segment:str}/members", opt=SEE, sync_to_thread=True)
def list_members(
    workspace: Here, segment: FromPath[str], limit: Limit = ITEMS_DEFAULT, cursor: Cursor = ""
) -> Page[MemberView]:
    """Who is in it and since when, by profile id."""
    stored = find_segment(workspace, segment)
    found = workspace.people.members(stored.definition.id, read_number(cursor), limit + 1)
    profiles = workspace.people.profiles([profile_id for profile_id, _ in found])

    def show(member: tuple[int, int]) -> MemberView:
        profile = profiles.get(member[0])
        kinds = profile.identifiers if profile else {}
        return MemberView(
            member[0], to_iso(member[1]), {kind: list(values) for kind, values in kinds.items() if values}
        )

    return page_of(found, limit, lambda member: member[0], show)


@post("/{segment:str}/cancel", opt=SEGMENT, sync_to_thread=True, status_code=202)
def cancel_fill(workspace: Here, segment: FromPath[str]) -> CancelledFill:
    """Stop filling a segment. A new one is dropped; a changed one goes back to the version before."""
    stored = find_segment(workspace, segment)
    subject = _subject(stored)
    open_runs = [
        request.id
        for request in workspace.run_requests.page()
        if request.kind is RunKind.SEGMENT_FILL and request.subject == subject and not request.cancel_asked
    ]
    begun = workspace.runs.find(open_runs)
    cancelled = [run_id for run_id in open_runs if run_id not in begun or not begun[run_id].ended_at]
    if not cancelled:
        raise RequestError("api.not_filling", "This segment is not being filled.", status=409)
    for run_id in cancelled:
        workspace.run_requests.cancel(run_id)
    workspace.wake("tasks")
    return CancelledFill(cancelled)


async def define_segment(workspace: Workspace, data: NewSegment, *, by: str) -> StoredSegment:
    """A new segment, in the log and about to be filled.

    Raises:
        RequestError: the name is taken, the condition is wrong, or there are too many.
    """
    stored = await asyncio.to_thread(_create, workspace, data)
    await put_segment(workspace, stored, by=by)
    return stored


async def redefine_segment(
    workspace: Workspace, id_or_name: str, data: SegmentChange, if_match: str = "", *, by: str
) -> StoredSegment:
    """A segment with what the change gives; with another condition it is filled anew.

    Raises:
        RequestError: the name is taken, the condition is wrong, or it is not as `if_match` says.
    """
    stored, is_redefined = await asyncio.to_thread(_change, workspace, id_or_name, data, if_match)
    if is_redefined:
        await put_segment(workspace, stored, by=by)
    return stored


async def remove_segment(workspace: Workspace, id_or_name: str, if_match: str = "") -> None:
    """A segment goes for good.

    Raises:
        RequestError: something asks for it, there is none, or it is not as `if_match` says.
    """
    stored = await asyncio.to_thread(find_segment, workspace, id_or_name)
    check_match(if_match, _revision(stored), "segment")
    await asyncio.to_thread(_refuse_if_used, workspace, stored)
    drop = SegmentDrop(stored.definition.id)
    await workspace.append([Record(RecordKind.SEGMENT_DROP, 0, 0, 0, msgspec.json.encode(drop))])
    await asyncio.to_thread(workspace.segments.delete, stored.definition.id, workspace.clock())


def follow_log(workspace: Workspace) -> None:
    """Take redefinitions back here that the log has taken back: their fill was cancelled."""
    # In this order: what is folded up to there has left its mark in what is read next.
    folded_to = workspace.people.position().offset
    known = workspace.people.segments()
    for stored in workspace.segments.page():
        status = known.get(stored.definition.id)
        is_folded = NOT_PUT < stored.put_offset <= folded_to
        if status is not None and is_folded and status.definition.version < stored.definition.version:
            workspace.segments.go_back(stored, status.definition, status.offset, workspace.clock())


async def put_segment(workspace: Workspace, stored: StoredSegment, *, by: str) -> None:
    """Bring a stored definition into the log and ask for its fill. Safe to repeat after a crash."""
    definition = stored.definition
    record = Record(RecordKind.SEGMENT_PUT, 0, 0, 0, msgspec.json.encode(definition))
    offset = await workspace.append([record])

    def ask() -> None:
        arguments: dict[str, str | int | bool] = {"segment_id": definition.id, "version": definition.version}
        workspace.run_requests.ask(
            RunKind.SEGMENT_FILL, _subject(stored), arguments, by=by, at=workspace.clock()
        )
        # Last: what is not noted as put is put and asked for again; a second fill finds nothing to do.
        workspace.segments.set_put_offset(definition.id, definition.version, offset)

    await asyncio.to_thread(ask)
    workspace.wake("tasks")


def _holds(stored: StoredSegment, search: str) -> bool:
    return search.lower() in f"{stored.definition.name}\n{stored.description}".lower()


def _create(workspace: Workspace, data: NewSegment) -> StoredSegment:
    follow_log(workspace)
    check_segment_room(workspace, 1)
    condition = checked_condition(workspace, data.condition, 0)
    return workspace.segments.create(data.name, condition, data.description, workspace.clock())


def _change(
    workspace: Workspace, id_or_name: str, data: SegmentChange, if_match: str
) -> tuple[StoredSegment, bool]:
    stored = find_segment(workspace, id_or_name)
    check_match(if_match, _revision(stored), "segment")
    definition = stored.definition
    name = definition.name if data.name is UNSET else data.name
    description = stored.description if data.description is UNSET else data.description
    condition = definition.condition
    if data.condition is not UNSET:
        condition = checked_condition(workspace, data.condition, definition.id)
    now = workspace.clock()
    if is_same_condition(condition, definition.condition):
        return workspace.segments.describe(stored, now, name=name, description=description), False
    redefined = workspace.segments.redefine(
        stored, now, name=name, condition=condition, description=description
    )
    return redefined, True


def check_segment_room(workspace: Workspace, more: int) -> None:
    """Refuse more segments than the settings allow.

    Raises:
        RequestError: there would be too many.
    """
    count = len(workspace.segments.page())
    if count + more > workspace.limits.segments_max:
        raise RequestError(
            "api.too_many_segments",
            f"There are {count} segments; segments.count_max allows {workspace.limits.segments_max}.",
            status=409,
            hint="Delete one, or raise the setting.",
        )


def checked_condition(workspace: Workspace, document: JsonValue, segment_id: int) -> Condition:
    """The condition that somebody gives for a segment (0: a new one).

    Raises:
        InvalidError: with all that is wrong with it.
    """
    others = {
        one.definition.id: one.definition
        for one in workspace.segments.page()
        if one.definition.id != segment_id
    }
    return condition_beside(document, others, segment_id)


def is_same_condition(one: Condition, other: Condition) -> bool:
    """Whether two ask the same: 0, 0.0 and false are equal in Python, and three different values here."""
    return msgspec.json.encode(one) == msgspec.json.encode(other)


def condition_beside(
    document: JsonValue, others: Mapping[int, SegmentDefinition], segment_id: int
) -> Condition:
    """The same, beside these other segments.

    Raises:
        InvalidError: with all that is wrong with it.
    """
    condition, problems = parse_condition(document)
    if condition is not None and not problems:
        problems = check_condition(condition, others, segment_id=segment_id)
    if problems or condition is None:
        found = [FieldProblem(one.path, f"{one.message} {one.remedy}".strip()) for one in problems]
        raise InvalidError("segment.bad_condition", found)
    return condition


def _refuse_if_used(workspace: Workspace, stored: StoredSegment) -> None:
    segment_id = stored.definition.id
    users = [f"the segment {one.definition.name}" for one in segments_asking(workspace, segment_id)]
    users += [f"the goal {goal.name}" for goal in goals_of_segment(workspace, segment_id)]
    if users:
        raise RequestError(
            "api.segment_in_use",
            f"{stored.definition.name} is used by {', '.join(users)}.",
            status=409,
            hint="Change those first.",
        )


def segments_asking(workspace: Workspace, segment_id: int) -> list[StoredSegment]:
    """The segments whose conditions ask about a segment."""
    return [
        one for one in workspace.segments.page() if segment_id in referred_segments(one.definition.condition)
    ]


def find_segment(workspace: Workspace, id_or_name: str) -> StoredSegment:
    """The segment of a route.

    Raises:
        RequestError: there is none.
    """
    follow_log(workspace)
    found = workspace.segments.find(id_or_name)
    if found is None:
        raise not_found("segment", id_or_name, hint="`onefold segments list` shows them.")
    return found


def _revision(stored: StoredSegment) -> str:
    return f"{stored.definition.version}.{stored.updated_at}"


def _tagged(view: SegmentView) -> Response[SegmentView]:
    return Response(view, headers=etag(view.revision))


def _subject(stored: StoredSegment) -> str:
    return f"segment {stored.definition.id}"


def segment_names(workspace: Workspace) -> dict[int, str]:
    """Those of all segments, by id."""
    return {one.definition.id: one.definition.name for one in workspace.segments.page()}


def _show(workspace: Workspace, stored: StoredSegment) -> SegmentView:
    return _view(workspace, stored, workspace.people.segments(), segment_names(workspace))


def _fill_was_cancelled(workspace: Workspace, stored: StoredSegment) -> bool:
    run = workspace.runs.last(RunKind.SEGMENT_FILL, _subject(stored))
    return run is not None and run.state is RunState.CANCELLED


def _view(
    workspace: Workspace, stored: StoredSegment, known: dict[int, SegmentStatus], names: dict[int, str]
) -> SegmentView:
    definition = stored.definition
    status = known.get(definition.id)
    was_cancelled = status is None and _fill_was_cancelled(workspace, stored)
    state: Any = "filling"
    if status is not None and status.definition.version == definition.version:
        state = status.state
    elif status is None and was_cancelled:
        state = "cancelled"
    filling = status if state == "filling" else None
    return SegmentView(
        id=definition.id,
        name=definition.name,
        version=definition.version,
        description=stored.description,
        condition=definition.condition,
        words=describe(definition.condition, names),
        state=state,
        people=status.people if status else 0,
        fill_done=filling.filled_to if filling else 0,
        fill_total=filling.born_after if filling else 0,
        counts_since=to_iso(status.counts_since) if status and status.counts_since else None,
        created_at=to_iso(stored.created_at),
        updated_at=to_iso(stored.updated_at),
        revision=_revision(stored),
    )


router = Router(
    "/segments",
    route_handlers=[
        list_segments,
        create_segment,
        show_segment,
        change_segment,
        delete_segment,
        list_members,
        cancel_fill,
    ],
    tags=["Segments"],
)
