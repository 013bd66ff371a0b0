"""A condition as a sentence that a person can check.

In: a tree and the names of other segments. Out: English, e.g. `plan is "pro" and "Order Completed" at
least 3 times in the last 30 days where category is "shoes"`.
"""

from collections.abc import Mapping

from onefold.model.consent import ConsentState
from onefold.model.json import JsonValue
from onefold.model.segment import (
    All,
    Any,
    Condition,
    ConsentCondition,
    Dates,
    EventCondition,
    IdentifierCondition,
    Last,
    Not,
    SegmentCondition,
    Test,
    TraitCondition,
    Where,
    Window,
)

VALUES_SHOWN_MAX = 5
"""Values of a `one_of` that are read out; the others are counted."""

_CONSENTS = {
    ConsentState.CONSENTED: "consented to",
    ConsentState.REFUSED: "refused",
    ConsentState.UNSET: "neither consented to nor refused",
}
_TESTS = {
    Test.EXISTS: "is known",
    Test.EQUALS: "is",
    Test.NOT_EQUALS: "is not",
    Test.ONE_OF: "is one of",
    Test.CONTAINS: "contains",
    Test.STARTS_WITH: "starts with",
    Test.ENDS_WITH: "ends with",
    Test.AT_LEAST: "is at least",
    Test.AT_MOST: "is at most",
    Test.MORE_THAN: "is more than",
    Test.LESS_THAN: "is less than",
    Test.BETWEEN: "is between",
    Test.BEFORE: "is before",
    Test.AFTER: "is after",
    Test.WITHIN_LAST: "is within the last",
    Test.NOT_WITHIN_LAST: "is not within the last",
}


def describe(condition: Condition, names: Mapping[int, str]) -> str:
    """The sentence of a tree; `names` are those of the other segments."""
    return _describe(condition, names, is_inner=False)


def describe_counted(condition: EventCondition) -> str:
    """What an event condition counts, whatever the test: `"Seen" where category is "shoes"`."""
    what = f"{condition.property} of " if condition.measure == "sum" else ""
    return f"{what}{_value(condition.event)}{_filter(condition)}"


def _describe(condition: Condition, names: Mapping[int, str], *, is_inner: bool) -> str:
    match condition:
        case All(conditions=parts) | Any(conditions=parts):
            return _together(
                condition, [_describe(one, names, is_inner=len(parts) > 1) for one in parts], is_inner
            )
        case Not(condition=part):
            return f"not ({_describe(part, names, is_inner=False)})"
        case TraitCondition():
            return f"{condition.trait} {_test(condition.test, condition.value)}"
        case IdentifierCondition():
            return f"has {_with_article(condition.identifier)}"
        case ConsentCondition():
            return f"{_CONSENTS[condition.state]} {_value(condition.purpose)}"
        case SegmentCondition():
            name = names.get(condition.segment_id)
            return (
                f"in {_value(name)}" if name else f"in segment {condition.segment_id}, which does not exist"
            )
        case EventCondition():
            return _event(condition)


def _together(condition: All | Any, parts: list[str], is_inner: bool) -> str:
    if not parts:
        return "everyone" if isinstance(condition, All) else "no one"
    sentence = (" and " if isinstance(condition, All) else " or ").join(parts)
    return f"({sentence})" if is_inner and len(parts) > 1 else sentence


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


def _event(condition: EventCondition) -> str:
    return f"{_value(condition.event)} {_total(condition)}{_window(condition.window)}{_filter(condition)}"


def _filter(condition: EventCondition) -> str:
    return " where " + " and ".join(map(_where, condition.where)) if condition.where else ""


def _total(condition: EventCondition) -> str:
    if condition.measure == "sum":
        return f"{condition.property} in total {_test(condition.test, condition.value).removeprefix('is ')}"
    if condition.test is Test.AT_LEAST and condition.value == 1:
        return "happened"
    if condition.test in (Test.EQUALS, Test.AT_MOST) and condition.value == 0:
        return "never happened"
    test = _test(condition.test, condition.value).removeprefix("is ")
    exactly = "exactly " if condition.test is Test.EQUALS else ""
    return f"happened {exactly}{test} time{'' if condition.value == 1 else 's'}"


def _window(window: Window) -> str:
    if isinstance(window, Last):
        unit = window.unit.removesuffix("s") if window.amount == 1 else window.unit
        return f" in the last {window.amount} {unit}"
    if isinstance(window, Dates):
        return f" from {window.start} to {window.end}"
    return ""


def _where(where: Where) -> str:
    return f"{where.property} {_test(where.test, where.value)}"


def _test(test: Test, value: JsonValue) -> str:
    words = _TESTS[test]
    if test is Test.EXISTS:
        return words
    if test is Test.BETWEEN:
        return f"{words} {_plain(value[0])} and {_plain(value[1])}"
    if test in (Test.WITHIN_LAST, Test.NOT_WITHIN_LAST):
        return f"{words} {value} day{'' if value == 1 else 's'}"
    if test in (Test.BEFORE, Test.AFTER):
        return f"{words} {value}"
    if test is Test.ONE_OF:
        shown = ", ".join(_value(one) for one in value[:VALUES_SHOWN_MAX])
        more = len(value) - VALUES_SHOWN_MAX
        return f"{words} {shown}" + (f" and {more} more" if more > 0 else "")
    return f"{words} {_value(value)}"


def _value(value: JsonValue) -> str:
    return f'"{value}"' if isinstance(value, str) else _plain(value)


def _plain(value: JsonValue) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
