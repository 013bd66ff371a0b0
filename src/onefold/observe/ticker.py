"""One clock for everybody who watches: a snapshot a second, taken once, sent to all.

In: a function that gives a snapshot. Out: server-sent events. It runs while somebody watches. A slow watcher
misses snapshots and never makes anybody wait, and one that takes none any more gives its place to others; a
snapshot that takes long is bridged by a comment line.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import structlog

from onefold.errors import OnefoldError, RequestError

WATCHERS_MAX = 200
"""Open streams: each costs a socket and a kilobyte or more a second."""
EVERY_S = 1.0
MISSED_MAX = 30
"""Snapshots in a row that a watcher may miss: then its line hangs, whatever TCP says."""
SILENCE_S_MAX = 3.0
"""Proxies and pages take a silent stream for a dead one; the pages wait for 5 s."""
HEARTBEAT = b": still here\n\n"

logger = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode


class _Watcher:
    """One stream: the newest event that it has not taken; None ends it."""

    __slots__ = ("_missed", "_queue")

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._missed = 0

    def offer(self, event: bytes | None) -> bool:
        """Put it in the place of what was not taken; False when too many were not."""
        self._missed += 1
        with contextlib.suppress(asyncio.QueueEmpty):
            self._queue.get_nowait()
        self._queue.put_nowait(event)
        return self._missed <= MISSED_MAX

    async def take(self) -> bytes | None:
        """The next event; a comment line when there is none for long."""
        try:
            async with asyncio.timeout(SILENCE_S_MAX):
                event = await self._queue.get()
        except TimeoutError:
            return HEARTBEAT
        self._missed = 0
        return event


async def _anybody() -> bool:
    return True


class Ticker:
    """Belongs to one event loop."""

    def __init__(
        self, read: Callable[[], object], *, is_stopping: Callable[[], bool], every_s: float = EVERY_S
    ) -> None:
        self._read = read
        self._is_stopping = is_stopping
        self._every_s = every_s
        self._watchers: set[_Watcher] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def watchers_count(self) -> int:
        """Streams open now."""
        return len(self._watchers)

    def watch(self, is_let_in: Callable[[], Awaitable[bool]] = _anybody) -> AsyncIterator[bytes]:
        """Events for one watcher, until it goes, hangs, or the server stops.

        Args:
            is_let_in: asked before each event, as a request would be; once it is not, the stream ends.

        Raises:
            RequestError: too many watch already.
        """
        if len(self._watchers) >= WATCHERS_MAX:
            raise RequestError(
                "api.too_many_streams",
                f"{WATCHERS_MAX} streams are open already.",
                status=503,
                retry_after_s=10,
                hint="Close pages that nobody looks at, or ask GET /api/v1/flow now and then.",
            )
        return self._events(is_let_in)

    async def _events(self, is_let_in: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        watcher = _Watcher()
        self._watchers.add(watcher)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            while (event := await watcher.take()) is not None and await is_let_in():
                yield event
        finally:
            self._watchers.discard(watcher)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._watchers and not self._is_stopping():
                start = loop.time()
                try:
                    event = b"data: " + await asyncio.to_thread(self._snapshot) + b"\n\n"
                except OnefoldError as error:
                    # Watchers hear a heartbeat; the next look may succeed.
                    logger.warning(error.code, message=error.message)
                else:
                    self._send(event)
                await asyncio.sleep(max(0.0, start + self._every_s - loop.time()))
        finally:
            # Whatever ended it, nobody waits for a stream without a source: pages connect again.
            self._send(None)

    def _snapshot(self) -> bytes:
        return _encode(self._read())

    def _send(self, event: bytes | None) -> None:
        for watcher in [*self._watchers]:
            if not watcher.offer(event):
                self._watchers.discard(watcher)
                # Should its line move again, it ends there, and the page connects anew.
                watcher.offer(None)
