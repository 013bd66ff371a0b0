"""How often and at what hours: caps count in rolling windows, quiet hours hold in the person's own zone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.activate.courtesy import Courtesy
from onefold.clock import DAY, HOUR, from_iso, read_zone, to_iso
from onefold.plugin.courtesy import Cap, courtesy_problems, read_cap

NIGHT = {"quiet_from": "22:00", "quiet_until": "08:00", "quiet_zone": "Europe/Berlin"}


@pytest.mark.parametrize(("text", "cap"), [("3/7d", Cap(3, 7 * DAY)), ("1/24h", Cap(1, 24 * HOUR))])
def test_a_cap_is_read(text, cap):
    assert read_cap(text) == cap


@pytest.mark.parametrize("text", ["", "0/7d", "3", "3/7w", "3/0d", "101/1d", "1/9999d", "-1/7d"])
def test_what_is_no_cap_is_none(text):
    assert read_cap(text) is None


def test_every_cap_must_have_room():
    courtesy = Courtesy({"caps": ["1/24h", "2/7d"]})
    now = 100 * DAY
    assert not courtesy.is_over({}, now)
    assert courtesy.is_over({"a": now - HOUR}, now)
    assert not courtesy.is_over({"a": now - 25 * HOUR}, now)
    assert courtesy.is_over({"a": now - 2 * DAY, "b": now - 3 * DAY}, now)
    assert not courtesy.is_over({"a": now - 2 * DAY, "b": now - 8 * DAY}, now)


def test_a_refused_call_does_not_count():
    assert not Courtesy({"caps": ["1/24h"]}).is_over({"a": -(100 * DAY)}, 100 * DAY)


def test_times_that_no_cap_asks_about_go():
    courtesy, now = Courtesy({"caps": ["1/24h", "2/7d"]}), 100 * DAY
    marks = {"old": now - 8 * DAY, "refused": -(now - 9 * DAY), "new": now - 2 * DAY}
    assert courtesy.mark(marks, "this", now) == {"old": None, "refused": None, "this": now}


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-27T20:59:59Z", ""),
        ("2026-11-27T21:00:00Z", "2026-11-28T07:00:00.000Z"),
        ("2026-11-28T02:00:00Z", "2026-11-28T07:00:00.000Z"),
        ("2026-11-28T07:00:00Z", ""),
        # The night in which clocks go forward is an hour shorter, and the one in which they go back longer.
        ("2026-03-28T21:30:00Z", "2026-03-29T06:00:00.000Z"),
        ("2026-10-24T20:30:00Z", "2026-10-25T07:00:00.000Z"),
    ],
)
def test_the_night_ends_by_the_clock_on_the_wall(at, until):
    found = Courtesy(NIGHT).quiet_until(from_iso(at), {})
    assert (to_iso(found) if found else "") == until


def test_hours_of_one_day():
    courtesy = Courtesy({"quiet_from": "12:00", "quiet_until": "13:30"})
    assert to_iso(courtesy.quiet_until(from_iso("2026-11-27T12:10:00Z"), {})) == "2026-11-27T13:30:00.000Z"
    assert not courtesy.quiet_until(from_iso("2026-11-27T13:30:00Z"), {})


def test_a_trait_says_which_zone_and_one_that_says_nothing_does_not():
    courtesy = Courtesy({**NIGHT, "quiet_zone_trait": "tz"})
    at = from_iso("2026-11-27T14:00:00Z")
    assert to_iso(courtesy.quiet_until(at, {"tz": "Asia/Tokyo"})) == "2026-11-27T23:00:00.000Z"
    assert not courtesy.quiet_until(at, {"tz": "Mars/Olympus"})
    assert not courtesy.quiet_until(at, {"tz": 9})


@given(
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
    st.integers(from_iso("2026-01-01"), from_iso("2027-01-01")),
)
def test_quiet_hours_end_within_a_day_and_are_over_then(start, end, zone, at):
    assert read_zone(zone) is not None
    if start == end:
        return
    clock = "{:02}:{:02}".format
    courtesy = Courtesy(
        {"quiet_from": clock(*divmod(start, 60)), "quiet_until": clock(*divmod(end, 60)), "quiet_zone": zone}
    )
    until = courtesy.quiet_until(at, {})
    assert until == 0 or at < until <= at + 26 * HOUR
    # Where clocks go back, an hour may be quiet a second time; then it ends within two more.
    steps = 0
    while until and (until := courtesy.quiet_until(until, {})) and steps < 200:
        steps += 1
    assert steps < 200


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"caps": ["often"]}, "caps"),
        ({"caps": ["1/1h"] * 6}, "caps"),
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_from": "25:00", "quiet_until": "08:00"}, "quiet_from"),
        ({"quiet_from": "08:00", "quiet_until": "08:00"}, "quiet_until"),
        ({"quiet_zone": "Mars/Olympus"}, "quiet_zone"),
    ],
)
def test_what_cannot_be_read_is_told(settings, field):
    assert [name for name, _ in courtesy_problems(settings)] == [field]


def test_nothing_is_no_problem():
    assert courtesy_problems({}) == []
    assert courtesy_problems({**NIGHT, "caps": ["1/24h"]}) == []
