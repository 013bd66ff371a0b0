"""Who calls, and whether they may: every route declares it with one of the `opt` values below.

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
from onefold.errors import RequestError

EVERYONE = {"allow": "everyone"}
"""Anybody who reaches the port."""
CALLERS = {"allow": "callers"}
"""A token, a session, or this machine's owner."""
LOCAL = {"allow": "local"}
"""Only by the unix socket: other roles, and what reads files of this machine."""

LOCAL_SCOPE_KEY = "onefold.local"
"""Set by the listener on the unix socket, never by a header."""
COOKIE = "onefold_session"
REMEMBERED_MAX = 10_000
"""Callers remembered at once, for their rate and for what was looked up."""
LOOKED_UP_S = 10.0
"""A found secret is trusted so long without looking again; revoking forgets it at once."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Connection = ASGIConnection[Any, Any, Any, Any]


class Caller(msgspec.Struct, frozen=True):
    """Who calls; `name` stands in what they change."""

    kind: Literal["everyone", "local", "token", "session"]
    name: str


class CallerGuard:
    """The guard of the whole API; remembers rates and recent look-ups."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._rates: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def forget(self) -> None:
        """Look every secret up again: one was revoked."""
        self._known.clear()

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let the request pass, or raise.

        Raises:
            RequestError: 401 without a caller, 403 when that caller may not, 429 when too often.
        """
        allow = handler.opt.get("allow")
        caller = Caller("local", "local") if connection.scope.get(LOCAL_SCOPE_KEY) else None
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
            self._spend(f"unknown {connection.client.host if connection.client else ''}")
            raise _unauthorised()
        if caller is not None and caller.kind != "local":
            self._spend(f"{caller.kind} {caller.name}")
        connection.state.caller = caller or Caller("everyone", "")

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
        known, until = self._known.get(secret, (None, 0.0))
        if known is not None and until > time.monotonic():
            return known
        callers = self._workspace.callers
        caller = None
        if kind == "token":
            token = await asyncio.to_thread(callers.find_token, secret)
            caller = Caller("token", f"token {token.name}") if token else None
        elif await asyncio.to_thread(callers.has_session, secret, self._workspace.clock()):
            caller = Caller("session", "browser")
        if caller is not None:
            self._known[secret] = (caller, time.monotonic() + LOOKED_UP_S)
            if len(self._known) > REMEMBERED_MAX:
                self._known.popitem(last=False)
        return caller

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


def _same_origin(connection: Connection) -> bool:
    origin = connection.headers.get("origin")
    return origin is None or origin.partition("://")[2] == connection.headers.get("host")


def _unauthorised() -> RequestError:
    return RequestError(
        "api.unauthorised",
        "Say who you are: a bearer token, or the session of a browser.",
        status=401,
        hint="Make a token with `onefold tokens create NAME`, or open the page with `onefold open`.",
    )
