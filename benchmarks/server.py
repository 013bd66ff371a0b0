"""A running `onefold serve` beside a local Braze, for benchmarks that go over sockets."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.measure import children, wait_for
from onefold.testing.ports import free_port

API_KEY = "benchmark-key"
START_S_MAX = 60


class Workspace:
    """A running `onefold serve` and a local Braze, with a source."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port, self.braze_port = free_port(), free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        self.braze = httpx.Client(base_url=f"http://127.0.0.1:{self.braze_port}", timeout=30)

    def start(self) -> None:
        data = str(self.directory / "data")
        self._run("braze-sandbox", "--port", str(self.braze_port), "--api-key", API_KEY)
        self._run("serve", "--data-dir", data, "--port", str(self.port))
        wait_for(lambda: _is_ready(self.api), timeout_s=START_S_MAX, what="onefold serve")
        token = _cli("tokens", "create", "bench", "--data-dir", data, "--json")["token"]
        self.api.headers["authorization"] = f"Bearer {token}"
        self.write_key = _cli("sources", "create", "bench", "--data-dir", data, "--json")["write_key"]

    def link(self) -> str:
        """A one-time link for a browser."""
        return str(_cli("open", "--data-dir", str(self.directory / "data"), "--json")["url"])

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait(60)

    def pids(self) -> dict[int, str]:
        """All our processes but the generator, by role."""
        found = {}
        for process in self.processes:
            found[process.pid] = "supervisor"
            for pid, name in children(process.pid).items():
                found[pid] = name.removeprefix("onefold-")
        found[self.processes[0].pid] = "local Braze"
        return found

    def flow(self) -> dict[str, Any]:
        """The live counters."""
        return self.get("/api/v1/flow")

    def get(self, path: str) -> dict[str, Any]:
        """Ask the API."""
        answer = self.api.get(path)
        answer.raise_for_status()
        return dict(answer.json())

    def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Ask the local Braze's own API."""
        answer = self.braze.request(method, f"/__sandbox/{path}", json=body)
        answer.raise_for_status()
        return dict(answer.json())

    def accepted_events(self) -> int:
        """Events that the local Braze took (purchases count apart)."""
        return int(self.control("GET", "stats")["events"])

    def connect(
        self, name: str, goals: list[dict[str, Any]], secrets: dict[str, str] | None = None, **settings: Any
    ) -> int:
        """Connect the local Braze, or another endpoint; the connection's id."""
        body = {
            "name": name,
            "connector": "braze",
            "settings": {"endpoint": f"http://127.0.0.1:{self.braze_port}", **settings},
            "secrets": {"api_key": API_KEY, **(secrets or {})},
        }
        connection = self.post("/api/v1/connections", body)
        for goal in goals:
            self.post(f"/api/v1/connections/{connection['id']}/goals", goal)
        return int(connection["id"])

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask the API for something new."""
        answer = self.api.post(path, json=body)
        if answer.is_error:
            raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")
        return dict(answer.json())

    def _run(self, *arguments: str) -> None:
        command = [str(Path(sys.executable).with_name("onefold")), *arguments]
        log = (self.directory / f"{arguments[0]}.txt").open("wb")
        self.processes.append(subprocess.Popen(command, stdout=log, stderr=log))


@contextmanager
def bare_workspace() -> Iterator[Workspace]:
    """A fresh one, started, without a connection; stopped and deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="onefold-bench-") as directory:
        running = Workspace(Path(directory))
        try:
            running.start()
            yield running
        finally:
            running.stop()


def _is_ready(api: httpx.Client) -> bool:
    try:
        return api.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _cli(*arguments: str) -> dict[str, Any]:
    command = [str(Path(sys.executable).with_name("onefold")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"onefold {' '.join(arguments[:2])}: {done.stderr}")
    return dict(json.loads(done.stdout))
