"""A request's body, off the wire: bounded in bytes and in time, for one sender and for all together.

In: ASGI messages. Out: the body. A body that is too large is still read to its end for a while (and
thrown away), so that its sender gets to read the answer instead of a reset connection.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from onefold.capture.body import too_large
from onefold.capture.refusal import RequestRefused
from onefold.capture.settings import CaptureSettings

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

DISCARDED_BODIES_MAX = 4
"""A body so many times too large is read to its end; a larger one loses its connection."""


class ClientLeft(Exception):  # noqa: N818 (named as what happened)
    """The sender is gone: there is nobody to answer."""


class BodyReader:
    """Reads bodies; knows how many bytes of unfinished ones it holds."""

    def __init__(self, settings: CaptureSettings) -> None:
        self._settings = settings
        self._held_bytes = 0

    async def read(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        """The whole body.

        Raises:
            RequestRefused: too large (413), too slow (408), or too many at once (429).
            ClientLeft: it broke off.
        """
        length = headers.get(b"content-length")
        if length is not None and int(length) > self._settings.body_bytes_max * DISCARDED_BODIES_MAX:
            raise too_large(self._settings.body_bytes_max)
        message = await receive()
        body: bytes = message.get("body", b"")
        if message["type"] == "http.disconnect":
            raise ClientLeft
        if not message.get("more_body", False):
            if len(body) > self._settings.body_bytes_max:
                raise too_large(self._settings.body_bytes_max)
            return body
        return await self._read_rest(bytearray(body), receive)

    async def _read_rest(self, body: bytearray, receive: Receive) -> bytes:
        held = 0
        total = len(body)
        try:
            async with asyncio.timeout(self._settings.body_timeout_s):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientLeft
                    chunk, more = message.get("body", b""), message.get("more_body", False)
                    total += len(chunk)
                    if total > self._settings.body_bytes_max:
                        self._discard(body, total)
                        continue
                    body += chunk
                    self._held_bytes += len(body) - held
                    held = len(body)
                    self._check_held()
        except TimeoutError:
            raise _too_slow(self._settings.body_timeout_s) from None
        finally:
            self._held_bytes -= held
        if total > self._settings.body_bytes_max:
            raise too_large(self._settings.body_bytes_max)
        return bytes(body)

    def _discard(self, body: bytearray, total: int) -> None:
        body.clear()
        if total > self._settings.body_bytes_max * DISCARDED_BODIES_MAX:
            raise too_large(self._settings.body_bytes_max)

    def _check_held(self) -> None:
        if self._held_bytes > self._settings.reading_bytes_max:
            raise RequestRefused(
                429,
                "capture.overloaded",
                "Too many large bodies are being received at once.",
                "Send it again after the time in Retry-After.",
                retry_after_s=self._settings.retry_after_s,
            )


def _too_slow(timeout_s: float) -> RequestRefused:
    return RequestRefused(
        408,
        "capture.body_timeout",
        f"The body did not arrive within {timeout_s:g} seconds.",
        "Send it again; smaller batches arrive sooner.",
    )
