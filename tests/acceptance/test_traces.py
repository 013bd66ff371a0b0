"""What each goal made of an event, as the API and the command tell it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

BLOCKED = "blocked-person"


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, blocked_external_ids=[BLOCKED]) as sandbox:
        yield sandbox


def test_every_goal_says_what_it_made_of_an_event(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    write_key = server.write_key()
    segment = {
        "name": "Gold",
        "condition": {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"},
    }
    gold = server.api("POST", "/segments", segment)["id"]
    goals = [
        {"kind": "events", "name": "All", "enabled": True},
        {"kind": "events", "name": "Orders", "enabled": True, "settings": {"events": ["Bought"]}},
        {"kind": "events", "name": "Members", "enabled": True, "segment_id": gold},
    ]
    settings = {"settings": {"endpoint": braze.url}, "secrets": {"api_key": DEFAULT_KEY}}
    server.api("POST", "/connections", {"name": "Braze", "connector": "braze", "goals": goals, **settings})
    shown = lambda: server.api("GET", "/connections/Braze/goals")["items"]  # noqa: E731
    waiting(lambda: all(goal["progress"]["state"] == "live" for goal in shown()), "the goals are live")

    def send(message_id: str, **event: Any) -> None:
        assert server.send(write_key, "/v1/track", {"event": "Seen", "messageId": message_id, **event}) == 200

    def told(message_id: str) -> Any:
        """By goal, once each has come to the event and has an answer."""
        server.wait_folded()
        (event,) = server.api("GET", f"/trace/{message_id}")["events"]
        found = {goal["goal"]: goal for goal in event["activate"]}
        return None if any(goal["outcome"] == "deferred" for goal in found.values()) else found

    send("passes", userId="ada")
    found = waiting(lambda: told("passes"), "it was sent")
    assert {name: (one["outcome"], one["code"]) for name, one in found.items()} == {
        "All": ("passed", ""),
        "Orders": ("filtered", "activate.not_chosen"),
        "Members": ("filtered", "activate.not_a_member"),
    }
    send("nobody", anonymousId="device-1")
    found = waiting(lambda: told("nobody"), "it was planned")
    assert found["All"]["code"] == "activate.anonymous"

    send("refused", userId=BLOCKED)
    found = waiting(lambda: told("refused"), "it was answered")["All"]
    assert (found["outcome"], found["code"]) == ("rejected", "activate.braze.item")
    letter = found["letter"]
    assert letter["answer"].startswith("400 ")
    assert "blacklisted" in letter["answer"]
    assert BLOCKED not in letter["answer"]
    assert server.api("GET", f"/dead-letters/{letter['id']}")["answer"] == letter["answer"]

    printed = server.run("trace", "refused").stdout
    assert "They answered: 400" in printed
    assert f"onefold dead-letters show {letter['id']}" in printed
    assert "blacklisted" in server.run("dead-letters", "show", letter["id"]).stdout
    assert "[activate.not_chosen]" in server.run("trace", "passes").stdout

    server.api("PATCH", "/connections/Braze/goals/Orders", {"settings": {"events": ["Paid"]}})
    found = waiting(lambda: told("passes"), "the goal has begun again")
    assert "changed after this event" in found["Orders"]["note"]
    assert "changed" not in found["Members"]["note"]

    braze.stop()
    send("waits", userId="ada")
    server.wait_folded()

    def waits() -> Any:
        (event,) = server.api("GET", "/trace/waits")["events"]
        one = next(goal for goal in event["activate"] if goal["goal"] == "All")
        return (
            one
            if one["waiting"] and one["waiting"][0]["attempts"] and one["waiting"][0].get("retry_at")
            else None
        )

    one = waiting(waits, "it was tried")
    assert (one["outcome"], one["code"]) == ("deferred", "activate.waiting")
    assert "again at 20" in one["message"]
