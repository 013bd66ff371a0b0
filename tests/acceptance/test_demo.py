"""`onefold demo` as a newcomer starts, ends, goes on with and removes it: real processes, a short past."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from onefold.testing.server_process import START_S

DAYS = "2"
END_S = 60.0


class Demo:
    """One run of it."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.output = root.with_name("demo.out")
        command = [sys.executable, "-m", "onefold", "demo", "--data-dir", str(root), "--port", "0"]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "--braze-port", "0", "--rate", "50", "--history-days", DAYS],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
            )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def braze_port(self) -> int:
        found = re.search(r"Braze +http://127\.0\.0\.1:(\d+)/", self.said())
        return int(found[1]) if found else 0

    def braze(self) -> Any:
        """What the local Braze counts; None before it is there."""
        port = self.braze_port()
        if not port:
            assert self.process.poll() is None, self.said()
            return None
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_S)
        try:
            connection.request("GET", "/__sandbox/stats")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def shop(self) -> Any:
        return json.loads((self.root / "demo.json").read_text())["shop"]

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(END_S)


def test_the_demo_delivers_goes_on_and_is_removed(tmp_path: Path, waiting: Callable[..., Any]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEFOLD_")}
    demo = Demo(tmp_path / "demo", environment)
    try:
        stats = waiting(lambda: events_arrived(demo), "Braze has people and events", timeout_s=90)
        assert stats["objects_refused"] == 0
        link = re.search(r"Onefold +http://127\.0\.0\.1:\d+/open/\S+", demo.said())
        assert link, demo.said()
    finally:
        assert demo.end() == 0, demo.said()
    before = demo.shop()

    again = Demo(tmp_path / "demo", environment)
    try:
        waiting(lambda: events_arrived(again), "the new Braze has people and events", timeout_s=90)
        waiting(lambda: again.shop()["sent"] > before["sent"], "the shop goes on")
        assert again.shop()["began"] == before["began"]
    finally:
        assert again.end() == 0, again.said()

    command = [sys.executable, "-m", "onefold", "demo", "--reset", "--data-dir", str(tmp_path / "demo")]
    subprocess.run(command, check=True, timeout=END_S, env=environment)
    assert not (tmp_path / "demo").exists()


def events_arrived(demo: Demo) -> Any:
    stats = demo.braze()
    return stats if stats and stats["attributes"] and stats["events"] else None
