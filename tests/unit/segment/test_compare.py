from typing import Any as Anything

import pytest

from onefold.clock import from_iso
from onefold.model.segment import Test
from onefold.segment.compare import holds

NOW = from_iso("2026-03-15T10:00:00")


@pytest.mark.parametrize(
    ("test", "expected", "found", "passes"),
    [
        (Test.EQUALS, 1, True, False),
        (Test.EQUALS, 1, 1.0, True),
        (Test.EQUALS, "5", 5, False),
        (Test.EQUALS, "Pro", "pro", False),
        (Test.EQUALS, False, False, True),
        (Test.NOT_EQUALS, "pro", None, True),
        (Test.NOT_EQUALS, "pro", "pro", False),
        (Test.ONE_OF, ["a", 1], 1, True),
        (Test.ONE_OF, ["a", 1], True, False),
        (Test.CONTAINS, "STRASSE", "Hauptstraße 1", True),
        (Test.CONTAINS, "hats", ["Hats", "shoes"], False),
        (Test.CONTAINS, "shoes", ["hats", "shoes"], True),
        (Test.STARTS_WITH, "an", "Anna", True),
        (Test.ENDS_WITH, ".COM", "x.com", True),
        (Test.AT_LEAST, 5, "6", False),
        (Test.AT_LEAST, 0, True, False),
        (Test.BETWEEN, [1, 2], 2, True),
        (Test.BETWEEN, ["2026-01-01", "2026-01-31"], "2026-01-31T23:59:59Z", True),
        (Test.BETWEEN, ["2026-01-01", "2026-01-31"], "2026-02-01", False),
        (Test.BEFORE, "2026-01-01", "2025-12-31T23:59:59Z", True),
        (Test.BEFORE, "2026-01-01", "2026-01-01", False),
        (Test.AFTER, "2026-01-01", "2026-01-01T12:00:00Z", False),
        (Test.AFTER, "2026-01-01", "2026-01-02", True),
        (Test.AFTER, "2026-01-01T10:00:00Z", "2026-01-01T12:00:00+01:00", True),
        (Test.AFTER, "2026-01-01", 1_790_000_000, True),
        (Test.AFTER, "2026-01-01", 1_790_000_000_000, True),
        (Test.AFTER, "2026-01-01", 1e300, False),
        (Test.BEFORE, "2026-01-01", "yesterday", False),
        (Test.WITHIN_LAST, 1, "2026-03-15", True),
        (Test.WITHIN_LAST, 1, "2026-03-14T23:00:00Z", False),
        (Test.WITHIN_LAST, 2, "2026-03-14", True),
        (Test.WITHIN_LAST, 2, "2026-03-16", False),
        (Test.NOT_WITHIN_LAST, 2, None, True),
        (Test.NOT_WITHIN_LAST, 2, "2026-03-14", False),
    ],
)
def test_how_values_compare(test: Test, expected: Anything, found: Anything, passes: bool) -> None:
    assert holds(test, expected, found, NOW) is passes


@pytest.mark.parametrize(
    "test", [test for test in Test if test not in (Test.NOT_EQUALS, Test.NOT_WITHIN_LAST)]
)
def test_a_missing_value_fails_every_test_but_the_opposites(test: Test) -> None:
    expected: Anything = {Test.ONE_OF: ["a"], Test.BETWEEN: [0, 1], Test.WITHIN_LAST: 3}.get(test, "a")
    assert not holds(test, expected, None, NOW)
