"""/api/v1/imports/preview: what a file's columns probably mean, and what an import would make of its rows.

In: a file, and what its columns are: nothing (a suggestion is made), uses of columns, or a mapping. Out: the
columns with values of theirs, the mapping to import with, and the events that it gives. Nothing is taken in.
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody
from msgspec import Meta

from onefold.acquire.build import Fault
from onefold.acquire.mapping import COLUMNS_MAX, parse_mapping
from onefold.acquire.preview import PreviewedEvent, preview_import
from onefold.acquire.sample import Sample, read_sample
from onefold.acquire.suggest import ColumnUse, Role, Suggestion, ValueType, make_mapping, suggest_mapping
from onefold.api.imports import find_file, told_by_the_api
from onefold.api.right import may
from onefold.api.workspace import Here, Workspace
from onefold.model.access import Personal, Right
from onefold.model.event import decode_event
from onefold.model.json import JsonObject, JsonValue
from onefold.observe.received import Identify

EXAMPLES = 3
EVENTS_SHOWN = 20
BAD_ROWS_SHOWN = 20


class FilePreview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as uploaded (`file`) or, on the server's own machine, its `path`; and what its columns are."""

    file: str = ""
    path: str = ""
    columns: Annotated[list[ColumnUse], Meta(max_length=COLUMNS_MAX)] | None = None
    """What each is taken for. Without these and a mapping, a suggestion is made."""
    event: Annotated[str, Meta(max_length=200)] = ""
    """With `columns`: what each row is called as an event; empty: rows are people, or a column says it."""
    id: list[str] = []
    """With `columns`: those that name an event for good."""
    mapping: dict[str, JsonValue] | None = None


class ColumnView(msgspec.Struct, frozen=True):
    """A column with values of its first rows, and what it is taken for."""

    name: str
    examples: Personal[list[JsonValue]]
    filled: int
    """Rows that have a value, of those that were looked at."""
    role: Role
    target: str
    type: ValueType
    why: str


class PreviewedEventView(msgspec.Struct, frozen=True):
    """One event that would be; with problems it would become a dead letter instead."""

    line: int
    profile_id: int | None
    """Of whom it names, if they are known."""
    event: Personal[Any]
    problems: list["ImportProblem"]


class ImportProblem(msgspec.Struct, frozen=True):
    """What is wrong with an event."""

    code: str
    field: str
    reason: Personal[str]
    hint: str


class BadRowView(msgspec.Struct, frozen=True):
    """A row that cannot be read."""

    line: int
    reason: str
    hint: str


class ImportPreviewView(msgspec.Struct, frozen=True):
    """Of the file's first rows."""

    file: str
    columns: list[ColumnView]
    event: str
    id: list[str]
    mapping: dict[str, JsonValue]
    """To import with."""
    rows: int
    """That were looked at."""
    passed: int
    """Events that would be taken in."""
    rejected: int
    """Events and rows that would become dead letters."""
    events: list[PreviewedEventView]
    """The first of them, those with problems in front."""
    bad_rows: list[BadRowView]


@post("/preview", opt=may(Right.OPERATE, audited=False), status_code=200, sync_to_thread=True)
def preview_file(
    workspace: Here, data: JSONBody[FilePreview], request: Request[Any, Any, Any]
) -> ImportPreviewView:
    """Look at a file's first 200 rows: what its columns probably mean, and what an import makes of them."""
    is_local = request.state.caller.kind == "local"
    path, shown = find_file(workspace, data.file, data.path, is_local=is_local)
    with told_by_the_api(shown):
        given = parse_mapping(data.mapping, "mapping") if data.mapping is not None else None
        sample = read_sample(path, given)
        found = _suggested(data, sample)
        mapping = given or parse_mapping(found.mapping, "mapping")
        preview = preview_import(path, mapping, shown)
    failed = [one for one in preview.events if one.built.faults]
    passed = [one for one in preview.events if not one.built.faults]
    identify = workspace.make_identify()
    return ImportPreviewView(
        file=shown,
        columns=[_column(use, sample) for use in found.columns],
        event=found.event,
        id=found.id,
        mapping=data.mapping if data.mapping is not None else found.mapping,
        rows=preview.rows,
        passed=len(passed),
        rejected=len(failed) + len(preview.bad_rows),
        events=[_event(workspace, identify, one) for one in [*failed, *passed][:EVENTS_SHOWN]],
        bad_rows=[BadRowView(bad.line, bad.reason, bad.hint) for bad in preview.bad_rows[:BAD_ROWS_SHOWN]],
    )


def _suggested(data: FilePreview, sample: Sample) -> Suggestion:
    """What was given of columns, or what they probably mean. With a mapping they are only shown."""
    if data.columns is None:
        return suggest_mapping(sample)
    mapping = make_mapping(data.columns, data.event, data.id)
    return Suggestion(data.columns, data.event, data.id, mapping)


def _column(use: ColumnUse, sample: Sample) -> ColumnView:
    values = sample.values(use.name)
    different = list({msgspec.json.encode(one): one for one in values[:50]}.values())
    return ColumnView(use.name, different[:EXAMPLES], len(values), use.role, use.target, use.type, use.why)


def _event(workspace: Workspace, identify: Identify, one: PreviewedEvent) -> PreviewedEventView:
    event: JsonObject | str
    profile_id = None
    try:
        event = msgspec.json.decode(one.built.event)
        keys = identify(decode_event(one.built.event))
        profile_id = next(filter(None, (workspace.people.find(key) for key in keys)), None)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        event = one.built.event.decode("utf-8", "replace")
    return PreviewedEventView(one.line, profile_id, event, [_problem(fault) for fault in one.built.faults])


def _problem(fault: Fault) -> ImportProblem:
    return ImportProblem(fault.code, fault.field, fault.reason, fault.hint)


router = Router("/imports", route_handlers=[preview_file], tags=["Imports"])
