"""A connector with a fault, installed like any other, in a real server beside one that works."""

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

MODULE = """
    import pathlib
    import msgspec
    from onefold.connectors.braze import BrazeConnector

    SWITCH = pathlib.Path(__file__).with_name("broken")

    class Connector(BrazeConnector):
        @property
        def info(self):
            return msgspec.structs.replace(super().info, name="shaky")

        def open(self, connection):
            destination = super().open(connection)
            send = destination.send

            async def shaky_send(channel, parcels):
                if SWITCH.exists():
                    return [][len(parcels)]
                return await send(channel, parcels)

            destination.send = shaky_send
            return destination

    connector = Connector()
"""
EVENTS = {"kind": "events", "name": "Events", "enabled": True}


@pytest.fixture
def switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installs the connector for every process of the test; it fails while this file exists."""
    site = tmp_path / "site"
    (site / "shaky-1.0.dist-info").mkdir(parents=True)
    (site / "shaky.py").write_text(textwrap.dedent(MODULE))
    (site / "shaky-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: shaky\nVersion: 1.0\n"
    )
    (site / "shaky-1.0.dist-info" / "entry_points.txt").write_text(
        "[onefold.connectors]\nshaky = shaky:connector\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=":")
    return site / "broken"


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


def test_a_fault_of_a_connector_is_told_and_goes_by_itself(
    switch: Path,
    tmp_path: Path,
    braze: BrazeSandbox,
    waiting: Callable[..., Any],
    serve_on: Callable[..., Any],
) -> None:
    switch.touch()
    with serve_on(tmp_path / "data") as server:
        for name, connector in (("Shaky", "shaky"), ("Well", "braze")):
            settings = {"settings": {"endpoint": braze.url}, "secrets": {"api_key": DEFAULT_KEY}}
            server.api(
                "POST", "/connections", {"name": name, "connector": connector, "goals": [EVENTS], **settings}
            )
        write_key = server.write_key()
        waiting(lambda: goal_of(server, "Well")["progress"]["state"] == "live", "the other goal is live")
        waiting(lambda: goal_of(server, "Shaky")["progress"]["state"] == "live", "the goal is live")
        event = {"userId": "ada", "event": "Seen", "messageId": "m1"}
        assert server.send(write_key, "/v1/track", event) == 200

        waiting(
            lambda: goal_of(server, "Shaky")["status"]["state"] == "failed", "the goal is shown as failed"
        )
        status = goal_of(server, "Shaky")["status"]
        assert status["code"] == "activate.connector_failed"
        assert status["message"].startswith("The connector shaky failed: IndexError in shaky.py, line ")
        assert "tried again" in status["hint"]
        asked = server.api("GET", "/flow")["attention"]
        assert any("Shaky has failed" in one["message"] and one["level"] == "error" for one in asked)
        assert "failed" in server.run("connections", "goals", "list", "Shaky").stdout
        assert "IndexError" in server.run("connections", "show", "Shaky").stdout
        assert "Shaky has failed" in server.run("status").stdout
        waiting(lambda: goal_of(server, "Well")["counts"]["passed"] == 1, "the other connection goes on")
        waiting(lambda: server.said().count("delivery.courier_failed") >= 3, "it was tried again")
        assert server.said().count("Traceback") == 1

        switch.unlink()
        waiting(lambda: goal_of(server, "Shaky")["status"]["state"] == "ok", "it has come back by itself")
        assert goal_of(server, "Shaky")["counts"]["passed"] == 1


def goal_of(server: Any, connection: str) -> dict[str, Any]:
    return dict(server.api("GET", f"/connections/{connection}/goals")["items"][0])
