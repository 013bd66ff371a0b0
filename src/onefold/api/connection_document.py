"""/api/v1/connections/{connection}/document: a connection read and written whole, as one document.

YAML or JSON, by `Accept` and `Content-Type`. What is written replaces what there was: goals that the document
does not name are deleted. Secrets are never given out; those that it does not give stay as they are.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, put
from litestar.params import FromPath, QueryParameter

from onefold.api.connection_checks import check_match
from onefold.api.connection_plan import plan_connection, write_connection_plan
from onefold.api.goals import find_connection, goals_of
from onefold.api.right import SEE, may
from onefold.api.workspace import Here, Workspace
from onefold.config.connection import connection_schema, write_connection
from onefold.config.plan import Plan
from onefold.config.text import DocumentError, read_text, write_text
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.model.connection import Connection
from onefold.model.json import JsonValue
from onefold.plugin.declare import FieldKind

YAML = "application/yaml"
JSON = "application/json"
APPLIED = may(Right.CONNECT, undo="It came from a document. Apply the one of before: your repository has it.")
DryRun = Annotated[bool, QueryParameter(description="Only tell what would change.")]


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


@put("/{connection:str}/document", opt=APPLIED)
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
    before = workspace.connections.find(name) or _former(workspace, document)
    if before is None:
        _check_new(workspace, name, document)
    else:
        check_match(if_match, before)
    names = _names(workspace)
    planned = plan_connection(
        workspace, document, before, {segment: segment_id for segment_id, segment in names.items()}, names
    )
    if dry_run or not planned.plan.changes:
        return planned.plan
    write_connection_plan(workspace, planned)
    return msgspec.structs.replace(planned.plan, applied=True)


def _former(workspace: Workspace, document: JsonValue) -> Connection | None:
    """The connection that the document renames, where nothing has the new name yet."""
    former = document.get("renamed_from") if isinstance(document, dict) else None
    found = workspace.connections.find(former) if isinstance(former, str) and former else None
    return found if found is not None and found.name == former else None


def _check_new(workspace: Workspace, name: str, document: JsonValue) -> None:
    named = document.get("name") if isinstance(document, dict) else None
    if isinstance(named, str) and named.strip() == name.strip():
        return
    find_connection(workspace, name)


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
