"""When runs are due, over years and time zones, and how that is told."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.clock import SECOND
from onefold.model.schedule import (
    ByHand,
    Cron,
    MonthDay,
    MonthWeekday,
    Schedule,
    TimesADay,
    Weekday,
    Weekdays,
)
from onefold.run.schedule import find_problem, next_runs, to_moment, words_of

PARIS = "Europe/Paris"
ZONES = [
    *("UTC", PARIS, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"),
    *("Africa/Casablanca", "Pacific/Apia", "America/St_Johns", "Asia/Tehran", "Antarctica/Troll"),
]
EVERY_DAY = list(Weekday)


def micros(text, zone="UTC"):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND


def shown(schedule, after, count=3):
    """The next runs as the wall clock of the schedule shows them."""
    zone = ZoneInfo(schedule.timezone)
    found = next_runs(schedule, micros(after, schedule.timezone), count)
    return [datetime.fromtimestamp(at // SECOND, zone).isoformat() for at in found]


def test_days_of_the_week_at_times():
    schedule = Schedule(Weekdays([Weekday.THURSDAY, Weekday.MONDAY], ["08:00", "18:30"]), PARIS)
    assert shown(schedule, "2026-07-27T08:00") == [
        "2026-07-27T18:30:00+02:00",
        "2026-07-30T08:00:00+02:00",
        "2026-07-30T18:30:00+02:00",
    ]
    assert words_of(schedule) == "every Monday and Thursday at 08:00 and 18:30 Europe/Paris"


def test_so_many_times_a_day():
    schedule = Schedule(TimesADay(3, "06:00"), "UTC")
    assert [one[11:16] for one in shown(schedule, "2026-01-01T05:00", 4)] == [
        "06:00",
        "14:00",
        "22:00",
        "06:00",
    ]
    assert words_of(schedule) == "3 times a day from 06:00 UTC"
    assert words_of(Schedule(TimesADay(1, "06:00"))) == "every day at 06:00 UTC"


def test_a_day_of_the_month_is_the_last_one_of_shorter_months():
    schedule = Schedule(MonthDay(31, ["09:00"]), "UTC")
    assert [one[:10] for one in shown(schedule, "2028-01-31T10:00")] == [
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
    ]
    assert words_of(schedule) == "on the last day of every month at 09:00 UTC"
    assert words_of(Schedule(MonthDay(5, ["09:00"]))) == "on day 5 of every month at 09:00 UTC"


def test_a_weekday_of_the_month():
    second = Schedule(MonthWeekday("second", Weekday.TUESDAY, ["08:00"]), PARIS)
    assert [one[:10] for one in shown(second, "2026-11-27T00:00")] == [
        "2026-12-08",
        "2027-01-12",
        "2027-02-09",
    ]
    last = Schedule(MonthWeekday("last", Weekday.FRIDAY, ["08:00"]), PARIS)
    assert [one[:10] for one in shown(last, "2026-11-27T09:00")] == ["2026-12-25", "2027-01-29", "2027-02-26"]
    assert words_of(last) == "every last Friday of the month at 08:00 Europe/Paris"


def test_cron():
    schedule = Schedule(Cron("30 6 * * 1-5"), PARIS)
    assert shown(schedule, "2026-11-27T07:00", 2) == [
        "2026-11-30T06:30:00+01:00",
        "2026-12-01T06:30:00+01:00",
    ]
    assert words_of(schedule).endswith("(cron 30 6 * * 1-5) Europe/Paris")


def test_a_goal_by_hand_or_continuous_has_no_times():
    assert next_runs(Schedule(ByHand()), 0, 5) == next_runs(Schedule(), 0, 5) == []
    assert words_of(Schedule(ByHand())) == "by hand"
    assert words_of(Schedule()) == "continuously"


def test_a_time_that_does_not_exist_runs_once_at_the_next_moment_that_does():
    schedule = Schedule(Weekdays(EVERY_DAY, ["02:15", "02:30"]), PARIS)
    assert shown(schedule, "2026-03-28T12:00", 2) == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:15:00+02:00",
    ]


def test_a_time_that_exists_twice_runs_once_the_first_time():
    schedule = Schedule(Weekdays(EVERY_DAY, ["02:30"]), PARIS)
    assert shown(schedule, "2026-10-24T12:00", 2) == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]
    again = micros("2026-10-25T01:00", "UTC")
    assert next_runs(schedule, again, 1)[0] > again + 20 * 3600 * SECOND


def test_a_day_that_was_left_out_runs_when_it_would_have_ended():
    schedule = Schedule(Weekdays(EVERY_DAY, ["08:00"]), "Pacific/Apia")
    assert shown(schedule, "2011-12-29T08:00", 2) == [
        "2011-12-31T00:00:00+14:00",
        "2011-12-31T08:00:00+14:00",
    ]


RULES = st.one_of(
    st.builds(TimesADay, st.integers(1, 288), st.sampled_from(["00:00", "02:30", "23:59"])),
    st.builds(
        Weekdays,
        st.lists(st.sampled_from(EVERY_DAY), min_size=1, max_size=7),
        st.lists(
            st.sampled_from(["00:00", "00:30", "02:00", "02:30", "12:00", "23:30"]), min_size=1, max_size=4
        ),
    ),
    st.builds(MonthDay, st.integers(1, 31), st.just(["02:30"])),
    st.builds(
        MonthWeekday,
        st.sampled_from(["first", "second", "third", "fourth", "last"]),
        st.sampled_from(EVERY_DAY),
        st.just(["01:30", "02:30"]),
    ),
    st.builds(
        Cron, st.sampled_from(["*/20 * * * *", "30 2 * * *", "0 0 1,15 * *", "15 1-3 * * 0", "5 4 L * *"])
    ),
)
SCHEDULES = st.builds(Schedule, RULES, st.sampled_from(ZONES))
MOMENTS = st.integers(
    int(datetime(2005, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())
)


@given(SCHEDULES, MOMENTS)
def test_runs_come_in_order_after_the_moment_and_do_not_depend_on_where_one_begins(schedule, seconds):
    after = seconds * SECOND
    found = next_runs(schedule, after, 12)
    assert all(one < other for one, other in pairwise([after, *found]))
    assert next_runs(schedule, found[3], 8) == found[4:]
    assert next_runs(schedule, found[3] - 1, 1) == [found[3]]


@given(st.sampled_from(ZONES), st.integers(2005, 2036), st.integers(0, 1439))
def test_a_time_of_day_runs_once_on_every_day_of_a_year(zone, year, minute):
    at = f"{minute // 60:02}:{minute % 60:02}"
    schedule = Schedule(Weekdays(EVERY_DAY, [at]), zone)
    found = next_runs(schedule, micros(f"{year - 1}-12-31T23:59:59", zone), 364)
    days = [datetime.fromtimestamp(one // SECOND, ZoneInfo(zone)) for one in found]
    # One run a day; of a day that a zone left out altogether, the next day has two.
    left_out = 1 if zone == "Pacific/Apia" and year == 2011 and at != "00:00" else 0
    assert len({day.date() for day in days}) >= len(days) - left_out
    for day in days:
        shown_at = f"{day:%H:%M}"
        assert shown_at == at or not _exists(day, at, zone)
        assert day.fold == 0


def _exists(day, at, zone):
    local = datetime.combine(day.date(), time.fromisoformat(at))
    candidates = (local, local - timedelta(days=1))
    return all(
        one.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        == one
        for one in candidates
    )


@given(st.sampled_from(ZONES), st.integers(1_100_000_000, 2_100_000_000))
def test_a_wall_clock_time_leads_to_the_moment_that_shows_it(zone, seconds):
    moment = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    local = moment.replace(tzinfo=None, fold=0)
    found = to_moment(local, ZoneInfo(zone)) // SECOND
    assert found == seconds - (0 if moment.fold == 0 else seconds - found)
    assert found <= seconds


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        (Schedule(ByHand(), "Europe/Atlantis"), "timezone"),
        (Schedule(ByHand(), "../etc/passwd"), "timezone"),
        (Schedule(ByHand(), ""), "timezone"),
        (Schedule(Cron("0 25 * * *")), "rule.expression"),
        (Schedule(Cron("0 0 0 1 1 *")), "rule.expression"),
        (Schedule(Cron("0 0 30 2 *")), "rule.expression"),
    ],
)
def test_what_cannot_run_is_said(schedule, field):
    found = find_problem(schedule)
    assert found is not None
    assert found[0] == field


def test_what_is_right_has_no_problem():
    assert find_problem(Schedule(Cron("0 8 * * 1"), PARIS)) is None
