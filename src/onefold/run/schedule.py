"""The times of a schedule, and its words for people.

In: a schedule and a moment. Out: the moments (microseconds UTC) at which runs are due after it, in order.

A rule speaks of the wall clock. Where clocks are set forward, a time that does not exist runs once, at the
first moment that does; where they are set back, a time that exists twice runs once, the first time. This
holds for every rule, cron included, so a rule gives the same number of runs every day unless several of its
times fall into one gap: these are one run. Written for the time zones of the IANA database (`zoneinfo`).
"""

import calendar
import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from onefold.clock import MINUTE, SECOND, read_zone, to_iso
from onefold.model.schedule import (
    ByHand,
    Continuous,
    Cron,
    MonthDay,
    MonthWeekday,
    Rule,
    Schedule,
    TimesADay,
    Weekday,
    Weekdays,
)

EARLIER = timedelta(days=2)
"""Times before a moment that are looked at: a gap was at most a day (Samoa, 2011-12-30)."""
DAY_MINUTES = 1440
NEXT_MAX = 100
"""Times of one preview."""
LATE = 5 * MINUTE
"""A run that is due for so long was missed: everything before is a pause of a busy machine."""
MISSED_COUNTED_MAX = 10_000
"""Missed times are counted up to here, which takes some tenths of a second: a week of every minute."""
NAMES = list(Weekday)
WHICH = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}


class Due(NamedTuple):
    """Times of a schedule that have come; one run stands for all of them, however many these are."""

    at: int
    """The last of them."""
    missed: int
    """How many passed before it."""


def find_problem(schedule: Schedule) -> tuple[str, str] | None:
    """The field that is wrong and why; None when all is right."""
    if read_zone(schedule.timezone) is None:
        return "timezone", f"There is no time zone {schedule.timezone!r}; such as Europe/Paris."
    if isinstance(schedule.rule, Cron):
        if len(schedule.rule.expression.split()) != 5:
            return "rule.expression", "A cron expression has five fields, such as 0 8 * * 1-5."
        try:
            next(CronSim(schedule.rule.expression, datetime(2000, 1, 1)), None)  # noqa: DTZ001 - no zone yet
        except CronSimError as error:
            return "rule.expression", f"This is no cron expression: {str(error).lower()}."
    return None


def next_runs(schedule: Schedule, after: int, count: int) -> list[int]:
    """The next `count` moments after `after`; fewer where there are no more."""
    return list(itertools.islice(runs_after(schedule, after), count))


def runs_after(schedule: Schedule, after: int) -> Iterator[int]:
    """The moments after `after`, in order, each once; none of a goal without times."""
    if not schedule.has_times:
        return
    zone = ZoneInfo(schedule.timezone)
    begin = datetime.fromtimestamp(after / SECOND, zone).replace(tzinfo=None) - EARLIER
    last = after
    try:
        for local in _local_times(schedule.rule, begin):
            at = to_moment(local, zone)
            if at > last:
                last = at
                yield at
    except OverflowError:  # the calendar ends in the year 9999
        return


def find_due(schedule: Schedule, after: int, now: int) -> Due | None:
    """What has come after `after`, up to now."""
    last = count = 0
    for at in runs_after(schedule, after):
        if at > now or count >= MISSED_COUNTED_MAX:
            break
        last, count = at, count + 1
    return Due(last, count - 1) if count else None


def why_missed(schedule: Schedule, due: Due, now: int) -> str:
    """Why its run is left out, for people: its time passed while nothing ran; empty where it shall run."""
    if schedule.missed != "skip" or now - due.at <= LATE:
        return ""
    return f"Left out: its time, {to_iso(due.at)}, passed while nothing ran."


def to_moment(local: datetime, zone: ZoneInfo) -> int:
    """When a wall clock shows `local`: the first time, or, if it never does, when it jumps over it."""
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return _micros(moment)
    # In a gap: read by the offset before, it lies behind the jump; by the one after, before it.
    early = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _micros(_find_jump(early, moment, zone))


def words_of(schedule: Schedule) -> str:
    """What a person reads: `every Monday and Thursday at 08:00 Europe/Paris`."""
    match schedule.rule:
        case Continuous():
            return "continuously"
        case ByHand():
            return "by hand"
        case TimesADay(count=1, start=start):
            words = f"every day at {start}"
        case TimesADay(count=count, start=start):
            words = f"{count} times a day from {start}"
        case Weekdays(days=days, at=at) if len(set(days)) == 7:
            words = f"every day at {_join(sorted(set(at)))}"
        case Weekdays(days=days, at=at):
            named = [day.capitalize() for day in NAMES if day in days]
            words = f"every {_join(named)} at {_join(sorted(set(at)))}"
        case MonthDay(day=31, at=at):
            words = f"on the last day of every month at {_join(sorted(set(at)))}"
        case MonthDay(day=day, at=at):
            words = f"on day {day} of every month at {_join(sorted(set(at)))}"
        case MonthWeekday(which=which, weekday=weekday, at=at):
            words = f"every {which} {weekday.capitalize()} of the month at {_join(sorted(set(at)))}"
        case Cron(expression=expression):
            words = _words_of_cron(expression)
    return f"{words} {schedule.timezone}"


def _words_of_cron(expression: str) -> str:
    try:
        explained = CronSim(expression, datetime(2000, 1, 1)).explain()  # noqa: DTZ001 - no zone yet
    except CronSimError:
        return f"cron {expression}"
    return f"{explained[:1].lower()}{explained[1:]} (cron {expression})"


def _micros(moment: datetime) -> int:
    return round(moment.timestamp()) * SECOND


def _find_jump(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first moment in (low, high] that has the offset of `high`; a transition falls on a whole second."""
    target = high.astimezone(zone).utcoffset()
    seconds = round((high - low).total_seconds())
    before, behind = 0, seconds
    while behind - before > 1:
        middle = (before + behind) // 2
        if (low + timedelta(seconds=middle)).astimezone(zone).utcoffset() == target:
            behind = middle
        else:
            before = middle
    return low + timedelta(seconds=behind)


def _local_times(rule: Rule, begin: datetime) -> Iterator[datetime]:
    """What the wall clock shows at each run, in order, from about `begin` on."""
    match rule:
        case Cron(expression=expression):
            yield from CronSim(expression, begin)
        case TimesADay(count=count, start=start):
            first = _minutes(start)
            minutes = sorted((first + place * DAY_MINUTES // count) % DAY_MINUTES for place in range(count))
            for day in _days(begin.date()):
                yield from (datetime.combine(day, time(minute // 60, minute % 60)) for minute in minutes)
        case Weekdays(days=days, at=at):
            wanted = {NAMES.index(day) for day in days}
            yield from _at((day for day in _days(begin.date()) if day.weekday() in wanted), at)
        case MonthDay(day=day, at=at):
            yield from _at((_month_day(month, day) for month in _months(begin.date())), at)
        case MonthWeekday(which=which, weekday=weekday, at=at):
            place = WHICH[which]
            number = NAMES.index(weekday)
            yield from _at((_month_weekday(month, number, place) for month in _months(begin.date())), at)


def _at(days: Iterator[date], times: Sequence[str]) -> Iterator[datetime]:
    minutes = sorted({_minutes(text) for text in times})
    for day in days:
        for minute in minutes:
            yield datetime.combine(day, time(minute // 60, minute % 60))


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _days(first: date) -> Iterator[date]:
    while True:
        yield first
        first += timedelta(days=1)


def _months(first: date) -> Iterator[date]:
    """The first of each month."""
    first = first.replace(day=1)
    while True:
        yield first
        first = (first + timedelta(days=31)).replace(day=1)


def _month_day(month: date, day: int) -> date:
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


def _month_weekday(month: date, weekday: int, place: int) -> date:
    first, length = calendar.monthrange(month.year, month.month)
    days = range(1 + (weekday - first) % 7, length + 1, 7)
    return month.replace(day=days[place])


def _join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
