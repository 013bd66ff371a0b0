"""Consent and erasure up to the destination: a server, its commands, the local Braze, a kill on the way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.sandbox import BrazeSandbox, braze_sandbox


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, rate_profile="off") as sandbox:
        yield sandbox


def test_only_who_consents_arrives_and_who_is_erased_is_forgotten_there(
    tmp_path: Path, server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(braze.api_key)
    server.cli(
        *("connections", "create", "Braze", "--connector", "braze", "--set", f"endpoint={braze.url}"),
        *("--secret", f"api_key=@{key_file}"),
    )
    export = ("connections", "goals", "add", "Braze", "export", "--map", "plan=trait:plan")
    goal = server.cli(*export, "--purpose", "email", "--set", "leaving=null", "--on")
    server.cli("connections", "goals", "add", "Braze", "deletions", "--on")
    write_key = server.write_key()
    for name in ("ada", "bob"):
        known = {"userId": name, "messageId": f"{name}-1", "traits": {"plan": "pro"}}
        assert server.send(write_key, "/v1/identify", known) == 200
    said = {"event": "Consent Updated", "userId": "ada", "messageId": "ada-2"}
    said["properties"] = {"purposes": {"email": "consented"}, "method": "form"}
    assert server.send(write_key, "/v1/track", said) == 200

    def plan_of(name: str) -> Any:
        braze.flush()
        user = braze.user(name)
        return None if user is None else user["custom_attributes"].get("plan")

    waiting(lambda: plan_of("ada") == "pro", "who consents arrives")
    assert braze.user("bob") is None
    server.cli("profiles", "consent", "user_id", "ada", "--purpose", "email", "--state", "refused")
    waiting(lambda: plan_of("ada") is None, "a withdrawn consent takes the fields back")
    assert braze.user("ada") is not None

    asked = server.api("DELETE", "/profiles/by/user_id/ada")
    server.kill("deliver")
    run = server.wait_run(asked["id"])
    assert run["state"] == "succeeded", run["message"]

    def is_forgotten() -> bool:
        braze.flush()
        return braze.user("ada") is None

    waiting(is_forgotten, "the erasure is forwarded")
    shown = server.api("GET", "/connections/Braze/goals")["items"]
    counts = {one["kind"]: one["counts"] for one in shown}
    waiting(
        lambda: server.api("GET", "/connections/Braze/goals/deletions")["counts"]["passed"] == 1,
        "the deletion is confirmed",
    )
    assert goal["purpose"] == "email"
    assert any(one["code"] == "activate.no_consent" for one in counts["export"]["reasons"])
    for one in counts.values():
        assert one["planned"] == one["passed"] + one["filtered"] + one["rejected"] + one["deferred"]
