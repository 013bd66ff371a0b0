"""One HTTP exchange over ASGI: reading a bounded body, sending JSON, breaking the connection."""

from __future__ import annotations

import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

JSON_TYPE = (b"content-type", b"application/json; charset=utf-8")
NO_CACHE = (b"cache-control", b"max-age=0, private, must-revalidate")
_encode = msgspec.json.Encoder().encode


class ClientGoneError(Exception):
    """The sender vanished before its body was complete."""


async def read_body(receive: Receive, bytes_max: int) -> bytes | None:
    """Return the whole body, or None as soon as it is over the limit."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body if len(body) <= bytes_max else None
    parts, size = [body], len(body)
    while message.get("more_body", False):
        if size > bytes_max:
            return None
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
    return b"".join(parts) if size <= bytes_max else None


async def send_bytes(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """Answer with a body that is already encoded."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def send_json(send: Send, status: int, payload: object) -> None:
    """Answer with JSON."""
    await send_bytes(send, status, _encode(payload), [JSON_TYPE, NO_CACHE])


def header(scope: Scope, name: bytes) -> str | None:
    """Return the first header of a (lower-case) name."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return None


def reset_connection(send: Send) -> bool:
    """Break the connection with a TCP reset, without an answer; False where the server offers no transport.

    ASGI has no word for it: uvicorn's `send` is a method of the object that owns the transport.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        return False
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    return True
