"""/api/v1/me/second-factor: a code of an authenticator beside the password.

A secret counts once a code of it was given, so nobody locks themselves out half-way. Whoever has lost the
authenticator has ten recovery codes; whoever has lost those, an admin or the server's own machine.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.datastructures import State
from litestar.params import JSONBody
from msgspec import Meta

from onefold.api.me import find_me
from onefold.api.password import Password
from onefold.api.right import SIGNED_IN
from onefold.api.workspace import Here
from onefold.errors import RequestError
from onefold.model.second_factor import address_of

Code = Annotated[str, Meta(min_length=1, max_length=100)]


class SecondFactorView(msgspec.Struct, frozen=True):
    """Whether signing in needs a code."""

    is_on: bool
    recovery_codes_left: int


class NewSecondFactor(msgspec.Struct, frozen=True):
    """What an authenticator needs: to scan, or to type."""

    address: str
    secret: str


class CodeGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code of the authenticator."""

    code: Code


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Each good once, shown this once."""

    codes: list[str]


class PasswordGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password, for what should not happen by an open screen alone."""

    password: Password


@get("/", opt=SIGNED_IN, sync_to_thread=True)
def show_second_factor(workspace: Here, request: Request[Any, Any, Any]) -> SecondFactorView:
    """Whether signing in needs a code."""
    me, factors = find_me(workspace, request.state.caller), workspace.second_factors
    return SecondFactorView(factors.is_on(me.id), factors.recovery_left(me.id))


@post("/", opt=SIGNED_IN, sync_to_thread=True)
def begin_second_factor(workspace: Here, request: Request[Any, Any, Any]) -> NewSecondFactor:
    """A fresh secret; it counts once a code of it was given."""
    me = find_me(workspace, request.state.caller)
    secret = workspace.second_factors.begin(me.id)
    if secret is None:
        raise RequestError(
            "api.second_factor_on",
            "A second factor is on already.",
            status=409,
            hint="Turn it off first.",
        )
    return NewSecondFactor(address_of(secret, me.email, workspace.name), secret)


@post("/confirm", opt=SIGNED_IN, sync_to_thread=True, status_code=200)
def confirm_second_factor(
    workspace: Here, request: Request[Any, Any, Any], data: JSONBody[CodeGiven]
) -> RecoveryCodes:
    """Turn it on by a code; keep the recovery codes, they are not shown again."""
    me = find_me(workspace, request.state.caller)
    codes = workspace.second_factors.confirm(me.id, data.code.strip(), workspace.clock())
    if codes is None:
        raise wrong_code(status=422)
    return RecoveryCodes(codes)


@post("/remove", opt=SIGNED_IN, status_code=204)
async def remove_second_factor(
    workspace: Here, state: State, request: Request[Any, Any, Any], data: JSONBody[PasswordGiven]
) -> None:
    """Turn it off; the password is asked for again."""
    me = await asyncio.to_thread(find_me, workspace, request.state.caller)
    await state.passwords.verify_own(workspace, me, data.password, field="password")
    await asyncio.to_thread(workspace.second_factors.forget, me.id)


def wrong_code(*, status: int) -> RequestError:
    """The answer to a code that is none, or was used."""
    return RequestError(
        "api.wrong_code",
        "That code is wrong, or was used already.",
        status=status,
        field="code",
        hint="Wait for the next one; is the clock of your telephone right? A recovery code does, too.",
    )


router = Router(
    "/me/second-factor",
    route_handlers=[
        show_second_factor,
        begin_second_factor,
        confirm_second_factor,
        remove_second_factor,
    ],
    tags=["Access"],
)
