"""Each role as a process of its own choosing: `onefold serve --role NAME`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

SHOES = 'event "Order Completed" at_least 2 where category equals shoes'
HATS = 'event "Order Completed" at_least 1 where category equals hats'


def test_roles_that_are_started_one_by_one_work_together(
    tmp_path: Path, offline: Callable[..., Any], waiting: Callable[..., Any], port: int
) -> None:
    workspace = offline(tmp_path / "data")
    workspace.port = port
    with workspace.roles("web", "worker", "deliver", "tasks"):
        waiting(lambda: is_ready(workspace), "every role runs")
        workspace.token = workspace.cli("tokens", "create", "tests")["token"]
        assert workspace.send(workspace.write_key(), "/v1/track", {"event": "Seen", "userId": "u"}) == 200
        workspace.wait_folded()
        assert workspace.api("GET", "/profiles/by/user_id/u")["events"] == {"Seen": 1}
        refused = workspace.run("serve", "--port", "0", code=7)
        assert "in use" in refused.stderr


def test_a_redefinition_whose_fill_is_cancelled_leaves_what_was(
    tmp_path: Path, offline: Callable[..., Any], waiting: Callable[..., Any], port: int
) -> None:
    """The tasks role sleeps meanwhile, so that the fill cannot be quicker than the cancel."""
    workspace = offline(tmp_path / "data")
    workspace.port = port
    key = workspace.write_key()
    workspace.cli("segments", "create", "Shoes", "--condition", SHOES)

    def buy(user: str, order_id: str) -> None:
        shoes = {"order_id": order_id, "category": "shoes"}
        order = {"event": "Order Completed", "userId": user, "messageId": order_id, "properties": shoes}
        assert workspace.send(key, "/v1/track", order) == 200

    with workspace.roles("web", "worker"):
        waiting(lambda: is_alive(workspace), "web answers")
        workspace.token = workspace.cli("tokens", "create", "tests")["token"]
        buy("ada", "1")
        buy("ada", "2")
        buy("bob", "3")
        workspace.wait_folded()
        changed = workspace.cli("segments", "update", "Shoes", "--condition", HATS)
        assert (changed["version"], changed["state"], changed["people"]) == (2, "filling", 1)
        buy("bob", "4")
        (run_id,) = workspace.cli("segments", "cancel", "Shoes")["runs"]
        with workspace.roles("tasks"):
            run = workspace.wait_run(run_id)
        assert (run["state"], run["message"]) == ("cancelled", "Cancelled. The version before is live again.")
        found = workspace.cli("segments", "show", "Shoes")
        assert (found["version"], found["state"], found["people"]) == (1, "live", 2)
        assert "shoes" in found["words"]
    again = workspace.cli("segments", "update", "Shoes", "--condition", HATS, "--wait")
    assert (again["version"], again["state"], again["people"]) == (3, "live", 0)
    assert workspace.cli("replay")["state"] == "succeeded"


def is_ready(workspace: Any) -> bool:
    return answers(workspace, "/readyz")


def is_alive(workspace: Any) -> bool:
    return answers(workspace, "/healthz")


def answers(workspace: Any, path: str) -> bool:
    try:
        return bool(workspace.call("GET", path, None, {})[0] == 200)
    except OSError:
        return False
