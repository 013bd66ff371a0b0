"""/api/v1/sign-on: signing in by a provider of identities.

A browser begins, is sent to the provider, and comes back to the page /sign-on with a code, which it hands in
here. What a sign-on began with travels in a cookie that only this process can read: nothing is kept of who
never comes back, and a code that another browser was given is no good here.
"""

import asyncio
import secrets
from typing import Annotated, Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.params import JSONBody
from msgspec import Meta

from onefold.api.caller import address_of
from onefold.api.join import find_joined
from onefold.api.provider import Provider
from onefold.api.right import EVERYONE, GETS_IN, may
from onefold.api.session import is_secure, start_session
from onefold.api.workspace import Here, Workspace
from onefold.clock import SECOND
from onefold.errors import RequestError
from onefold.model.access import Right

COOKIE = "onefold_sign_on"
PATH = "/api/v1/sign-on"
PAGE = "/sign-on"
"""Where the provider sends a browser back to."""
LASTS_S = 600
"""So long may somebody take at the provider."""
SECRET_BYTES = 32
Short = Annotated[str, Meta(max_length=4000)]


class SignOnView(msgspec.Struct, frozen=True):
    """The ways in."""

    label: str | None
    """Of the provider; null where none is set."""
    password: bool
    """Whether passwords are taken, too."""


class NewSignOn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go afterwards: a page of this server."""

    next: Short = "/"


class SignOnStep(msgspec.Struct, frozen=True):
    """Where to send the browser."""

    url: str


class SignOnAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser came back with."""

    state: Short
    code: Short = ""
    error: Short = ""
    iss: Short = ""


class SignedOnView(msgspec.Struct, frozen=True):
    """Who is in, and which page they wanted."""

    email: str
    next: str


class SignOnCheck(msgspec.Struct, frozen=True):
    """That the provider is there and knows this server."""

    issuer: str
    client_id: str
    redirect_uri: str
    """The address that the provider must allow."""
    allowed_domains: list[str]
    default_role: str
    password: bool


class _Begun(msgspec.Struct, frozen=True):
    state: str
    nonce: str
    verifier: str
    next: str


class SignOns:
    """Those that were begun; what they began with is sealed by a key of this process."""

    def __init__(self, workspace: Workspace) -> None:
        redirect_uri = workspace.public_url.rstrip("/") + PAGE
        self.provider = Provider(workspace.oidc, redirect_uri, workspace.clock)
        self._cipher = Fernet(Fernet.generate_key())

    def seal(self, begun: _Begun, now: int) -> str:
        """As a cookie's value."""
        return self._cipher.encrypt_at_time(msgspec.json.encode(begun), now // SECOND).decode()

    def open(self, sealed: str, state: str, now: int) -> _Begun:
        """What was begun.

        Raises:
            RequestError: nothing was, here, with that state; or it is too long ago.
        """
        try:
            content = self._cipher.decrypt_at_time(sealed.encode(), LASTS_S, now // SECOND)
        except InvalidToken as error:
            raise _unknown() from error
        begun = msgspec.json.decode(content, type=_Begun)
        if not secrets.compare_digest(begun.state.encode(), state.encode()):
            raise _unknown()
        return begun


@get("/sign-on", opt=EVERYONE, sync_to_thread=False, tags=["Access"])
def show_sign_on(workspace: Here) -> SignOnView:
    """How to sign in here."""
    oidc = workspace.oidc
    return SignOnView(oidc.label if oidc.is_on else None, not oidc.is_password_off)


@post("/sign-on/begin", opt=EVERYONE, status_code=200, tags=["Access"])
async def begin_sign_on(
    workspace: Here, state: State, request: Request[Any, Any, Any], data: JSONBody[NewSignOn]
) -> Response[SignOnStep]:
    """Begin to sign in by the provider: send the browser to the address of the answer."""
    sign_ons = _sign_ons(workspace, state)
    begun = _Begun(_secret(), _secret(), _secret(), _own_page(data.next))
    url = await sign_ons.provider.begin(state=begun.state, nonce=begun.nonce, verifier=begun.verifier)
    cookie = Cookie(
        key=COOKIE,
        value=sign_ons.seal(begun, workspace.clock()),
        max_age=LASTS_S,
        httponly=True,
        samesite="strict",
        secure=is_secure(workspace, request),
        path=PATH,
    )
    return Response(SignOnStep(url), status_code=200, cookies=[cookie])


@post("/sign-on", opt=GETS_IN, status_code=200, tags=["Access"])
async def finish_sign_on(
    workspace: Here, state: State, request: Request[Any, Any, Any], data: JSONBody[SignOnAnswer]
) -> Response[SignedOnView]:
    """Sign a browser in that came back from the provider."""
    sign_ons = _sign_ons(workspace, state)
    begun = sign_ons.open(request.cookies.get(COOKIE, ""), data.state, workspace.clock())
    # RFC 9207: an answer of another provider than asked.
    if data.error or data.iss not in ("", sign_ons.provider.issuer):
        raise _refused(data.error)
    attempts, keys = state.passwords.attempts, (f"sign-on from {address_of(workspace, request)}",)
    attempts.begin(keys, workspace.clock())
    identity = await sign_ons.provider.identify(data.code, nonce=begun.nonce, verifier=begun.verifier)
    attempts.succeed(keys)
    teammate = await asyncio.to_thread(find_joined, workspace, request, identity)
    cookie = await asyncio.to_thread(start_session, workspace, request, teammate.id)
    request.state.acts_as = teammate.email
    response = Response(SignedOnView(teammate.email, begun.next), status_code=200, cookies=[cookie])
    response.delete_cookie(COOKIE, path=PATH)
    return response


@post("/sign-on/check", opt=may(Right.ADMINISTER, audited=False), status_code=200, tags=["Access"])
async def check_sign_on(workspace: Here, state: State) -> SignOnCheck:
    """Ask the provider whether it is one, and whether it knows this server."""
    provider, oidc = _sign_ons(workspace, state).provider, workspace.oidc
    await provider.check_client()
    return SignOnCheck(
        provider.issuer,
        oidc.client_id,
        provider.redirect_uri,
        list(oidc.allowed_domains),
        oidc.default_role,
        not oidc.is_password_off,
    )


def _sign_ons(workspace: Workspace, state: State) -> SignOns:
    if not workspace.oidc.is_on:
        raise RequestError(
            "oidc.not_set_up",
            "Nobody signs in by a provider here.",
            status=409,
            hint="Set oidc.issuer, oidc.client_id and oidc.client_secret, and restart.",
        )
    found: SignOns = state.sign_ons
    return found


def _secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def _own_page(path: str) -> str:
    """A page of this server: browsers take // and \\ for the beginning of another's address."""
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_ours else "/"


def _unknown() -> RequestError:
    return RequestError(
        "oidc.unknown_sign_on",
        "This browser did not begin that sign-on, or too long ago.",
        status=400,
        hint="Begin again, in one tab.",
    )


def _refused(error: str) -> RequestError:
    if error == "access_denied":
        message, hint = "The provider did not let you in.", "Try again, or ask whoever runs it."
    else:
        message = "The provider refused to sign you in."
        hint = "Try again. If it stays so, ask an admin: `onefold team sign-on` looks at the set-up."
    return RequestError("oidc.refused", message, status=401, hint=hint)


HANDLERS = [show_sign_on, begin_sign_on, finish_sign_on, check_sign_on]
