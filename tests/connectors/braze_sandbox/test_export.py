"""/users/export/ids."""

from __future__ import annotations

from typing import cast

import pytest

from onefold.testing.sandbox import BrazeSandbox

ALIAS = {"alias_name": "anon-1", "alias_label": "anonymous_id"}


def export(braze: BrazeSandbox, fields: list[str], **body: object) -> dict[str, object]:
    """Export and return the answer's body."""
    reply = braze.call("/users/export/ids", {**body, "fields_to_export": fields})
    assert reply.status == 201, reply.payload
    return reply.payload


def test_fields_asked_for_and_nothing_empty(braze: BrazeSandbox) -> None:
    braze.set_clock(at="2026-06-01T12:00:00Z")
    braze.track(
        attributes=[
            {"external_id": "u1", "email": "Ann@Example.com", "dob": "1980-12-21", "tags": [], "plan": "x"}
        ],
        purchases=[
            {
                "external_id": "u1",
                "product_id": "p",
                "currency": "USD",
                "price": 2.5,
                "quantity": 2,
                "time": "2026-05-01",
            }
        ],
    )
    braze.flush()
    payload = export(
        braze,
        [
            "external_id",
            "email",
            "first_name",
            "dob",
            "custom_attributes",
            "created_at",
            "total_revenue",
            "purchases",
        ],
        external_ids=["u1"],
    )
    assert payload == {
        "message": "success",
        "users": [
            {
                "external_id": "u1",
                "email": "ann@example.com",
                "dob": "1980-12-21T00:00:00.000Z",
                "custom_attributes": {"tags": [], "plan": "x"},
                "created_at": "2026-06-01 12:00:00.000 UTC",
                "total_revenue": 5.0,
                "purchases": [
                    {
                        "name": "p",
                        "first": "2026-05-01T00:00:00.000Z",
                        "last": "2026-05-01T00:00:00.000Z",
                        "count": 2,
                    }
                ],
            }
        ],
    }


def test_found_and_missing_by_every_identifier(braze: BrazeSandbox) -> None:
    braze.track(
        attributes=[
            {"external_id": "u1", "email": "a@b.de"},
            {"external_id": "u2", "email": "a@b.de"},
            {"user_alias": ALIAS, "_update_existing_only": False, "phone": "+442079460958"},
        ]
    )
    braze.flush()
    fields = ["external_id", "user_aliases"]
    payload = export(braze, fields, external_ids=["u1", "x"], user_aliases=[ALIAS])
    assert payload["users"] == [
        {"external_id": "u1", "user_aliases": []},
        {"user_aliases": [ALIAS]},
    ]
    assert payload["invalid_user_ids"] == ["x"]
    assert len(cast(list[object], export(braze, fields, email_address="A@B.de")["users"])) == 2
    assert "invalid_user_ids" not in export(braze, fields, phone="+442079460958")


def test_events_older_than_90_days_are_left_out(braze: BrazeSandbox) -> None:
    braze.set_clock(at="2026-06-01T00:00:00Z")
    event = {"external_id": "u1", "time": "2025-01-01"}
    braze.track(
        events=[
            {**event, "name": "old"},
            {**event, "name": "both"},
            {**event, "name": "both", "time": "2026-05-31"},
        ]
    )
    braze.flush()
    user = cast(list[dict[str, object]], export(braze, ["custom_events"], external_ids=["u1"])["users"])[0]
    assert user["custom_events"] == [
        {"name": "both", "first": "2025-01-01T00:00:00.000Z", "last": "2026-05-31T00:00:00.000Z", "count": 2}
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"external_ids": ["u1"]}, "'fields_to_export' is required"),
        ({"external_ids": ["u1"], "fields_to_export": ["shoe_size"]}, "'fields_to_export' is not valid"),
        ({"external_ids": ["u1"], "fields_to_export": []}, "'fields_to_export' is not valid"),
        (
            {"external_ids": ["x"] * 26, "user_aliases": [ALIAS] * 25, "fields_to_export": ["email"]},
            "The max number of external_ids and aliases per request was exceeded",
        ),
        ({"external_ids": [1], "fields_to_export": ["email"]}, "'external_ids' is not valid"),
        (
            {"fields_to_export": ["email"]},
            "'external_ids', 'user_aliases', 'device_id', 'braze_id', 'email_address' or 'phone' is required",
        ),
    ],
)
def test_fatal_answers(braze: BrazeSandbox, body: dict[str, object], message: str) -> None:
    reply = braze.call("/users/export/ids", body)
    assert (reply.status, reply.payload) == (400, {"message": message})


def test_old_customers_need_no_fields(braze: BrazeSandbox) -> None:
    braze.change_settings(legacy_fields_to_export=True)
    braze.track(attributes=[{"external_id": "u1"}])
    braze.flush()
    reply = braze.call("/users/export/ids", {"external_ids": ["u1"]})
    user = cast(list[dict[str, object]], reply.payload["users"])[0]
    assert user["appboy_id"] == user["braze_id"]
    assert (user["push_subscribe"], user["email_subscribe"]) == ("subscribed", "subscribed")


def test_exports_lag_behind_changes(braze: BrazeSandbox) -> None:
    braze.set_clock(at="2026-06-01T00:00:00Z")
    braze.change_settings(export_lag_ms=3_000)
    fields = ["custom_attributes"]
    braze.track(attributes=[{"external_id": "u1", "n": 1}])
    braze.flush()
    assert export(braze, fields, external_ids=["u1"])["invalid_user_ids"] == ["u1"]
    braze.set_clock(advance_s=3)
    assert export(braze, fields, external_ids=["u1"])["users"] == [{"custom_attributes": {"n": 1}}]
    braze.track(attributes=[{"external_id": "u1", "n": 2}])
    braze.flush()
    assert export(braze, fields, external_ids=["u1"])["users"] == [{"custom_attributes": {"n": 1}}]
    braze.set_clock(advance_s=3)
    assert export(braze, fields, external_ids=["u1"])["users"] == [{"custom_attributes": {"n": 2}}]
