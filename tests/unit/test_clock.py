from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from onefold.clock import DAY, date_of, day_number, day_of, from_datetime, from_iso


@pytest.mark.parametrize("day", [date(1969, 12, 31), date(1970, 1, 1), date(2026, 2, 28)])
def test_a_date_has_the_number_of_its_day(day: date) -> None:
    at = from_iso(day.isoformat())
    assert day_number(day) == day_of(at) == day_of(at + DAY - 1)
    assert date_of(day_number(day)) == day


def test_a_time_keeps_its_last_microsecond() -> None:
    moment = datetime(9999, 12, 31, 1, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert from_datetime(moment) == from_iso("9999-12-30T23:59:59.999999Z")
    assert from_datetime(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
