"""When a goal runs: all the time, when someone asks, or at times of a calendar.

A rule is tagged by `kind`; its times are those of the wall clock in `timezone`:

    {"rule": {"kind": "weekdays", "days": ["monday", "thursday"], "at": ["08:00"]},
     "timezone": "Europe/Paris", "overlap": "skip", "missed": "once"}

What the times of a rule are in UTC: `run/schedule.py`.
"""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

TIMES_A_DAY_MAX = 288
"""Every five minutes: what is wanted more often shall run continuously."""

TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d$"
TimeOfDay = Annotated[str, Meta(pattern=TIME_OF_DAY, description="24 hours, such as 08:00.")]
TimesOfDay = Annotated[list[TimeOfDay], Meta(min_length=1, max_length=96)]


class Weekday(StrEnum):
    """A day of the week; in the order of the calendar, from Monday."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Continuous(msgspec.Struct, frozen=True, tag_field="kind", tag="continuous", forbid_unknown_fields=True):
    """All the time: a change goes out within a second."""


class ByHand(msgspec.Struct, frozen=True, tag_field="kind", tag="by_hand", forbid_unknown_fields=True):
    """Only when someone asks for it."""


class TimesADay(msgspec.Struct, frozen=True, tag_field="kind", tag="times_a_day", forbid_unknown_fields=True):
    """So many times a day, evenly spread over it, the first at `start`."""

    count: Annotated[int, Meta(ge=1, le=TIMES_A_DAY_MAX)]
    start: TimeOfDay = "00:00"


class Weekdays(msgspec.Struct, frozen=True, tag_field="kind", tag="weekdays", forbid_unknown_fields=True):
    """At these times on these days of the week."""

    days: Annotated[list[Weekday], Meta(min_length=1, max_length=7)]
    at: TimesOfDay


class MonthDay(msgspec.Struct, frozen=True, tag_field="kind", tag="month_day", forbid_unknown_fields=True):
    """At these times on a day of each month; on the last day of a month that is shorter."""

    day: Annotated[int, Meta(ge=1, le=31)]
    at: TimesOfDay


class MonthWeekday(
    msgspec.Struct, frozen=True, tag_field="kind", tag="month_weekday", forbid_unknown_fields=True
):
    """At these times on the first to fourth, or the last, such weekday of each month."""

    which: Literal["first", "second", "third", "fourth", "last"]
    weekday: Weekday
    at: TimesOfDay


class Cron(msgspec.Struct, frozen=True, tag_field="kind", tag="cron", forbid_unknown_fields=True):
    """A cron expression of five fields."""

    expression: Annotated[str, Meta(min_length=9, max_length=200)]


Rule = Continuous | ByHand | TimesADay | Weekdays | MonthDay | MonthWeekday | Cron


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule, and what happens when a run is due that cannot begin at once."""

    rule: Rule = Continuous()
    timezone: Annotated[str, Meta(max_length=100, description="An IANA name, such as Europe/Paris.")] = "UTC"
    overlap: Literal["skip", "queue"] = "skip"
    """The run before has not ended: leave the new one out, or let it wait (one at most)."""
    missed: Literal["once", "skip"] = "once"
    """A time passed while nothing ran: run once afterwards, however many passed, or not at all."""

    @property
    def is_continuous(self) -> bool:
        """Whether changes go out as they come."""
        return isinstance(self.rule, Continuous)

    @property
    def has_times(self) -> bool:
        """Whether it runs by itself at certain times."""
        return not isinstance(self.rule, Continuous | ByHand)


CONTINUOUS = Schedule()
