"""Rate limits: fixed windows of the clock for each group of endpoints, and their headers.

In: a group and the time. Out: whether the request may pass and the headers of either style. Source: fact
sheet on API limits (July 2026): resets are epoch seconds, except on /users/track of a contract by
monthly active users, where they are seconds to go and a refusal carries only `x-ratelimit-retry-after`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from onefold.sandbox.braze.settings import SandboxSettings

Headers = list[tuple[bytes, bytes]]
TRACK, IDENTITY, EXPORT, POOL = "track", "identity", "export", "pool"
MINUTE_S, HOUR_S, BURST_S = 60, 3_600, 3
# What an unlimited sandbox announces.
UNLIMITED = 1_000_000_000


class Verdict(NamedTuple):
    """Whether a request may pass, and the headers to answer with."""

    is_allowed: bool
    headers: Headers


class _Window:
    __slots__ = ("index", "limit", "period_s", "used")

    def __init__(self, limit: int, period_s: int) -> None:
        self.limit = limit
        self.period_s = period_s
        self.index = -1
        self.used = 0

    def roll(self, now: float) -> None:
        index = int(now // self.period_s)
        if index != self.index:
            self.index = index
            self.used = 0

    def resets_at(self) -> int:
        return (self.index + 1) * self.period_s


class Limiter:
    """Counters of one workspace."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._is_mau = settings.rate_profile == "mau"
        self._is_off = settings.rate_profile == "off"
        self._groups = {
            TRACK: _track_windows(settings),
            IDENTITY: [_Window(settings.identity_minute_limit, MINUTE_S)],
            EXPORT: [_Window(settings.export_minute_limit, MINUTE_S)],
            POOL: [_Window(settings.pool_hour_limit, HOUR_S)],
        }

    def take(self, group: str, now: float) -> Verdict:
        """Count one request against its group."""
        windows = self._groups[group]
        full = None
        for window in windows:
            window.roll(now)
            if window.used >= window.limit:
                full = window
        if full is not None and not self._is_off:
            return Verdict(False, self._refusal(group, full, now))
        for window in windows:
            window.used += 1
        return Verdict(True, self._headers(group, windows[0], now))

    def storm(self, group: str, now: float, retry_after_s: int) -> Headers:
        """Return the headers of a refusal that a fault asks for."""
        window = self._groups[group][0]
        window.roll(now)
        if self._is_mau and group == TRACK:
            return [(b"x-ratelimit-retry-after", b"%d" % retry_after_s)]
        return _three(window.limit, 0, math.ceil(now) + retry_after_s)

    def _headers(self, group: str, window: _Window, now: float) -> Headers:
        reset = window.resets_at()
        if self._is_mau and group == TRACK:
            reset = max(1, math.ceil(reset - now))
        return _three(window.limit, max(0, window.limit - window.used), reset)

    def _refusal(self, group: str, window: _Window, now: float) -> Headers:
        wait_s = max(1, math.ceil(window.resets_at() - now))
        if self._is_mau and group == TRACK:
            return [(b"x-ratelimit-retry-after", b"%d" % wait_s)]
        return _three(window.limit, 0, window.resets_at())


def _track_windows(settings: SandboxSettings) -> list[_Window]:
    if settings.rate_profile == "minute":
        return [_Window(settings.track_minute_limit, MINUTE_S)]
    burst = _Window(settings.track_burst_limit, BURST_S)
    if settings.rate_profile == "mau":
        return [_Window(settings.mau_hour_limit, HOUR_S), burst]
    if settings.rate_profile == "off":
        return [_Window(UNLIMITED, HOUR_S)]
    return [burst]


def _three(limit: int, remaining: int, reset: int) -> Headers:
    return [
        (b"x-ratelimit-limit", b"%d" % limit),
        (b"x-ratelimit-remaining", b"%d" % remaining),
        (b"x-ratelimit-reset", b"%d" % reset),
    ]
