"""/api/v1/sources: where events come from, and the write keys that name them."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from onefold.api.name import Name
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_number
from onefold.api.problem import not_found
from onefold.api.revision import check_match, etag, revision_of
from onefold.api.right import CONNECT, SEE, may
from onefold.api.undo import PutBack
from onefold.api.workspace import Here, Workspace
from onefold.clock import to_iso
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.model.source import HTTP, Source, WriteKey

Rate = Annotated[int, Meta(ge=0, le=10_000_000, description="Events a second admitted; 0: unlimited.")]


CHANGED = may(Right.CONNECT, undo=PutBack(("name", "enabled", "rate_per_s", "drop_ip", "drop_bots")))
KEY_CHANGED = may(Right.CONNECT, undo=PutBack(("enabled",)))


class NewSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source to be made."""

    name: Name
    rate_per_s: Rate = 0
    drop_ip: bool = False
    drop_bots: bool = False
    kind: Annotated[
        str,
        Meta(
            max_length=100,
            description="http: what SDKs and servers send. Else what a destination tells, by the source_kind "
            "of its connector, such as braze-currents.",
        ),
    ] = HTTP


class SourceChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a source; what is left out stays."""

    name: Name | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    rate_per_s: Rate | UnsetType = UNSET
    drop_ip: bool | UnsetType = UNSET
    drop_bots: bool | UnsetType = UNSET


class KeyChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a key may write."""

    enabled: bool


class KeyView(msgspec.Struct, frozen=True):
    """A write key."""

    key: str
    enabled: bool
    created_at: str


class SourceView(msgspec.Struct, frozen=True):
    """A source with its keys; `write_key` is the newest that is enabled."""

    id: int
    name: str
    kind: str
    """http, import, or a kind of what a destination tells, such as braze-currents."""
    enabled: bool
    rate_per_s: int
    drop_ip: bool
    drop_bots: bool
    created_at: str
    write_key: str | None
    keys: list[KeyView]


@get("/", opt=SEE, sync_to_thread=True)
def list_sources(workspace: Here, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> Page[SourceView]:
    """Sources, oldest first."""
    found = workspace.sources.page(after=read_number(cursor), count_max=limit + 1)
    keys = workspace.sources.write_keys([source.id for source in found])
    return page_of(found, limit, lambda source: source.id, lambda source: _view(source, keys))


@post("/", opt=CONNECT, sync_to_thread=True)
def create_source(workspace: Here, data: JSONBody[NewSource]) -> SourceView:
    """Make a source; its first write key comes with it."""
    source, key = make_source(workspace, data)
    return _view(source, [key])


@get("/{source:str}", opt=SEE, sync_to_thread=True)
def show_source(workspace: Here, source: FromPath[str]) -> Response[SourceView]:
    """One source, by id or name; its ETag is what `If-Match` takes."""
    return _tagged(workspace, find_source(workspace, source))


@patch("/{source:str}", opt=CHANGED, sync_to_thread=True)
def change_source(
    workspace: Here, source: FromPath[str], data: JSONBody[SourceChange], request: Request[Any, Any, Any]
) -> Response[SourceView]:
    """Rename, limit, or turn a source on or off."""
    found = find_source(workspace, source)
    check_match(request.headers.get("if-match", ""), revision_of(found), "source")
    return _tagged(workspace, alter_source(workspace, found, data))


@post("/{source:str}/keys", opt=CONNECT, sync_to_thread=True)
def create_key(workspace: Here, source: FromPath[str]) -> KeyView:
    """One more write key. To rotate: make it, move the senders, disable the old one."""
    key = workspace.sources.add_key(find_source(workspace, source).id, workspace.clock())
    workspace.sources_changed()
    return _key_view(key)


@get("/{source:str}/keys/{key:str}", opt=SEE, sync_to_thread=True)
def show_key(workspace: Here, source: FromPath[str], key: FromPath[str]) -> KeyView:
    """One write key of a source."""
    keys = workspace.sources.write_keys([find_source(workspace, source).id])
    found = next((one for one in keys if one.key == key), None)
    if found is None:
        raise not_found("write_key", key)
    return _key_view(found)


@patch("/{source:str}/keys/{key:str}", opt=KEY_CHANGED, sync_to_thread=True)
def change_key(
    workspace: Here, source: FromPath[str], key: FromPath[str], data: JSONBody[KeyChange]
) -> KeyView:
    """Enable or disable a key."""
    found = workspace.sources.enable_key(find_source(workspace, source).id, key, enabled=data.enabled)
    if found is None:
        raise not_found("write_key", key)
    workspace.sources_changed()
    return _key_view(found)


def make_source(workspace: Workspace, data: NewSource) -> tuple[Source, WriteKey]:
    """A new source with its first key.

    Raises:
        RequestError: the name is taken, or no connector has that kind.
    """
    check_source_kind(workspace, data.kind)
    made = workspace.sources.create(
        data.name,
        workspace.clock(),
        kind=data.kind,
        rate_per_s=data.rate_per_s,
        drop_ip=data.drop_ip,
        drop_bots=data.drop_bots,
    )
    workspace.sources_changed()
    return made


def alter_source(workspace: Workspace, source: Source, data: SourceChange) -> Source:
    """The source with what the change gives.

    Raises:
        RequestError: the name is taken.
    """
    values = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    if values:
        source = workspace.sources.change(source.id, values)
        workspace.sources_changed()
    return source


def check_source_kind(workspace: Workspace, kind: str) -> None:
    """Refuse a kind that nothing tells.

    Raises:
        RequestError: no connector has it.
    """
    if kind == HTTP:
        return
    kinds = [one.info.source_kind for one in workspace.connectors().connectors.values()]
    known = sorted({HTTP, *filter(None, kinds)})
    if kind not in known:
        raise RequestError(
            "api.source_kind",
            f"There is no kind of source {kind!r}; there are: {', '.join(known)}.",
            status=422,
            field="kind",
        )


def find_source(workspace: Workspace, id_or_name: str) -> Source:
    """A source by id or name.

    Raises:
        RequestError: there is none.
    """
    found = workspace.sources.find(id_or_name)
    if found is None:
        raise not_found("source", id_or_name, hint="`onefold sources list` shows them.")
    return found


def _tagged(workspace: Workspace, source: Source) -> Response[SourceView]:
    view = _view(source, workspace.sources.write_keys([source.id]))
    return Response(view, headers=etag(revision_of(source)))


def _view(source: Source, keys: list[WriteKey]) -> SourceView:
    own = [key for key in keys if key.source_id == source.id]
    newest = next((key.key for key in reversed(own) if key.enabled), None)
    return SourceView(
        source.id,
        source.name,
        source.kind,
        source.enabled,
        source.rate_per_s,
        source.drop_ip,
        source.drop_bots,
        to_iso(source.created_at),
        newest,
        [_key_view(key) for key in own],
    )


def _key_view(key: WriteKey) -> KeyView:
    return KeyView(key.key, key.enabled, to_iso(key.created_at))


router = Router(
    "/sources",
    route_handlers=[
        list_sources,
        create_source,
        show_source,
        change_source,
        create_key,
        show_key,
        change_key,
    ],
    tags=["Sources"],
)
