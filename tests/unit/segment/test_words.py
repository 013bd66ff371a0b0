import pytest

from onefold.model.consent import ConsentState
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
)
from onefold.segment.words import describe

PRO = TraitCondition("plan", Test.EQUALS, "pro")


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (PRO, 'plan is "pro"'),
        (All([]), "everyone"),
        (Any([]), "no one"),
        (
            All([PRO, Any([IdentifierCondition("email"), SegmentCondition(4)])]),
            'plan is "pro" and (has an email or in "VIP")',
        ),
        (SegmentCondition(5), "in segment 5, which does not exist"),
        (ConsentCondition("email"), 'consented to "email"'),
        (ConsentCondition("ads", ConsentState.REFUSED), 'refused "ads"'),
        (ConsentCondition("ads", ConsentState.UNSET), 'neither consented to nor refused "ads"'),
        (Not(PRO), 'not (plan is "pro")'),
        (EventCondition("Login", window=Last(1)), '"Login" happened in the last 1 day'),
        (EventCondition("Login", Test.EQUALS, 0), '"Login" never happened'),
        (
            EventCondition("Login", Test.EQUALS, 2, window=Last(48, "hours")),
            '"Login" happened exactly 2 times in the last 48 hours',
        ),
        (
            EventCondition(
                "Order Completed",
                Test.BETWEEN,
                [10, 20.5],
                "sum",
                "revenue",
                Dates("2011-09-10", "2011-12-09"),
                [Where("currency", Test.EQUALS, "EUR"), Where("gift", Test.EQUALS, True)],
            ),
            '"Order Completed" revenue in total between 10 and 20.5 from 2011-09-10 to 2011-12-09'
            ' where currency is "EUR" and gift is true',
        ),
        (TraitCondition("born", Test.WITHIN_LAST, 1), "born is within the last 1 day"),
        (TraitCondition("born", Test.BEFORE, "2020-01-01"), "born is before 2020-01-01"),
        (TraitCondition("x", Test.ONE_OF, ["a", 1, 2, 3, 4, 5, 6]), 'x is one of "a", 1, 2, 3, 4 and 2 more'),
        (TraitCondition("x", Test.EXISTS), "x is known"),
    ],
)
def test_a_condition_reads_as_a_sentence(condition: Condition, sentence: str) -> None:
    assert describe(condition, {4: "VIP"}) == sentence
