"""A browser's session: the cookie that carries it, and who it is for."""

from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie

from onefold.api.caller import COOKIE, address_of
from onefold.api.workspace import Workspace
from onefold.clock import DAY, SECOND


def start_session(workspace: Workspace, request: Request[Any, Any, Any], teammate_id: int) -> Cookie:
    """Sign the browser in: the cookie to set."""
    now, seconds = workspace.clock(), workspace.limits.session_days * DAY // SECOND
    secret = workspace.callers.create_session(
        teammate_id,
        now,
        now + seconds * SECOND,
        address=address_of(workspace, request),
        agent=request.headers.get("user-agent", ""),
    )
    if teammate_id:
        workspace.team.note_seen(teammate_id, now)
    return Cookie(
        key=COOKIE,
        value=secret,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=is_secure(workspace, request),
        path="/",
    )


def is_secure(workspace: Workspace, request: Request[Any, Any, Any]) -> bool:
    """Whether browsers come by TLS, as far as we know."""
    return request.url.scheme == "https" or workspace.public_url.startswith("https://")


def end_cookie(response: Response[Any]) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, path="/")
