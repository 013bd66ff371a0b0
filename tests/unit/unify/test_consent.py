"""What events say about consent, in our shape and in Segment's."""

import json

import pytest

from onefold.model.consent import PURPOSES_MAX, Consent, ConsentState
from onefold.model.event import event_hash
from onefold.model.json import JsonObject
from onefold.pipeline.worker import make_reader
from onefold.testing.fold import START, events_record, make_event
from onefold.unify.read import Reading, Refusal
from onefold.unify.settings import UnifySettings


def read(name: str = "Consent Updated", kind: str = "track", **fields: object) -> Reading | Refusal:
    event = make_event("m1", kind, user_id="ada", **fields)
    if kind == "track":
        event["event"] = name
    (item,) = make_reader(UnifySettings()).read(events_record(event))
    return item


def statements(item: Reading | Refusal) -> dict[str, Consent] | None:
    assert isinstance(item, Reading)
    return item.consents


def categories(**preferences: object) -> JsonObject:
    return {"consent": {"categoryPreferences": preferences}}


def test_purposes_are_read_with_their_evidence() -> None:
    purposes = {"email": "consented", "ads": "refused", "sms": "unset"}
    properties = {"purposes": purposes, "method": "preference centre", "text": "Version 3 of the form"}
    found = statements(read(properties=properties))
    assert found is not None
    assert {purpose: consent.state for purpose, consent in found.items()} == purposes
    evidence = ("m1", "preference centre", "Version 3 of the form")
    assert found["email"] == Consent(ConsentState.CONSENTED, START, event_hash(1, "m1"), 1, *evidence)


def test_true_false_and_null_say_the_same() -> None:
    found = statements(read(properties={"purposes": {"a": True, "b": False, "c": None}}))
    assert found is not None
    assert [one.state for one in found.values()] == ["consented", "refused", "unset"]


@pytest.mark.parametrize(
    "name", ["Segment Consent Preference Updated", "Segment Consent Preference", "Consent Updated"]
)
def test_segments_shape_is_read_on_the_events_that_tell_of_a_change(name: str) -> None:
    found = statements(read(name, context=categories(Advertising=True, Analytics=False)))
    assert found is not None
    states = {purpose: one.state for purpose, one in found.items()}
    assert states == {"Advertising": "consented", "Analytics": "refused"}
    assert found["Advertising"].method == "consent wrapper"


def test_of_both_shapes_in_one_event_the_properties_win() -> None:
    found = statements(read(properties={"purposes": {"a": "refused"}}, context=categories(a=True)))
    assert found is not None
    assert found["a"].state == "refused"


def test_other_events_say_nothing_about_consent() -> None:
    assert statements(read("Order Completed", properties={"purposes": {"email": "consented"}})) is None
    assert statements(read("Order Completed", context=categories(a=True))) is None
    assert statements(read(kind="page", context=categories(a=True))) is None
    assert statements(read(properties={"plan": "pro"})) is None


@pytest.mark.parametrize(
    ("purposes", "words"),
    [
        ("email", "no object"),
        (["email"], "no object"),
        ({"email": "maybe"}, "none of"),
        ({"email": 1}, "none of"),
        ({"": "consented"}, "name of a purpose"),
        ({" email": "consented"}, "name of a purpose"),
        ({"x" * 101: "consented"}, "name of a purpose"),
        (dict.fromkeys(map(str, range(PURPOSES_MAX + 1)), "consented"), "more than"),
    ],
)
def test_a_statement_that_cannot_be_understood_is_refused_and_not_lost(purposes: object, words: str) -> None:
    item = read(properties={"purposes": purposes})
    assert isinstance(item, Refusal)
    assert (item.code, item.field) == ("unify.bad_consent", "properties.purposes")
    assert words in item.reason
    assert json.loads(item.payload)["properties"] == {"purposes": purposes}


def test_segments_shape_is_refused_by_its_own_place() -> None:
    item = read("Segment Consent Preference", context=categories(a="perhaps"))
    assert isinstance(item, Refusal)
    assert item.field == "context.consent.categoryPreferences"
