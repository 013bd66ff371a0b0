"""The way out, over sockets: what people do arrives in the local Braze, whatever happens to either side."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from onefold.backends.embedded.database import open_reader
from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

Waiting = Callable[..., Any]
EXPORT = {
    "kind": "export",
    "name": "Profiles",
    "enabled": True,
    "mappings": [
        {"source": {"kind": "trait", "trait": "email"}, "field": "email"},
        {"source": {"kind": "trait", "trait": "plan"}, "field": "plan"},
        {"source": {"kind": "counter", "event": "Order Completed"}, "field": "orders", "type": "number"},
    ],
}
EVENTS = {"kind": "events", "name": "Events", "enabled": True, "settings": {"start": "beginning"}}
ORDER = {
    "order_id": "o-1",
    "currency": "EUR",
    "revenue": 35.5,
    "products": [
        {"product_id": "mug", "price": 12.5, "quantity": 2},
        {"product_id": "tea", "price": 10.5, "quantity": 1},
    ],
}
MID_FLIGHT_PEOPLE = 60


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


def connect(server: Any, braze: BrazeSandbox, name: str = "Braze", **changes: Any) -> dict[str, Any]:
    """A connection with both goals."""
    body = {
        "name": name,
        "connector": "braze",
        "settings": {"endpoint": braze.url},
        "secrets": {"api_key": DEFAULT_KEY},
        "goals": [EXPORT, EVENTS],
        **changes,
    }
    return dict(server.api("POST", "/connections", body))


def sign_up(server: Any, write_key: str, user_id: str, **traits: Any) -> None:
    assert server.send(write_key, "/v1/identify", {"userId": user_id, "traits": traits}) == 200


def track(server: Any, write_key: str, user_id: str, name: str, message_id: str = "", **more: Any) -> None:
    event = {"userId": user_id, "event": name, "properties": more}
    if message_id:
        event["messageId"] = message_id
    assert server.send(write_key, "/v1/track", event) == 200


def plan_of(braze: BrazeSandbox, user_id: str) -> Any:
    """The plan that Braze holds."""
    user: Any = braze.user(user_id) or {}
    return (user.get("custom_attributes") or {}).get("plan")


def events_of(braze: BrazeSandbox, user_id: str) -> Counter[str]:
    """Names of the events that Braze holds, by how often."""
    user: Any = braze.user(user_id) or {}
    return Counter(event["name"] for event in user.get("event_log", []))


def test_events_become_attributes_events_and_purchases(
    server: Any, braze: BrazeSandbox, waiting: Waiting
) -> None:
    write_key = server.write_key()
    connection = connect(server, braze)
    sign_up(server, write_key, "ada", email="Ada@Example.org", plan="pro")
    track(server, write_key, "ada", "Page Liked", page="/tea")
    track(server, write_key, "ada", "Order Completed", **ORDER)
    waiting(lambda: len((braze.user("ada") or {}).get("purchase_log", [])) == 2, "both products are bought")
    waiting(lambda: (braze.user("ada") or {})["custom_attributes"].get("orders") == 1, "orders is 1")

    user: Any = braze.user("ada")
    assert user["email"] == "ada@example.org"
    assert user["custom_attributes"] == {"plan": "pro", "orders": 1}
    assert events_of(braze, "ada") == {"Page Liked": 1}
    bought = {(one["product_id"], one["price"], one["quantity"]) for one in user["purchase_log"]}
    assert bought == {("mug", 12.5, 2), ("tea", 10.5, 1)}

    def settled() -> Any:
        shown = server.api("GET", f"/connections/{connection['id']}")
        passed = [goal["counts"]["passed"] for goal in shown["goals"]]
        return shown if passed[1] == 3 and passed[0] >= 1 else None

    shown = waiting(settled, "both goals have counted")
    assert shown["status"]["state"] == "ok"
    for goal in shown["goals"]:
        counts = goal["counts"]
        assert goal["progress"]["state"] == "live"
        assert counts["planned"] == counts["passed"] + counts["filtered"] + counts["deferred"]


def test_whoever_was_there_before_the_connection_is_sent(
    server: Any, braze: BrazeSandbox, waiting: Waiting
) -> None:
    write_key = server.write_key()
    for number in range(20):
        sign_up(server, write_key, f"u{number}", plan=f"plan {number}")
        track(server, write_key, f"u{number}", "Came")
    server.wait_folded()
    connect(server, braze)
    waiting(lambda: all(plan_of(braze, f"u{n}") == f"plan {n}" for n in range(20)), "all plans arrived")
    waiting(lambda: all(events_of(braze, f"u{n}")["Came"] == 1 for n in range(20)), "all events arrived")


def test_a_wrong_key_pauses_and_the_right_one_resumes(
    server: Any, braze: BrazeSandbox, waiting: Waiting
) -> None:
    write_key = server.write_key()
    connection = connect(server, braze, secrets={"api_key": "of another instance"})
    path = f"/connections/{connection['id']}"
    sign_up(server, write_key, "ada", plan="pro")
    paused = waiting(lambda: in_state(server, path, "paused"), "the connection is paused")
    assert paused["status"]["code"] == "activate.braze.credentials"
    assert "same instance" in paused["status"]["hint"]
    assert paused["waiting"] >= 1
    assert "of another instance" not in str(paused)
    asked = server.api("GET", "/flow")["attention"]
    assert any("Braze is paused" in one["message"] for one in asked)
    trial = server.api("POST", f"{path}/test", {"secrets": {"api_key": DEFAULT_KEY}})
    assert trial["passed"] is True

    server.api("PATCH", path, {"secrets": {"api_key": DEFAULT_KEY}})
    waiting(lambda: plan_of(braze, "ada") == "pro", "the plan arrived")
    waiting(lambda: in_state(server, path, "ok"), "the connection is well")
    assert server.api("GET", "/dead-letters")["items"] == []


def in_state(server: Any, path: str, state: str) -> Any:
    shown = server.api("GET", path)
    return shown if shown["status"]["state"] == state else None


def test_a_dead_destination_does_not_hold_up_another(
    server: Any, braze: BrazeSandbox, waiting: Waiting
) -> None:
    write_key = server.write_key()
    with braze_sandbox(delay_ms=0, jitter_ms=0) as other:
        connect(server, braze, "Healthy")
        dead = connect(server, other, "Dead", goals=[{**EXPORT, "name": "P"}, {**EVENTS, "name": "E"}])
        sign_up(server, write_key, "u", plan="before")
        waiting(lambda: plan_of(other, "u") == "before", "both are connected")
        port = int(other.url.rpartition(":")[2])
        other.stop()
        for number in range(10):
            sign_up(server, write_key, f"u{number}", plan="pro")
        waiting(lambda: all(plan_of(braze, f"u{n}") == "pro" for n in range(10)), "the healthy one goes on")
        path = f"/connections/{dead['id']}"
        failing = waiting(lambda: in_state(server, path, "failing"), "the dead one is shown as failing")
        assert failing["waiting"] >= 1
        with braze_sandbox(port=port, delay_ms=0, jitter_ms=0) as back:
            waiting(lambda: all(plan_of(back, f"u{n}") == "pro" for n in range(10)), "it catches up")


def test_off_sends_nothing_and_on_catches_up(server: Any, braze: BrazeSandbox, waiting: Waiting) -> None:
    write_key = server.write_key()
    path = f"/connections/{connect(server, braze)['id']}"
    sign_up(server, write_key, "ada", plan="first")
    waiting(lambda: plan_of(braze, "ada") == "first", "the first plan arrived")

    server.api("POST", f"{path}/disable")
    waiting(lambda: delivery_state(server) == "off", "deliver has let the connection go")
    sign_up(server, write_key, "ada", plan="second")
    track(server, write_key, "ada", "Meanwhile")
    server.wait_folded()
    requests = braze.stats()["requests"]
    server.api("POST", f"{path}/goals/Events/disable")
    server.api("POST", f"{path}/enable")
    waiting(lambda: plan_of(braze, "ada") == "second", "the second plan arrived")
    assert int(str(requests)) < int(str(braze.stats()["requests"]))
    assert events_of(braze, "ada")["Meanwhile"] == 0

    server.api("POST", f"{path}/goals/Events/enable")
    waiting(lambda: events_of(braze, "ada")["Meanwhile"] == 1, "the event arrived late")


def delivery_state(server: Any) -> str:
    """What deliver itself says of the only connection."""
    delivery = open_reader(server.data_dir, "delivery")
    rows = delivery.execute("select state from connection").fetchall()
    delivery.close()
    return str(rows[0][0]) if rows else ""


def test_a_kill_in_mid_flight_doubles_only_what_was_under_way(
    server: Any, braze: BrazeSandbox, waiting: Waiting
) -> None:
    write_key = server.write_key()
    braze.change_settings(delay_ms=0, raw_events_per_user_max=1000)
    braze.add_fault("slow", delay_ms=40)
    connect(server, braze)
    people = [f"u{number}" for number in range(MID_FLIGHT_PEOPLE)]
    for number, user_id in enumerate(people):
        sign_up(server, write_key, user_id, plan="old")
        track(server, write_key, user_id, "Came", f"came-{number}")
        sign_up(server, write_key, user_id, plan="new")
        if number % 20 == 10:
            kill_mid_flight(server, waiting)
    braze.clear_faults()
    waiting(lambda: all(plan_of(braze, one) == "new" for one in people), "every plan is exactly the last one")
    waiting(lambda: all(events_of(braze, one)["Came"] for one in people), "every event arrived")
    waiting(lambda: is_idle(server), "nothing waits any more")

    named = "select count(*) from attempt where maybe_doubled"
    delivery = open_reader(server.data_dir, "delivery")
    assert delivery.execute(named).fetchone()[0] >= 1, "no kill met a request under way"
    delivery.close()
    for number, user_id in enumerate(people):
        times = events_of(braze, user_id)["Came"]
        assert plan_of(braze, user_id) == "new"
        if times > 1:
            trace = server.api("GET", f"/trace/came-{number}")
            attempts = [
                one
                for goal in trace["events"][0]["activate"]
                for one in goal["attempts"]
                if one["part"] == "events"
            ]
            assert any(one["maybe_doubled"] for one in attempts), (user_id, times, attempts)


def kill_mid_flight(server: Any, waiting: Waiting) -> None:
    """kill -9 deliver while a request is under way; the supervisor starts it again."""
    delivery = open_reader(server.data_dir, "delivery")
    query = "select 1 from sending join intent using (id) where sent = 1"
    try:
        end = time.monotonic() + 20
        while not delivery.execute(query).fetchone():
            assert time.monotonic() < end, "nothing was sent"
        killed = server.pid_of("deliver")
        os.kill(killed, signal.SIGKILL)
    finally:
        delivery.close()
    waiting(lambda: server.pid_of("deliver") not in (0, killed), "deliver is up again")


def is_idle(server: Any) -> bool:
    return not server.api("GET", "/connections")["items"][0]["waiting"]
