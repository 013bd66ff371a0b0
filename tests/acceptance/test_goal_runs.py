"""Runs of goals, whole: by hand and at its time, with samples, a mail, and a kill in the middle."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.mail_server import Inbox, mail_server
from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

PEOPLE = 3000
EXPORT = {
    "kind": "export",
    "name": "People",
    "enabled": True,
    "mappings": [{"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}],
    "schedule": {"rule": {"kind": "by_hand"}},
}


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, rate_profile="off") as sandbox:
        yield sandbox


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(tmp_path: Path, serve_on: Callable[..., Any], inbox: Inbox) -> Iterator[Any]:
    """One that knows a mail server."""
    with mail_server(inbox) as port:
        (tmp_path / "data").mkdir()
        settings = f'[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
        (tmp_path / "data" / "onefold.toml").write_text(settings)
        with serve_on(tmp_path / "data") as running:
            yield running


def connect(server: Any, braze: BrazeSandbox, **settings: object) -> None:
    """A connection with a goal that runs by hand."""
    body = {
        "name": "Braze",
        "connector": "braze",
        "settings": {"endpoint": braze.url, **settings},
        "secrets": {"api_key": DEFAULT_KEY},
        "goals": [EXPORT],
        "notices": {"addresses": ["ops@example.org"], "when": "every"},
    }
    server.api("POST", "/connections", body)


def sign_up(server: Any, plan: str, count: int = PEOPLE) -> None:
    key = server.write_key(plan)
    for start in range(0, count, 500):
        batch = [
            {"type": "identify", "userId": f"u{number}", "traits": {"plan": plan}}
            for number in range(start, min(start + 500, count))
        ]
        assert server.send(key, "/v1/batch", {"batch": batch}) == 200
    server.wait_folded()


def test_a_goal_is_run_by_hand_and_tells_what_it_did(
    server: Any, braze: BrazeSandbox, inbox: Inbox, waiting: Callable[..., Any]
) -> None:
    connect(server, braze)
    sign_up(server, "pro", 40)
    assert not [entry for entry in braze.journal() if entry["path"] == "/users/track"]
    run = server.cli("connections", "goals", "run", "Braze", "People", "--wait")
    assert (run["state"], run["planned"], run["passed"], run["trigger"]) == ("succeeded", 40, 40, "person")
    braze.flush()
    assert braze.user("u7")["custom_attributes"] == {"plan": "pro"}
    (listed,) = server.cli("runs", "list", "--kind", "goal", "--connection", "Braze")["items"]
    assert listed["id"] == run["id"]
    samples = server.cli("runs", "samples", run["id"])["items"]
    assert len(samples) == 10
    assert samples[0]["ours"] == {"plan": "pro"}
    assert samples[0]["request"]["plan"] == "pro"
    assert "success" in samples[0]["answer"]
    (mail,) = waiting(lambda: inbox.mails, "a mail arrives")
    assert mail["subject"] == "[Onefold] Braze, People: succeeded"
    assert mail["to"] == "ops@example.org"
    assert run["id"] in mail.get_content()
    again = server.cli("connections", "goals", "run", "Braze", "People", "--wait")
    assert (again["passed"], again["filtered"]) == (0, 40)
    assert server.cli("mail", "test", "ops@example.org")["message"]


def start_refused(server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]) -> str:
    """Begin a run of which nothing gets through until faults are cleared; its id, once one was tried."""
    run_id = str(server.cli("connections", "goals", "run", "Braze", "People")["id"])
    waiting(lambda: [one for one in braze.journal() if one["path"] == "/users/track"], "something is tried")
    return run_id


def test_a_run_goes_on_after_a_kill_and_counts_everyone_once(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    connect(server, braze)
    sign_up(server, "pro")
    braze.add_fault("status", status=503, path="/users/track")
    run_id = start_refused(server, braze, waiting)
    server.kill("deliver")
    assert server.api("GET", f"/runs/{run_id}")["state"] != "succeeded"
    braze.clear_faults()
    run = server.wait_run(run_id)
    assert (run["state"], run["planned"], run["passed"]) == ("succeeded", PEOPLE, PEOPLE)
    braze.flush()
    assert braze.stats()["users"] == PEOPLE


def test_a_cancelled_run_leaves_the_rest_to_the_next(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    # Throttled, two at a time: most of it is not sent when the run is cancelled, however fast the machine is.
    connect(server, braze, concurrency=2)
    sign_up(server, "pro")
    braze.add_fault("throttle", retry_after_s=3, path="/users/track")
    run_id = start_refused(server, braze, waiting)
    server.cli("runs", "cancel", run_id)
    waiting(lambda: server.api("GET", f"/runs/{run_id}")["filtered"], "what was not sent is left out")
    braze.clear_faults()
    cancelled = server.wait_run(run_id)
    assert cancelled["state"] == "cancelled"
    assert cancelled["planned"] == cancelled["passed"] + cancelled["filtered"]
    run = server.cli("connections", "goals", "run", "Braze", "People", "--wait")
    assert run["passed"] + cancelled["passed"] == PEOPLE
    braze.flush()
    assert braze.stats()["users"] == PEOPLE


def test_a_goal_runs_at_its_time(server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]) -> None:
    connect(server, braze)
    sign_up(server, "pro", 5)
    server.cli("connections", "goals", "update", "Braze", "People", "--schedule", "cron * * * * *")

    def has_run() -> Any:
        runs = server.api("GET", "/runs?kind=goal&connection=Braze&goal=People")["items"]
        return [run for run in runs if run["ended_at"]]

    # The next full minute is up to a minute away.
    (run,) = waiting(has_run, "its time comes", timeout_s=100)
    assert (run["trigger"], run["passed"], run["due_at"][17:19]) == ("schedule", 5, "00")
    shown = json.dumps(server.api("GET", "/connections/Braze/goals/People"))
    assert "every minute" in shown
