"""Events under other names, orders as recommended events, and a person's devices, all the way to Braze."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

PRODUCT = {"product_id": "mug", "titel": "Mug", "price": 12.5, "quantity": 2}
ORDER = {"order_id": "o1", "products": [PRODUCT]}
CONNECT = ("connections", "create", "Braze", "--connector", "braze", "--secret", f"api_key={DEFAULT_KEY}")
ADD = ("connections", "goals", "add", "Braze", "events", "--on")


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


def test_events_go_as_the_goal_says_and_a_refused_one_can_be_mended(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    write_key = server.write_key()
    server.run(*CONNECT, "--set", f"endpoint={braze.url}")
    rows = ("--event", "Signed Up=signed_up", "--property", "Signed Up:plan=tier", "--property", "*:ip=")
    goal = server.cli(*ADD, *rows, "--set", "orders=ecommerce", "--set", "currency=EUR")
    assert [row["event"] for row in goal["event_mappings"]] == ["Signed Up", "*"]
    events = [
        {"event": "Signed Up", "messageId": "m1", "properties": {"plan": "gold"}},
        {"event": "Seen", "messageId": "m2", "properties": {"ip": "10.0.0.1", "color": "red"}},
        {
            "event": "Order Completed",
            "messageId": "m3",
            "properties": {"order_id": "o1", "products": [PRODUCT]},
        },
    ]
    for event in events:
        assert server.send(write_key, "/v1/track", {"userId": "ada", **event}) == 200
    waiting(lambda: goal_of(server)["counts"]["planned"] == 3, "all three were planned")
    waiting(lambda: goal_of(server)["counts"]["passed"] == 2, "two of them were sent")
    (letter,) = server.cli("dead-letters", "list")["items"]
    assert letter["code"] == "activate.braze.ecommerce"
    assert letter["field"] == "properties.products.0.product_name"

    update = ("connections", "goals", "update", "Braze", "events")
    server.run(*update, "--property", "Order Completed:products.titel=product_name")
    server.run("dead-letters", "replay", letter["id"])
    waiting(lambda: goal_of(server)["counts"]["passed"] == 3, "the mended one was sent")
    braze.flush()
    user = braze.user("ada")
    assert user is not None
    assert {event["name"] for event in user["custom_events"]} == {
        "signed_up",
        "Seen",
        "ecommerce.order_placed",
    }
    assert user["revenue"] == {"EUR": 25.0}
    assert user["event_log"][0]["properties"] == {"tier": "gold", "onefold_id": "m1"}


def test_two_devices_of_a_person_become_one_in_braze(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    write_key = server.write_key()
    merging = ("--set", "merges=merge", "--set", "merge_hold_minutes=0")
    server.run(*CONNECT, "--set", f"endpoint={braze.url}", *merging)
    server.run(*ADD, "--set", "anonymous=alias")
    for number, device in enumerate(("phone", "laptop")):
        event = {"anonymousId": device, "event": "Seen", "messageId": f"m{number}"}
        assert server.send(write_key, "/v1/track", event) == 200
    waiting(lambda: len(list(braze.users())) == 2, "each device is in Braze")
    for device in ("phone", "laptop"):
        known = {"userId": "ada", "anonymousId": device, "messageId": f"{device} is hers"}
        assert server.send(write_key, "/v1/identify", known) == 200
    waiting(
        lambda: [(user["external_id"], user["events"]) for user in braze.users()] == [("ada", 2)],
        "both devices are one person in Braze",
    )


def test_a_goal_of_events_is_looked_at_before_it_sends(server: Any, braze: BrazeSandbox) -> None:
    write_key = server.write_key()
    server.run(*CONNECT, "--set", f"endpoint={braze.url}")
    for number in range(5):
        event = {"userId": "ada", "event": "Seen", "messageId": f"m{number}", "properties": {"n": number}}
        assert server.send(write_key, "/v1/track", event) == 200
    assert server.send(write_key, "/v1/track", {"anonymousId": "device", "event": "Seen"}) == 200
    assert server.send(write_key, "/v1/track", {"userId": "ada", "event": "Other"}) == 200
    server.wait_folded()
    server.run(*ADD[:-1], "--set", 'events=["Seen"]', "--set", "start=beginning")
    found = server.cli("connections", "goals", "preview", "Braze", "events", "--for", "user_id:ada")
    assert [one["message_id"] for one in found["events"]] == ["m4", "m3", "m2", "m1", "m0"]
    (shown,) = found["events"][0]["objects"]
    assert (shown["body"]["external_id"], shown["body"]["properties"]["n"]) == ("ada", 4)
    for told, days in ((found["daily"], 1), (found["backfill"], 0)):
        assert (told["exact"], told["days"]) == (True, days)
        assert (told["events"], told["sent"], told["data_points"], told["requests"]) == (6, 5, 5, 1)
        (reason,) = told["left_out"]
        assert (reason["outcome"], reason["code"], reason["count"]) == ("filtered", "activate.anonymous", 1)
        assert reason["meaning"] == "The person has no user id, and the goal leaves such people out."
    text = server.run("connections", "goals", "preview", "Braze", "events").stdout
    assert "A day: 6 events, 5 sent, 5 data points" in text
    assert "The past: 6 events" in text
    assert "filtered activate.anonymous: 1  The person has no user id" in text
    assert not [one for one in braze.journal() if one["path"] == "/users/track"]


def goal_of(server: Any) -> dict[str, Any]:
    return dict(server.api("GET", "/connections/Braze/goals/events"))
