"""Committing the cycles of all connections together: one thread, one transaction for whatever waits.

In: writes of a cycle. Out: it returns once they are durable. Connections never wait for one another's
network, only for the disk, and share each fsync.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from onefold.activate.store import DeliveryStore, Writes
from onefold.clock import Clock


class Committer:
    """Belongs to one event loop."""

    def __init__(self, store: DeliveryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: list[tuple[Writes, asyncio.Future[None]]] = []
        self._thread = ThreadPoolExecutor(1, "delivery-commit")
        self._task: asyncio.Task[None] | None = None

    async def commit(self, writes: Writes) -> None:
        """Write it, with whatever else waits.

        Raises:
            StorageError: nothing of the group was written.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((writes, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        await done

    async def close(self) -> None:
        """Finish what is under way."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        self._thread.shutdown()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            batch = [writes for writes, _ in group]
            try:
                await loop.run_in_executor(self._thread, self._store.apply, batch, self._clock())
            except Exception as error:
                for _, done in group:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in group:
                    if not done.done():
                        done.set_result(None)
