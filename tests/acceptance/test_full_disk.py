"""A disk that is really full: nothing that was answered is lost, and all goes on once there is room."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

SIZE = "24m"
"""Room for a fresh workspace with the write-ahead file of each database, and little more."""
FILL_BYTES = 64 * 1024
CONFIG = "[log]\ndisk_free_bytes_min = 0\n"
"""Onefold keeps some bytes free so that this never happens: here it must."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)]
    try:
        done = subprocess.run(mount, check=False, capture_output=True, timeout=10)
    except OSError:
        pytest.skip("cannot mount a small filesystem")
    if done.returncode:
        pytest.skip("cannot mount a small filesystem")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True, timeout=10)


def fill(ballast: Path) -> None:
    """Take every byte that is left."""
    with ballast.open("ab", buffering=0) as file:
        size = FILL_BYTES
        while size:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 2


class Sender:
    """Sends one event after the other; remembers which were taken."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._write_key = server.write_key()
        self._number = 0
        self.taken = 0

    def send(self) -> int:
        """One event; gives the status."""
        self._number += 1
        event = {"event": "Seen", "userId": f"u{self._number % 50}", "messageId": f"m{self._number}"}
        event["properties"] = {"text": "x" * 2000}
        status: int = self._server.send(self._write_key, "/v1/track", event)
        self.taken += status == 200
        return status

    def is_refused(self) -> bool:
        """Send; whether it was refused for want of room."""
        status = self.send()
        assert status in {200, 429}
        return status == 429

    def is_taken(self) -> bool:
        """Send; whether it was taken."""
        return self.send() == 200


def test_a_full_disk_loses_nothing_and_all_roles_come_back(
    small_disk: Path,
    serve_on: Callable[[Path], AbstractContextManager[Any]],
    waiting: Callable[..., Any],
) -> None:
    (small_disk / "onefold.toml").write_text(CONFIG)
    with serve_on(small_disk) as server:
        sender = Sender(server)
        for _ in range(20):
            assert sender.is_taken()
        server.wait_folded()
        worker, ballast = server.pid_of("worker"), small_disk / "ballast"
        os.kill(worker, signal.SIGSTOP)
        for _ in range(200):
            assert sender.is_taken()
        fill(ballast)
        os.kill(worker, signal.SIGCONT)
        waiting(lambda: "storage.cannot_write" in server.said(), "the worker cannot commit")
        waiting(sender.is_refused, "capture refuses")
        for _ in range(5):
            sender.send()
        assert "storage.cannot_write" in server.run("sources", "create", "other", code=1).stderr
        ballast.unlink()
        waiting(sender.is_taken, "capture takes events again")
        server.wait_folded()
        people = server.cli("profiles", "list", "--limit", "100")["items"]
        assert sum(person["events"]["Seen"] for person in people) == sender.taken
        roles = {one["role"]: one["status"] for one in server.api("GET", "/status")["roles"]}
        assert set(roles.values()) == {"running"}
        assert "Equal" in server.cli("replay")["message"]
