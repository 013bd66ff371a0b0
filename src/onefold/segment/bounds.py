"""How many people a condition finds at least and at most, while some of what it counts is not known yet.

In: a tree, and which of its event conditions cannot be answered. Out: a narrower tree, which holds only for
those who are in whatever the unknown says, and a wider one, which holds for all who may be. Both ask for
nothing but plain counts, which every profile keeps: an event that passes a `where` happened, too.
"""

from collections.abc import Callable

from onefold.model.segment import All, Any, Condition, EventCondition, Not, Test
from onefold.segment.explain import compare_total

Unknown = Callable[[EventCondition], bool]
_EVERYONE = All([])
_NO_ONE = Any([])


def narrowest(condition: Condition, is_unknown: Unknown) -> Condition:
    """Holds only for those for whom the condition holds, whatever the unknown parts say."""
    return _bound(condition, is_unknown, is_wide=False)


def widest(condition: Condition, is_unknown: Unknown) -> Condition:
    """Holds for all for whom the condition may hold."""
    return _bound(condition, is_unknown, is_wide=True)


def _bound(condition: Condition, is_unknown: Unknown, *, is_wide: bool) -> Condition:
    match condition:
        case All():
            return All([_bound(one, is_unknown, is_wide=is_wide) for one in condition.conditions])
        case Any():
            return Any([_bound(one, is_unknown, is_wide=is_wide) for one in condition.conditions])
        case Not():
            return Not(_bound(condition.condition, is_unknown, is_wide=not is_wide))
        case EventCondition() if is_unknown(condition):
            return _widest_total(condition) if is_wide else _narrowest_total(condition)
    return condition


def _widest_total(condition: EventCondition) -> Condition:
    """Whoever never did it has 0; of all others a count is at most how often they did it at all."""
    if compare_total(condition, 0):
        return _EVERYONE
    if condition.measure == "sum" or condition.test is Test.NOT_EQUALS:
        return _plain(condition, Test.AT_LEAST, 1)
    match condition.test:
        case Test.BETWEEN:
            return _plain(condition, Test.AT_LEAST, condition.value[0])
        case Test.EQUALS:
            return _plain(condition, Test.AT_LEAST, condition.value)
    return _plain(condition, condition.test, condition.value)


def _narrowest_total(condition: EventCondition) -> Condition:
    if not compare_total(condition, 0):
        return _NO_ONE
    if condition.measure == "count":
        match condition.test:
            case Test.AT_LEAST:
                return _EVERYONE
            case Test.AT_MOST | Test.LESS_THAN:
                return _plain(condition, condition.test, condition.value)
            case Test.BETWEEN:
                return _plain(condition, Test.AT_MOST, condition.value[1])
            case Test.NOT_EQUALS:
                return _plain(condition, Test.LESS_THAN, condition.value)
    return _plain(condition, Test.EQUALS, 0)


def _plain(condition: EventCondition, test: Test, value: int) -> EventCondition:
    """How often the event happened in the window, whatever its properties."""
    return EventCondition(condition.event, test, value, window=condition.window)
