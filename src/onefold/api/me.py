"""/api/v1/me: who calls, their password, and where they are signed in."""

import asyncio
from typing import Any

import msgspec
from litestar import Request, Router, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from onefold.api.caller import COOKIE, Caller
from onefold.api.name import Name
from onefold.api.page import Page
from onefold.api.password import NewPassword, Password, check_password
from onefold.api.problem import not_found
from onefold.api.right import SIGNED_IN
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.callers import Session, session_id
from onefold.clock import to_iso
from onefold.errors import RequestError
from onefold.model.teammate import Teammate


class MeView(msgspec.Struct, frozen=True):
    """Who calls, and what they may do."""

    kind: str
    """session, token or local."""
    name: str
    rights: list[str]
    signs_in_by: list[str]
    """`password`, `provider`, or both; empty for a token, and for whoever holds the machine."""
    email: str | None = None
    """Null for a token, and for whoever holds the machine."""
    role: str | None = None
    has_team: bool = True
    """False while nobody can sign in by password yet."""


class MeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be different."""

    name: Name


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password until now, and from now on."""

    old: Password
    new: NewPassword


class SessionView(msgspec.Struct, frozen=True):
    """A browser that is signed in."""

    id: str
    created_at: str
    last_seen_at: str
    expires_at: str
    address: str
    agent: str
    is_this: bool


@get("/", opt=SIGNED_IN, sync_to_thread=True)
def show_me(workspace: Here, request: Request[Any, Any, Any]) -> MeView:
    """Who calls."""
    caller: Caller = request.state.caller
    if caller.teammate_id:
        return me_view(find_me(workspace, caller))
    has_team = bool(workspace.team.page(count_max=1))
    return MeView(caller.kind, caller.name, sorted(caller.rights), [], has_team=has_team)


@patch("/", opt=SIGNED_IN, sync_to_thread=True)
def change_me(workspace: Here, request: Request[Any, Any, Any], data: JSONBody[MeChange]) -> MeView:
    """Take another name."""
    me = find_me(workspace, request.state.caller)
    return me_view(workspace.team.change(me.id, {"name": data.name}))


@post("/password", opt=SIGNED_IN, status_code=204)
async def change_password(
    workspace: Here, state: State, request: Request[Any, Any, Any], data: JSONBody[PasswordChange]
) -> None:
    """Set another password; all other sessions end, and this one too: sign in again."""
    me = await asyncio.to_thread(find_me, workspace, request.state.caller)
    await state.passwords.verify_own(workspace, me, data.old, field="old")
    check_password(data.new, me)
    await asyncio.to_thread(workspace.team.set_password, me.id, data.new)
    state.guard.forget()


@get("/sessions", opt=SIGNED_IN, sync_to_thread=True)
def list_sessions(workspace: Here, request: Request[Any, Any, Any]) -> Page[SessionView]:
    """Where the caller is signed in, the latest first."""
    caller = _signed_in(request.state.caller)
    this = session_id(request.cookies.get(COOKIE, "")) if caller.kind == "session" else ""
    found = workspace.callers.list_sessions(caller.teammate_id, workspace.clock())
    return Page([_session_view(one, this) for one in found], None)


@delete("/sessions/{session:str}", opt=SIGNED_IN, sync_to_thread=True)
def end_session(
    workspace: Here, state: State, request: Request[Any, Any, Any], session: FromPath[str]
) -> None:
    """Sign a browser out; `others` ends all but this one."""
    caller = _signed_in(request.state.caller)
    if session == "others":
        workspace.callers.end_sessions(caller.teammate_id, but=request.cookies.get(COOKIE, ""))
    elif not workspace.callers.end_sessions(caller.teammate_id, session_id=session):
        raise not_found("session", session)
    state.guard.forget()


def _session_view(session: Session, this: str) -> SessionView:
    return SessionView(
        session.id,
        to_iso(session.created_at),
        to_iso(session.last_seen_at),
        to_iso(session.expires_at),
        session.address,
        session.agent,
        session.id == this,
    )


def me_view(teammate: Teammate) -> MeView:
    """A teammate as the one who calls."""
    return MeView(
        "session",
        teammate.name,
        sorted(teammate.rights),
        teammate.signs_in_by,
        teammate.email,
        teammate.role,
    )


def find_me(workspace: Workspace, caller: Caller) -> Teammate:
    """The teammate who calls.

    Raises:
        RequestError: it is none.
    """
    found = workspace.team.find(str(caller.teammate_id)) if caller.teammate_id else None
    if found is None:
        raise _no_teammate()
    return found


def _signed_in(caller: Caller) -> Caller:
    """A teammate, or whoever holds the machine: a program has no sessions, and ends none of theirs."""
    if caller.kind == "token":
        raise _no_teammate()
    return caller


def _no_teammate() -> RequestError:
    return RequestError(
        "api.no_teammate",
        "Only a teammate who signed in has that.",
        status=409,
        hint="Invite yourself with `onefold team invite EMAIL --role owner`.",
    )


router = Router(
    "/me",
    route_handlers=[show_me, change_me, change_password, list_sessions, end_session],
    tags=["Access"],
)
