"""Work that runs beside the requests: writing exports, delivering engagement events."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class Tasks:
    """Running tasks of one local Braze; an error that nobody expected is kept to be raised."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._bug: BaseException | None = None

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run some work until it ends by itself."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            self._bug = self._bug or task.exception()

    def raise_bug(self) -> None:
        """Raise what ended a task although nobody expected it: a bug must show."""
        if self._bug is not None:
            raise self._bug

    def cancel(self) -> None:
        """Stop everything at its next pause."""
        for task in self._running:
            task.cancel()

    async def end(self) -> None:
        """Stop everything and wait for it."""
        self.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
