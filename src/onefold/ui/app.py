"""The ASGI application of the pages: a GET in, a built file out, index.html for a page's own address.

index.html has a nonce of its own each time it is sent, by which the policy knows the style tags of the pages;
so it is never compared with one that a browser has.

Standards: ASGI 3.0; RFC 9110 (conditional requests, HEAD, 405); Content Security Policy Level 3.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from onefold.ui.files import StaticFile, default_static_dir, read_static_files

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# Scripts and styles only from us. Styles also in a tag with the nonce: the component library makes such tags.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
NONCE = b"STYLE_NONCE"
"""What stands in index.html in its place."""
NONCE_BYTES = 16

NOT_BUILT_PAGE = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Onefold: pages not built</title>
<style nonce="STYLE_NONCE">
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto 0; padding: 0 1rem }
h1 { font-size: 1.25rem }</style>
<h1>The pages are not built yet</h1>
<p>Onefold runs; only its pages are missing from this checkout. Build them with Node 20 or newer,
then restart Onefold:</p>
<pre>cd web &amp;&amp; npm ci &amp;&amp; npm run build</pre>
<p>The command line shows the same meanwhile: <code>onefold status</code>.</p>
</html>
"""


def ui_app(static_dir: Path | None = None) -> ASGIApplication:
    """An ASGI application that serves the built pages; without a build, a page that says how to build."""
    folder = static_dir or default_static_dir()
    built = read_static_files(folder) if folder is not None and folder.is_dir() else {}

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _follow_lifespan(receive, send)
        elif scope["type"] == "http":
            nonce = secrets.token_urlsafe(NONCE_BYTES)
            status, headers, body = _respond(scope, built, nonce.encode())
            headers.append((b"content-security-policy", CONTENT_SECURITY_POLICY.format(nonce=nonce).encode()))
            await _send(send, status, headers, b"" if scope["method"] == "HEAD" else body)
        else:
            await send({"type": "websocket.close", "code": 1000})

    return answer


def _respond(scope: Scope, built: Mapping[str, StaticFile], nonce: bytes) -> tuple[int, Headers, bytes]:
    """Status, headers and body for one request."""
    if scope["method"] not in ("GET", "HEAD"):
        return _text(405, b"Only GET and HEAD.\n", [(b"allow", b"GET, HEAD")])
    if "/index.html" not in built:
        return _page(503, NOT_BUILT_PAGE, nonce)
    path = _path_below_mount(scope)
    found = built.get(path)
    if found is None and not _is_page_address(path):
        return _text(404, b"No such file.\n", [])
    if found is None or path == "/index.html":
        return _page(200, built["/index.html"].body, nonce)
    return _file(found, dict(scope["headers"]))


def _page(status: int, body: bytes, nonce: bytes) -> tuple[int, Headers, bytes]:
    body = body.replace(NONCE, nonce)
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    return status, [*headers, (b"cache-control", b"no-store" if status >= 400 else b"no-cache")], body


def _path_below_mount(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "").rstrip("/")) or "/"


def _is_page_address(path: str) -> bool:
    """True for an address that the page itself resolves: no file name at its end."""
    return not path.startswith("/assets/") and "." not in path.rsplit("/", 1)[-1]


def _file(file: StaticFile, asked: Mapping[bytes, bytes]) -> tuple[int, Headers, bytes]:
    headers: Headers = [
        (b"cache-control", file.cache_control.encode()),
        (b"etag", file.etag.encode()),
        (b"vary", b"accept-encoding"),
    ]
    known = (
        tag.strip().removeprefix("W/")
        for tag in asked.get(b"if-none-match", b"").decode("latin-1").split(",")
    )
    if file.etag in known:
        return 304, headers, b""
    body = file.body
    if file.gzip_body is not None and b"gzip" in asked.get(b"accept-encoding", b""):
        body = file.gzip_body
        headers.append((b"content-encoding", b"gzip"))
    headers += [(b"content-type", file.content_type.encode()), (b"content-length", b"%d" % len(body))]
    return 200, headers, body


def _text(status: int, body: bytes, extra: Headers) -> tuple[int, Headers, bytes]:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    return status, [*headers, (b"cache-control", b"no-store"), *extra], body


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    start = {"type": "http.response.start", "status": status, "headers": [*headers, *SECURITY_HEADERS]}
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def _follow_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
