"""/api/v1/team: who may sign in, and with what role.

An invitation is a link, good once, with which the invited sets a password; a reset is the same link again.
It is mailed where a mail server is set, and always shown to who invites.
"""

import asyncio
from typing import Any

import msgspec
from litestar import Request, Router, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from onefold.api.caller import Caller, missing_right
from onefold.api.links import SignInLink, make_link
from onefold.api.name import Name
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_number
from onefold.api.problem import not_found
from onefold.api.right import ADMINISTER, may
from onefold.api.undo import PutBack
from onefold.api.workspace import Here, Workspace
from onefold.clock import HOUR, to_iso
from onefold.errors import OnefoldError, RequestError
from onefold.model.access import Right, Role, rights_of, sees_people
from onefold.model.mail import TEST_KEY, Address, Mail
from onefold.model.teammate import Teammate

INVITED = 72 * HOUR
"""So long an invitation holds: over a weekend."""


class NewTeammate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who shall be able to sign in."""

    email: Address
    role: Role
    name: Name | None = None
    personal: bool | None = None
    """Whether values of people are shown to them; by default as the role says."""


CHANGED = may(Right.ADMINISTER, undo=PutBack(("name", "role", "personal")))


class TeammateChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be different; the rest stays."""

    name: Name | None = None
    role: Role | None = None
    personal: bool | None = None
    enabled: bool | None = None


class TeammateView(msgspec.Struct, frozen=True):
    """Somebody of the team."""

    id: int
    email: str
    name: str
    role: Role
    personal: bool
    rights: list[str]
    state: str
    """invited (has never signed in), active or disabled."""
    created_at: str
    last_seen_at: str | None
    signs_in_by: list[str]
    """`password`, `provider`, both, or nothing yet."""


class InvitedView(msgspec.Struct, frozen=True):
    """A teammate, and the link with which to set a password."""

    teammate: TeammateView
    link: SignInLink
    mailed: bool
    mail_problem: str = ""
    """Why the mail could not be sent; the link works all the same."""


@get("/", opt=ADMINISTER, sync_to_thread=True)
def list_team(workspace: Here, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> Page[TeammateView]:
    """The team, in the order of joining."""
    found = workspace.team.page(after=read_number(cursor), count_max=limit + 1)
    return page_of(found, limit, lambda one: one.id, view)


@get("/{teammate:str}", opt=ADMINISTER, sync_to_thread=True)
def show_teammate(workspace: Here, teammate: FromPath[str]) -> TeammateView:
    """One of the team, by id or address."""
    return view(_find(workspace, teammate))


@post("/", opt=may(Right.ADMINISTER, hides=("link",)))
async def invite_teammate(
    workspace: Here, request: Request[Any, Any, Any], data: JSONBody[NewTeammate]
) -> InvitedView:
    """Invite somebody: they set a password by the link, which holds three days."""
    return await _invite(workspace, await asyncio.to_thread(_create, workspace, request.state.caller, data))


@post("/{teammate:str}/invite", opt=may(Right.ADMINISTER, hides=("link",)), status_code=200)
async def invite_again(
    workspace: Here, request: Request[Any, Any, Any], teammate: FromPath[str]
) -> InvitedView:
    """Another link, to set a password for the first time or anew; links before it end."""
    found = await asyncio.to_thread(_find_invitable, workspace, request.state.caller, teammate)
    return await _invite(workspace, found)


@patch("/{teammate:str}", opt=CHANGED, sync_to_thread=True)
def change_teammate(
    workspace: Here,
    state: State,
    request: Request[Any, Any, Any],
    teammate: FromPath[str],
    data: JSONBody[TeammateChange],
) -> TeammateView:
    """Give another name or role, show or hide personal data, disable or enable; holds at once."""
    found = _find(workspace, teammate)
    _check_owner(workspace, request.state.caller, found.role)
    values: dict[str, Any] = {}
    if data.name is not None:
        values["name"] = data.name
    if data.role is not None:
        _check_owner(workspace, request.state.caller, data.role)
        values["role"] = data.role
        if found.personal == sees_people(found.role):
            # What was given or taken apart from the role stays so.
            values["personal"] = sees_people(data.role)
    if data.personal is not None:
        values["personal"] = data.personal
    if data.enabled is not None:
        values["disabled_at"] = 0 if data.enabled else workspace.clock()
    rights = rights_of(values.get("role", found.role), personal=values.get("personal", found.personal))
    _check_gift(request.state.caller, rights - rights_of(found.role, personal=found.personal))
    changed = workspace.team.change(found.id, values) if values else found
    state.guard.forget()
    return view(changed)


@delete("/{teammate:str}", opt=ADMINISTER, sync_to_thread=True)
def remove_teammate(
    workspace: Here, state: State, request: Request[Any, Any, Any], teammate: FromPath[str]
) -> None:
    """Take somebody out of the team and sign them out at once."""
    found = _find(workspace, teammate)
    _check_owner(workspace, request.state.caller, found.role)
    workspace.team.remove(found.id)
    state.guard.forget()


@post("/{teammate:str}/forget-second-factor", opt=ADMINISTER, sync_to_thread=True, status_code=200)
def forget_second_factor(
    workspace: Here, request: Request[Any, Any, Any], teammate: FromPath[str]
) -> TeammateView:
    """Turn the second factor of somebody off who has lost it; the password alone lets them in then."""
    found = _find(workspace, teammate)
    _check_owner(workspace, request.state.caller, found.role)
    workspace.second_factors.forget(found.id)
    return view(found)


@post("/{teammate:str}/forget-sign-on", opt=ADMINISTER, sync_to_thread=True, status_code=200)
def forget_sign_on(workspace: Here, request: Request[Any, Any, Any], teammate: FromPath[str]) -> TeammateView:
    """Forget whom the provider knows them as; who comes next with their address is taken for them."""
    found = _find(workspace, teammate)
    _check_owner(workspace, request.state.caller, found.role)
    return view(workspace.team.change(found.id, {"issuer": "", "subject": ""}))


async def mail_link(workspace: Workspace, teammate: Teammate) -> SignInLink:
    """Mail a fresh link to set a password; others hold on: anybody may ask for one.

    Raises:
        OnefoldError: the mail was not taken.
    """
    link = await asyncio.to_thread(make_link, workspace, teammate.id, INVITED)
    await workspace.send_mail(_mail(workspace, teammate, link))
    return link


def _create(workspace: Workspace, caller: Caller, data: NewTeammate) -> Teammate:
    _check_owner(workspace, caller, data.role)
    personal = sees_people(data.role) if data.personal is None else data.personal
    _check_gift(caller, rights_of(data.role, personal=personal))
    name = data.name or data.email.partition("@")[0]
    return workspace.team.create(data.email, name, data.role, workspace.clock(), personal=personal)


def _find_invitable(workspace: Workspace, caller: Caller, name: str) -> Teammate:
    found = _find(workspace, name)
    _check_owner(workspace, caller, found.role)
    # Whoever has the link may sign in by it.
    _check_gift(caller, rights_of(found.role, personal=found.personal))
    return found


async def _invite(workspace: Workspace, teammate: Teammate) -> InvitedView:
    link = await asyncio.to_thread(make_link, workspace, teammate.id, INVITED, ends_others=True)
    problem = "" if workspace.has_mail else "No mail server is set."
    if workspace.has_mail:
        try:
            await workspace.send_mail(_mail(workspace, teammate, link))
        except OnefoldError as error:
            problem = error.message
    return InvitedView(view(teammate), link, not problem, problem)


def _mail(workspace: Workspace, teammate: Teammate, link: SignInLink) -> Mail:
    if teammate.has_password:
        subject, first = "Set another password", "somebody asked for another password for you."
    else:
        subject, first = "You are invited", f"you are invited to the workspace {workspace.name}."
    body = (
        f"Hello {teammate.name},\n\n{first}\nSet it here, once, until {link.expires_at}:\n\n{link.url}\n\n"
        "If that was not you, leave it: nothing changes.\n"
    )
    return Mail(TEST_KEY, teammate.email, f"[{workspace.name}] {subject}", body)


def _check_owner(workspace: Workspace, caller: Caller, role: Role) -> None:
    """Only an owner, or whoever holds the machine, makes, changes or removes one."""
    if role is not Role.OWNER or caller.holds_machine:
        return
    me = workspace.team.find(str(caller.teammate_id)) if caller.teammate_id else None
    if me is None or not me.is_owner:
        raise RequestError(
            "api.owners_only",
            "Only an owner may do that with an owner.",
            status=403,
            hint="Ask an owner, or run `onefold team` on the server's machine.",
        )


def _check_gift(caller: Caller, rights: frozenset[Right]) -> None:
    """Nobody gives a right that they do not have."""
    for right in sorted(rights - caller.rights):
        raise missing_right(right)


def _find(workspace: Workspace, name: str) -> Teammate:
    found = workspace.team.find(name)
    if found is None:
        raise not_found("teammate", name, hint="`onefold team list` shows them.")
    return found


def view(teammate: Teammate) -> TeammateView:
    """As shown."""
    state = "disabled" if teammate.disabled_at else "active" if teammate.signs_in_by else "invited"
    return TeammateView(
        *(teammate.id, teammate.email, teammate.name, teammate.role, teammate.personal),
        sorted(teammate.rights),
        state,
        to_iso(teammate.created_at),
        to_iso(teammate.last_seen_at) if teammate.last_seen_at else None,
        teammate.signs_in_by,
    )


router = Router(
    "/team",
    route_handlers=[
        list_team,
        show_teammate,
        invite_teammate,
        invite_again,
        change_teammate,
        remove_teammate,
        forget_second_factor,
        forget_sign_on,
    ],
    tags=["Access"],
)
