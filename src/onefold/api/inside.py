"""Requests that the server sends to itself: by the very routes, with their rights, checks and audit."""

from typing import Any

import msgspec
from litestar.types import Scope

from onefold.api.answer import HeldAnswer
from onefold.model.json import JsonValue

PASSED_ON = frozenset({b"x-forwarded-for"})
"""Headers of the request that this one is sent for: by them the trail knows from where it came."""


async def ask_inside(
    scope: Scope,
    method: str,
    path: str,
    body: JsonValue = None,
    *,
    if_match: str = "",
    caller: tuple[str, Any],
) -> HeldAnswer:
    """What the application of a request answers to another one.

    Args:
        scope: of the request that is being answered.
        method: as POST.
        path: as /api/v1/segments/4.
        body: sent as JSON; None: no body.
        if_match: the ETag that the thing must still have.
        caller: the key and value of a scope by which the guard knows who asks.
    """
    sent = b"" if body is None else msgspec.json.encode(body)
    headers = [(b"host", b"onefold"), *(pair for pair in scope["headers"] if pair[0] in PASSED_ON)]
    if sent:
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(sent))]
    if if_match:
        headers.append((b"if-match", if_match.encode()))

    async def receive() -> Any:
        return {"type": "http.request", "body": sent, "more_body": False}

    found = HeldAnswer(_drop)
    asked: dict[str, Any] = {
        **{name: scope.get(name) for name in ("type", "asgi", "http_version", "scheme", "server", "client")},
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        caller[0]: caller[1],
    }
    await scope["litestar_app"](asked, receive, found.take)  # type: ignore[arg-type]
    return found


async def _drop(_message: Any) -> None:
    """Nobody waits for it."""
