"""Days and months of a budget begin at midnight of its time zone, also where clocks change."""

import pytest

from onefold.clock import HOUR, from_iso, to_iso
from onefold.model.budget import Budget, find_budget_problem, periods


@pytest.mark.parametrize(
    ("zone", "at", "day", "month"),
    [
        (
            "UTC",
            "2026-11-27T21:00:00Z",
            ("2026-11-27T00", "2026-11-28T00"),
            ("2026-11-01T00", "2026-12-01T00"),
        ),
        (
            "Asia/Kolkata",
            "2026-11-30T20:00:00Z",
            ("2026-11-30T18", "2026-12-01T18"),
            ("2026-11-30T18", "2026-12-31T18"),
        ),
        (
            "Europe/Paris",
            "2026-03-29T12:00:00Z",
            ("2026-03-28T23", "2026-03-29T22"),
            ("2026-02-28T23", "2026-03-31T22"),
        ),
    ],
)
def test_periods_hold_the_moment(zone: str, at: str, day: tuple[str, str], month: tuple[str, str]) -> None:
    found = periods(Budget(per_day=5, per_month=9, timezone=zone), from_iso(at))
    shown = [(one.name, to_iso(one.begin)[:13], to_iso(one.end)[:13], one.limit) for one in found]
    assert shown == [("day", *day, 5), ("month", *month, 9)]


def test_a_day_of_changing_clocks_has_its_own_length() -> None:
    (day,) = periods(Budget(per_day=5, timezone="Europe/Paris"), from_iso("2026-10-25T12:00:00Z"))
    assert day.end - day.begin == 25 * HOUR


def test_an_unknown_zone_is_told() -> None:
    assert "Europe/Paris" in find_budget_problem(Budget(timezone="Mars/Olympus"))
    assert not find_budget_problem(Budget(timezone="Asia/Kolkata"))
