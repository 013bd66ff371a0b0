"""How a browser gets in: POST /api/v1/links makes a one-time link, /open/{code} trades it for a cookie."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie, State
from litestar.params import FromPath

from onefold.api.caller import CALLERS, COOKIE, EVERYONE
from onefold.api.workspace import Here
from onefold.clock import DAY, MINUTE, SECOND, to_iso
from onefold.errors import RequestError


class SignInLink(msgspec.Struct, frozen=True):
    """A link that opens the page once."""

    url: str
    path: str
    expires_at: str


@post("/", opt=CALLERS, sync_to_thread=True)
def create_link(workspace: Here) -> SignInLink:
    """A fresh one-time link."""
    now = workspace.clock()
    expires_at = now + workspace.limits.link_minutes * MINUTE
    path = f"/open/{workspace.callers.create_link(now, expires_at)}"
    return SignInLink(workspace.public_url + path, path, to_iso(expires_at))


@get("/open/{code:str}", opt=EVERYONE, sync_to_thread=True, include_in_schema=False)
def open_link(workspace: Here, code: FromPath[str], request: Request[Any, Any, Any]) -> Response[None]:
    """Use a one-time link up: sets the session's cookie and leads to the first page."""
    now = workspace.clock()
    seconds = workspace.limits.session_days * DAY // SECOND
    secret = workspace.callers.open_link(code, now, now + seconds * SECOND)
    if secret is None:
        raise RequestError(
            "api.link_used",
            "This link was used already, or is too old.",
            status=410,
            hint="`onefold open` prints a fresh one.",
        )
    cookie = Cookie(
        key=COOKIE,
        value=secret,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https" or workspace.public_url.startswith("https://"),
        path="/",
    )
    headers = {"location": "/", "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response(None, status_code=303, headers=headers, cookies=[cookie])


@post("/sign-out", opt=EVERYONE, sync_to_thread=True, status_code=204, tags=["Access"])
def sign_out(workspace: Here, state: State, request: Request[Any, Any, Any]) -> Response[None]:
    """End the browser's session."""
    secret = request.cookies.get(COOKIE)
    if secret:
        workspace.callers.end_session(secret)
        state.guard.forget()
    response = Response(None, status_code=204)
    response.delete_cookie(COOKIE, path="/")
    return response


router = Router("/links", route_handlers=[create_link], tags=["Access"])
