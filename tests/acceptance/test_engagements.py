"""Engagements as users set them up: calls to an API that fails and stalls, and to the local Braze."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

Waiting = Callable[..., Any]
GOLD = {"name": "Gold", "condition": {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}}
FAILURES = ("500", "503", "hang up", "stall", "429")


class Target:
    """An API that keeps what it took, and fails as often as it is told."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.failing = 0.0
        self._lock = threading.Lock()
        self._moments = random.Random(7)
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
                with target._lock:
                    fails = target._moments.random() < target.failing
                    failure = target._moments.choice(FAILURES) if fails else ""
                    if failure in ("", "hang up", "stall"):
                        target.taken.append((self.path, body, dict(self.headers)))
                if failure in ("hang up", "stall"):
                    time.sleep(1.5 if failure == "stall" else 0)  # longer than the goal waits
                    self.close_connection = True
                    return
                self.send_response(int(failure or 200))
                self.send_header("Content-Length", "2")
                if failure == "429":
                    self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def bodies(self, path: str) -> list[dict[str, Any]]:
        with self._lock:
            return [body for found, body, _ in self.taken if found == path]


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


def connect(server: Any, target: Target) -> None:
    server.run(
        *("connections", "create", "Shop", "--connector", "http", "--set", f"endpoint={target.url}"),
        *("--set", "private_addresses=true", "--secret", "api_key=sk-very-secret"),
        *("--set", 'headers={"Authorization": "Bearer {{ secrets.api_key }}"}'),
    )
    assert server.cli("connections", "test", "Shop")["passed"]


def identify(server: Any, write_key: str, user_id: str, **traits: Any) -> None:
    assert server.send(write_key, "/v1/identify", {"userId": user_id, "traits": traits}) == 200


def goal_of(server: Any, name: str, connection: str = "Shop") -> dict[str, Any]:
    return dict(server.api("GET", f"/connections/{connection}/goals/{name}"))


def trace_of(server: Any, message_id: str) -> list[dict[str, Any]]:
    """What each goal made of the event."""
    (event,) = server.api("GET", f"/trace/{message_id}")["events"]
    return list(event["activate"])


def test_entering_leaving_and_events_make_calls(server: Any, target: Target, waiting: Waiting) -> None:
    write_key = server.write_key()
    connect(server, target)
    server.run("segments", "create", "Gold", "--condition", "trait plan equals gold", "--wait")
    for when in ("entered", "left"):
        server.run(
            *("connections", "goals", "add", "Shop", "call", "--name", when, "--segment", "Gold", "--on"),
            *("--preset", "webhook", "--param", f"path=hooks/{when}", "--set", f"when={when}"),
        )
    server.run(
        *("connections", "goals", "add", "Shop", "call", "--name", "orders", "--on"),
        *("--set", "when=event", "--set", 'events=["Order Completed"]', "--set", "url=/orders"),
        *("--set", 'body={"total": {{ event.properties.total }}, "who": {{ profile.traits.email }}}'),
    )
    identify(server, write_key, "ada", email="ada@example.org", plan="gold")
    waiting(lambda: target.bodies("/hooks/entered"), "ada has entered")
    identify(server, write_key, "ada", plan="free")
    waiting(lambda: target.bodies("/hooks/left"), "ada has left")
    order = {"userId": "ada", "event": "Order Completed", "messageId": "o1", "properties": {"total": 9.5}}
    assert server.send(write_key, "/v1/track", order) == 200
    waiting(lambda: target.bodies("/orders"), "the order is there")

    (entered,), (left,) = target.bodies("/hooks/entered"), target.bodies("/hooks/left")
    assert (entered["type"], entered["profile"]["identifiers"]["user_id"]) == ("entered", "ada")
    assert (left["type"], left["profile"]["traits"]["plan"]) == ("left", "free")
    assert target.bodies("/orders") == [{"total": 9.5, "who": "ada@example.org"}]
    assert {headers["Authorization"] for *_, headers in target.taken if headers} == {"Bearer sk-very-secret"}

    def told() -> Any:
        goals = trace_of(server, "o1")
        return next((one for one in goals if one["goal"] == "orders" and one["outcome"] == "passed"), None)

    assert len(waiting(told, "the trace tells of the call")["attempts"]) == 1
    tried = server.run(
        *("connections", "goals", "try", "Shop", "orders", "--person", "email=Ada@Example.org"),
        *("--property", "total=1", "--send"),
    )
    assert "POST" in tried.stdout
    assert "Bearer ***" in tried.stdout
    assert "sk-very-secret" not in tried.stdout
    assert target.bodies("/orders")[-1] == {"total": 1, "who": "ada@example.org"}


@pytest.mark.timeout(180)
def test_every_call_is_made_whatever_is_killed_and_only_those_under_way_double(
    server: Any, target: Target, waiting: Waiting
) -> None:
    write_key = server.write_key()
    connect(server, target)
    server.run(
        *("connections", "goals", "add", "Shop", "call", "--name", "seen", "--on", "--set", "when=event"),
        *("--set", 'events=["Seen"]', "--set", "url=/seen", "--set", "timeout_s=1"),
        *("--set", 'body={"id": {{ delivery_id }}, "message": {{ event.message_id }}}'),
    )
    waiting(lambda: goal_of(server, "seen")["progress"]["state"] == "live", "the goal is live")
    target.failing = 0.2
    sent = 0
    for _ in range(3):
        for _ in range(40):
            sent += 1
            event = {"userId": f"u{sent % 9}", "event": "Seen", "messageId": f"m{sent}"}
            assert server.send(write_key, "/v1/track", event) == 200
        server.kill("deliver")
    target.failing = 0.0

    def counted() -> Any:
        counts = goal_of(server, "seen")["counts"]
        return counts if counts["passed"] == sent and not counts["deferred"] else None

    waiting(counted, "every call was made", timeout_s=120)
    calls = Counter((body["message"], body["id"]) for body in target.bodies("/seen"))
    assert {message for message, _ in calls} == {f"m{number}" for number in range(1, sent + 1)}
    assert len(calls) == sent  # whatever doubled has the same delivery id
    for (message, _), times in calls.items():
        if times > 1:
            goals = trace_of(server, message)
            assert any(one["maybe_doubled"] for goal in goals for one in goal["attempts"]), message


@pytest.mark.timeout(180)
def test_a_call_for_each_member_at_its_time_whatever_is_killed(
    server: Any, target: Target, waiting: Waiting
) -> None:
    write_key = server.write_key()
    connect(server, target)
    server.run("segments", "create", "Gold", "--condition", "trait plan equals gold", "--wait")
    people = [
        {"type": "identify", "userId": f"u{number}", "traits": {"plan": "gold" if number % 4 else "free"}}
        for number in range(1600)
    ]
    for start in range(0, len(people), 400):
        assert server.send(write_key, "/v1/batch", {"batch": people[start : start + 400]}) == 200
    server.wait_folded()
    server.run(
        *("connections", "goals", "add", "Shop", "call", "--name", "offer", "--segment", "Gold", "--on"),
        *("--set", "when=schedule", "--schedule", "monday at 09:00", "--timezone", "Europe/Berlin"),
        *("--set", "url=/offer", "--set", "timeout_s=1"),
        *("--set", 'body={"id": {{ delivery_id }}, "who": {{ profile.identifiers.user_id }}}'),
    )
    assert server.cli("connections", "goals", "next", "Shop", "offer")["words"].startswith("every Monday")
    tried = server.run("connections", "goals", "try", "Shop", "offer", "--person", "user_id=u1")
    assert '"who": "u1"' in tried.stdout
    preview = server.cli("connections", "goals", "preview", "Shop", "offer", "--for", "user_id:u1")
    assert '"who": "u1"' in preview["objects"][0]["body"]["body"]
    assert (preview["reach"]["exact"], preview["reach"]["sent"]) == (True, 1200)
    target.failing = 0.05
    run = server.cli("connections", "goals", "run", "Shop", "offer")
    for count in (100, 500, 900):
        waiting(lambda wanted=count: len(target.bodies("/offer")) >= wanted, f"{count} are called")
        server.kill("deliver")
    target.failing = 0.0
    run = server.wait_run(run["id"])
    assert (run["state"], run["planned"], run["passed"], run["deferred"]) == ("succeeded", 1200, 1200, 0)
    calls = {(body["who"], body["id"]) for body in target.bodies("/offer")}
    assert len(calls) == 1200  # whatever doubled has the same delivery id
    assert {who for who, _ in calls} == {f"u{number}" for number in range(1600) if number % 4}


def test_the_presets_for_braze_are_taken_by_it(server: Any, braze: BrazeSandbox, waiting: Waiting) -> None:
    write_key = server.write_key()
    server.api("POST", "/segments", GOLD)
    server.run(
        *("connections", "create", "Braze calls", "--connector", "http", "--set", f"endpoint={braze.url}"),
        *("--set", "private_addresses=true", "--secret", f"api_key={braze.api_key}"),
    )
    server.run(
        *("connections", "goals", "add", "Braze calls", "call", "--name", "vip", "--segment", "Gold", "--on"),
        *("--preset", "braze_users_track", "--set", "when=entered", "--param", "event_name=Entered Gold"),
        *("--param", "create=true", "--param", 'properties={"from": "onefold"}'),
    )
    identify(server, write_key, "ada", plan="gold")
    identify(server, write_key, "bob", plan="free")

    def arrived() -> Any:
        user: Any = braze.user("ada") or {}
        return user.get("event_log")

    (event,) = waiting(arrived, "Braze holds the event")
    assert event["name"] == "Entered Gold"
    assert event["properties"] == {"from": "onefold"}
    assert braze.user("bob") is None
    waiting(lambda: goal_of(server, "vip", "Braze%20calls")["counts"]["passed"] == 1, "it is counted")
