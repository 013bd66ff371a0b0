"""Reading what a provider says about its rate limit.

In: response headers (any case). Out: `Rate`, times as seconds from now. Both styles that exist: `reset` as
seconds since 1970 or as seconds from now (told apart by size), and a bare "come back in n seconds".
"""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

import msgspec

EPOCH_MIN = 1_000_000_000
"""A larger `reset` is a moment (September 2001 or later), a smaller one a span."""
WAIT_S_MAX = 3_600.0
"""No provider's window is longer than an hour; a wrong clock must not stop us for longer."""


class Rate(msgspec.Struct, frozen=True):
    """What the headers said; None where they were silent."""

    limit: int | None = None
    remaining: int | None = None
    reset_s: float | None = None
    retry_after_s: float | None = None

    @property
    def wait_s(self) -> float:
        """Until a limit that is used up opens again; 0 while there is room, or nothing is known."""
        is_used_up = self.remaining is not None and self.remaining < 1
        return (self.reset_s or 0.0) if is_used_up else 0.0


def read_rate(headers: Mapping[str, str], now_s: float) -> Rate:
    """The rate limit that an answer states. `headers` must look names up without regard to case."""
    reset = _number(headers.get("x-ratelimit-reset"))
    if reset is not None and reset > EPOCH_MIN:
        reset -= now_s
    retry = _number(headers.get("x-ratelimit-retry-after"))
    if retry is None:
        retry = _retry_after(headers.get("retry-after"), now_s)
    return Rate(
        limit=_whole(headers.get("x-ratelimit-limit")),
        remaining=_whole(headers.get("x-ratelimit-remaining")),
        reset_s=_bounded(reset),
        retry_after_s=_bounded(retry),
    )


def _bounded(seconds: float | None) -> float | None:
    return None if seconds is None else min(max(seconds, 0.0), WAIT_S_MAX)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _whole(text: str | None) -> int | None:
    number = _number(text)
    return None if number is None else int(number)


def _retry_after(text: str | None, now_s: float) -> float | None:
    """RFC 9110 allows seconds or a date."""
    number = _number(text)
    if number is not None or not text:
        return number
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now_s
