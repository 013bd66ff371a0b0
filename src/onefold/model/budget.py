"""What a connection may spend where the destination bills: a day, a calendar month, in a time zone.

Days and months begin at midnight there, also where clocks change.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from onefold.clock import SECOND, read_zone

Points = Annotated[int, Meta(ge=1, le=10**12)]


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Data points; null is no limit."""

    per_day: Points | None = None
    per_month: Points | None = None
    warn_at: Annotated[int, Meta(ge=1, le=100, description="A warning once so many percent are spent.")] = 80
    timezone: Annotated[str, Meta(max_length=100, description="An IANA name, such as Europe/Paris.")] = "UTC"

    @property
    def is_set(self) -> bool:
        """Whether anything is limited."""
        return self.per_day is not None or self.per_month is not None


class Period(NamedTuple):
    """A day or a month of a budget: [begin, end) and how much may be spent in it."""

    name: Literal["day", "month"]
    begin: int
    end: int
    limit: int


def find_budget_problem(budget: Budget) -> str:
    """What is wrong with it; empty if nothing is."""
    if read_zone(budget.timezone) is None:
        return f"There is no time zone {budget.timezone!r}; such as Europe/Paris."
    return ""


def periods(budget: Budget, at: int) -> list[Period]:
    """Those that hold a moment, and are limited."""
    zone = ZoneInfo(budget.timezone)
    local = datetime.fromtimestamp(at // SECOND, zone)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    first = today.replace(day=1)
    found = []
    if budget.per_day is not None:
        found.append(_period("day", today, today + timedelta(days=1), budget.per_day, zone))
    if budget.per_month is not None:
        following = (first + timedelta(days=32)).replace(day=1)
        found.append(_period("month", first, following, budget.per_month, zone))
    return found


def _period(
    name: Literal["day", "month"], begin: datetime, end: datetime, limit: int, zone: ZoneInfo
) -> Period:
    begins, ends = (int(one.replace(tzinfo=zone).timestamp()) * SECOND for one in (begin, end))
    return Period(name, begins, ends, limit)
