"""Time as Onefold keeps it: integer microseconds since 1970-01-01 UTC inside, ISO 8601 with `Z` outside.

Integers sort, compare and pack cheaply on the hot path; nothing naive ever exists.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Clock = Callable[[], int]
"""Gives now in microseconds UTC. Passed in, so that tests own the time."""


def now() -> int:
    """Microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


def to_iso(at: int) -> str:
    """`2026-11-23T21:30:00.123Z` (milliseconds) for microseconds since the epoch."""
    moment = datetime.fromtimestamp(at // SECOND, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % SECOND // 1000:03d}Z"


def from_iso(text: str) -> int:
    """Microseconds since the epoch of an ISO 8601 text; without an offset it is UTC.

    Raises:
        ValueError: the text is not a time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return from_datetime(moment)


def from_datetime(moment: datetime) -> int:
    """Microseconds since the epoch of an aware time, to the last."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


def day_of(at: int) -> int:
    """The UTC day number since 1970-01-01."""
    return at // DAY


def day_number(day: date) -> int:
    """The number of a date, as `day_of` counts days."""
    return day.toordinal() - _EPOCH.toordinal()


def date_of(day: int) -> date:
    """The date of a day's number."""
    return date.fromordinal(day + _EPOCH.toordinal())


def hour_of(at: int) -> int:
    """The UTC hour number since 1970-01-01T00."""
    return at // HOUR


@lru_cache(1000)
def read_zone(name: str) -> ZoneInfo | None:
    """The time zone of an IANA name; None if there is none."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None
