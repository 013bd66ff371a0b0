from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from onefold.acquire.cell import read_boolean, read_number, read_text, read_time, to_cell
from onefold.clock import from_iso

UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("found", "cell"),
    [
        (2.55, Decimal("2.55")),
        (float("nan"), None),
        (float("inf"), None),
        (2**70, str(2**70)),
        (datetime(2026, 1, 2, 3, 4), "2026-01-02T03:04:00"),  # noqa: DTZ001 (a file's time without zone)
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (b"a\xff", "a\ufffd"),
        ({"a": (1.5, None)}, {"a": [Decimal("1.5"), None]}),
        (True, True),
    ],
)
def test_what_a_file_holds_becomes_json(found: Any, cell: Any) -> None:
    assert to_cell(found) == cell


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12.50", Decimal("12.50")),
        (" 7 ", 7),
        ("-3", -3),
        (5, 5),
        (Decimal("0.1"), Decimal("0.1")),
        ("1e3", 1000),
    ],
)
def test_numbers_are_exact(cell: Any, number: Any) -> None:
    assert read_number(cell) == number


@pytest.mark.parametrize("cell", ["", "1_000", "1,5", "NaN", "inf", "٣", "9" * 41, "1e999", True, [1]])
def test_what_is_no_number_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match="no number"):
        read_number(cell)


def test_ids_in_a_column_with_gaps_stay_whole() -> None:
    assert read_text(to_cell(17850.0)) == "17850"
    assert read_text(Decimal("1.50")) == "1.50"
    with pytest.raises(ValueError, match="single"):
        read_text([1])


def test_truths_have_several_forms() -> None:
    assert [read_boolean(cell) for cell in (True, "Yes", 1, "false", "0")] == [True, True, True, False, False]
    with pytest.raises(ValueError, match="neither"):
        read_boolean("maybe")


@pytest.mark.parametrize(
    ("cell", "pattern", "zone", "iso"),
    [
        ("2011-06-01T10:00:00", "auto", "Europe/London", "2011-06-01T09:00:00Z"),
        ("2011-06-01T10:00:00+02:00", "auto", "Europe/London", "2011-06-01T08:00:00Z"),
        ("01/06/2011 10:00", "%d/%m/%Y %H:%M", "UTC", "2011-06-01T10:00:00Z"),
        (1306922400, "auto", "UTC", "2011-06-01T10:00:00Z"),
        ("1306922400000", "auto", "UTC", "2011-06-01T10:00:00Z"),
        (Decimal("1306922400.5"), "auto", "UTC", "2011-06-01T10:00:00.5Z"),
        ("20110601", "auto", "UTC", "2011-06-01"),
    ],
)
def test_times(cell: Any, pattern: str, zone: str, iso: str) -> None:
    assert read_time(cell, pattern, ZoneInfo(zone)) == from_iso(iso)


@pytest.mark.parametrize(
    "cell", ["soon", "31/31/2011", True, 1e300, "1600-01-01", Decimal("1e30"), [1], "-99999"]
)
def test_what_is_no_time_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (each has its own words)
        read_time(to_cell(cell), "auto", UTC_ZONE)
