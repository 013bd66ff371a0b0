"""kill -9 of each role at random moments under load: nothing acknowledged is lost, nothing counts twice.

Each role is killed `KILLS` times (an environment variable; 2 by default, 20 for the whole proof).
"""

import http.client
import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from onefold.testing.sandbox import braze_sandbox

KILLS = int(os.environ.get("KILLS", "2"))
PEOPLE = 25
SENDERS = 3
EXPORT = {
    "kind": "export",
    "name": "Everyone",
    "enabled": True,
    "mappings": [
        {"source": {"kind": "trait", "trait": "last_number"}, "field": "last_number", "type": "number"},
        {"source": {"kind": "counter", "event": "Seen"}, "field": "seen", "type": "number"},
    ],
}


class Sender(threading.Thread):
    """Sends events of its own people one after the other; each until it is acknowledged."""

    def __init__(self, server: Any, write_key: str, name: str) -> None:
        super().__init__(name=name)
        self.stopped = threading.Event()
        self.seen: dict[str, int] = {}
        """User id -> acknowledged events."""
        self.last: dict[str, int] = {}
        """User id -> the number in the last acknowledged identify."""
        self._server = server
        self._write_key = write_key

    def run(self) -> None:
        number = 0
        while not self.stopped.is_set():
            number += 1
            user_id = f"{self.name}-{number % PEOPLE}"
            message = {"userId": user_id, "messageId": f"{self.name}-{number}"}
            if number % 3 == 0:
                traits = {"last_number": number}
                self._until_taken("/v1/identify", {**message, "traits": traits})
                self.last[user_id] = number
            else:
                self._until_taken("/v1/track", {**message, "event": "Seen"})
                self.seen[user_id] = self.seen.get(user_id, 0) + 1

    def _until_taken(self, path: str, event: dict[str, object]) -> None:
        while True:
            try:
                if self._server.send(self._write_key, path, event) == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass  # the answer was lost: send the same message again


@pytest.mark.timeout(120 + 30 * KILLS)
@pytest.mark.parametrize("role", ["web", "worker", "deliver", "tasks"])
def test_what_was_acknowledged_survives(server: Any, waiting: Callable[..., Any], role: str) -> None:
    moments = random.Random(role)
    write_key = server.write_key()
    with braze_sandbox(delay_ms=5, jitter_ms=5) as braze:
        connect(server, braze)
        senders = [Sender(server, write_key, f"s{number}") for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            for _ in range(KILLS):
                time.sleep(moments.uniform(0.2, 0.8))  # the moment of the kill is what is random here
                server.kill(role)
        finally:
            for sender in senders:
                sender.stopped.set()
            for sender in senders:
                sender.join()
        waiting(lambda: server.call("GET", "/readyz", None, {})[0] == 200, "all roles are up again")
        server.wait_folded()

        seen = {user_id: count for sender in senders for user_id, count in sender.seen.items()}
        last = {user_id: number for sender in senders for user_id, number in sender.last.items()}
        assert counted(server) == seen
        stages_add_up(server)
        run = server.wait_run(server.api("POST", "/replays")["id"])
        assert run["state"] == "succeeded", run["message"]
        wanted = {
            user_id: {"last_number": last[user_id], "seen": seen[user_id]}
            for user_id in last
            if user_id in seen
        }
        waiting(lambda: in_braze(braze, sorted(wanted)) == wanted, "Braze holds exactly the last values")


def connect(server: Any, braze: Any) -> None:
    server.api(
        "POST",
        "/connections",
        {
            "name": "Braze",
            "connector": "braze",
            "settings": {"endpoint": braze.url},
            "secrets": {"api_key": braze.api_key},
            "goals": [EXPORT],
        },
    )


def counted(server: Any) -> dict[str, int]:
    """User id -> how often Seen counts in Onefold."""
    people = server.api("GET", "/profiles?limit=1000")["items"]
    return {
        person["identifiers"]["user_id"][0]: person["events"]["Seen"]
        for person in people
        if "Seen" in person["events"]
    }


def stages_add_up(server: Any) -> None:
    """Received is the sum of the outcomes, and what capture handed on is what unify received."""
    stages = {stage["stage"]: stage for stage in server.api("GET", "/flow")["stages"]}
    for stage in ("capture", "unify", "segment"):
        found = stages[stage]
        assert found["received"] == sum(
            found[kind] for kind in ("passed", "filtered", "rejected", "deferred")
        )
    assert stages["capture"]["passed"] == stages["unify"]["received"]
    assert stages["unify"]["passed"] == stages["segment"]["received"]


def in_braze(braze: Any, user_ids: list[str]) -> dict[str, Any]:
    """What the local Braze holds of these people."""
    found: dict[str, Any] = {}
    for start in range(0, len(user_ids), 50):
        body = {
            "external_ids": user_ids[start : start + 50],
            "fields_to_export": ["external_id", "custom_attributes"],
        }
        for user in braze.call("/users/export/ids", body).payload.get("users") or []:
            found[user["external_id"]] = user.get("custom_attributes")
    return found
