"""One engagement event of Braze becomes a track event, the same from a file and from a push."""

import json
import math
import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.connectors.braze.currents_event import ECHO, TEST_EVENT, shorten, translate
from onefold.connectors.braze.currents_names import NAMES, channel_of, name_of
from onefold.connectors.braze.currents_push import read_push
from onefold.model.event import decode_event
from onefold.plugin.feedback import BadItem
from onefold.sandbox.braze.currents_schema import EVENT_FIELDS

OPEN = "users.messages.email.Open"
FIELDS = {
    "id": "e-1",
    "user_id": "5f0c3b2a1d4e6f7a8b9c0d1e",
    "external_user_id": "u1",
    "time": 1_780_272_000,
    "timezone": "Europe/Berlin",
    "campaign_id": "c-1",
    "campaign_name": "Welcome",
    "message_variation_name": "Variant A",
    "device_id": "d-1",
    "email_address": "a@x.de",
    "canvas_id": None,
}


def of(event_type=OPEN, **changes):
    """The event as a file has it, decoded."""
    item = translate(event_type, {**FIELDS, **changes})
    assert isinstance(item, bytes), item
    return json.loads(item)


def test_an_event_says_who_what_when_and_by_which_campaign():
    assert of() == {
        "type": "track",
        "event": "Email Opened",
        "messageId": "e-1",
        "userId": "u1",
        "timestamp": "2026-06-01T00:00:00.000Z",
        "context": {
            "externalIds": [{"type": "braze_id", "id": "5f0c3b2a1d4e6f7a8b9c0d1e"}],
            "campaign": {
                "id": "c-1",
                "name": "Welcome",
                "content": "Variant A",
                "source": "braze",
                "medium": "email",
            },
            "device": {"id": "d-1"},
            "timezone": "Europe/Berlin",
        },
        "properties": {
            "event_type": OPEN,
            "campaign_id": "c-1",
            "campaign_name": "Welcome",
            "message_variation_name": "Variant A",
            "email_address": "a@x.de",
        },
    }
    assert decode_event(translate(OPEN, FIELDS)).event == "Email Opened"


def test_a_canvas_is_a_campaign_too():
    event = of(campaign_id=None, campaign_name=None, message_variation_name=None, canvas_name="Onboarding",
               canvas_id="v-1", canvas_step_name="Day 3")  # fmt: skip
    assert event["context"]["campaign"] == {
        "id": "v-1",
        "name": "Onboarding",
        "content": "Day 3",
        "source": "braze",
        "medium": "email",
    }


def test_people_without_an_external_id_are_known_by_their_braze_id_or_our_alias():
    event = of(external_user_id=None)
    assert "userId" not in event
    assert event["context"]["externalIds"][0]["type"] == "braze_id"
    alias = {"alias_label": "onefold_id", "alias_name": "device-1"}
    assert of(external_user_id=None, user_id=None, user_alias=alias)["anonymousId"] == "device-1"
    foreign = {"alias_label": "crm", "alias_name": "7"}
    assert "anonymousId" not in of(user_alias=foreign)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "messageId"),
        ({"id": ["x"]}, "messageId"),
        ({"external_user_id": None, "user_id": None}, "userId"),
        ({"time": None}, "timestamp"),
        ({"time": "yesterday"}, "timestamp"),
        ({"time": True}, "timestamp"),
        ({"time": -5}, "timestamp"),
        ({"time": 10**12}, "timestamp"),
        ({"external_user_id": "x" * 401}, "external_user_id"),
        ({"url": "x" * 1024**2}, ""),
    ],
)
def test_what_cannot_be_taken_keeps_our_event_to_be_mended(changes, field):
    item = translate(OPEN, {**FIELDS, **changes})
    assert isinstance(item, BadItem)
    assert (item.code, item.field) == ("acquire.braze.bad_event", field)
    assert item.draft.startswith('{"type":"track","event":"Email Opened"')


def test_opens_by_machines_and_clicks_by_bots_have_names_of_their_own():
    assert of(machine_open="true")["event"] == "Email Opened by Machine"
    assert of(machine_open=None)["event"] == "Email Opened"
    click = "users.messages.email.Click"
    assert of(click, is_suspected_bot_click=True)["event"] == "Email Clicked by Bot"
    assert of(click, is_suspected_bot_click=False)["event"] == "Email Clicked"


def test_test_events_of_the_dashboard_are_left_out():
    junk = "0b1f3a62-9f4e-4c3e-8a55-0d9d6b6b8f10"
    assert translate(OPEN, {**FIELDS, "timezone": junk}) is TEST_EVENT
    assert translate(OPEN, {**FIELDS, "user_id": junk, "external_user_id": None}) is TEST_EVENT
    # A shop may well know its people by UUIDs.
    assert of(external_user_id=junk)["userId"] == junk


def test_what_onefold_sent_to_braze_does_not_come_back():
    sent = json.dumps({"color": "red", "onefold_id": "m1"})
    assert translate("users.behaviors.CustomEvent", {**FIELDS, "name": "Viewed", "properties": sent}) is ECHO
    own = json.dumps({"color": "red"})
    event = of("users.behaviors.CustomEvent", name="Viewed", properties=own)
    assert (event["event"], event["properties"]["custom_properties"]) == (
        "Braze Custom Event",
        {"color": "red"},
    )


@pytest.mark.parametrize("text", ["no json", "[1]", "{" * 5000, '{"a":' * 60 + "1" + "}" * 60, '"x"'])
def test_properties_that_are_no_object_stay_text(text):
    event = of("users.behaviors.Purchase", product_id="p", properties=text)
    assert event["properties"]["properties"] == text


def test_a_file_and_a_push_give_the_same_event():
    pushed = {
        "event_type": "users.behaviors.Purchase",
        "id": "e-1",
        "time": FIELDS["time"],
        "user": {name: FIELDS[name] for name in ("user_id", "external_user_id", "device_id", "timezone")},
        "properties": {
            "product_id": "p",
            "price": 219.98,
            "currency": "EUR",
            "purchase_properties": {"size": 4},
        },
    }
    narrow = struct.unpack("<f", struct.pack("<f", 219.98))[0]
    assert narrow != 219.98
    own = {name: FIELDS[name] for name in ("id", "time", *pushed["user"])}
    record = {**own, "product_id": "p", "price": narrow, "currency": "EUR", "properties": '{"size":4}'}
    (from_push,) = read_push(json.dumps({"events": [pushed]}).encode())
    from_file = translate("users.behaviors.Purchase", record)
    assert json.loads(from_push) == json.loads(from_file)
    assert json.loads(from_file)["properties"]["price"] == 219.98


@given(st.integers(0, 9_999_999))
def test_a_price_of_32_bits_is_the_price_that_was_meant(cents):
    if cents < 10_000_00:
        price = cents / 100
        assert shorten(struct.unpack("<f", struct.pack("<f", price))[0]) == price


@given(st.floats())
def test_a_number_that_needs_more_bits_stays(number):
    short = shorten(number)
    if math.isnan(number):
        assert math.isnan(short)
    elif abs(number) <= 1e38:
        assert struct.pack("<f", short) == struct.pack("<f", number)
    else:
        assert short == number


def test_every_type_of_the_glossary_has_a_name_of_its_own():
    assert len(NAMES) == 94
    assert len(set(NAMES.values())) == len(NAMES)
    assert EVENT_FIELDS.keys() <= NAMES.keys()


def test_a_type_that_is_new_gets_a_readable_name():
    assert name_of("users.messages.email.Read") == "Email Read"
    assert name_of("users.messages.fax.Send") == "Fax Sent"
    assert name_of("users.messages.pushnotification.DeliveryFailureX") == "Push Delivery Failure X"
    assert name_of("users.behaviors.NFCTap") == "NFC Tap"
    assert name_of("users.behaviors.app.Crash") == "App Crash"
    assert name_of("") == ""
    assert name_of("...") == "..."
    assert channel_of("users.messages.fax.Send") == "fax"
    assert channel_of("users.canvas.Entry") == ""


@given(st.text())
def test_any_type_has_some_name(event_type):
    assert len(name_of(event_type)) <= 200
    assert bool(name_of(event_type)) == bool(event_type)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.text(max_size=40), st.dictionaries(st.sampled_from([*FIELDS, "price", "properties"]), json_values))
def test_whatever_braze_may_send_has_one_outcome(event_type, changes):
    item = translate(event_type, {**FIELDS, **changes})
    if isinstance(item, bytes):
        event = decode_event(item)
        assert event.type == "track"
        assert event.message_id


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b'{"events": []}', b'{"events": null, "x": 1}'[:0]])
def test_a_body_without_events_is_a_batch_of_none(body):
    assert read_push(body) == []


@pytest.mark.parametrize(
    "body", [b"[]", b"x", b"\xff", b'{"events": {}}', b'{"batch": []}', b"[" * 100_000, b'{"events": [']
)
def test_a_body_that_is_no_batch_is_refused_whole(body):
    assert isinstance(read_push(body), BadItem)


def test_a_bad_event_of_a_push_costs_the_others_nothing():
    good = {"event_type": OPEN, "id": "1", "time": 5, "user": {"external_user_id": "u"}}
    bad = [
        7,
        {"id": "2"},
        {"event_type": OPEN, "id": "3", "time": 5},
        {"event_type": OPEN, "user": [], "id": 1},
    ]
    items = read_push(
        msgspec.json.encode({"events": [good, *bad, {**good, "id": "4", "new_field": {"a": 1}}]})
    )
    assert [isinstance(item, bytes) for item in items] == [True, False, False, False, False, True]
