"""The one ASGI application in front: capture by a look-up first, then the API, then the pages."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from onefold.api.caller import LOCAL_SCOPE_KEY
from onefold.capture.routes import is_capture_path

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

API_PREFIXES = ("/api/v1/", "/open/", "/internal/")
API_PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/api", "/api/v1"})
API_HEADERS = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""An answer of the API is data: nothing in it is ever shown, run, framed or read by another site."""


def front_app(capture: Application, api: Any, ui: Application) -> Application:
    """Sends each request where it belongs."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        path = scope["path"]
        if is_capture_path(path):
            await capture(scope, receive, send)
        elif path.startswith(API_PREFIXES) or path in API_PATHS:
            await api(scope, receive, _adding(API_HEADERS, send))
        else:
            await ui(scope, receive, send)

    return answer


def _adding(headers: list[tuple[bytes, bytes]], send: Send) -> Send:
    async def answer(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *headers]}
        await send(message)

    return answer


def local_app(application: Application) -> Application:
    """The same for the unix socket: whoever can open it owns the directory."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        scope[LOCAL_SCOPE_KEY] = True
        await application(scope, receive, send)

    return answer
