"""Signing in: by password, by the link of an invitation or a reset, and asking for such a reset."""

import asyncio
from typing import Annotated, Any

import msgspec
import structlog
from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from onefold.api.caller import address_of
from onefold.api.links import link_used
from onefold.api.me import MeView, me_view
from onefold.api.name import Name
from onefold.api.password import NewPassword, Password, PasswordChecks, check_password
from onefold.api.right import EVERYONE, GETS_IN
from onefold.api.second_factor import wrong_code
from onefold.api.session import start_session
from onefold.api.team import mail_link
from onefold.api.workspace import Here, Workspace
from onefold.errors import OnefoldError, RequestError
from onefold.model.mail import Address
from onefold.model.teammate import Teammate

logger = structlog.get_logger(__name__)
SecondCode = Annotated[str, Meta(max_length=100)]
ASK_AGAIN = 'Ask for another: "Forgot the password" on the page, or `onefold team invite`.'


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who, and the proof."""

    email: Annotated[str, Meta(max_length=254)]
    password: Password
    code: SecondCode = ""
    """Of the authenticator, or a recovery code, where a second factor is on."""


class Welcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code of a link, and the password from now on."""

    code: Annotated[str, Meta(max_length=200)]
    password: NewPassword
    name: Name | None = None
    second_code: SecondCode = ""
    """Of the authenticator, where a second factor is on."""


class WelcomeView(msgspec.Struct, frozen=True):
    """For whom a link is."""

    email: str
    name: str
    is_new: bool
    password: bool = True
    """Whether they may set one: else the provider lets them in."""


class ResetWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who forgot the password."""

    email: Address


@post("/sign-in", opt=GETS_IN, status_code=200, tags=["Access"])
async def sign_in(
    workspace: Here, state: State, request: Request[Any, Any, Any], data: JSONBody[SignIn]
) -> Response[MeView]:
    """Sign a browser in by address and password; wrong ones have to wait longer and longer."""
    _check_ways(workspace)
    passwords: PasswordChecks = state.passwords
    attempts = passwords.attempts
    account, address = data.email.strip().casefold(), address_of(workspace, request)
    keys = attempts.keys_of(account, address)
    attempts.begin(keys, workspace.clock())
    teammate = await passwords.verify(workspace, data.email, data.password)
    if teammate is None:
        raise RequestError(
            "api.wrong_sign_in",
            "That address and password do not belong together.",
            status=401,
            hint="Check both, or have the password reset.",
        )
    if not data.code and await asyncio.to_thread(workspace.second_factors.is_on, teammate.id):
        attempts.take_back(keys)
        raise _code_needed()
    await asyncio.to_thread(_check_code, workspace, teammate, data.code)
    attempts.succeed(keys)
    attempts.let_in(account, address)
    return await asyncio.to_thread(_signed_in, workspace, request, teammate)


@get("/welcome/{code:str}", opt=EVERYONE, sync_to_thread=True, tags=["Access"])
def show_welcome(workspace: Here, code: FromPath[str]) -> WelcomeView:
    """For whom the link of an invitation, or of a reset, is; it is not used up."""
    teammate = _find(workspace, workspace.callers.find_link(code, workspace.clock()))
    may_set = teammate.is_owner or not workspace.oidc.is_password_off
    return WelcomeView(teammate.email, teammate.name, not teammate.has_password, may_set)


@post("/welcome", opt=GETS_IN, sync_to_thread=True, status_code=200, tags=["Access"])
def accept_welcome(
    workspace: Here, state: State, request: Request[Any, Any, Any], data: JSONBody[Welcome]
) -> Response[MeView]:
    """Set a password by a link, and sign in; the link is used up, other sessions end."""
    attempts, now = state.passwords.attempts, workspace.clock()
    teammate = _find(workspace, workspace.callers.find_link(data.code, now))
    if not teammate.is_owner:
        _check_ways(workspace)
    check_password(data.password, teammate)
    if workspace.second_factors.is_on(teammate.id):
        if not data.second_code:
            raise _code_needed()
        # Not those of signing in: strangers use them up, and have no link.
        keys = (f"link {teammate.email}",)
        attempts.begin(keys, now)
        _check_code(workspace, teammate, data.second_code)
        attempts.succeed(keys)
    _find(workspace, workspace.callers.use_link(data.code, now))
    if data.name is not None:
        teammate = workspace.team.change(teammate.id, {"name": data.name})
    workspace.team.set_password(teammate.id, data.password)
    state.guard.forget()
    attempts.let_in(teammate.email, address_of(workspace, request))
    return _signed_in(workspace, request, teammate)


@post("/password-resets", opt=EVERYONE, status_code=204, tags=["Access"])
async def ask_reset(
    workspace: Here, state: State, request: Request[Any, Any, Any], data: JSONBody[ResetWish]
) -> Response[None]:
    """Mail a link to set another password, if that address is of the team; the answer does not tell."""
    _check_ways(workspace)
    keys = f"reset {data.email.casefold()}", f"reset from {address_of(workspace, request)}"
    state.passwords.attempts.begin(keys, workspace.clock())
    if not workspace.has_mail:
        raise RequestError(
            "api.no_mail",
            "This server sends no mails.",
            status=409,
            hint="Ask an owner or admin: `onefold team invite` prints a link.",
        )
    # Behind the answer: neither its time nor an error of the mail server tells whether there is somebody.
    return Response(None, status_code=204, background=BackgroundTask(_mail_reset, workspace, data.email))


async def _mail_reset(workspace: Workspace, email: str) -> None:
    try:
        teammate = await asyncio.to_thread(workspace.team.find, email)
        if teammate is not None and not teammate.disabled_at:
            await mail_link(workspace, teammate)
    except OnefoldError as error:
        logger.warning(error.code, message=error.message, hint=error.hint)


def _check_ways(workspace: Workspace) -> None:
    """Refuse passwords where the provider is the only way in."""
    if workspace.oidc.is_password_off:
        raise RequestError(
            "api.password_off",
            "Passwords are not taken here.",
            status=403,
            hint=f"Sign in with {workspace.oidc.label}. An owner gets in by `onefold team invite` on the "
            "server's machine, too.",
        )


def _code_needed() -> RequestError:
    return RequestError(
        "api.code_needed",
        "A code of your authenticator is needed, too.",
        status=401,
        field="code",
        hint="Or one of your recovery codes.",
    )


def _check_code(workspace: Workspace, teammate: Teammate, code: str) -> None:
    """Ask for the second factor, where one is on."""
    factors = workspace.second_factors
    if factors.is_on(teammate.id) and not factors.check(teammate.id, code.strip(), workspace.clock()):
        raise wrong_code(status=401)


def _find(workspace: Workspace, teammate_id: int | None) -> Teammate:
    teammate = workspace.team.find(str(teammate_id)) if teammate_id else None
    if teammate is None or teammate.disabled_at:
        raise link_used(ASK_AGAIN)
    return teammate


def _signed_in(workspace: Workspace, request: Request[Any, Any, Any], teammate: Teammate) -> Response[MeView]:
    cookie = start_session(workspace, request, teammate.id)
    request.state.acts_as = teammate.email
    return Response(me_view(teammate), status_code=200, cookies=[cookie])


HANDLERS = [sign_in, show_welcome, accept_welcome, ask_reset]
