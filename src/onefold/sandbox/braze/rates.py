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
BULK, SYNC, RENAME, REMOVE = "bulk", "sync", "rename", "remove"
SUBSCRIPTION, DISCOVERY = "subscription", "discovery"
BROADCAST, AUDIENCE, SEND_ID = "broadcast", "audience", "send_id"
CATALOGS, CATALOG_ITEMS, CATALOG_FIELDS = "catalogs", "catalog_items", "catalog_fields"
CATALOG_ITEM, EXPORT_FAST = "catalog_item", "export_fast"
SECOND_S, MINUTE_S, HOUR_S, DAY_S, BURST_S = 1, 60, 3_600, 86_400, 3
# Requests and the length of the window; `group_limits` of the settings replaces the first number.
FIXED_GROUPS: dict[str, tuple[int, int]] = {
    EXPORT_FAST: (40, SECOND_S),
    BULK: (50, SECOND_S),
    SYNC: (500, MINUTE_S),
    RENAME: (1_000, MINUTE_S),
    REMOVE: (1_000, MINUTE_S),
    SUBSCRIPTION: (5_000, MINUTE_S),
    DISCOVERY: (1_000, HOUR_S),
    BROADCAST: (250, MINUTE_S),
    AUDIENCE: (10, MINUTE_S),
    SEND_ID: (100, DAY_S),
    CATALOGS: (50, MINUTE_S),
    CATALOG_ITEMS: (16_000, MINUTE_S),
    CATALOG_ITEM: (50, MINUTE_S),
    CATALOG_FIELDS: (50, MINUTE_S),
}
# Beyond this many audiences of broadcasts their windows start anew: memory must not grow with mistakes.
AUDIENCES_MAX = 10_000
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
        for group, (limit, period_s) in FIXED_GROUPS.items():
            self._groups[group] = [_Window(settings.group_limits.get(group, limit), period_s)]
        self._audience_limit = settings.group_limits.get(AUDIENCE, FIXED_GROUPS[AUDIENCE][0])

    def take_audience(self, key: str, now: float) -> Verdict:
        """Count one broadcast against the limit of its own audience."""
        group = f"{AUDIENCE}:{key}"
        if group not in self._groups:
            if len(self._groups) >= AUDIENCES_MAX:
                self._groups = {name: w for name, w in self._groups.items() if not name.startswith(AUDIENCE)}
            self._groups[group] = [_Window(self._audience_limit, MINUTE_S)]
        return self.take(group, now)

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
