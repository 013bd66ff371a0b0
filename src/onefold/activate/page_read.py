"""Reading back one page of people in the background: requests beside those that send, at the reader's pace.

In: addresses, in calls that the reader can make. Out: what is there of each, once all were answered. A call
that fails is made again by itself, with growing pauses; those before it keep their answers.
"""

import asyncio
import random
from collections.abc import Callable, Sequence

from onefold.activate.pace import Pace
from onefold.activate.store import DeliveryStore
from onefold.clock import SECOND, Clock
from onefold.errors import ThrottledError, TransientError
from onefold.plugin.contract import Address
from onefold.plugin.declare import Channel
from onefold.plugin.read_back import ProfileReader, There

AT_ONCE = 4
"""Calls under way at once: enough for what providers allow, and far fewer than what sends may use."""
BACKOFF_S = 0.5
BACKOFF_S_MAX = 60.0
READING = "reading"


class PageRead:
    """One page on its way. Belongs to one event loop."""

    def __init__(
        self,
        reader: ProfileReader,
        addresses: Sequence[Address],
        pace: Pace,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._pace = pace
        self._clock = clock
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._addresses = addresses
        self._found: list[There] = [None] * len(addresses)
        self._recent: frozenset[int] = frozenset()
        self._wake = wake
        self._task: asyncio.Task[None] | None = None

    def begin(self, store: DeliveryStore, connection_id: int) -> None:
        """Ask, and wake the courier when all is there."""
        lag = int(self._reader.lag_s * SECOND)
        self._task = asyncio.create_task(self._run(store, connection_id, self._clock() - lag))
        self._task.add_done_callback(lambda _: self._wake())

    @property
    def is_done(self) -> bool:
        """All was answered, or cannot be."""
        return self._task is not None and self._task.done()

    @property
    def recent(self) -> frozenset[int]:
        """Profiles of whom something was answered a moment ago: what was read may be older than it."""
        return self._recent

    def result(self) -> list[There]:
        """What is there of each.

        Raises:
            ConnectorError: someone must set it right, or it will never be told.
        """
        if self._task is not None:
            self._task.result()
        return self._found

    def cancel(self) -> None:
        """Nobody wants it any more."""
        if self._task is not None and not self._task.cancel() and not self._task.cancelled():
            self._task.exception()  # it was over: what came of it is of no interest either

    async def end(self) -> None:
        """Nobody wants it any more, and its sockets are about to be given up."""
        self.cancel()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self, store: DeliveryStore, connection_id: int, since: int) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for places in split(self._reader, self._addresses):
                    group.create_task(self._ask(places))
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        self._recent = await asyncio.to_thread(store.answered_since, connection_id, since)

    async def _ask(self, places: Sequence[int]) -> None:
        async with self._turn:
            tries = 0
            while True:
                await self._wait()
                try:
                    found = await self._reader.read([self._addresses[place] for place in places])
                except ThrottledError as error:
                    await asyncio.sleep(error.retry_after_s + random.uniform(0, 0.25))
                except TransientError:
                    wait = min(BACKOFF_S * 2 ** min(tries, 10), BACKOFF_S_MAX)
                    await asyncio.sleep(wait * random.uniform(0.5, 1.0))
                    tries += 1
                else:
                    break
            for place, there in zip(places, found, strict=True):
                self._found[place] = there

    async def _wait(self) -> None:
        while True:
            wait = max(self._reader.wait_s(), self._pace.wait_s(READING, self._clock()))
            if wait <= 0:
                break
            await asyncio.sleep(wait)
        self._pace.note(READING, self._clock())


def pace_of(reader: ProfileReader) -> Pace:
    """What the contract allows of calls; kept as long as the connection is open."""
    return Pace({READING: Channel(READING, reader.people_max, 0, limits=reader.limits)})


def split(reader: ProfileReader, addresses: Sequence[Address]) -> list[list[int]]:
    """Places of the addresses, by the call that asks for them."""
    calls: list[list[int]] = []
    together: list[int] | None = None
    for place, address in enumerate(addresses):
        if reader.reads_alone(address):
            calls.append([place])
            continue
        if together is None or len(together) == reader.people_max:
            together = []
            calls.append(together)
        together.append(place)
    return calls
