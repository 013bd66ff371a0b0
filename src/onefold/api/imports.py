"""/api/v1/imports: files sent here, taken in, and what became of them."""

import asyncio
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from onefold.acquire.import_file import check_file
from onefold.acquire.mapping import parse_mapping
from onefold.acquire.read import DAMAGED, format_of
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_cursor
from onefold.api.problem import FieldProblem, InvalidError, not_found
from onefold.api.right import OPERATE, SEE
from onefold.api.run_view import RunView
from onefold.api.runs import ask_run
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.decisions import Arguments, RunRequest
from onefold.clock import to_iso
from onefold.errors import ConfigError, RequestError
from onefold.model.json import JsonValue
from onefold.model.run import Run, RunKind, RunState

UPLOAD_BYTES_MAX = 64 * 1024**3
"""One file; the disk's free space is the nearer limit."""
UPLOAD_NAME = re.compile(r"[0-9a-f]{16}-[A-Za-z0-9._-]{1,100}")


class NewImport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An import: the file as uploaded (`file`) or, on the server's own machine, its `path`."""

    mapping: dict[str, JsonValue]
    file: str = ""
    path: str = ""
    source: Annotated[str, Meta(max_length=100)] = ""
    """Name of the source that its events get; empty: `import:` and the file's name."""


class ImportView(msgspec.Struct, frozen=True):
    """An import and its outcome; the run of the same id has its progress."""

    id: str
    file: str
    source: str
    """Name of the source that its events got."""
    state: RunState
    rows: int | None
    """Of the file; null before its end was reached."""
    passed: int
    """Events that this run brought."""
    rejected: int
    """Dead letters that this run made."""
    created_at: str
    ended_at: str | None
    by: str
    message: str


class UploadView(msgspec.Struct, frozen=True):
    """An uploaded file, to be named in an import."""

    file: str
    size: int


@get("/", opt=SEE, sync_to_thread=True)
def list_imports(workspace: Here, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> Page[ImportView]:
    """Imports, newest first."""
    before = read_cursor(cursor) or "~"
    found = workspace.run_requests.page(before=before, count_max=limit + 1, kind=RunKind.IMPORT)
    begun = workspace.runs.find([request.id for request in found])
    names = {source.id: source.name for source in workspace.sources.page()}
    return page_of(found, limit, lambda one: one.id, lambda one: _view(one, begun.get(one.id), names))


@post("/files", opt=OPERATE, request_max_body_size=UPLOAD_BYTES_MAX)
async def upload_file(
    workspace: Here,
    request: Request[Any, Any, Any],
    name: Annotated[str, QueryParameter(min_length=1, max_length=100, description="The file's name.")],
) -> UploadView:
    """Send a file for import as the body of the request."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", Path(name).name)[:100].lstrip(".") or "file"
    format_of(Path(safe))
    path = workspace.data_dir / "uploads" / f"{secrets.token_hex(8)}-{safe}"
    size = 0
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            async for chunk in request.stream():
                size += len(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(os.fsync, file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return UploadView(path.name, size)


@post("/", opt=OPERATE, sync_to_thread=True)
def create_import(workspace: Here, data: JSONBody[NewImport], request: Request[Any, Any, Any]) -> RunView:
    """Import a file by a mapping. The same content again changes nothing."""
    caller = request.state.caller
    path, shown = find_file(workspace, data.file, data.path, is_local=caller.kind == "local")
    with told_by_the_api(shown):
        check_file(path, parse_mapping(data.mapping, "mapping"), shown)
    source = workspace.sources.ensure(
        data.source or f"import:{shown}"[:100], workspace.clock(), kind="import"
    )
    workspace.sources_changed()
    arguments: Arguments = {
        "path": str(path),
        "mapping": msgspec.json.encode(data.mapping).decode(),
        "source_id": source.id,
    }
    return ask_run(workspace, RunKind.IMPORT, shown, arguments, caller.name)


@contextmanager
def told_by_the_api(shown: str) -> Iterator[None]:
    """What is wrong with a file or its mapping, as the API answers it; `shown`: what people call the file."""
    try:
        yield
    except DAMAGED as error:
        raise RequestError(
            "acquire.unreadable_file",
            f"{shown} is damaged, or ends too early.",
            field="file",
            hint="Check the file.",
        ) from error
    except OSError as error:
        raise RequestError(
            "api.no_file", f"{shown} cannot be read: {error.strerror}.", status=422, field="path"
        ) from error
    except ConfigError as error:
        problems = [FieldProblem(one.path, f"{one.got}; expected {one.expected}") for one in error.problems]
        raise InvalidError("acquire.bad_mapping", problems) from error


def find_file(workspace: Workspace, file: str, given: str, *, is_local: bool) -> tuple[Path, str]:
    """A file by its upload or its path on this machine, and what people call it.

    Raises:
        RequestError: there is none, or the caller may not name paths.
    """
    if bool(file) == bool(given):
        raise RequestError("api.file_or_path", "Name either a file or a path.", status=422, field="file")
    if given:
        path = Path(given)
        if not is_local:
            raise RequestError(
                "api.local_only",
                "A path can only be imported on the server's own machine.",
                status=403,
                field="path",
                hint="Upload the file first: POST /api/v1/imports/files.",
            )
        if not path.is_absolute() or not path.is_file():
            raise RequestError(
                "api.no_file",
                f"There is no file {path}.",
                status=422,
                field="path",
                hint="Give its whole path.",
            )
        return path, path.name
    path = workspace.data_dir / "uploads" / file
    if not UPLOAD_NAME.fullmatch(file) or not path.is_file():
        raise not_found("uploaded file", file)
    return path, path.name.partition("-")[2]


def _view(request: RunRequest, run: Run | None, names: dict[int, str]) -> ImportView:
    run = run or Run(request.id, request.kind, request.subject, RunState.QUEUED, request.created_at)
    rows = run.arguments.get("rows")
    return ImportView(
        id=request.id,
        file=request.subject,
        source=names.get(int(request.arguments["source_id"]), ""),
        state=run.state,
        rows=None if rows is None else int(rows),
        passed=run.passed,
        rejected=run.rejected,
        created_at=to_iso(run.created_at),
        ended_at=to_iso(run.ended_at) if run.ended_at else None,
        by=request.by,
        message=run.message,
    )


router = Router("/imports", route_handlers=[list_imports, upload_file, create_import], tags=["Imports"])
