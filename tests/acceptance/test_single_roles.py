"""Each role as a process of its own choosing: `onefold serve --role NAME`."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROLES = ("web", "worker", "deliver", "tasks")


def test_roles_that_are_started_one_by_one_work_together(
    tmp_path: Path, offline: Callable[..., Any], waiting: Callable[..., Any], port: int
) -> None:
    workspace = offline(tmp_path / "data")
    workspace.port = port
    running = [start(workspace.data_dir, role, port) for role in ROLES]
    try:
        waiting(lambda: is_ready(workspace), "every role runs")
        workspace.token = workspace.cli("tokens", "create", "tests")["token"]
        assert workspace.send(workspace.write_key(), "/v1/track", {"event": "Seen", "userId": "u"}) == 200
        workspace.wait_folded()
        assert workspace.api("GET", "/profiles/by/user_id/u")["events"] == {"Seen": 1}
        refused = workspace.run("serve", "--port", "0", code=7)
        assert "in use" in refused.stderr
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(60) for process in running]
    assert codes == [0, 0, 0, 0]


def start(data_dir: Path, role: str, port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "onefold", "serve", "--role", role, "--data-dir", str(data_dir)]
    return subprocess.Popen([*command, "--port", str(port)], stderr=subprocess.DEVNULL)


def is_ready(workspace: Any) -> bool:
    try:
        return bool(workspace.call("GET", "/readyz", None, {})[0] == 200)
    except OSError:
        return False
