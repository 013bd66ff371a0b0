"""Sends a shop's calls through Segment's Python SDK: first its past, as fast as it goes, then live.

In: where Onefold listens, a write key, a pace. Out: events, and a report now and then. Live calls are
those the shop would make next, at the pace asked for and with the present as their time. The SDK batches,
retries and signs as it does for anyone; nothing here knows the wire.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from onefold.clock import DAY, SECOND, Clock, now
from onefold.errors import TransientError
from onefold.testing.shop.shop import Shop
from onefold.testing.shop.visit import Call

QUEUE_MAX = 5000
"""Calls waiting in the SDK; when it is full the shop waits."""
BATCH_MAX = 100
"""Calls a request: the SDK's own default."""
REPORT_EVERY_S = 1.0
FULL_WAIT_S = 0.05
RATE_MAX = 5000.0
"""Calls a second that one process can be asked for; the SDK makes about so many."""
FAILURES_MAX = 20
"""Failed requests in the past's sending before it is given up: nobody listens."""


class ShopProgress(msgspec.Struct, frozen=True):
    """How far it is: of the past so many days are sent, in all so many calls."""

    is_live: bool
    days_done: float
    days: int
    sent: int
    failed: int
    people: int


class ShopSender:
    """One shop that keeps sending until it is told to stop."""

    def __init__(
        self,
        url: str,
        write_key: str,
        *,
        seed: int = 1,
        history_days: int = 60,
        visits_per_day: float = 100.0,
        rate_per_s: float = 10.0,
        began: int = 0,
        skip: int = 0,
        clock: Clock = now,
    ) -> None:
        """`rate_per_s` is the live pace, held whatever the hour of the day; 0: only the past.

        To go on with a shop that was stopped, give what it had as `began`, and as `skip` how many calls it
        had sent: they are made again, but not sent.
        """
        self._days = history_days
        self._rate = min(rate_per_s, RATE_MAX)
        self._clock = clock
        self._began = began or clock()
        self._skip = skip
        self._shop = Shop(seed=seed, start=self._began - history_days * DAY, visits_per_day=visits_per_day)
        # A shop that begins anew is another one: its calls must not pass for repetitions.
        self._prefix = f"shop-{seed}-{self._began // SECOND}"
        self._failed = 0
        self._sent = 0
        self._client = _make_client(url, write_key, self._note_failure)

    @property
    def began(self) -> int:
        """When its past ended: with the seed, all that it takes to make the same calls again."""
        return self._began

    def run(self, stop: threading.Event, report: Callable[[ShopProgress], None]) -> None:
        """Send the past, then live calls, until `stop` is set. What the SDK holds is sent before it returns.

        Raises:
            TransientError: nobody takes the calls.
        """
        calls = islice(self._shop.calls(), self._skip, None)
        try:
            first = self._send_past(calls, stop, report)
            if self._rate and not stop.is_set():
                self._send_live(first, calls, stop, report)
        finally:
            self._client.join()
        report(self._progress(is_live=bool(self._rate), days_done=self._days))

    def _send_past(
        self, calls: Iterator[Call], stop: threading.Event, report: Callable[[ShopProgress], None]
    ) -> Call | None:
        """Everything up to the moment at which the sender was made; returns the call behind it."""
        reported = time.monotonic()
        for call in calls:
            if stop.is_set():
                return None
            if call.at >= self._began:
                self._client.flush()
                return call
            self._send(call, call.at, stop)
            if self._failed > FAILURES_MAX:
                raise TransientError(
                    "shop.unreachable",
                    "Nobody takes the shop's events.",
                    hint="Is Onefold running at that address?",
                )
            if time.monotonic() - reported > REPORT_EVERY_S:
                reported = time.monotonic()
                done = self._days - (self._began - call.at) / DAY
                report(self._progress(is_live=False, days_done=done))
        return None

    def _send_live(
        self,
        call: Call | None,
        calls: Iterator[Call],
        stop: threading.Event,
        report: Callable[[ShopProgress], None],
    ) -> None:
        began = reported = time.monotonic()
        made = 0
        while not stop.is_set():
            call = call or next(calls)
            wait = began + made / self._rate - time.monotonic()
            if wait > 0 and stop.wait(wait):
                return
            if wait < -1:
                # It could not keep pace for a second: go on from here instead of catching up in a burst.
                began, made = time.monotonic(), 0
            self._send(call, self._clock(), stop)
            made += 1
            call = None
            if time.monotonic() - reported > REPORT_EVERY_S:
                reported = time.monotonic()
                report(self._progress(is_live=True, days_done=self._days))

    def _send(self, call: Call, at: int, stop: threading.Event) -> None:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at)
        fields = {**call.identity, "timestamp": moment, "message_id": f"{self._prefix}-{call.number}"}
        while not self._enqueue(call, fields) and not stop.wait(FULL_WAIT_S):
            pass
        self._sent += 1

    def _enqueue(self, call: Call, fields: dict[str, Any]) -> bool:
        """Give the call to the SDK; False when its queue is full."""
        if self._client.queue.qsize() >= QUEUE_MAX:
            return False
        if call.type == "identify":
            self._client.identify(traits=call.body, **fields)
        elif call.type == "page":
            self._client.page(name=call.name, properties=call.body, **fields)
        else:
            self._client.track(event=call.name, properties=call.body, **fields)
        return True

    def _note_failure(self, *_: object) -> None:
        self._failed += 1

    def _progress(self, *, is_live: bool, days_done: float) -> ShopProgress:
        return ShopProgress(is_live, days_done, self._days, self._sent, self._failed, self._shop.people)


def _make_client(url: str, write_key: str, on_error: Callable[..., None]) -> Any:
    # Imported here: only who runs the shop pays for the SDK and its HTTP client.
    from segment.analytics.client import Client

    return Client(
        write_key,
        host=url.rstrip("/"),
        max_queue_size=QUEUE_MAX * 2,
        upload_size=BATCH_MAX,
        upload_interval=0.1,
        max_retries=3,
        timeout=10,
        on_error=on_error,
    )
