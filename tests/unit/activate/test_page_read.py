"""Calls of a page: who is asked for together, what is tried again, what ends it."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from onefold.activate import page_read
from onefold.activate.page_read import PageRead, pace_of, split
from onefold.errors import ConnectorError, SetupError, ThrottledError, TransientError
from onefold.plugin import Address, RateLimit, There


class Reader:
    """Two people a call; those whose address begins with m alone; fails as it is told, call by call."""

    people_max = 2
    lag_s = 30.0
    limits = (RateLimit(1000, 1.0),)

    def __init__(self, *faults: ConnectorError) -> None:
        self.faults = list(faults)
        self.calls: list[list[str]] = []

    def reads_alone(self, address: Address) -> bool:
        return address.key.startswith("m")

    def can_read(self, field: str) -> bool:
        return bool(field)

    def fit(self, field: str, theirs: Any, ours: Any, as_type: Any) -> Any:
        return theirs

    def wait_s(self) -> float:
        return 0.0

    async def read(self, addresses: Sequence[Address]) -> list[There]:
        self.calls.append([one.key for one in addresses])
        if self.faults:
            raise self.faults.pop(0)
        return [{"key": one.key} for one in addresses]


class Store:
    """Knows of one answer, at 70."""

    def answered_since(self, connection_id: int, at: int) -> frozenset[int]:
        return frozenset({connection_id}) if at <= 70_000_000 else frozenset()


def addresses(*keys: str) -> list[Address]:
    return [Address(key, b"") for key in keys]


async def read_all(reader: Reader, *keys: str, now: int = 100_000_000) -> PageRead:
    woken = asyncio.Event()
    page = PageRead(reader, addresses(*keys), pace_of(reader), lambda: now, woken.set)
    page.begin(Store(), 7)  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        await woken.wait()
    assert page.is_done
    return page


def test_people_share_calls_where_they_can() -> None:
    found = split(Reader(), addresses("e1", "m2", "e3", "a4", "m5", "e6"))
    assert found == [[0, 2], [1], [3, 5], [4]]


async def test_answers_stand_in_the_order_of_the_people() -> None:
    page = await read_all(Reader(), "e1", "m2", "e3", "a4")
    assert page.result() == [{"key": key} for key in ("e1", "m2", "e3", "a4")]


async def test_nobody_is_no_call() -> None:
    reader = Reader()
    assert (await read_all(reader)).result() == []
    assert reader.calls == []


async def test_a_call_that_fails_is_made_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_read, "BACKOFF_S", 0.01)
    faults = ThrottledError("activate.http.throttled", "slow", retry_after_s=0.01), TransientError("a.b", "c")
    reader = Reader(*faults)
    page = await read_all(reader, "e1", "e2", "e3")
    assert page.result() == [{"key": key} for key in ("e1", "e2", "e3")]
    assert sorted(map(len, reader.calls)) == [1, 1, 2, 2]


async def test_what_someone_must_set_right_ends_it() -> None:
    page = await read_all(Reader(SetupError("a.b", "no permission")), "e1", "e2")
    with pytest.raises(SetupError, match="no permission"):
        page.result()


@pytest.mark.parametrize(("now", "recent"), [(99_000_000, {7}), (101_000_000, set())])
async def test_who_had_an_answer_within_the_lag_is_told(now: int, recent: set[int]) -> None:
    assert (await read_all(Reader(), "e1", now=now)).recent == recent


async def test_a_page_that_nobody_wants_any_more_ends() -> None:
    reader = Reader(*[ThrottledError("a.b", "slow", retry_after_s=60.0)] * 5)
    page = PageRead(reader, addresses("e1"), pace_of(reader), lambda: 0, lambda: None)
    page.begin(Store(), 7)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    page.cancel()
    async with asyncio.timeout(5):
        while not page.is_done:
            await asyncio.sleep(0)
    page.cancel()
