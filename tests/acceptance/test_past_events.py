"""A goal that begins with the past: as far back as the log reaches, and it says where that is."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

EVENTS = 30


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


def test_the_past_is_sent_as_far_as_the_log_reaches(
    tmp_path: Path, braze: BrazeSandbox, waiting: Callable[..., Any], serve_on: Callable[..., Any]
) -> None:
    data_dir = tmp_path / "data"
    with serve_on(data_dir) as server:
        write_key = server.write_key()
        for number in range(EVENTS):
            event = {"userId": "ada", "event": "Seen", "messageId": f"m{number}"}
            assert server.send(write_key, "/v1/track", event) == 200
        server.wait_folded()
    # As `retention.change_days` leaves it, a week later.
    state = sqlite3.connect(data_dir / "state.db")
    with state:
        state.execute("delete from change")
    state.close()

    with serve_on(data_dir) as server:
        settings = {"settings": {"endpoint": braze.url}, "secrets": {"api_key": DEFAULT_KEY}}
        server.api("POST", "/connections", {"name": "Braze", "connector": "braze", **settings})
        add = ("connections", "goals", "add", "Braze", "events", "--set", "start=beginning", "--on")
        assert "older ones are gone" not in server.run(*add, "--name", "Whole").stdout
        waiting(lambda: goal_of(server, "Whole")["progress"]["state"] == "live", "the past is read")
        waiting(lambda: goal_of(server, "Whole")["counts"]["passed"] == EVENTS, "all of the past was sent")
        assert goal_of(server, "Whole")["starts_at"] is None
        (event,) = server.api("GET", "/trace/m0")["events"]
        assert [goal["outcome"] for goal in event["activate"]] == ["passed"]

        assert server.cli("retention", "run", "--days", "0")["state"] == "succeeded"
        first = server.api("GET", "/retention")["first_offset"]
        assert first > 1
        printed = server.run(*add, "--name", "Rest").stdout
        assert "It sends events received from 20" in printed
        assert "older ones are gone from the log" in printed
        now_goal = server.cli("connections", "goals", "add", "Braze", "events", "--name", "Now", "--on")
        assert now_goal["starts_at"].startswith("20")
        waiting(lambda: goal_of(server, "Rest")["progress"]["state"] == "live", "the rest is read")
        rest = EVENTS - first + 1
        waiting(lambda: goal_of(server, "Rest")["counts"]["passed"] == rest, "what the log holds was sent")


def goal_of(server: Any, name: str) -> dict[str, Any]:
    return dict(server.api("GET", f"/connections/Braze/goals/{name}"))
