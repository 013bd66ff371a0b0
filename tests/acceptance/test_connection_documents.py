"""A connection kept as a file: exported, carried to another workspace, applied while everything runs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

Waiting = Callable[..., Any]


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


def plan_of(braze: BrazeSandbox, user_id: str) -> Any:
    braze.flush()
    found = braze.user(user_id)
    return found["custom_attributes"].get("plan") if found else None  # type: ignore[union-attr]


def test_a_connection_is_made_changed_and_turned_off_by_its_file(
    server: Any, braze: BrazeSandbox, waiting: Waiting, tmp_path: Path
) -> None:
    write_key = server.write_key()
    (tmp_path / "key.txt").write_text(DEFAULT_KEY)
    row = {"field": "plan", "source": {"kind": "trait", "trait": "plan"}}
    document: dict[str, Any] = {
        "kind": "connection",
        "name": "Braze",
        "spec": {
            "connector": "braze",
            "owner": "crm@example.org",
            "settings": {"endpoint": braze.url},
            "secrets": {"api_key": {"file": "key.txt"}},
            "goals": [{"name": "People", "kind": "export", "enabled": True, "mappings": [row]}],
        },
    }
    file = tmp_path / "braze.yaml"

    def apply(**changes: Any) -> str:
        document["spec"] |= changes
        file.write_text(yaml.safe_dump(document))
        done = server.run("connections", "apply", str(file))
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    assert "is made" in apply()
    assert server.run("connections", "test", "Braze").returncode == 0
    identify = {"userId": "ada", "traits": {"plan": "gold"}}
    assert server.send(write_key, "/v1/identify", identify) == 200
    waiting(lambda: plan_of(braze, "ada") == "gold", "the plan arrived")
    exported = server.run("connections", "export", "Braze").stdout
    assert DEFAULT_KEY not in exported
    spec = yaml.safe_load(exported)["spec"]
    assert {**spec, "secrets": document["spec"]["secrets"]} == document["spec"]
    assert "nothing changes" in apply()

    apply(enabled=False)
    waiting(lambda: server.api("GET", "/connections/Braze")["status"]["state"] == "off", "it is off")
    identify["traits"] = {"plan": "free"}
    assert server.send(write_key, "/v1/identify", identify) == 200
    apply(enabled=True)
    waiting(lambda: plan_of(braze, "ada") == "free", "what changed meanwhile arrived")
    assert server.api("GET", "/connections/Braze")["goals"][0]["version"] == 1
