"""A server in a process of its own, for tests that kill it: started on a port it keeps, ended by its id."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

START_S = 30.0
"""How long a start may take on a busy machine."""


class ServerProcess:
    """Runs `command(port)`, which prints `{"port": N}` once it listens; restarts keep the port."""

    def __init__(self, command: Callable[[int], Sequence[str]]) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

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
        self._process = subprocess.Popen(
            list(self._command(self.port)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        watchdog = threading.Timer(START_S, self._process.kill)
        watchdog.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        watchdog.cancel()
        if not line:
            raise AssertionError(f"the server did not start: {self._process.communicate()[1]}")
        self.port = int(json.loads(line)["port"])

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
        process.communicate(timeout=START_S)
        return process.returncode


def capture_process(data_dir: Path, *write_keys: str) -> ServerProcess:
    """Capture alone, with a source for each write key."""

    def command(port: int) -> list[str]:
        start = [sys.executable, "-m", "onefold.testing.capture_server", "--data-dir", str(data_dir)]
        return [*start, "--port", str(port), *(word for key in write_keys for word in ("--write-key", key))]

    return ServerProcess(command)


def wait_until(condition: Callable[[], bool], *, timeout_s: float, what: str) -> None:
    """Return once the condition holds; fail after the time-out, saying what was waited for."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {timeout_s:g} s")
        time.sleep(0.02)
