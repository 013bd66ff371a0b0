"""Keeping to what the contract with a provider allows, so that it need not refuse.

In: requests as they leave. Out: how long the next one of a channel has to wait. A stretch is counted in
twentieths: any stretch of the limit's length, wherever it begins, holds at most its number of requests, so it
does not matter when the provider's own window begins.
"""

from collections import deque
from collections.abc import Mapping

from onefold.clock import SECOND
from onefold.plugin.declare import Channel, RateLimit

PARTS = 20
"""Of a period: the counting is coarse by so much, to the safe side; a limit of an hour costs 21 numbers."""


class Pace:
    """The limits of a connection's channels."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._meters = {
            name: [_Meter(limit) for limit in channel.limits] for name, channel in channels.items()
        }

    def wait_s(self, channel: str, now: int) -> float:
        """How long the next request must wait."""
        return max((meter.wait_s(now) for meter in self._meters[channel]), default=0.0)

    def note(self, channel: str, now: int) -> None:
        """A request leaves."""
        for meter in self._meters[channel]:
            meter.note(now)


class _Meter:
    """One limit: how many requests left in each twentieth of the period that still counts."""

    __slots__ = ("_counts", "_max", "_part", "_used")

    def __init__(self, limit: RateLimit) -> None:
        self._max = limit.requests_max
        self._part = max(1, int(limit.period_s * SECOND / PARTS))
        self._counts: deque[tuple[int, int]] = deque()
        self._used = 0

    def wait_s(self, now: int) -> float:
        self._forget(now)
        if self._used < self._max:
            return 0.0
        # Free again once the oldest part is wholly out of the period.
        return ((self._counts[0][0] + PARTS + 1) * self._part - now) / SECOND

    def note(self, now: int) -> None:
        self._forget(now)
        part = now // self._part
        count = 1
        if self._counts and self._counts[-1][0] >= part:
            part, before = self._counts.pop()
            count += before
        self._counts.append((part, count))
        self._used += 1

    def _forget(self, now: int) -> None:
        oldest = now // self._part - PARTS
        while self._counts and self._counts[0][0] < oldest:
            self._used -= self._counts.popleft()[1]
