"""Looks at an answer before it leaves: the middleware that masks and audits stand on it."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
JSON = b"application/json"


class HeldAnswer:
    """What a route answers, held back until `release`. For small answers: it is in memory whole."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self.body = b""

    async def take(self, message: Message) -> None:
        """Instead of `send`."""
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self.body += message.get("body", b"")

    @property
    def status(self) -> int:
        """Of the answer; 0 where there is none."""
        return int(self._start.get("status", 0))

    def json(self) -> Any:
        """The body, if it is JSON."""
        kind = dict(self._start.get("headers", ())).get(b"content-type", b"")
        return msgspec.json.decode(self.body) if kind.startswith(JSON) and self.body else None

    def header(self, name: str) -> str:
        """Of the answer; empty where there is none."""
        return str(dict(self._start.get("headers", ())).get(name.encode(), b"").decode())

    def add_header(self, name: str, value: str) -> None:
        """One more, before it is let go."""
        headers = [*self._start.get("headers", ()), (name.encode(), value.encode())]
        self._start = {**self._start, "headers": headers}

    async def release(self) -> None:
        """Let it go, as it is now."""
        length = (b"content-length", b"%d" % len(self.body))
        headers = [pair for pair in self._start.get("headers", ()) if pair[0] != b"content-length"]
        await self._send({**self._start, "headers": [*headers, length] if self.body else headers})
        await self._send({"type": "http.response.body", "body": self.body})
