"""What a newcomer does: serve, a source, one event; and the event arrives at the destination."""

from collections.abc import Callable
from typing import Any

from onefold.testing.sandbox import braze_sandbox

EXPORT = {
    "kind": "export",
    "name": "Keep buyers up to date",
    "enabled": True,
    "mappings": [
        {"source": {"kind": "trait", "trait": "email"}, "field": "email"},
        {"source": {"kind": "trait", "trait": "plan"}, "field": "plan"},
    ],
}
EVENTS = {"kind": "events", "name": "Send events", "enabled": True, "settings": {"start": "beginning"}}
BUYERS = {"kind": "event", "event": "Order Completed", "test": "at_least", "value": 1}


def test_an_event_becomes_a_profile_a_membership_and_a_delivery(
    server: Any, waiting: Callable[..., Any]
) -> None:
    write_key = server.write_key()
    segment = server.api("POST", "/segments", {"name": "Buyers", "condition": BUYERS})
    waiting(lambda: server.api("GET", "/segments/Buyers")["state"] == "live", "the segment is live")
    with braze_sandbox(delay_ms=0, jitter_ms=0) as braze:
        connect(server, braze, segment["id"])
        order = {"event": "Order Completed", "userId": "u-1", "messageId": "order-1"}
        order["properties"] = {"revenue": 12.5, "currency": "EUR", "order_id": "o-1"}
        assert server.send(write_key, "/v1/identify", {"userId": "u-1", "traits": {"plan": "pro"}}) == 200
        assert server.send(write_key, "/v1/track", order) == 200
        server.wait_folded()

        profile = server.api("GET", "/profiles/by/user_id/u-1")
        assert profile["traits"]["plan"] == "pro"
        assert profile["revenue"] == {"Order Completed": {"EUR": "12.5"}}
        assert [one["name"] for one in profile["segments"]] == ["Buyers"]
        members = server.api("GET", "/segments/Buyers/members")["items"]
        assert [member["profile_id"] for member in members] == [profile["id"]]

        user = waiting(lambda: exported(braze, "u-1"), "Braze has the person")
        assert user["custom_attributes"] == {"plan": "pro"}
        assert [one["name"] for one in user["purchases"]]
        trace_is_whole(server, waiting)


def trace_is_whole(server: Any, waiting: Callable[..., Any]) -> None:
    def delivered() -> Any:
        found = server.api("GET", "/trace/order-1")["events"][0]
        goals = found.get("activate") or []
        return found if any(goal["attempts"] for goal in goals) else None

    receipt = waiting(delivered, "the trace knows the delivery")
    assert receipt["capture"]["outcome"] == "passed"
    assert receipt["capture"]["received_at"] <= receipt["unify"]["committed_at"]
    assert [move["segment"] for move in receipt["segment"]["memberships"]] == ["Buyers"]


def connect(server: Any, braze: Any, segment_id: int) -> Any:
    """A connection to the local Braze with both goals."""
    return server.api(
        "POST",
        "/connections",
        {
            "name": "Braze",
            "connector": "braze",
            "settings": {"endpoint": braze.url},
            "secrets": {"api_key": braze.api_key},
            "goals": [{**EXPORT, "segment_id": segment_id}, EVENTS],
        },
    )


def exported(braze: Any, external_id: str) -> Any:
    """What Braze has of a person, once it has a purchase."""
    fields = ["external_id", "email", "custom_attributes", "purchases", "custom_events"]
    body = {"external_ids": [external_id], "fields_to_export": fields}
    users = braze.call("/users/export/ids", body).payload.get("users") or []
    return users[0] if users and users[0].get("purchases") and users[0].get("custom_attributes") else None
