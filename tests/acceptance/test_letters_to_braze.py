"""Nothing that was refused is lost: mended and replayed, it arrives; over sockets, up to the local Braze."""

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

Waiting = Callable[..., Any]
MANY = 30


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


@pytest.fixture
def write_key(server: Any, braze: BrazeSandbox) -> str:
    """Of a source whose events go to Braze."""
    body = {
        "name": "Braze",
        "connector": "braze",
        "settings": {"endpoint": braze.url},
        "secrets": {"api_key": DEFAULT_KEY},
        "goals": [{"kind": "events", "name": "Events", "enabled": True, "settings": {"start": "beginning"}}],
    }
    server.api("POST", "/connections", body)
    return str(server.write_key())


def arrived(braze: BrazeSandbox, user_id: str) -> list[str]:
    """Names of the events that Braze has of a person."""
    user: Any = braze.user(user_id) or {}
    return [event["name"] for event in user.get("event_log", [])]


def letters(server: Any, query: str = "") -> Any:
    return server.api("GET", f"/dead-letters?{query}")["items"]


def test_a_refused_event_is_mended_and_arrives(
    server: Any, braze: BrazeSandbox, waiting: Waiting, write_key: str
) -> None:
    assert server.send(write_key, "/v1/track", {"userId": "ada", "messageId": "m-1"}) == 400
    (letter,) = letters(server, "state=open&stage=capture")
    assert (letter["code"], letter["field"], letter["subject"]) == ("capture.missing_field", "event", "m-1")
    shown = server.api("GET", f"/dead-letters/{letter['id']}")
    event = {**json.loads(shown["payload"]), "event": "Signed Up"}

    path = f"/dead-letters/{letter['id']}/replay"
    assert server.api("POST", path, status=422)["code"] == "capture.missing_field"
    assert server.api("POST", path, {"payload": event})["message_id"] == "m-1"
    waiting(lambda: arrived(braze, "ada") == ["Signed Up"], "the mended event arrived")
    assert server.api("POST", path, {"payload": event}, status=409)["code"] == "dead_letters.already_replayed"
    receipt = server.api("GET", "/trace/m-1")["events"]
    assert any(one["capture"].get("replay_of") == letter["id"] for one in receipt)


def test_an_object_that_braze_refused_is_replayed_and_arrives(
    server: Any, braze: BrazeSandbox, waiting: Waiting, write_key: str
) -> None:
    # Every request is refused as a whole, so halves are tried until the culprit is alone.
    braze.add_fault("status", status=400, path="/users/track")
    body = {"userId": "ada", "event": "Came", "messageId": "m-2"}
    assert server.send(write_key, "/v1/track", body) == 200
    (letter,) = waiting(lambda: letters(server, "stage=activate"), "a dead letter")
    assert letter["code"] == "activate.braze.refused"
    assert letter["subject"] == "m-2"
    assert letter["hint"]
    shown = server.api("GET", f"/dead-letters/{letter['id']}")
    assert json.loads(shown["payload"])["name"] == "Came"

    braze.clear_faults()
    assert server.api("POST", f"/dead-letters/{letter['id']}/replay")["state"] == "replayed"
    waiting(lambda: arrived(braze, "ada") == ["Came"], "the event arrived")
    assert server.api("POST", f"/dead-letters/{letter['id']}/replay", status=409)
    assert letters(server, "state=open") == []


def test_a_goal_is_set_right_and_its_letter_replayed(
    server: Any, braze: BrazeSandbox, waiting: Waiting, write_key: str
) -> None:
    order = {"userId": "ada", "event": "Order Completed", "properties": {"note": "no revenue, no products"}}
    assert server.send(write_key, "/v1/track", order) == 200
    (letter,) = waiting(lambda: letters(server, "stage=activate"), "a dead letter")
    assert letter["code"] == "activate.braze.purchase"
    server.api("PATCH", "/connections/Braze/goals/Events", {"settings": {"purchase_events": []}})
    server.api("POST", f"/dead-letters/{letter['id']}/replay")
    waiting(lambda: arrived(braze, "ada") == ["Order Completed"], "the order arrived as an event")


def test_many_are_replayed_at_once(
    server: Any, braze: BrazeSandbox, waiting: Waiting, write_key: str
) -> None:
    braze.add_fault("status", status=400, path="/users/track")
    for number in range(MANY):
        body = {"userId": f"u{number}", "event": "Came", "messageId": f"m-{number}"}
        assert server.send(write_key, "/v1/track", body) == 200
    waiting(lambda: server.api("GET", "/dead-letters/counts")["open"] == MANY, "as many letters")
    braze.clear_faults()
    done = server.api("POST", "/dead-letters/replay", {"stage": "activate", "limit": 20})
    assert (done["done"], done["refused"]) == (20, 0)
    server.api("POST", "/dead-letters/replay", {"stage": "activate", "cursor": done["next_cursor"]})
    waiting(
        lambda: all(arrived(braze, f"u{number}") == ["Came"] for number in range(MANY)),
        "each event arrived once",
    )
    (count,) = server.api("GET", "/dead-letters/counts")["items"]
    assert (count["open"], count["replayed"]) == (0, MANY)


def test_letters_are_exported_while_the_server_runs(server: Any, write_key: str) -> None:
    for number in range(3):
        assert server.send(write_key, "/v1/track", {"userId": f"u{number}"}) == 400
    server.api("POST", "/dead-letters/capture-2/discard")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"authorization": f"Bearer {server.token}"}
    connection.request("GET", "/api/v1/dead-letters/export?state=open", headers=headers)
    answer = connection.getresponse()
    lines = [json.loads(line) for line in answer.read().splitlines()]
    connection.close()
    assert [line["id"] for line in lines] == ["capture-3", "capture-1"]
    assert json.loads(lines[0]["payload"])["userId"] == "u2"
