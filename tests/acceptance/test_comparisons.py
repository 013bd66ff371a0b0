"""What Braze really holds, whole: a filled workspace, someone who changes it, a report and its repair."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

GOAL = {
    "kind": "export",
    "name": "People",
    "mappings": [
        {"source": {"kind": "trait", "trait": "plan"}, "field": "plan"},
        {"source": {"kind": "trait", "trait": "city"}, "field": "home_city"},
    ],
}


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, rate_profile="off") as sandbox:
        yield sandbox


def connect(server: Any, braze: BrazeSandbox, *goals: dict[str, Any]) -> None:
    """A connection to the local Braze, with goals that are off unless they say otherwise."""
    body = {
        "name": "Braze",
        "connector": "braze",
        "settings": {"endpoint": braze.url},
        "secrets": {"api_key": DEFAULT_KEY},
        "goals": goals,
    }
    server.api("POST", "/connections", body)


@pytest.fixture
def filled(server: Any, braze: BrazeSandbox) -> int:
    """Forty people whom Braze holds, one with another plan, and one whom it does not know; what was sent."""
    held = [{"external_id": f"u{number}", "plan": "pro", "home_city": "Rome"} for number in range(40)]
    held[7]["plan"] = "free"
    braze.track(attributes=held)
    braze.flush()
    batch = [
        {"type": "identify", "userId": f"u{number}", "traits": {"plan": "pro", "city": "Rome"}}
        for number in range(41)
    ]
    assert server.send(server.write_key(), "/v1/batch", {"batch": batch}) == 200
    server.wait_folded()
    connect(server, braze, GOAL)
    return len(braze.sent_attributes())


def compare_first(server: Any, waiting: Callable[..., Any]) -> None:
    """Turn the goal on, and wait until those were sent whom Braze holds otherwise: u7 and u40."""
    turned_on = server.run("connections", "goals", "on", "Braze", "People", "--compare-first")
    assert turned_on.stdout.startswith("Goal People is on.")

    def is_live() -> Any:
        goal = server.api("GET", "/connections/Braze/goals/People")
        return goal["progress"]["state"] == "live" and goal["counts"]["passed"] == 2

    waiting(is_live, "the goal is live")


def change_there(braze: BrazeSandbox) -> int:
    """Somebody else changes two people, who were sent nothing a moment ago; what was sent by then."""
    braze.track(attributes=[{"external_id": "u3", "plan": "gold"}, {"external_id": "u4", "home_city": None}])
    braze.flush()
    return len(braze.sent_attributes())


def sent_since(braze: BrazeSandbox, place: int) -> list[dict[str, Any]]:
    return sorted(braze.sent_attributes()[place:], key=lambda one: str(one["external_id"]))


def test_a_filled_workspace_is_read_before_anything_is_sent(
    server: Any, braze: BrazeSandbox, filled: int, waiting: Callable[..., Any]
) -> None:
    assert "--compare-first" in server.api("GET", "/connections/Braze/goals/People")["hint"]
    compare_first(server, waiting)
    assert sent_since(braze, filled) == [
        {"external_id": "u40", "plan": "pro", "home_city": "Rome"},
        {"external_id": "u7", "plan": "pro"},
    ]
    document = server.api("GET", "/connections/Braze/document?format=json")
    assert document["spec"]["goals"][0]["compare_first"] is True
    (first,) = server.cli("runs", "list", "--kind", "comparison", "--connection", "Braze")["items"]
    assert (first["kind"], first["state"]) == ("comparison", "succeeded")
    assert server.run("runs", "comparison", first["id"]).stdout.startswith("Everyone: 41 people, 39 as")


@pytest.mark.usefixtures("filled")
def test_a_report_tells_by_field_and_person_what_somebody_changed_there(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    compare_first(server, waiting)
    place = change_there(braze)
    report = server.cli("connections", "goals", "compare", "Braze", "People")
    found = report["comparison"]
    assert (found["people"], found["differing"], found["missing"]) == (41, 2, 0)
    assert found["left_out"] == [{"code": "activate.under_way", "count": 2}]
    plan = next(field for field in found["fields"] if field["field"] == "plan")
    assert (plan["same"], plan["differs"], plan["drifted"]) == (38, 1, 1)
    differences = {tuple(field.values()) for one in report["samples"] for field in one["fields"]}
    assert differences == {("plan", "differs", "pro", "gold"), ("home_city", "missing", "Rome", None)}
    assert sent_since(braze, place) == []
    assert server.cli("runs", "comparison", found["run"]["id"]) == report


@pytest.mark.usefixtures("filled")
def test_a_repair_sends_just_what_differs(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    compare_first(server, waiting)
    place = change_there(braze)
    said = server.run("connections", "goals", "compare", "Braze", "People", "--all", "--repair")
    assert said.stdout.startswith("Everyone: 41 people, ")
    assert " 2 differ, 0 not there" in said.stdout
    assert "Sent: 2, waiting: 0, rejected: 0." in said.stdout
    assert "runs cancel run-" in said.stderr
    assert sent_since(braze, place) == [
        {"external_id": "u3", "plan": "pro"},
        {"external_id": "u4", "home_city": "Rome"},
    ]
    listed = server.api("GET", "/connections/Braze/goals/People/comparisons")["items"]
    assert [(one["first"], one["repair"]) for one in listed] == [(False, True), (True, False)]


def test_what_cannot_be_compared_is_refused(server: Any, braze: BrazeSandbox) -> None:
    connect(server, braze, GOAL, {"kind": "events", "name": "Events", "enabled": True})

    def refused(goal: str, body: object = None) -> str:
        path = f"/connections/Braze/goals/{goal}/comparisons"
        return str(server.api("POST", path, body or {}, status=409 if body is None else 400)["code"])

    assert refused("Events") == "goal.no_comparison"
    assert refused("People") == "goal.off"
    server.cli("connections", "goals", "on", "Braze", "People")
    assert refused("People", {"sample": 5, "all": True}) == "api.bad_request"
    assert refused("People", {"sample": 0}) == "api.bad_request"
    server.run("connections", "goals", "update", "Braze", "Events", "--compare-first", code=5)
