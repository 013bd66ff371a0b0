"""The whole way: HTTP -> durable -> folded -> segmented -> accepted by the local Braze, at a constant rate.

Everything runs on this machine: generator, `onefold serve` (all roles), `onefold braze-sandbox`. Every
event is also sent as a Braze event, and identified people keep three attributes up to date. Latency is
measured by the delivering role, from receipt at capture to Braze's answer. The reference is the rate
at which this capture answers the same generator while nothing is delivered.

    python -m benchmarks.whole_way --rate 1000 --seconds 30
    python -m benchmarks.whole_way --rate 3000 --seconds 600     # ten minutes without a growing lag
    python -m benchmarks.whole_way --rate 20000 --batch 50       # more than it can take: the ceiling
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.measure import Row, children, print_rows, usage, wait_for

API_KEY = "benchmark-key"
HERE = Path(__file__).parent
START_S_MAX = 60
SETTLE_S_MAX = 900
"""How long the rest may take to arrive after the generator has stopped."""


class Workspace:
    """A running `onefold serve` and a local Braze, with a source, a segment and a connection."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port, self.braze_port = _free_port(), _free_port()
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
        self._post("/api/v1/segments", SEGMENT)
        connection = self._post("/api/v1/connections", self._connection())
        for goal in GOALS:
            self._post(f"/api/v1/connections/{connection['id']}/goals", goal)

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
            for pid, command in children(process.pid).items():
                found[pid] = command.partition("--role ")[2].partition(" ")[0] or "other"
        found[self.processes[0].pid] = "local Braze"
        return found

    def flow(self) -> dict[str, Any]:
        """The live counters."""
        return self._get(self.api, "/api/v1/flow")

    def accepted_events(self) -> int:
        """Events that the local Braze took (purchases count apart)."""
        return int(self._get(self.braze, "/__sandbox/stats")["events"])

    def _connection(self) -> dict[str, Any]:
        return {
            "name": "Local Braze",
            "connector": "braze",
            "settings": {"endpoint": f"http://127.0.0.1:{self.braze_port}"},
            "secrets": {"api_key": API_KEY},
        }

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.api.post(path, json=body)
        if answer.is_error:
            raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")
        return dict(answer.json())

    @staticmethod
    def _get(client: httpx.Client, path: str) -> dict[str, Any]:
        answer = client.get(path)
        answer.raise_for_status()
        return dict(answer.json())

    def _run(self, *arguments: str) -> None:
        command = [str(Path(sys.executable).with_name("onefold")), *arguments]
        log = (self.directory / f"{arguments[0]}.txt").open("wb")
        self.processes.append(subprocess.Popen(command, stdout=log, stderr=log))


SEGMENT = {
    "name": "Shoppers",
    "condition": {"kind": "event", "event": "Order Completed", "window": {"kind": "last", "amount": 30}},
}
GOALS: list[dict[str, Any]] = [
    {
        "kind": "events",
        "name": "Events",
        "enabled": True,
        "settings": {"purchase_events": [], "anonymous": "alias"},
    },
    {
        "kind": "export",
        "name": "People",
        "enabled": True,
        "mappings": [
            {"source": {"kind": "trait", "trait": "email"}, "field": "email"},
            {"source": {"kind": "trait", "trait": "plan"}, "field": "plan"},
            {"source": {"kind": "segment", "segment_id": 1}, "field": "shopper"},
        ],
    },
]


@contextmanager
def workspace() -> Iterator[Workspace]:
    """A fresh one, started; stopped and deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="onefold-bench-") as directory:
        running = Workspace(Path(directory))
        try:
            running.start()
            yield running
        finally:
            running.stop()


def measure(options: argparse.Namespace) -> list[Row]:
    """Run the load once and wait until every event has arrived or stopped arriving."""
    with workspace() as running:
        pids = running.pids()
        before = usage(pids)
        started = time.monotonic()
        generated, lags = _generate(running, options)
        lag_at_end = lags[-1] if lags else 0
        wanted = int(generated["acknowledged"])
        arrived = _settle(running)
        seconds = time.monotonic() - started
        after = usage(pids)
        own = usage(pid for pid, role in pids.items() if role != "local Braze")
        flow = running.flow()
    latency = flow["latency_ms"] or {"p50": 0, "p99": 0}
    drained = f"{wanted / seconds:,.0f}/s until the last had arrived"
    note = (
        f"{options.seconds:.0f} s; capture p50 {generated['p50_ms']} p99 {generated['p99_ms']} ms; whole way "
        f"p50 {latency['p50']:.0f} p99 {latency['p99']:.0f} ms; {arrived} tracks at Braze; "
        f"most behind {max(lags, default=0):,}, at the end {lag_at_end:,} events; {drained}; "
        f"refused {generated['refused']}"
    )
    row = Row(
        name=f"whole way at {options.rate:,.0f}/s in bodies of {options.batch}",
        figure=wanted / seconds,
        unit="events/s",
        reference=generated["events_per_s"],
        reference_name="acknowledged by capture",
        floor="5k/s; p99 < 1 s at 1k/s",
        aim="12k; p99 < 300 ms",
        cpu=f"{(after.cpu_s - before.cpu_s) / seconds:.2f} cores",
        memory_mb=own.memory_mb,
        note=note,
    )
    return [row]


def _generate(running: Workspace, options: argparse.Namespace) -> tuple[dict[str, float], list[int]]:
    arguments = [
        *("--port", str(running.port), "--write-key", running.write_key, "--rate", str(options.rate)),
        *("--seconds", str(options.seconds), "--batch", str(options.batch), "--people", str(options.people)),
    ]
    generator = subprocess.Popen(
        [sys.executable, str(HERE / "generator.py"), *arguments], stdout=subprocess.PIPE, text=True
    )
    lags = []
    while generator.poll() is None:
        time.sleep(min(1.0, options.seconds / 10))
        lags.append(_behind(running.flow()))
    output, _ = generator.communicate()
    return json.loads(output), lags


def _behind(flow: dict[str, Any]) -> int:
    return sum(stage["deferred"] for stage in flow["stages"])


def _settle(running: Workspace) -> int:
    """Wait until nothing is behind and Braze's count stands still."""
    deadline = time.monotonic() + SETTLE_S_MAX
    last = -1
    while time.monotonic() < deadline:
        arrived = running.accepted_events()
        if arrived == last and not _behind(running.flow()):
            return arrived
        last = arrived
        time.sleep(0.3)
    raise TimeoutError(
        f"still arriving after {SETTLE_S_MAX} s: {last} at Braze, {_behind(running.flow())} behind"
    )


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Parse the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print_rows(measure(options), as_json=options.json)


if __name__ == "__main__":
    main()
