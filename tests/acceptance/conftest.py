"""A whole Onefold as users run it: `onefold serve` as a process, spoken to by HTTP and by its commands."""

import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.ports import free_port

START_S = 60.0
"""A start on a busy machine: four interpreters, each with its imports."""
WAIT_S = 60.0
CALL_S = 20.0


def wait_for(condition: Callable[[], Any], what: str, *, timeout_s: float = WAIT_S) -> Any:
    """What the condition gives as soon as it is true."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s:g} s: {what}")
        time.sleep(0.05)
    return found


def command_environment() -> dict[str, str]:
    """This one's, without settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ONEFOLD_")}


class Server:
    """One data directory and the server on it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = 0
        self.token = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.output = data_dir.with_name(data_dir.name + ".out")

    def start(self, *flags: str) -> None:
        """Start it and wait until every role is up."""
        command = [sys.executable, "-m", "onefold", "serve", "--data-dir", str(self.data_dir), *flags]
        self.output.write_bytes(b"")
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                stdout=output,
                stderr=output,
                env=command_environment(),
            )
        wait_for(self._is_settled, f"the start of the server; it said: {self.said()}", timeout_s=START_S)
        line = next((line for line in self.said().splitlines() if "ready at" in line), "")
        assert line, self.said()
        self.port = int(line.rpartition(":")[2])
        self.token = self.token or self.cli("tokens", "create", "tests")["token"]

    def _is_settled(self) -> bool:
        assert self.process is not None
        return "data   " in self.said() or self.process.poll() is not None

    def said(self) -> str:
        """What it printed."""
        return self.output.read_text(errors="replace")

    def stop(self) -> int:
        """SIGTERM, and wait for the drain; gives the exit code."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=WAIT_S)

    def pid_of(self, role: str) -> int:
        """The process of a role that runs; 0 while there is none."""
        found = json.loads((self.data_dir / "run" / f"{role}.role").read_text() or "{}")
        return int(found["pid"]) if found.get("status") == "running" else 0

    @contextmanager
    def roles(self, *names: str) -> Iterator[None]:
        """Some roles, each a process of its own, for the length of a `with` block; each must end well."""
        common = ["--data-dir", str(self.data_dir), "--port", str(self.port)]
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "onefold", "serve", "--role", name, *common],
                stderr=subprocess.DEVNULL,
                env=command_environment(),
            )
            for name in names
        ]
        try:
            yield
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            codes = [process.wait(WAIT_S) for process in running]
        assert codes == [0] * len(names)

    def kill(self, role: str) -> None:
        """kill -9 a role, and wait until the next one is up."""
        killed = wait_for(lambda: self.pid_of(role), f"{role} runs")
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: self.pid_of(role) not in (0, killed), f"{role} is up again")

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """A command, whatever it prints."""
        command = [sys.executable, "-m", "onefold", *arguments, "--data-dir", str(self.data_dir)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=WAIT_S, env=command_environment(), check=False
        )
        assert done.returncode == code, done.stderr + done.stdout
        return done

    def run_elsewhere(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command that names its own directory."""
        command = [sys.executable, "-m", "onefold", *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=WAIT_S, env=command_environment(), check=False
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done

    def cli(self, *arguments: str) -> Any:
        """A command with --json."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def api(self, method: str, path: str, body: object = None, *, status: int = 0) -> Any:
        """A call of the API with the token."""
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        found, answer = self.call(
            method, f"/api/v1{path}", None if body is None else json.dumps(body), headers
        )
        assert found == status if status else found < 300, (found, answer)
        return json.loads(answer) if answer else None

    def call(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """Plain HTTP."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CALL_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def send(self, write_key: str, path: str, event: dict[str, object]) -> int:
        """An event as a server-side program sends it; gives the status."""
        basic = base64.b64encode(f"{write_key}:".encode()).decode()
        headers = {"authorization": f"Basic {basic}", "content-type": "application/json"}
        return self.call("POST", path, json.dumps(event), headers)[0]

    def write_key(self, name: str = "web") -> str:
        """The key of a new source."""
        return str(self.cli("sources", "create", name)["write_key"])

    def wait_folded(self) -> dict[str, Any]:
        """The status, once the worker has come to the end of the log."""

        def folded() -> Any:
            status = self.api("GET", "/status")
            return status if status["folded_to"] >= status["log_end"] > 0 else None

        found: dict[str, Any] = wait_for(folded, "the worker is at the end of the log")
        return found

    def wait_run(self, run_id: str) -> dict[str, Any]:
        """A run, once it has ended."""

        def ended() -> Any:
            run = self.api("GET", f"/runs/{run_id}")
            return run if run["ended_at"] else None

        found: dict[str, Any] = wait_for(ended, f"{run_id} ends")
        return found


@contextmanager
def served(data_dir: Path, *flags: str) -> Iterator[Server]:
    """A server for the length of a `with` block."""
    server = Server(data_dir)
    try:
        server.start(*flags)
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh one."""
    with served(tmp_path / "data") as running:
        yield running


@pytest.fixture(scope="session")
def offline() -> Callable[..., Any]:
    """A data directory on which no server runs."""
    return Server


@pytest.fixture(scope="session")
def serve_on() -> Callable[..., Any]:
    """`served`, for tests that start several."""
    return served


@pytest.fixture(scope="session")
def waiting() -> Callable[..., Any]:
    """`wait_for`."""
    return wait_for


@pytest.fixture
def port() -> int:
    """One for a server that is told where to listen."""
    return free_port()
