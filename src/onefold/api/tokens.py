"""/api/v1/tokens: what programs show to call this API."""

import msgspec
from litestar import Router, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from onefold.api.caller import CALLERS
from onefold.api.name import Name
from onefold.api.page import ID_MAX, ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_number
from onefold.api.problem import not_found
from onefold.api.workspace import Here
from onefold.backends.embedded.control.callers import Token
from onefold.clock import to_iso


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to be made."""

    name: Name


class TokenView(msgspec.Struct, frozen=True):
    """A token; its secret is never shown again."""

    id: int
    name: str
    created_at: str


class MadeToken(msgspec.Struct, frozen=True):
    """A new token with its secret."""

    id: int
    name: str
    created_at: str
    token: str


@get("/", opt=CALLERS, sync_to_thread=True)
def list_tokens(workspace: Here, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> Page[TokenView]:
    """Tokens, oldest first."""
    found = workspace.callers.list_tokens(after=read_number(cursor), count_max=limit + 1)
    return page_of(found, limit, lambda token: token.id, _view)


@post("/", opt=CALLERS, sync_to_thread=True)
def create_token(workspace: Here, data: JSONBody[NewToken]) -> MadeToken:
    """Make a token. Keep the secret: this is the only time it is shown."""
    token, secret = workspace.callers.create_token(data.name, workspace.clock())
    return MadeToken(token.id, token.name, to_iso(token.created_at), secret)


@delete("/{token_id:int}", opt=CALLERS, sync_to_thread=True)
def revoke_token(workspace: Here, state: State, token_id: FromPath[int]) -> None:
    """End a token at once."""
    if token_id > ID_MAX or not workspace.callers.revoke_token(token_id):
        raise not_found("token", str(token_id))
    state.guard.forget()


def _view(token: Token) -> TokenView:
    return TokenView(token.id, token.name, to_iso(token.created_at))


router = Router("/tokens", route_handlers=[list_tokens, create_token, revoke_token], tags=["Tokens"])
