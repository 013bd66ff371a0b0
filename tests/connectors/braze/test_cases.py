"""Values and properties as data: what we hand in, what Braze gets, or what it takes instead."""

import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from onefold.connectors.braze.events import iso_time
from onefold.connectors.braze.properties import EVENT_RESERVED, write_properties
from onefold.connectors.braze.values import normalise
from onefold.model.mapping import ValueType
from onefold.plugin import Refusal

CASES = Path(__file__).with_name("cases")


def cases(name):
    return json.loads((CASES / f"{name}.json").read_text())


@pytest.mark.parametrize(("field", "value", "as_type", "expected"), cases("values"))
def test_a_value_is_what_braze_stores(field, value, as_type, expected):
    found = normalise(field, value, ValueType(as_type))
    if isinstance(expected, dict) and "refused" in expected:
        assert isinstance(found, Refusal)
        assert found.reason == f"Braze takes {expected['refused']} for this field."
        assert found.hint
    else:
        assert found == expected
        assert normalise(field, found, ValueType(as_type)) == found, "a second time changes nothing"


@pytest.mark.parametrize(("properties", "expected"), cases("properties"))
def test_properties_are_cleaned(properties, expected):
    written = write_properties(properties, EVENT_RESERVED, "m1")
    assert msgspec.json.decode(written) == {**expected, "onefold_id": "m1"}


def test_long_texts_are_cut_and_too_many_names_dropped():
    written = msgspec.json.decode(write_properties({"x" * 300: "y" * 300}, EVENT_RESERVED, "m1"))
    assert written == {"x" * 255: "y" * 255, "onefold_id": "m1"}
    many = {f"p{number}": number for number in range(300)}
    assert len(msgspec.json.decode(write_properties(many, EVENT_RESERVED, "m1"))) == 256


def test_too_large_properties_are_refused():
    large = {f"p{number}": ["y" * 255] * 10 for number in range(60)}
    assert isinstance(write_properties(large, EVENT_RESERVED, "m1"), Refusal)


def test_a_text_of_an_attribute_is_never_cut():
    assert isinstance(normalise("plan", "x" * 256, ValueType.AUTO), Refusal)
    assert isinstance(normalise("tags", list(range(501)), ValueType.LIST), Refusal)
    assert isinstance(normalise("tags", [f"{number:0250}" for number in range(450)], ValueType.LIST), Refusal)


@pytest.mark.parametrize("value", [10**400, -(10**400), [10**400], {"a": 10**400}, Decimal("1e400")])
def test_a_number_beyond_floats_is_refused(value):
    assert isinstance(normalise("plan", value, ValueType.AUTO), Refusal)


@pytest.mark.parametrize("as_type", [ValueType.NUMBER, ValueType.TEXT])
def test_400_digits_in_a_text_are_refused(as_type):
    assert isinstance(normalise("plan", "1" + "0" * 400, as_type), Refusal)
    assert isinstance(normalise("plan", 10**400, as_type), Refusal)


def test_a_number_beyond_floats_is_left_out_of_properties():
    properties = {"n": 10**400, "o": {"n": -(10**400), "k": 1}, "l": [10**400, 2]}
    written = msgspec.json.decode(write_properties(properties, EVENT_RESERVED, "m1"))
    assert written == {"o": {"k": 1}, "l": [2], "onefold_id": "m1"}


def test_a_long_key_of_an_object_is_refused():
    assert isinstance(normalise("address", {"k" * 256: 1}, ValueType.AUTO), Refusal)
    assert normalise("address", {"k" * 255: 1}, ValueType.AUTO) == {"k" * 255: 1}


def test_times_have_milliseconds():
    assert iso_time(1_795_469_400_123_456) == b"2026-11-23T21:30:00.123Z"
