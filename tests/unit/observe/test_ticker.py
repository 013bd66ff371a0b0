"""One snapshot for all watchers; none waits for another, none outlives the server."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest

from onefold.errors import RequestError, StorageError
from onefold.observe import ticker as module
from onefold.observe.ticker import HEARTBEAT, Ticker

TICK_S = 0.01


class Snapshots:
    def __init__(self) -> None:
        self.count = 0
        self.is_stopping = False
        self.fails = 0
        self.gate = threading.Event()
        self.gate.set()

    def read(self) -> dict[str, int]:
        self.gate.wait(5)
        self.count += 1
        if self.fails:
            self.fails -= 1
            raise StorageError("storage.cannot_read", "no")
        return {"n": self.count}


@pytest.fixture
def snapshots() -> Iterator[Snapshots]:
    found = Snapshots()
    yield found
    found.is_stopping = True
    found.gate.set()


def make_ticker(snapshots: Snapshots) -> Ticker:
    return Ticker(snapshots.read, is_stopping=lambda: snapshots.is_stopping, every_s=TICK_S)


async def take(stream: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await anext(stream) for _ in range(count)]


async def ended(ticker: Ticker) -> None:
    while ticker._task is not None and not ticker._task.done():
        await asyncio.sleep(TICK_S)


async def test_watchers_share_one_snapshot_a_tick(snapshots: Snapshots) -> None:
    ticker = make_ticker(snapshots)
    async with aclosing(ticker.watch()) as one, aclosing(ticker.watch()) as other:  # type: ignore[type-var]
        first, second = await asyncio.gather(take(one, 5), take(other, 5))
    assert set(first) & set(second)
    assert all(event.startswith(b"data: {") and event.endswith(b"\n\n") for event in first)
    assert snapshots.count < 10
    await ended(ticker)


async def test_nobody_watching_reads_nothing(snapshots: Snapshots) -> None:
    ticker = make_ticker(snapshots)
    async with aclosing(ticker.watch()) as stream:  # type: ignore[type-var]
        await take(stream, 1)
    await ended(ticker)
    assert ticker.watchers_count == 0
    count = snapshots.count
    await asyncio.sleep(TICK_S)
    assert snapshots.count == count


async def test_a_slow_watcher_gets_the_newest_only(snapshots: Snapshots) -> None:
    ticker = make_ticker(snapshots)
    async with aclosing(ticker.watch()) as slow, aclosing(ticker.watch()) as quick:  # type: ignore[type-var]
        await take(slow, 1)
        events = await take(quick, 5)
        newest = await take(slow, 1)
    assert newest[0] >= events[-1] or newest[0] in events
    await ended(ticker)


async def test_a_watcher_that_hangs_gives_its_place_to_others(
    snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MISSED_MAX", 2)
    ticker = make_ticker(snapshots)
    async with aclosing(ticker.watch()) as hung, aclosing(ticker.watch()) as quick:  # type: ignore[type-var]
        await take(hung, 1)
        await take(quick, 6)
        assert ticker.watchers_count == 1
        with pytest.raises(StopAsyncIteration):
            await anext(hung)
    await ended(ticker)


async def test_who_is_let_in_no_more_hears_no_more(snapshots: Snapshots) -> None:
    ticker = make_ticker(snapshots)
    answers = iter([True, True, False])

    async def is_let_in() -> bool:
        return next(answers)

    assert len([event async for event in ticker.watch(is_let_in)]) == 2
    assert ticker.watchers_count == 0
    await ended(ticker)


async def test_streams_end_when_the_server_stops(snapshots: Snapshots) -> None:
    ticker = make_ticker(snapshots)
    stream = ticker.watch()
    await take(stream, 1)
    snapshots.is_stopping = True
    async with asyncio.timeout(5):
        async for _ in stream:
            pass
    assert ticker.watchers_count == 0


async def test_a_failing_look_does_not_end_the_stream(snapshots: Snapshots) -> None:
    snapshots.fails = 2
    ticker = make_ticker(snapshots)
    async with aclosing(ticker.watch()) as stream:  # type: ignore[type-var]
        assert await take(stream, 1) == [b'data: {"n":3}\n\n']
    await ended(ticker)


async def test_silence_is_bridged_by_a_comment(snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE_S_MAX", 0.01)
    snapshots.gate.clear()
    ticker = make_ticker(snapshots)
    async with aclosing(ticker.watch()) as stream:  # type: ignore[type-var]
        assert await take(stream, 1) == [HEARTBEAT]
        snapshots.gate.set()
    await ended(ticker)


async def test_more_watchers_than_may_are_told_to_come_back(
    snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WATCHERS_MAX", 1)
    ticker = make_ticker(snapshots)
    async with aclosing(ticker.watch()) as stream:  # type: ignore[type-var]
        await take(stream, 1)
        with pytest.raises(RequestError) as refused:
            ticker.watch()
    assert (refused.value.code, refused.value.status) == ("api.too_many_streams", 503)
    await ended(ticker)
