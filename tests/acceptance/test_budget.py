"""A budget of data points up to the destination: a server, its commands, the local Braze, a kill."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

PEOPLE = 30
PER_DAY = 10


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, rate_profile="off") as sandbox:
        yield sandbox


def test_a_spent_budget_stops_what_costs_until_it_is_raised(
    tmp_path: Path, server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(braze.api_key)
    server.cli(
        *("connections", "create", "Braze", "--connector", "braze", "--set", f"endpoint={braze.url}"),
        *("--secret", f"api_key=@{key_file}", "--budget", f"day={PER_DAY}"),
    )
    server.cli("connections", "goals", "add", "Braze", "export", "--map", "plan=trait:plan", "--on")
    write_key = server.write_key()
    people = [
        {"type": "identify", "userId": f"u{number}", "messageId": f"m{number}", "traits": {"plan": "pro"}}
        for number in range(PEOPLE)
    ]
    assert server.send(write_key, "/v1/batch", {"batch": people}) == 200

    def arrived() -> int:
        braze.flush()
        users = (braze.user(f"u{number}") for number in range(PEOPLE))
        plans = [user["custom_attributes"].get("plan") for user in users if user is not None]
        return plans.count("pro")

    def standing() -> tuple[str, str]:
        shown = server.api("GET", "/connections/Braze")["status"]
        return shown["state"], shown["code"]

    waiting(lambda: standing() == ("limited", "activate.budget_spent"), "the budget is spent")
    assert arrived() == PER_DAY
    waits = PEOPLE - PER_DAY
    shown = server.api("GET", "/connections/Braze")
    assert (shown["waiting"], shown["waiting_for_budget"]) == (waits, waits)
    assert shown["goals"][0]["counts"]["deferred"] == waits
    (run,) = server.cli("runs", "list", "--kind", "goal")["items"]
    assert (run["planned"], run["passed"], run["deferred"]) == (PEOPLE, PER_DAY, waits)
    assert run["reasons"][-1] == {"outcome": "deferred", "code": "activate.budget_spent", "count": waits}
    (trace,) = server.api("GET", f"/trace/m{PEOPLE - 1}")["events"]
    assert [(one["outcome"], one["code"]) for one in trace["activate"]] == [("deferred", "activate.waiting")]
    assert "The budget is spent" in trace["activate"][0]["message"]
    status = server.run("status").stdout
    assert f"{waits} people and events wait for it." in status
    server.kill("deliver")
    waiting(lambda: standing() == ("limited", "activate.budget_spent"), "a restart remembers what was spent")
    assert arrived() == PER_DAY
    spent = server.cli("connections", "data-points", "Braze", "--by", "goal")
    assert (spent["spent"], spent["budget"][0]["spent"], spent["budget"][0]["limit"]) == (10, 10, 10)

    server.cli("connections", "update", "Braze", "--budget", "day=100")
    waiting(lambda: arrived() == PEOPLE, "the others follow once there is room")
    assert braze.stats()["data_points"]["total"] == PEOPLE
    assert server.cli("connections", "data-points", "Braze")["spent"] == PEOPLE
