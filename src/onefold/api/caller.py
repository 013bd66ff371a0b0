"""Who calls, and whether they may: every route declares it with one of the `opt` values of `right.py`.

In: a request. Out: `Caller` in its state, or 401, 403 or 429. Three ways in: the unix socket (the file's
mode is the key), a bearer token, the session cookie of a browser.
"""

import asyncio
import time
from collections import OrderedDict
from typing import Any, Literal

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from onefold.api.workspace import Workspace
from onefold.backends.embedded.control.callers import MACHINE
from onefold.errors import RequestError
from onefold.model.access import ALL, Right

LOCAL_SCOPE_KEY = "onefold.local"
"""Set by the listener on the unix socket, never by a header."""
WATCHING_SCOPE_KEY = "onefold.watching"
"""Set by the audit trail when it looks at what changes, never by a header."""
ACTING_SCOPE_KEY = "onefold.acting"
"""The caller in whose name the server asks itself, never by a header."""
COOKIE = "onefold_session"
REMEMBERED_MAX = 10_000
"""Callers remembered at once, for their rate and for what was looked up."""
LOOKED_UP_S = 10.0
"""A found secret is trusted so long without looking again; revoking, or another role, forgets it at once."""
ADDRESS_CHARS_MAX = 100
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Connection = ASGIConnection[Any, Any, Any, Any]


class Caller(msgspec.Struct, frozen=True):
    """Who calls; `name` stands in what they change."""

    kind: Literal["everyone", "local", "token", "session"]
    name: str
    rights: frozenset[Right] = frozenset()
    teammate_id: int = MACHINE

    @property
    def sees_people(self) -> bool:
        """Whether values of people are shown as they are."""
        return Right.PERSONAL in self.rights

    @property
    def holds_machine(self) -> bool:
        """Whether it is whoever holds the server's machine, also in a browser that `onefold open` let in."""
        return self.kind == "local" or (self.kind == "session" and self.teammate_id == MACHINE)


LOCAL_CALLER = Caller("local", "local", ALL)
WATCHER = Caller("local", "local", ALL - {Right.PERSONAL})
"""The audit trail, which looks at everything and keeps no value of a person."""


class CallerGuard:
    """The guard of the whole API; remembers rates and recent look-ups."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._rates: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def forget(self) -> None:
        """Look every secret up again: one was revoked."""
        # A new one: what is being looked up now is kept in the old one, where nobody finds it.
        self._known = OrderedDict()

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let the request pass, or raise.

        Raises:
            RequestError: 401 without a caller, 403 when that caller may not, 429 when too often.
        """
        allow = handler.opt.get("allow")
        caller = _inside(connection)
        if caller is None and allow != "everyone":
            caller = await self._recognise(connection)
        if allow == "local" and (caller is None or caller.kind != "local"):
            raise RequestError(
                "api.local_only",
                "This works on the server's own machine only.",
                status=403,
                hint="Run the command there, as the user that runs Onefold.",
            )
        if caller is None and allow != "everyone":
            self._spend(f"unknown {address_of(self._workspace, connection)}")
            raise _unauthorised()
        if caller is not None and caller.kind != "local":
            self._spend(f"{caller.kind} {caller.name}")
        if isinstance(allow, Right) and (caller is None or allow not in caller.rights):
            raise missing_right(allow)
        connection.state.caller = caller or Caller("everyone", "")

    async def may(self, connection: Connection, right: Right) -> bool:
        """Whether whoever called has that right still: for answers that go on. It costs nothing of a rate."""
        caller = _inside(connection) or await self._recognise(connection)
        return caller is not None and right in caller.rights

    async def _recognise(self, connection: Connection) -> Caller | None:
        kind, _, token = connection.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and token:
            return await self._look_up("token", token.strip())
        cookie = connection.cookies.get(COOKIE)
        if not cookie:
            return None
        if connection.scope.get("method") not in SAFE_METHODS and not _same_origin(connection):
            raise RequestError("api.cross_site", "Another site sent this request.", status=403)
        return await self._look_up("session", cookie)

    async def _look_up(self, kind: Literal["token", "session"], secret: str) -> Caller | None:
        remembered = self._known
        known, until = remembered.get(secret, (None, 0.0))
        if known is not None and until > time.monotonic():
            return known
        find = self._find_token if kind == "token" else self._find_session
        caller = await asyncio.to_thread(find, secret)
        if caller is not None:
            remembered[secret] = (caller, time.monotonic() + LOOKED_UP_S)
            if len(remembered) > REMEMBERED_MAX:
                remembered.popitem(last=False)
        return caller

    def _find_token(self, secret: str) -> Caller | None:
        token = self._workspace.callers.find_token(secret, self._workspace.clock())
        return Caller("token", f"token {token.name}", token.rights) if token else None

    def _find_session(self, secret: str) -> Caller | None:
        session = self._workspace.callers.find_session(secret, self._workspace.clock())
        if session is None:
            return None
        if session.teammate_id == MACHINE:
            return Caller("session", "browser", ALL)
        teammate = self._workspace.team.find(str(session.teammate_id))
        if teammate is None or teammate.disabled_at:
            return None
        return Caller("session", teammate.email, teammate.rights, teammate.id)

    def _spend(self, key: str) -> None:
        """A token bucket a caller, with one second of burst."""
        rate = self._workspace.limits.requests_per_s
        moment = time.monotonic()
        left, before = self._rates.pop(key, (float(rate), moment))
        left = min(rate, left + (moment - before) * rate) - 1
        self._rates[key] = (max(left, 0.0), moment)
        if len(self._rates) > REMEMBERED_MAX:
            self._rates.popitem(last=False)
        if left < 0:
            raise RequestError(
                "api.too_many_requests",
                f"More than {rate} requests a second.",
                status=429,
                retry_after_s=1,
                hint="Wait a second; raise server.api_requests_per_s if this is meant.",
            )


def _inside(connection: Connection) -> Caller | None:
    """A caller that the server itself vouches for."""
    if connection.scope.get(WATCHING_SCOPE_KEY):
        return WATCHER
    acting: Caller | None = connection.scope.get(ACTING_SCOPE_KEY)  # type: ignore[assignment]
    if acting is not None:
        return acting
    return LOCAL_CALLER if connection.scope.get(LOCAL_SCOPE_KEY) else None


def address_of(workspace: Workspace, connection: Connection) -> str:
    """From where a request came, as the proxies of the settings name it; empty over the unix socket."""
    hops = workspace.capture.forwarded_hops
    # Some proxies add a line of their own behind what the sender wrote: all lines are one path.
    named = connection.headers.getall("x-forwarded-for", []) if hops else []
    if named:
        path = ",".join(named).split(",")
        return path[-min(hops, len(path))].strip()[:ADDRESS_CHARS_MAX]
    return connection.client.host if connection.client else ""


def _same_origin(connection: Connection) -> bool:
    origin = connection.headers.get("origin")
    return origin is None or origin.partition("://")[2] == connection.headers.get("host")


def missing_right(right: Right) -> RequestError:
    """The answer to who may not."""
    return RequestError(
        "api.missing_right",
        f'This needs the right "{right}".',
        status=403,
        hint="Ask an owner or admin of the workspace; a token gets its rights when it is made.",
    )


def _unauthorised() -> RequestError:
    return RequestError(
        "api.unauthorised",
        "Say who you are: a bearer token, or the session of a browser.",
        status=401,
        hint="Sign in, make a token with `onefold tokens create NAME`, or open the page with `onefold open`.",
    )
