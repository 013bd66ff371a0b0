"""/users/track: how many objects, which are refused with which text, what is counted."""

from __future__ import annotations

from typing import cast

import pytest

from onefold.testing.sandbox import BrazeSandbox, Reply

NO_VALID = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."
REQUIRED = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
AT = "2026-01-02T03:04:05Z"
EVENT = {"external_id": "u1", "name": "Viewed", "time": AT}
PURCHASE = {"external_id": "u1", "product_id": "p", "currency": "USD", "price": 1.5, "time": AT}
GROUP = "11111111-2222-3333-4444-555555555555"


def errors_of(reply: Reply) -> list[dict[str, object]]:
    """Return the listed errors."""
    return cast(list[dict[str, object]], reply.payload.get("errors", []))


@pytest.mark.parametrize(
    ("mode", "sizes", "status"),
    [
        ("combined_75", (75, 0, 0), 201),
        ("combined_75", (25, 25, 25), 201),
        ("combined_75", (26, 25, 25), 400),
        ("combined_75", (76, 0, 0), 400),
        ("per_array_75", (75, 75, 75), 201),
        ("per_array_75", (0, 76, 0), 400),
    ],
)
def test_batch_limit(braze: BrazeSandbox, mode: str, sizes: tuple[int, int, int], status: int) -> None:
    braze.change_settings(batch_limit=mode)
    attributes, events, purchases = sizes
    reply = braze.track(
        attributes=[{"external_id": "u1", "a": 1}] * attributes,
        events=[EVENT] * events,
        purchases=[PURCHASE] * purchases,
    )
    assert reply.status == status
    if status == 400:
        assert reply.payload == {"message": "Max Input Length Exceeded"}
    else:
        assert [reply.payload[f"{name}_processed"] for name in ("attributes", "events", "purchases")] == list(
            sizes
        )


@pytest.mark.parametrize(
    "body", [{}, {"attributes": []}, {"events": None}, {"attributes": {}}, {"events": "x"}, {"other": [1]}]
)
def test_no_objects_is_400(braze: BrazeSandbox, body: dict[str, object]) -> None:
    reply = braze.call("/users/track", body)
    assert (reply.status, reply.payload["message"]) == (400, NO_VALID)


def test_all_invalid_is_400_with_errors(braze: BrazeSandbox) -> None:
    reply = braze.track(attributes=[{"a": 1}], events=[{"name": "x", "time": AT}])
    assert (reply.status, reply.payload["message"]) == (400, NO_VALID)
    assert errors_of(reply) == [
        {"type": REQUIRED, "input_array": "attributes", "index": 0},
        {"type": REQUIRED, "input_array": "events", "index": 0},
    ]


def test_errors_point_to_the_arrays_as_sent_and_the_rest_is_done(braze: BrazeSandbox) -> None:
    reply = braze.track(
        attributes=[{"external_id": "u1", "a": 1}, {"a": 2}],
        events=[{"external_id": "u1"}, EVENT, {"external_id": "u1", "name": "x"}],
        purchases=[{**PURCHASE, "quantity": 101}, PURCHASE],
    )
    assert reply.status == 201
    assert {k: v for k, v in reply.payload.items() if k != "errors"} == {
        "message": "success",
        "attributes_processed": 1,
        "events_processed": 1,
        "purchases_processed": 1,
    }
    assert [(e["input_array"], e["index"], e["type"]) for e in errors_of(reply)] == [
        ("attributes", 1, REQUIRED),
        ("events", 0, "'name' is required"),
        ("events", 2, "'time' is required"),
        ("purchases", 0, "'quantity' is not valid"),
    ]
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert (user["custom_attributes"], user["events"], user["purchases"]) == ({"a": 1}, 1, 1)


ATTRIBUTE_ERRORS: list[tuple[dict[str, object] | object, str]] = [
    ("text", REQUIRED),
    (None, REQUIRED),
    ({}, REQUIRED),
    ({"external_id": ""}, REQUIRED),
    ({"external_id": None}, REQUIRED),
    ({"external_id": 5}, "'external_id' is not valid"),
    ({"external_id": "x" * 988}, "'external_id' must be fewer than 988 bytes"),
    ({"external_id": "é" * 494}, "'external_id' must be fewer than 988 bytes"),
    ({"external_id": "blocked"}, "provided external_id is blacklisted and disallowed"),
    (
        {"external_id": "a", "user_alias": {"alias_name": "n", "alias_label": "l"}},
        "only one of 'external_id', 'braze_id' or 'user_alias' may be provided",
    ),
    (
        {"external_id": "a", "braze_id": "b"},
        "only one of 'external_id', 'braze_id' or 'user_alias' may be provided",
    ),
    ({"user_alias": {"alias_name": "", "alias_label": "l"}}, "'user_alias' is not valid"),
    ({"user_alias": {"alias_name": "n"}}, "'user_alias' is not valid"),
    ({"user_alias": {"alias_name": "n" * 237, "alias_label": "l"}}, "'user_alias' is not valid"),
    ({"email": "nobody"}, "The value provided for the 'email' field is not a valid email."),
    (
        {"external_id": "a", "email": "no@where"},
        "The value provided for the 'email' field is not a valid email.",
    ),
    ({"external_id": "a", "email": 7}, "The value provided for the 'email' field is not a valid email."),
    ({"external_id": "a", "email_subscribe": "yes"}, "BAD_EMAIL_SUBSCRIPTION_STATE"),
    ({"external_id": "a", "email_subscribe": []}, "BAD_EMAIL_SUBSCRIPTION_STATE"),
    ({"external_id": "a", "push_subscribe": 1}, "BAD_PUSH_SUBSCRIPTION_STATE"),
    ({"external_id": "a", "current_location": {"longitude": "1", "latitude": 2}}, "BAD_LOCATION_UPDATE"),
    ({"external_id": "a", "current_location": {"longitude": 1, "latitude": 91}}, "BAD_LOCATION_UPDATE"),
    ({"external_id": "a", "email_subscription_info": "x"}, "INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO"),
    ({"external_id": "a", "subscription_groups": {}}, "BAD_SUBSCRIPTION_GROUP_ARRAY"),
    ({"external_id": "a", "subscription_groups": ["x"]}, "BAD_SUBSCRIPTION_GROUP_HASH"),
    (
        {"external_id": "a", "subscription_groups": [{"subscription_group_id": "x"}]},
        "BAD_SUBSCRIPTION_GROUP_ID",
    ),
    (
        {
            "external_id": "a",
            "subscription_groups": [{"subscription_group_id": GROUP, "subscription_state": "opted_in"}],
        },
        "BAD_SUBSCRIPTION_GROUP_STATE",
    ),
    ({"external_id": "a", "push_tokens": "x"}, "BAD_PUSH_TOKEN_VALUE"),
    ({"external_id": "a", "push_tokens": [{"app_id": "app"}]}, "BAD_PUSH_TOKEN_STRING"),
    ({"external_id": "a", "push_tokens": [{"app_id": "no", "token": "t"}]}, "BAD_PUSH_TOKEN_APP_ID"),
    (
        {"external_id": "a", "push_tokens": [{"app_id": "app", "token": "t", "device_id": "short"}]},
        "BAD_DEVICE_ID",
    ),
    ({"push_token_import": True}, "BAD_PUSH_TOKEN_IMPORT"),
    (
        {
            "external_id": "a",
            "push_token_import": True,
            "push_tokens": [{"app_id": "app", "token": "t"}],
        },
        "BAD_PUSH_TOKEN_IMPORT",
    ),
    ({"external_id": "a", "plan": "x" * 256}, "'plan' must be fewer than 256 characters"),
    ({"external_id": "a", "o": {"k": "x" * 256}}, "'o' must be fewer than 256 characters"),
    ({"external_id": "a", "$plan": 1}, "'$plan' is not valid"),
    ({"external_id": "a", "p" * 256: 1}, f"'{'p' * 60}' must be fewer than 256 characters"),
]


@pytest.mark.parametrize(("item", "text"), ATTRIBUTE_ERRORS)
def test_refused_attributes_objects(braze: BrazeSandbox, item: object, text: str) -> None:
    braze.change_settings(blocked_external_ids=["blocked"], app_ids=["app"])
    reply = braze.track(attributes=[{"external_id": "ok", "a": 1}, item])
    assert reply.status == 201
    assert errors_of(reply) == [{"type": text, "input_array": "attributes", "index": 1}]
    braze.flush()
    assert [row["external_id"] for row in braze.users()] == ["ok"]


EVENT_ERRORS: list[tuple[dict[str, object], str]] = [
    ({"name": None}, "'name' is required"),
    ({"name": ""}, "'name' is required"),
    ({"name": 5}, "'name' is not valid"),
    ({"name": "n" * 256}, "'name' must be fewer than 256 characters"),
    ({"time": None}, "'time' is required"),
    ({"time": "yesterday"}, "'time' is not valid"),
    ({"time": 1767323045}, "'time' is not valid"),
    ({"time": "2026-13-01T00:00:00Z"}, "'time' is not valid"),
    ({"properties": []}, "Invalid 'properties' field"),
    ({"properties": {"time": AT}}, "Invalid 'properties' field"),
    ({"properties": {"event_name": "x"}}, "Invalid 'properties' field"),
    ({"properties": {"$x": 1}}, "Invalid 'properties' field"),
    ({"properties": {"": 1}}, "Invalid 'properties' field"),
    ({"properties": {"k" * 256: 1}}, "Invalid 'properties' field"),
    ({"properties": {"k": "v" * 256}}, "Invalid 'properties' field"),
    ({"properties": {"k": [1] * 60_000}}, "'properties' must be fewer than 102401 bytes"),
    ({"external_id": None, "user_alias": "x"}, "'user_alias' is not valid"),
]


@pytest.mark.parametrize(("change", "text"), EVENT_ERRORS)
def test_refused_events(braze: BrazeSandbox, change: dict[str, object], text: str) -> None:
    reply = braze.track(events=[EVENT, {**EVENT, **change}])
    assert errors_of(reply) == [{"type": text, "input_array": "events", "index": 1}]


PURCHASE_ERRORS: list[tuple[dict[str, object], str]] = [
    ({"product_id": None}, "'product_id' is required"),
    ({"product_id": 5}, "'product_id' is not valid"),
    ({"product_id": "p" * 256}, "'product_id' must be fewer than 256 characters"),
    ({"currency": None}, "'currency' must be an ISO 4217 currency"),
    ({"currency": "usd"}, "'currency' must be an ISO 4217 currency"),
    ({"currency": "XYZ"}, "'currency' must be an ISO 4217 currency"),
    ({"currency": ["USD"]}, "'currency' must be an ISO 4217 currency"),
    ({"price": None}, "'price' is required"),
    ({"price": "9.99"}, "'price' is not valid"),
    ({"price": True}, "'price' is not valid"),
    ({"quantity": 0}, "'quantity' is not valid"),
    ({"quantity": 101}, "'quantity' is not valid"),
    ({"quantity": -1}, "'quantity' is not valid"),
    ({"quantity": 1.0}, "'quantity' is not valid"),
    ({"quantity": "2"}, "'quantity' is not valid"),
    ({"time": None}, "'time' is required"),
    ({"properties": {"time": 1}}, "Invalid 'properties' field"),
    ({"properties": {"product_id": 1}}, "Invalid 'properties' field"),
    ({"properties": {"quantity": 1}}, "Invalid 'properties' field"),
    ({"properties": {"event_name": 1}}, "Invalid 'properties' field"),
    ({"properties": {"price": 1}}, "Invalid 'properties' field"),
    ({"properties": {"currency": 1}}, "Invalid 'properties' field"),
]


@pytest.mark.parametrize(("change", "text"), PURCHASE_ERRORS)
def test_refused_purchases(braze: BrazeSandbox, change: dict[str, object], text: str) -> None:
    reply = braze.track(purchases=[PURCHASE, {**PURCHASE, **change}])
    assert errors_of(reply) == [{"type": text, "input_array": "purchases", "index": 1}]


def test_long_strings_may_be_cut_instead(braze: BrazeSandbox) -> None:
    braze.change_settings(long_strings="truncate")
    assert braze.track(attributes=[{"external_id": "u1", "a": "x" * 300}]).status == 201
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert user["custom_attributes"] == {"a": "x" * 255}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
        ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z"),
        ("2026-01-02T03:04:05:678Z", "2026-01-02T03:04:05.678Z"),
        ("2026-01-02T03:04:05:678+0100", "2026-01-02T02:04:05.678Z"),
        ("2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z"),
        ("2026-01-02", "2026-01-02T00:00:00.000Z"),
        ("2999-01-01T00:00:00Z", "2026-06-01T00:00:00.000Z"),
    ],
)
def test_event_times(braze: BrazeSandbox, sent: str, stored: str) -> None:
    braze.set_clock(at="2026-06-01T00:00:00Z")
    assert braze.track(events=[{**EVENT, "time": sent}]).status == 201
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert cast(list[dict[str, object]], user["event_log"])[0]["time"] == stored


def test_equal_events_are_counted_each(braze: BrazeSandbox) -> None:
    braze.track(events=[EVENT, EVENT, {**EVENT, "time": "2025-01-01"}])
    braze.track(events=[EVENT])
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert user["custom_events"] == [
        {
            "name": "Viewed",
            "first": "2025-01-01T00:00:00.000Z",
            "last": "2026-01-02T03:04:05.000Z",
            "count": 4,
        }
    ]


def test_property_names_beyond_256_are_left_out(braze: BrazeSandbox) -> None:
    braze.track(events=[{**EVENT, "properties": {f"k{n}": n for n in range(200)}}])
    braze.track(events=[{**EVENT, "properties": {f"k{n}": n for n in range(150, 300)}}])
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    last = cast(list[dict[str, dict[str, object]]], user["event_log"])[-1]["properties"]
    assert sorted(last.values()) == list(range(150, 256))  # type: ignore[type-var]


def test_quantity_expands_and_revenue_adds_up_exactly(braze: BrazeSandbox) -> None:
    braze.track(
        purchases=[
            {**PURCHASE, "price": 0.1, "quantity": 3},
            {**PURCHASE, "price": -0.1, "product_id": "refund"},
            {**PURCHASE, "price": 12, "currency": "GBP"},
        ]
    )
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert user["revenue"] == {"USD": 0.2, "GBP": 12.0}
    assert [(p["name"], p["count"]) for p in cast(list[dict[str, object]], user["product_purchases"])] == [
        ("p", 4),
        ("refund", 1),
    ]
    assert braze.stats()["purchases"] == 5
