"""/api/v1/tokens: what programs show to call this API."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from onefold.api.caller import Caller, missing_right
from onefold.api.name import Name
from onefold.api.page import ID_MAX, ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_number
from onefold.api.problem import not_found
from onefold.api.right import ADMINISTER, may
from onefold.api.workspace import Here
from onefold.backends.embedded.control.callers import Token
from onefold.clock import DAY, to_iso
from onefold.model.access import Right

Days = Annotated[int, Meta(ge=1, le=3650)]


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to be made."""

    name: Name
    rights: Annotated[list[Right], Meta(min_length=1)] | None = None
    """What it may do; all that its maker may, unless given."""
    days: Days | None = None
    """When it ends; never, unless given."""


class TokenView(msgspec.Struct, frozen=True):
    """A token; its secret is never shown again."""

    id: int
    name: str
    created_at: str
    rights: list[str]
    expires_at: str | None


class MadeToken(TokenView, frozen=True):
    """A new token with its secret."""

    token: str = ""


@get("/", opt=ADMINISTER, sync_to_thread=True)
def list_tokens(workspace: Here, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> Page[TokenView]:
    """Tokens, oldest first; those that have expired are still listed."""
    found = workspace.callers.list_tokens(after=read_number(cursor), count_max=limit + 1)
    return page_of(found, limit, lambda token: token.id, _view)


@post("/", opt=may(Right.ADMINISTER, hides=("token",)), sync_to_thread=True)
def create_token(workspace: Here, request: Request[Any, Any, Any], data: JSONBody[NewToken]) -> MadeToken:
    """Make a token. Keep the secret: this is the only time it is shown."""
    caller: Caller = request.state.caller
    rights = caller.rights if data.rights is None else frozenset(data.rights)
    for right in sorted(rights - caller.rights):
        raise missing_right(right)
    now = workspace.clock()
    expires_at = now + data.days * DAY if data.days else 0
    token, secret = workspace.callers.create_token(data.name, now, rights=rights, expires_at=expires_at)
    return MadeToken(**msgspec.structs.asdict(_view(token)), token=secret)


@delete("/{token_id:int}", opt=ADMINISTER, sync_to_thread=True)
def revoke_token(workspace: Here, state: State, token_id: FromPath[int]) -> None:
    """End a token at once."""
    if token_id > ID_MAX or not workspace.callers.revoke_token(token_id):
        raise not_found("token", str(token_id))
    state.guard.forget()


def _view(token: Token) -> TokenView:
    expires_at = to_iso(token.expires_at) if token.expires_at else None
    return TokenView(token.id, token.name, to_iso(token.created_at), sorted(token.rights), expires_at)


router = Router("/tokens", route_handlers=[list_tokens, create_token, revoke_token], tags=["Tokens"])
