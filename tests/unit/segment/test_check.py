from typing import Any as Anything

import msgspec
import pytest

from onefold.model.segment import Condition, SegmentCondition, SegmentDefinition, TraitCondition
from onefold.segment.check import CONDITIONS_MAX, DEPTH_MAX, check_condition, parse_condition


def problems_of(document: Anything, others: dict[int, SegmentDefinition] | None = None) -> list[str]:
    condition, problems = parse_condition(document)
    if condition is not None:
        problems = check_condition(condition, others or {})
    assert all(one.message and one.remedy for one in problems)
    return [one.path for one in problems]


def trait(test: str, value: Anything = None) -> dict[str, Anything]:
    return {"kind": "trait", "trait": "t", "test": test, "value": value}


def event(**fields: Anything) -> dict[str, Anything]:
    return {"kind": "event", "event": "E", **fields}


def test_the_documented_example_passes() -> None:
    document = {
        "kind": "all",
        "conditions": [
            {"kind": "trait", "trait": "plan", "test": "equals", "value": "pro"},
            {
                "kind": "event",
                "event": "Order Completed",
                "measure": "count",
                "test": "at_least",
                "value": 3,
                "window": {"kind": "last", "amount": 30, "unit": "days"},
                "where": [{"property": "category", "test": "equals", "value": "shoes"}],
            },
            {"kind": "not", "condition": {"kind": "segment", "segment_id": 4}},
        ],
    }
    other = SegmentDefinition(4, 1, "VIP", TraitCondition("vip", "equals", True))  # type: ignore[arg-type]
    assert problems_of(document, {4: other}) == []
    assert msgspec.to_builtins(parse_condition(document)[0])["conditions"][2] == document["conditions"][2]


@pytest.mark.parametrize(
    "leaf",
    [
        trait("equals"),
        trait("equals", [1]),
        trait("exists", 1),
        trait("one_of", []),
        trait("one_of", "a"),
        trait("one_of", [None]),
        trait("starts_with", 1),
        trait("starts_with", ""),
        trait("at_least", "5"),
        trait("at_least", True),
        trait("at_least", 1e300),
        trait("between", [2, 1]),
        trait("between", [1]),
        trait("between", ["2026-01-02", "2026-01-01"]),
        trait("between", ["2026-01-02", 5]),
        trait("before", "soon"),
        trait("before", 5),
        trait("within_last", 0),
        trait("within_last", 3651),
        trait("within_last", True),
        event(value=-1),
        event(value=1.5),
        event(value="1"),
        event(test="between", value=[3, 1]),
        event(measure="sum", property="revenue", value=None),
    ],
)
def test_a_value_that_does_not_fit_its_test_is_refused(leaf: dict[str, Anything]) -> None:
    assert problems_of(leaf) == ["condition.value"]


@pytest.mark.parametrize(
    ("leaf", "path"),
    [
        (event(test="contains"), "test"),
        (event(event=""), "event"),
        (event(measure="sum"), "property"),
        (event(property="revenue"), "property"),
        (event(window={"kind": "last", "amount": 49, "unit": "hours"}), "window.amount"),
        (event(window={"kind": "last", "amount": 3651}), "window.amount"),
        (event(window={"kind": "last", "amount": 0}), "window.amount"),
        (event(window={"kind": "dates", "start": "2026-02-30", "end": "2026-03-01"}), "window.start"),
        (event(window={"kind": "dates", "start": "2026-03-02", "end": "2026-03-01T10:00"}), "window.end"),
        (event(window={"kind": "dates", "start": "2026-03-02", "end": "2026-03-01"}), "window.start"),
        (event(where=[{"property": "", "test": "exists"}]), "where[0].property"),
        (event(where=[{"property": "p", "test": "within_last", "value": 3}]), "where[0].test"),
        (event(where=[{"property": "p", "test": "exists"}] * 21), "where"),
        (event(colour="red"), ""),
        (event(test="resembles"), ".test"),
        ({"kind": "segment", "segment_id": 8}, "segment_id"),
        ({"kind": "consent", "purpose": ""}, "purpose"),
        ({"kind": "consent", "purpose": " x"}, "purpose"),
        ({"kind": "consent", "purpose": "x", "state": "maybe"}, ".state"),
        ({"kind": "feeling"}, "kind"),
        ("pro", ""),
        ([], ""),
        ({"kind": "all", "conditions": [], "extra": 1}, "extra"),
    ],
)
def test_a_problem_says_where_it_stands(leaf: Anything, path: str) -> None:
    assert problems_of(leaf) == ["condition" + ("." + path.lstrip(".") if path else "")]


def test_all_problems_come_at_once() -> None:
    form = {"kind": "any", "conditions": [{"kind": "x"}, trait("equals", "a"), trait("is_nice"), "no"]}
    assert problems_of(form) == [
        "condition.conditions[0].kind",
        "condition.conditions[2].test",
        "condition.conditions[3]",
    ]
    values = {
        "kind": "any",
        "conditions": [trait("equals"), {"kind": "not", "condition": trait("at_most", "x")}],
    }
    assert problems_of(values) == ["condition.conditions[0].value", "condition.conditions[1].condition.value"]


def test_depth_and_size_have_limits() -> None:
    def nest(levels: int) -> dict[str, Anything]:
        return trait("equals", 1) if levels == 1 else {"kind": "not", "condition": nest(levels - 1)}

    assert problems_of(nest(DEPTH_MAX)) == []
    assert len(problems_of(nest(DEPTH_MAX + 1))) == 1
    wide = [trait("equals", 1)] * CONDITIONS_MAX
    assert problems_of({"kind": "all", "conditions": wide[1:]}) == []
    assert problems_of({"kind": "all", "conditions": wide}) == ["condition"]


def test_a_tree_deeper_than_the_interpreter_is_refused_not_crashed_on() -> None:
    document: Anything = trait("equals", 1)
    for _ in range(5000):
        document = {"kind": "not", "condition": document}
    assert len(problems_of(document)) == 1


def test_a_circle_is_refused_with_its_names() -> None:
    def asks(segment_id: int, name: str, asked: int) -> SegmentDefinition:
        return SegmentDefinition(segment_id, 1, name, SegmentCondition(asked))

    others = {1: asks(1, "A", 9), 2: asks(2, "B", 3), 3: asks(3, "C", 1)}
    condition: Condition = SegmentCondition(2)
    problem = check_condition(condition, others, segment_id=1)[0]
    assert problem.message == 'A circle: "B" asks about "C" asks about this segment.'
    assert (
        check_condition(SegmentCondition(1), others, segment_id=1)[0].message
        == "The segment asks about itself."
    )
    assert check_condition(condition, others, segment_id=7) == []


def test_a_long_value_is_shortened_in_the_problem() -> None:
    assert len(str(check_condition(parse_condition(trait("before", "x" * 9999))[0], {})[0].value)) < 600  # type: ignore[arg-type]
