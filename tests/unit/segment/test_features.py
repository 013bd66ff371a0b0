from decimal import Decimal
from typing import Any as Anything

import pytest

from onefold.model.segment import All, EventCondition, Last, SegmentDefinition, Test, Where
from onefold.segment.features import Feature, features_of, key_of, parse_amount


def feature(measure: str = "count", path: str = "", *where: Where) -> Feature:
    return Feature("f:1.1.x", "E", measure, path, where)


def define(*conditions: EventCondition, segment_id: int = 1, version: int = 1) -> SegmentDefinition:
    return SegmentDefinition(segment_id, version, "S", All(list(conditions)))


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (5, 5),
        (0.1, Decimal("0.1")),
        (0.30000000000000004, Decimal("0.300000")),
        ("19.90", Decimal("19.90")),
        ("-3", -3),
        (True, None),
        (None, None),
        ("12 €", None),
        ("1_000", None),
        ("NaN", None),
        ("Infinity", None),
        (10**15, None),
        (1e300, None),
        ("9" * 400, None),
        ([1], None),
    ],
)
def test_amounts_are_exact_and_bounded(value: Anything, amount: int | Decimal | None) -> None:
    found = parse_amount(value)
    assert found == amount
    assert str(found) == str(amount)


def test_a_count_is_one_for_each_event_that_matches() -> None:
    shoes = feature("count", "", Where("category", Test.EQUALS, "shoes"))
    assert shoes.amount({"category": "shoes"}) == 1
    assert shoes.amount({"category": "Shoes"}) is None
    assert shoes.amount({}) is None


def test_a_list_on_the_way_stands_for_all_its_elements() -> None:
    order = {"products": [{"category": "shoes", "quantity": 2}, {"category": "hats", "quantity": 3}]}
    assert feature("count", "", Where("products.category", Test.EQUALS, "hats")).amount(order) == 1
    assert feature("count", "", Where("products.category", Test.NOT_EQUALS, "hats")).amount(order) is None
    assert feature("sum", "products.quantity").amount(order) == 5


def test_a_key_that_holds_the_dots_wins() -> None:
    assert feature("sum", "a.b").amount({"a.b": 1, "a": {"b": 2}}) == 1


def test_a_missing_property_passes_only_the_opposite() -> None:
    assert feature("count", "", Where("x", Test.NOT_EQUALS, 1)).amount({}) == 1
    assert feature("count", "", Where("x", Test.EXISTS)).amount({"x": None}) is None


def test_a_sum_adds_amounts_only() -> None:
    assert feature("sum", "price").amount({"price": "12.50"}) == Decimal("12.50")
    assert feature("sum", "price").amount({"price": "a lot"}) is None
    assert feature("sum", "revenue").amount({"total": 7}) == 7


def test_plain_counts_and_revenue_in_a_currency_are_kept_anyway() -> None:
    count = EventCondition("E")
    revenue = EventCondition(
        "E", Test.AT_LEAST, 5, "sum", "revenue", where=[Where("currency", Test.EQUALS, "EUR")]
    )
    definition = define(count, revenue)
    assert [key_of(definition, count), key_of(definition, revenue)] == ["c:E", "s:E:revenue:EUR"]
    assert features_of(definition) == ()


def test_a_feature_belongs_to_one_version_of_one_segment() -> None:
    condition = EventCondition("E", where=[Where("x", Test.EXISTS)])
    keys = {
        features_of(define(condition, segment_id=segment_id, version=version))[0].key
        for segment_id, version in [(1, 1), (1, 2), (2, 1)]
    }
    assert len(keys) == 3


def test_conditions_that_differ_in_their_window_share_a_feature() -> None:
    where = [Where("x", Test.EXISTS)]
    definition = define(
        EventCondition("E", where=where),
        EventCondition("E", Test.AT_MOST, 7, window=Last(5, "hours"), where=where),
        EventCondition("E", where=[Where("y", Test.EXISTS)]),
    )
    shared, other = features_of(definition)
    assert shared.hours
    assert not other.hours
