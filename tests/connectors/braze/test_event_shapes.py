"""Events in other shapes as data: the row of a goal, our properties, what Braze gets."""

import json
from pathlib import Path

import msgspec
import pytest

from onefold.connectors.braze.ecommerce import RECOMMENDED, EcommerceWriter
from onefold.connectors.braze.shape import Shape, shapes_of
from onefold.model.event_mapping import EventMapping
from onefold.plugin import Refusal
from onefold.sandbox.braze.ecommerce import SCHEMAS, find_failure

CASES = Path(__file__).with_name("cases")


def cases(name):
    found = json.loads((CASES / f"{name}.json").read_text())
    return [pytest.param(case, id=case["says"]) for case in found]


@pytest.mark.parametrize("case", cases("shapes"))
def test_properties_go_as_the_row_says(case):
    shape = Shape(msgspec.convert(case["row"], EventMapping))
    assert shape.apply(dict(case["properties"])) == case["expected"]


def test_the_row_of_all_others_is_for_events_without_one():
    rows = [EventMapping("*", properties={"ip": None}), EventMapping("Signed Up", "signed_up")]
    shapes, other = shapes_of(rows)
    assert shapes["Signed Up"].apply({"ip": 1}) == {"ip": 1}
    assert other.apply({"ip": 1, "a": 2}) == {"a": 2}


@pytest.mark.parametrize("case", cases("ecommerce"))
def test_a_recommended_event_is_what_braze_takes(case):
    writer = EcommerceWriter("EUR", "shop.example")
    written = writer.write(case["name"], case["properties"], "m1", action=case.get("action", ""))
    if "refused" in case:
        assert isinstance(written, Refusal)
        field, expected = case["refused"]
        assert (written.code, written.field) == ("activate.braze.ecommerce", field)
        assert written.reason == f"Braze needs {expected} there for {case['name']}."
        assert written.hint
    else:
        found = msgspec.json.decode(written)
        assert found == case["expected"]
        assert find_failure(case["name"], found) is None


def test_the_six_names_are_those_that_braze_recommends():
    assert SCHEMAS.keys() == RECOMMENDED


def test_a_recommended_event_over_100_kb_is_refused():
    properties = {"order_id": "o1", "total": 5, "notes": ["x" * 250] * 500}
    refused = EcommerceWriter("EUR", "s").write("ecommerce.order_refunded", properties, "m1")
    assert isinstance(refused, Refusal)
    assert refused.code == "activate.braze.properties_too_large"
