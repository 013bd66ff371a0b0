"""How a browser gets in: POST /api/v1/links makes a one-time link, /open/{code} trades it for a cookie.

A link of a teammate, who sets a password with it, leads to the page for that instead.
"""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from onefold.api.caller import COOKIE, Caller
from onefold.api.right import EVERYONE, may
from onefold.api.session import end_cookie, start_session
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.callers import MACHINE
from onefold.clock import MINUTE, to_iso
from onefold.errors import RequestError
from onefold.model.access import Right


class SignInLink(msgspec.Struct, frozen=True):
    """A link that opens the page once."""

    url: str
    path: str
    expires_at: str


@post("/", opt=may(Right.ADMINISTER, hides=("url", "path")), sync_to_thread=True)
def create_link(workspace: Here, request: Request[Any, Any, Any]) -> SignInLink:
    """A fresh one-time link, which signs in as whoever holds the machine: only they get one."""
    caller: Caller = request.state.caller
    if not caller.holds_machine:
        # Else an admin, or a program, could make themselves more than they are.
        raise RequestError(
            "api.local_only",
            "Only whoever holds the server's machine gets a link to it.",
            status=403,
            hint="Run `onefold open` there, or have somebody invited: `onefold team invite EMAIL`.",
        )
    return make_link(workspace, MACHINE, workspace.limits.link_minutes * MINUTE)


def make_link(workspace: Workspace, teammate_id: int, lasts: int, *, ends_others: bool = False) -> SignInLink:
    """A link that holds so many microseconds."""
    now = workspace.clock()
    code = workspace.callers.create_link(now, now + lasts, teammate_id=teammate_id, ends_others=ends_others)
    path = f"/open/{code}"
    return SignInLink(workspace.public_url + path, path, to_iso(now + lasts))


@get("/open/{code:str}", opt=EVERYONE, sync_to_thread=True, include_in_schema=False)
def open_link(workspace: Here, code: FromPath[str], request: Request[Any, Any, Any]) -> Response[None]:
    """Use a one-time link up: sets the session's cookie and leads to the first page."""
    callers, now = workspace.callers, workspace.clock()
    # Not used up yet: programs that look at links in mails must not cost anyone theirs.
    teammate_id = callers.find_link(code, now) or callers.use_link(code, now)
    if teammate_id == MACHINE:
        cookie = start_session(workspace, request, MACHINE)
        return Response(None, status_code=303, headers={"location": "/", **NOT_STORED}, cookies=[cookie])
    if teammate_id is None and "text/html" not in request.headers.get("accept", ""):
        raise link_used("`onefold open` prints a fresh one.")
    # The page sets the password, or says that the link is no good.
    return Response(None, status_code=303, headers={"location": f"/welcome#{code}", **NOT_STORED})


def link_used(hint: str) -> RequestError:
    """The answer to a link that is no good any more."""
    return RequestError("api.link_used", "This link was used already, or is too old.", status=410, hint=hint)


@post("/sign-out", opt=EVERYONE, sync_to_thread=True, status_code=204, tags=["Access"])
def sign_out(workspace: Here, state: State, request: Request[Any, Any, Any]) -> Response[None]:
    """End the browser's session."""
    secret = request.cookies.get(COOKIE)
    if secret:
        workspace.callers.end_session(secret)
        state.guard.forget()
    response = Response(None, status_code=204)
    end_cookie(response)
    return response


NOT_STORED = {"cache-control": "no-store"}
router = Router("/links", route_handlers=[create_link], tags=["Access"])
