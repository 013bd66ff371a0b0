"""/api/v1/connections/{connection}/document: a connection read and written whole, as one document.

YAML or JSON, by `Accept` and `Content-Type`. What is written replaces what there was: goals that the document
does not name are deleted. Secrets are never given out; those that it does not give stay as they are.
"""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, put
from litestar.params import FromPath, QueryParameter

from onefold.api.connection_checks import check_match, check_room
from onefold.api.goal_checks import connector_of, explain_problems, raise_problems
from onefold.api.goals import find_connection, goals_of, revised
from onefold.api.problem import FieldProblem
from onefold.api.right import CONNECT, SEE
from onefold.api.workspace import Here, Workspace
from onefold.config.connection import (
    Reading,
    Wanted,
    check_wanted,
    connection_schema,
    find_changes,
    read_connection,
    write_connection,
)
from onefold.config.plan import Change, Plan
from onefold.config.text import DocumentError, read_text, write_text
from onefold.errors import RequestError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.json import JsonObject, JsonValue
from onefold.plugin.declare import Field, FieldKind

YAML = "application/yaml"
JSON = "application/json"
DryRun = Annotated[bool, QueryParameter(description="Only tell what would change.")]
_ACTIONS: dict[bool, Literal["create", "change"]] = {True: "create", False: "change"}


@get("/{connection:str}/document", opt=SEE, sync_to_thread=True)
def show_document(
    workspace: Here, connection: FromPath[str], request: Request[Any, Any, Any]
) -> Response[bytes]:
    """One connection with its goals as a document, in YAML or in JSON as `Accept` asks."""
    found = find_connection(workspace, connection)
    document = write_connection(found, goals_of(workspace, found), _names(workspace))
    headers = {"etag": f'"{found.version}"', "vary": "accept"}
    if YAML in request.headers.get("accept", ""):
        text = write_text(document, _about_secrets(workspace, found))
        return Response(text.encode(), media_type=YAML, headers=headers)
    return Response(msgspec.json.encode(document), media_type=JSON, headers=headers)


@put("/{connection:str}/document", opt=CONNECT)
async def apply_document(
    workspace: Here, connection: FromPath[str], request: Request[Any, Any, Any], dry_run: DryRun = False
) -> Plan:
    """Make a connection what a document says, or tell with `dry_run` what that would change.

    One that does not exist yet is made, if the document names it as the address does.
    """
    body = await request.body()
    document = _read(body, request.headers.get("content-type", ""))
    if_match = request.headers.get("if-match", "")
    return await asyncio.to_thread(_apply, workspace, connection, document, if_match, dry_run)


@get("/schemas/connection", opt=SEE, sync_to_thread=False, tags=["Connections"])
def show_connection_schema() -> Response[bytes]:
    """The JSON schema of a connection's document, for editors and checks."""
    return Response(msgspec.json.encode(connection_schema()), media_type="application/schema+json")


def _apply(workspace: Workspace, name: str, document: JsonValue, if_match: str, dry_run: bool) -> Plan:
    before = workspace.connections.find(name)
    if before is None:
        _check_new(workspace, name, document)
    else:
        check_match(if_match, before)
    goals_before = goals_of(workspace, before) if before is not None else []
    names = _names(workspace)
    ids = {segment: segment_id for segment_id, segment in names.items()}
    at = workspace.clock()
    reading = read_connection(document, before, goals_before, ids, at)
    wanted = _checked(workspace, reading, before, document)
    changes = find_changes(before, goals_before, wanted, names)
    plan = Plan(
        action=_ACTIONS[before is None] if changes else "none",
        name=wanted.connection.name,
        changes=changes,
        warnings=_warnings(goals_before, wanted.goals),
        goals_deleted=[goal.name for goal in _gone(goals_before, wanted.goals)],
    )
    if dry_run or not changes:
        return plan
    _write(workspace, before, goals_before, wanted, changes=changes, at=at)
    workspace.wake("deliver")
    return msgspec.structs.replace(plan, applied=True)


def _write(
    workspace: Workspace,
    before: Connection | None,
    goals_before: list[Goal],
    wanted: Wanted,
    *,
    changes: list[Change],
    at: int,
) -> None:
    """All of it in one transaction, unless someone else changed something meanwhile."""
    old = {goal.id: goal for goal in goals_before}
    goals = [
        revised(old[goal.id], goal, at)
        if goal.id
        else msgspec.structs.replace(goal, enabled_at=at if goal.enabled else 0)
        for goal in wanted.goals
    ]
    if before is None:
        check_room(workspace)
        workspace.connections.create(wanted.connection, goals)
        return
    is_own = any(not change.path.startswith("spec.goals") for change in changes)
    connection = wanted.connection
    if is_own:
        connection = msgspec.structs.replace(connection, version=before.version + 1)
    workspace.connections.replace(connection, goals, before=before, goals_before=goals_before)


def _checked(
    workspace: Workspace, reading: Reading, before: Connection | None, document: JsonValue
) -> Wanted:
    """What the document asks for.

    Raises:
        InvalidError: with everything that is wrong with it.
    """
    wanted = reading.wanted
    if wanted is None:
        raise_problems(
            "connection.invalid", [FieldProblem(one.path, one.message) for one in reading.problems]
        )
        raise AssertionError("a document without problems is wanted")
    connector = connector_of(workspace, wanted.connection.connector)
    given: JsonObject = document["spec"].get("secrets", {})
    problems = check_wanted(wanted, before, connector, given)
    shown = msgspec.structs.replace(wanted.connection, secrets={})
    explained = explain_problems(problems, shown, _fields(workspace, wanted))
    raise_problems("connection.invalid", explained)
    return wanted


def _fields(workspace: Workspace, wanted: Wanted) -> list[Field]:
    """Every field that a problem may speak of, for its help."""
    info = connector_of(workspace, wanted.connection.connector).info
    kinds = [info.goal(goal.kind) for goal in wanted.goals]
    return [*info.fields, *(field for kind in kinds if kind is not None for field in kind.fields)]


def _check_new(workspace: Workspace, name: str, document: JsonValue) -> None:
    named = document.get("name") if isinstance(document, dict) else None
    if isinstance(named, str) and named.strip() == name.strip():
        return
    find_connection(workspace, name)


def _warnings(before: list[Goal], after: list[Goal]) -> list[str]:
    kept = {goal.id: goal for goal in after}
    found = [
        f"The goal {goal.name!r} is deleted. What it sent stays sent; made anew, it sends all again."
        for goal in _gone(before, after)
    ]
    for goal in before:
        if goal.id not in kept:
            continue
        if revised(goal, kept[goal.id], 0).version != goal.version and goal.enabled:
            found.append(f"The goal {goal.name!r} is changed: everyone is compared with the ledger again.")
    return found


def _gone(before: list[Goal], after: list[Goal]) -> list[Goal]:
    kept = {goal.id for goal in after}
    return [goal for goal in before if goal.id not in kept]


def _read(body: bytes, content_type: str) -> JsonValue:
    """What was sent.

    Raises:
        RequestError: it is no document.
    """
    if content_type.partition(";")[0].strip().lower() == JSON:
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RequestError("config.bad_document", f"It is no JSON: {error}.", field="body") from error
    try:
        return read_text(body)
    except DocumentError as error:
        raise RequestError(error.code, error.message, field="body", hint=error.hint) from error


def _names(workspace: Workspace) -> dict[int, str]:
    return {stored.definition.id: stored.definition.name for stored in workspace.segments.page()}


def _about_secrets(workspace: Workspace, connection: Connection) -> str:
    """What a document cannot hold, said above it."""
    found = workspace.connectors().connectors.get(connection.connector)
    names = [field.name for field in found.info.fields if field.kind is FieldKind.SECRET] if found else []
    kept = [name for name in dict.fromkeys([*names, *connection.secrets]) if connection.secrets.get(name)]
    lines = ["Apply it with: onefold connections apply FILE"]
    if kept:
        lines.append(f"Secrets are not written out. Kept unless given: {', '.join(kept)}. To give one:")
        lines += ["  secrets:", f"    {kept[0]}: {{env: {kept[0].upper()}}}"]
    return "\n".join(lines)
