from typing import Any

import pytest

from onefold.cli.condition import parse_condition, parse_conditions
from onefold.errors import OnefoldError
from onefold.segment.check import parse_condition as check_tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("trait plan equals pro", {"kind": "trait", "trait": "plan", "test": "equals", "value": "pro"}),
        ("trait age at_least 18", {"kind": "trait", "trait": "age", "test": "at_least", "value": 18}),
        ("trait vip equals true", {"kind": "trait", "trait": "vip", "test": "equals", "value": True}),
        ("trait email exists", {"kind": "trait", "trait": "email", "test": "exists"}),
        (
            "trait city one_of Lyon,Graz",
            {"kind": "trait", "trait": "city", "test": "one_of", "value": ["Lyon", "Graz"]},
        ),
        ("identifier phone", {"kind": "identifier", "identifier": "phone"}),
        ("consent email", {"kind": "consent", "purpose": "email", "state": "consented"}),
        (
            'consent "third parties" refused',
            {"kind": "consent", "purpose": "third parties", "state": "refused"},
        ),
        (
            "not consent email unset",
            {"kind": "not", "condition": {"kind": "consent", "purpose": "email", "state": "unset"}},
        ),
        ("segment 4", {"kind": "segment", "segment_id": 4}),
        ("not segment 4", {"kind": "not", "condition": {"kind": "segment", "segment_id": 4}}),
        ('event "Order Completed"', {"kind": "event", "event": "Order Completed"}),
        (
            'event "Order Completed" at_least 3 last 30 days',
            {
                "kind": "event",
                "event": "Order Completed",
                "test": "at_least",
                "value": 3,
                "window": {"kind": "last", "amount": 30, "unit": "days"},
            },
        ),
        (
            "event Order sum revenue between 5,9.5 from 2026-01-01 to 2026-01-31",
            {
                "kind": "event",
                "event": "Order",
                "measure": "sum",
                "property": "revenue",
                "test": "between",
                "value": [5, 9.5],
                "window": {"kind": "dates", "start": "2026-01-01", "end": "2026-01-31"},
            },
        ),
        (
            "event Viewed last 24 hours where category equals shoes and price less_than 50",
            {
                "kind": "event",
                "event": "Viewed",
                "window": {"kind": "last", "amount": 24, "unit": "hours"},
                "where": [
                    {"property": "category", "test": "equals", "value": "shoes"},
                    {"property": "price", "test": "less_than", "value": 50},
                ],
            },
        ),
    ],
)
def test_the_short_form_is_a_tree_that_the_checks_accept(text: str, tree: dict[str, Any]) -> None:
    assert parse_condition(text) == tree
    assert check_tree(tree)[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "trait",
        "trait plan",
        "trait plan equals",
        "segment VIP",
        "event E last",
        "event E from 2026-01-01",
    ],
)
def test_what_is_missing_is_said(text: str) -> None:
    with pytest.raises(OnefoldError, match=r"missing|whole number"):
        parse_condition(text)


@pytest.mark.parametrize("text", ["plan equals pro", "segment 4 5", 'trait "plan equals pro', '{"kind": '])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(OnefoldError) as refused:
        parse_condition(text)
    assert refused.value.code == "cli.bad_condition"


def test_several_conditions_make_one_tree() -> None:
    one, two = {"kind": "segment", "segment_id": 1}, {"kind": "segment", "segment_id": 2}
    assert parse_conditions(["segment 1"], any_of=True) == one
    assert parse_conditions(["segment 1", "segment 2"], any_of=False) == {
        "kind": "all",
        "conditions": [one, two],
    }
    assert parse_conditions(["segment 1", '{"kind": "segment", "segment_id": 2}'], any_of=True) == {
        "kind": "any",
        "conditions": [one, two],
    }
