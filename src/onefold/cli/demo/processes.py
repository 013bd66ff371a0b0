"""The two servers of the demo, each a process of its own: Onefold and the local Braze.

In: a data directory and ports. Out: their addresses. They end in order, or with this process.
"""

import contextlib
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from onefold.errors import OnefoldError

START_S_MAX = 60.0
"""A start takes a second or two; a busy machine may need more."""
STOP_S_MAX = 45.0
"""Longer than the drain of the server, which is 30 s at most."""
LOG_LINES_SHOWN = 8
PR_SET_PDEATHSIG = 1


class Child:
    """One server; `url` is where it listens."""

    def __init__(self, name: str, command: list[str], log: IO[bytes], ready: str) -> None:
        self.name = name
        self._log_path = Path(log.name)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            # Ctrl-C in the terminal is ours alone: the order of the end is decided here.
            process_group=0,
            preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509  (no thread runs yet)
        )
        try:
            self.url = self._wait_ready(ready)
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Raise if it has ended.

        Raises:
            OnefoldError: with the last that it said.
        """
        if self._process.poll() is not None:
            raise self._failure("has ended")

    def stop(self) -> None:
        """End it and wait; what it was doing it finishes."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S_MAX)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _wait_ready(self, ready: str) -> str:
        """The address, which stands behind the words `ready` in a line that it prints."""
        out = self._process.stdout
        assert out is not None  # noqa: S101  (it was opened as a pipe)
        said, deadline = b"", time.monotonic() + START_S_MAX
        while time.monotonic() < deadline:
            if select.select([out], [], [], 0.2)[0]:
                more = os.read(out.fileno(), 65_536)
                if not more:
                    break
                said += more
            for line in said.decode(errors="replace").splitlines(keepends=True):
                if ready in line and line.endswith("\n"):
                    return line.partition(ready)[2].split()[0]
        raise self._failure("did not start")

    def _failure(self, what: str) -> OnefoldError:
        lines = self._log_path.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        told = "".join(f"\n  {line}" for line in lines)
        return OnefoldError(
            "demo.failed", f"{self.name} {what}.{told}", hint=f"All that it said is in {self._log_path}."
        )


def start_onefold(data_dir: Path, port: int, log: IO[bytes]) -> Child:
    """All roles on the directory."""
    command = [sys.executable, "-m", "onefold", "serve", "--data-dir", str(data_dir), "--port", str(port)]
    return Child("Onefold", command, log, "Onefold is ready at")


def start_braze(port: int, key: str, log: IO[bytes]) -> Child:
    """The local Braze."""
    command = [sys.executable, "-m", "onefold.sandbox.braze", "--port", str(port), "--api-key", key]
    return Child("The local Braze", command, log, "local Braze ready on")


def free_port(wanted: int) -> int:
    """The port if nobody listens there, else 0: whichever is free."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


def _die_with_parent(parent: int):  # type: ignore[no-untyped-def]
    """Linux ends the child when this process is gone, however it went."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask
