"""A server in a process of its own, for tests that kill it: started on a port it keeps, ended by its id."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from onefold.testing.ports import free_port

START_S = 30.0
"""How long a start may take on a busy machine."""


class ServerProcess:
    """Runs `command(port)` on a free port, which restarts keep, with its output in a file."""

    def __init__(self, command: Callable[[int], Sequence[str]], output: Path) -> None:
        self._command = command
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it listens."""
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(list(self._command(self.port)), stdout=output, stderr=output)
        wait_until(self._is_settled, timeout_s=START_S, what="the start of the server")
        if self._process.poll() is not None:
            raise AssertionError(f"the server did not start: {self._output.read_text()}")

    def _is_settled(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            return True
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """kill -9: nothing is said to anybody."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, and wait; gives the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(number)
        return process.wait(timeout=START_S)


def capture_process(data_dir: Path, *write_keys: str) -> ServerProcess:
    """Capture alone, with a source for each write key."""

    def command(port: int) -> list[str]:
        start = [sys.executable, "-m", "onefold.testing.capture_server", "--data-dir", str(data_dir)]
        return [*start, "--port", str(port), *(word for key in write_keys for word in ("--write-key", key))]

    return ServerProcess(command, data_dir / "server.out")


def web_process(data_dir: Path) -> ServerProcess:
    """The web role as users run it; sources come from `create_source`."""

    def command(port: int) -> list[str]:
        serve = [sys.executable, "-m", "onefold", "serve", "--role", "web"]
        return [*serve, "--data-dir", str(data_dir), "--port", str(port)]

    return ServerProcess(command, data_dir / "server.out")


def create_source(data_dir: Path, name: str) -> str:
    """The write key of a new source, by the CLI."""
    create = [
        sys.executable,
        "-m",
        "onefold",
        "sources",
        "create",
        name,
        "--json",
        "--data-dir",
        str(data_dir),
    ]
    done = subprocess.run(create, check=True, capture_output=True, timeout=START_S)
    return str(json.loads(done.stdout)["write_key"])


def wait_until(condition: Callable[[], bool], *, timeout_s: float, what: str) -> None:
    """Return once the condition holds; fail after the time-out, saying what was waited for."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {timeout_s:g} s")
        time.sleep(0.02)
