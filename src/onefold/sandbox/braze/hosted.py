"""The download of an export that Braze hosts: forbidden until it is done, gone when it has expired.

Answers as the storage behind it does, in XML, and asks for no key: whoever has the URL may read.
"""

from __future__ import annotations

import asyncio

from onefold.sandbox.braze.archive import Archive
from onefold.sandbox.braze.exchange import Scope, Send, send_bytes
from onefold.sandbox.braze.workspace import Workspace

HOSTED_PREFIX = "/segment-exports/"
PART_BYTES = 256 * 1024


async def serve_hosted(workspace: Workspace, scope: Scope, send: Send) -> None:
    """Send the zip, a part at a time, or an error document."""
    prefix = scope["path"].removeprefix(HOSTED_PREFIX).removesuffix(".zip")
    export = workspace.exports.by_prefix.get(prefix)
    if scope["method"] not in ("GET", "HEAD"):
        await _send_error(send, 405, "MethodNotAllowed")
    elif export is None or export.url is None or export.state != "done":
        await _send_error(send, 403, "AccessDenied")
    elif workspace.clock.now() >= export.expires_at:
        await _send_error(send, 400, "ExpiredToken")
    elif export.is_lost or export.archive is None:
        await _send_error(send, 404, "NoSuchKey")
    else:
        await _send_file(send, export.archive, with_body=scope["method"] == "GET")


async def _send_file(send: Send, archive: Archive, *, with_body: bool) -> None:
    headers = [(b"content-type", b"application/zip"), (b"content-length", b"%d" % archive.size)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for offset in range(0, archive.size if with_body else 0, PART_BYTES):
        part = await asyncio.to_thread(archive.read, offset, PART_BYTES)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_error(send: Send, status: int, code: str) -> None:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code></Error>'.encode()
    await send_bytes(send, status, body, [(b"content-type", b"application/xml")])
