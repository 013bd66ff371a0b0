"""How a value found on a profile or an event compares with the value of a condition.

In: a test, the condition's value, the value found (None = missing) and the clock. Out: true or false.
This is the reference: `explain` and property filters use it, and `compile` must agree with it.

The rules, for people:

- A test sees its own type only: text never equals a number, and true is not 1.
- `equals`, `not_equals`, `one_of` mind upper and lower case; `contains`, `starts_with`, `ends_with` do not.
- `contains` on a list asks for an equal element.
- `not_equals` and `not_within_last` are the exact opposites of `equals` and `within_last`: a missing
  value passes them. Every other test fails on a missing value.
- Times are ISO 8601 text, or numbers of seconds or milliseconds. A day as `YYYY-MM-DD` is a whole UTC
  day: `before` it ends before its start, `after` it begins with the next day, `between` includes both.
- `within_last` counts UTC days, today included, as windows of events do.
"""

from collections.abc import Callable
from functools import lru_cache

from onefold.clock import DAY, day_of, from_iso
from onefold.model.event import parse_time
from onefold.model.json import JsonValue
from onefold.model.segment import Test

TIMES_CACHED = 65_536
"""Parsed times kept: a profile's times are read at each of its events, and parsing costs ten look-ups."""


def holds(test: Test, expected: JsonValue, found: JsonValue, clock: int) -> bool:
    """Whether the found value passes. Wrong types are false, never an error."""
    if test is Test.NOT_EQUALS:
        return not equals(expected, found)
    if test is Test.NOT_WITHIN_LAST:
        return not is_within_last(expected, found, clock)
    if found is None:
        return False
    if test is Test.WITHIN_LAST:
        return is_within_last(expected, found, clock)
    return _TESTS[test](expected, found)


def equals(expected: JsonValue, found: JsonValue) -> bool:
    """The same value of the same type; whole and broken numbers are one type."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    return bool(expected == found)


def is_number(value: JsonValue) -> bool:
    """A JSON number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


TIME_MIN, TIME_MAX = from_iso("0001-01-01"), from_iso("9999-12-31")
"""Numbers beyond the calendar are no times; they would not fit the timers either."""


@lru_cache(TIMES_CACHED)
def _text_time(text: str) -> int | None:
    try:
        return from_iso(text)
    except (ValueError, OverflowError):
        return None


def time_of(value: JsonValue) -> int | None:
    """Microseconds UTC of a trait or property that holds a time; None when it does not."""
    if isinstance(value, str):
        return _text_time(value)
    if not is_number(value):
        return None
    try:
        at = parse_time(value)
    except (ValueError, OverflowError):
        return None
    return at if TIME_MIN <= at <= TIME_MAX else None


def is_day(text: str) -> bool:
    """Whether a valid time text means a whole day."""
    return len(text) == len("YYYY-MM-DD")


def span(text: str) -> tuple[int, int]:
    """The first and the last microsecond that a day or a moment stands for.

    Raises:
        ValueError: not a time.
    """
    start = from_iso(text)
    return (start, start + DAY - 1) if is_day(text) else (start, start)


def is_within_last(days: int, found: JsonValue, clock: int) -> bool:
    """The found time lies in the last so many UTC days, today included."""
    at = time_of(found)
    return at is not None and day_of(clock) - days < day_of(at) <= day_of(clock)


def is_between(low: JsonValue, high: JsonValue, found: JsonValue) -> bool:
    """Both ends included: numbers, or times."""
    if isinstance(low, str):
        at = time_of(found)
        return at is not None and span(low)[0] <= at <= span(high)[1]
    return is_number(found) and low <= found <= high


def contains(expected: JsonValue, found: JsonValue) -> bool:
    """Text in text whatever the case; an equal element of a list."""
    if isinstance(found, list):
        return any(equals(expected, element) for element in found)
    return isinstance(found, str) and isinstance(expected, str) and expected.casefold() in found.casefold()


def _is_before(expected: str, found: JsonValue) -> bool:
    at = time_of(found)
    return at is not None and at < span(expected)[0]


def _is_after(expected: str, found: JsonValue) -> bool:
    at = time_of(found)
    return at is not None and at > span(expected)[1]


_TESTS: dict[Test, Callable[[JsonValue, JsonValue], bool]] = {
    Test.EXISTS: lambda _, __: True,
    Test.EQUALS: equals,
    Test.ONE_OF: lambda expected, found: any(equals(one, found) for one in expected),
    Test.CONTAINS: contains,
    Test.STARTS_WITH: lambda expected, found: (
        isinstance(found, str) and found.casefold().startswith(expected.casefold())
    ),
    Test.ENDS_WITH: lambda expected, found: (
        isinstance(found, str) and found.casefold().endswith(expected.casefold())
    ),
    Test.AT_LEAST: lambda expected, found: is_number(found) and found >= expected,
    Test.AT_MOST: lambda expected, found: is_number(found) and found <= expected,
    Test.MORE_THAN: lambda expected, found: is_number(found) and found > expected,
    Test.LESS_THAN: lambda expected, found: is_number(found) and found < expected,
    Test.BETWEEN: lambda expected, found: is_between(expected[0], expected[1], found),
    Test.BEFORE: _is_before,
    Test.AFTER: _is_after,
}
