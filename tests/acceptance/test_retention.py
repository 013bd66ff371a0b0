"""The log at its size limit: senders hear 429 until it is shortened, by hand or by the settings."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

CONFIG = "[log]\nbytes_max = 1_000_000\n"


def test_a_full_log_refuses_until_it_is_shortened(
    tmp_path: Path, serve_on: Callable[[Path], AbstractContextManager[Any]], waiting: Callable[..., Any]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "onefold.toml").write_text(CONFIG)
    with serve_on(tmp_path / "data") as server:
        write_key = server.write_key()
        taken = 0

        def send() -> int:
            nonlocal taken
            event = {"event": "Seen", "userId": f"u{taken % 7}", "messageId": f"m{taken}"}
            event["properties"] = {"text": "x" * 20_000}
            status: int = server.send(write_key, "/v1/track", event)
            taken += status == 200
            return status

        waiting(lambda: send() == 429, "the log is full")
        attention = server.api("GET", "/flow")["attention"]
        assert any("log is full" in one["message"] and "retention run" in one["hint"] for one in attention)
        refused = server.api("POST", "/retention", {}, status=422)
        assert refused["code"] == "api.keeps_all"
        server.wait_folded()
        ended = server.cli("retention", "run", "--days", "0")
        assert ended["state"] == "succeeded", ended["message"]
        waiting(lambda: send() == 200, "there is room again")
        server.wait_folded()
        shown = server.api("GET", "/retention")
        assert shown["first_offset"] > 1
        assert shown["base"]["offset"] >= shown["first_offset"] - 1
        people = server.cli("profiles", "list")["items"]
        assert sum(person["events"]["Seen"] for person in people) == taken
        replayed = server.cli("replay")
        assert "Equal" in replayed["message"]
        assert json.loads(server.run("retention", "show", "--json").stdout) == shown
