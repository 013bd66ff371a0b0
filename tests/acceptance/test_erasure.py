"""The right to be forgotten, on a running server: by a command, with a kill on the way."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

SECRETS = (b"ada@example.org", b"analytical-engine")


def test_a_person_is_forgotten_everywhere(
    tmp_path: Path, serve_on: Callable[[Path], AbstractContextManager[Any]], waiting: Callable[..., Any]
) -> None:
    data = tmp_path / "data"
    with serve_on(data) as server:
        write_key = server.write_key()
        for number in range(30):
            event = {"event": "Seen", "userId": "ada", "messageId": f"a{number}"}
            event["properties"] = {"machine": "analytical-engine"}
            assert server.send(write_key, "/v1/track", event) == 200
            event = {"event": "Seen", "userId": "bob", "messageId": f"b{number}"}
            assert server.send(write_key, "/v1/track", event) == 200
        known = {"userId": "ada", "messageId": "i1", "traits": {"email": "ada@example.org"}}
        assert server.send(write_key, "/v1/identify", known) == 200
        wrong = {"event": 7, "userId": "ada", "messageId": "w1", "properties": {"m": "analytical-engine"}}
        assert server.send(write_key, "/v1/track", wrong) == 400
        server.wait_folded()

        reach = server.api("GET", "/profiles/1/erasure")
        assert (reach["events"], reach["identifiers"], reach["dead_letters"]) == (31, 2, 1)
        asked = server.api("DELETE", "/profiles/by/email/ada@example.org")
        server.kill("tasks")

        def ended() -> Any:
            run = server.api("GET", f"/runs/{asked['id']}")
            return run if run["ended_at"] else None

        run = waiting(ended, "the end of the erasure")
        assert run["state"] == "succeeded", run["message"]
        assert "31 events" in run["message"]
        assert server.run("profiles", "show", "email", "ada@example.org", code=3)
        people = server.cli("profiles", "list")["items"]
        assert [one["events"] for one in people] == [{"Seen": 30}]
        assert "Equal" in server.cli("replay")["message"]
        backup = tmp_path / "backup"
        assert server.cli("backup", str(backup))["state"] == "succeeded"
        erased = server.cli("profiles", "erase", "user_id", "bob", "--yes")
        assert erased["state"] == "succeeded", erased["message"]
        assert server.cli("profiles", "list")["items"] == []
    for root in (data, backup):
        for path in (path for path in root.rglob("*") if path.is_file()):
            content = path.read_bytes()
            assert not [one for one in SECRETS if one in content], path
