"""Rules of identity change on a running server: kill -9, a restart and other settings make no difference."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def identify(server: Any, key: str, who: str, number: str, card: str = "") -> None:
    traits = {"phone": number, **({"card": card} if card else {})}
    event = {"userId": who, "messageId": f"{who}-{time.time_ns()}", "traits": traits}
    assert server.send(key, "/v1/identify", event) == 200


def identifiers(server: Any, who: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = server.api("GET", f"/profiles/by/user_id/{who}")["identifiers"]
    return found


def check_replay(server: Any) -> None:
    run = server.wait_run(server.api("POST", "/replays")["id"])
    assert run["state"] == "succeeded", run["message"]


@pytest.mark.timeout(300)
def test_a_change_holds_from_its_place_on_whatever_happens_behind_it(
    tmp_path: Path, serve_on: Callable[..., Any]
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "onefold.toml").write_text('[unify]\nphone_region = "DE"\n')
    with serve_on(data_dir) as server:
        key = server.write_key()
        identify(server, key, "ada", "030 901820")
        server.api("PUT", "/identity", {"phone_region": "CH", "trait_identifiers": {"card": "loyalty"}})
        for role, number in (("web", "044 668 18 01"), ("worker", "044 668 18 00")):
            identify(server, key, f"killed-{role}", number, f"c-{role}")
            server.kill(role)
        server.wait_folded()
        assert identifiers(server, "ada")["phone"] == ["+4930901820"]
        assert identifiers(server, "killed-worker")["phone"] == ["+41446681800"]
        assert identifiers(server, "killed-web")["loyalty"] == ["c-web"]
        assert server.api("GET", "/identity")["status"]["is_in_force"]
        check_replay(server)

        # The file says something else: of what the workspace sets nothing changes, the rest becomes a record.
        (server.data_dir / "onefold.toml").write_text('[unify]\nphone_region = "FR"\ncurrency = "JPY"\n')
        server.stop()
        server.start()
        server.wait_folded()
        found = server.cli("identity", "show")
        assert (found["rules"]["phone_region"], found["rules"]["currency"]) == ("CH", "JPY")
        assert found["version"] == 2
        order = {"userId": "ada", "event": "Order Completed", "properties": {"revenue": 80}}
        assert server.send(key, "/v1/track", order) == 200
        server.wait_folded()
        totals = server.api("GET", "/totals?by=currency")["items"]
        assert "JPY" in [one["currency"] for one in totals]
        check_replay(server)
