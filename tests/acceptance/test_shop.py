"""The demo's shop against capture itself, through the published SDK."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.errors import TransientError
from onefold.testing.arrivals import arrived
from onefold.testing.server_process import ServerProcess, capture_process
from onefold.testing.shop.send import ShopProgress, ShopSender


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = capture_process(tmp_path, "key")
    process.start()
    yield process
    process.stop()


def received(data_dir: Path) -> list[str]:
    """The message ids that capture took."""
    return [str(event.message_id) for event in arrived(data_dir)]


def test_the_past_and_then_the_present_arrive_whole(server: ServerProcess, tmp_path: Path) -> None:
    stop = threading.Event()
    reports: list[ShopProgress] = []

    def report(progress: ShopProgress) -> None:
        reports.append(progress)
        if progress.is_live:
            stop.set()

    sender = ShopSender(server.url, "key", history_days=2, visits_per_day=30, rate_per_s=200)
    sender.run(stop, report)
    found = received(tmp_path)
    assert len(found) == len(set(found)) == reports[-1].sent
    assert reports[-1].failed == 0
    assert reports[-1].sent > 100


def test_a_shop_that_was_stopped_goes_on_with_the_next_call(server: ServerProcess, tmp_path: Path) -> None:
    stop = threading.Event()
    first = ShopSender(server.url, "key", history_days=2, visits_per_day=30, rate_per_s=0)
    reports: list[ShopProgress] = []
    first.run(stop, reports.append)
    sent = reports[-1].sent

    def report(progress: ShopProgress) -> None:
        reports.append(progress)
        if progress.is_live:
            stop.set()

    again = ShopSender(
        server.url, "key", history_days=2, visits_per_day=30, rate_per_s=50, began=first.began, skip=sent - 10
    )
    again.run(stop, report)
    found = received(tmp_path)
    assert len(found) - len(set(found)) == 10
    assert len(set(found)) == sent - 10 + reports[-1].sent


def test_a_shop_that_nobody_listens_to_says_so() -> None:
    sender = ShopSender("http://127.0.0.1:9", "key", history_days=60, visits_per_day=1000, rate_per_s=0)
    sender._client.consumers[0].retries = 0
    with pytest.raises(TransientError):
        sender.run(threading.Event(), lambda _: None)
