"""How many events a second capture makes durable, beside the empty answer of the same server in the same run.

One web process (uvicorn, uvloop, httptools) on SQLite FULL, 64 keep-alive connections of `wrk` (Debian:
`apt install wrk`), which runs on the same cores. Bodies: 690 bytes an event.

    python -m benchmarks.capture [--seconds 5] [--connections 64] [--dir DIR] [--json]
"""

import argparse
import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Row, machine, print_rows, usage
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.testing.server_process import ServerProcess, capture_process

WRITE_KEY = "wk_bench"
ROUNDS = 3
"""The machine is rarely quiet: reference and figure take turns, and the median of each counts."""

EVENT = {
    "type": "track",
    "event": "Order Completed",
    "userId": "u-1234567",
    "messageId": "node-next-1764000000000-0f8fad5b-d9cb-469f-a165-70867728950e",
    "timestamp": "2026-11-23T15:15:59.367Z",
    "properties": {
        "order_id": "o-1234567",
        "revenue": 112.5,
        "currency": "EUR",
        "products": [{"product_id": "p-1", "price": 3.5, "quantity": 3}, {"product_id": "p-2", "price": 102}],
    },
    "context": {
        "library": {"name": "@segment/analytics-node", "version": "3.1.0"},
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
        "page": {"url": "https://shop.example/checkout", "path": "/checkout", "title": "Checkout"},
        "locale": "en-US",
    },
    "integrations": {},
    "_metadata": {"nodeVersion": "v20.20.2", "jsRuntime": "node"},
}


class Load:
    """What `wrk` sends to a path, and how many events are in it."""

    def __init__(self, path: str, body: object, events: int, directory: Path) -> None:
        self.events = events
        self.path = path
        basic = base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
        self._script = directory / f"{path.strip('/').replace('/', '-')}-{events}.lua"
        self._script.write_text(
            'wrk.method = "POST"\n'
            f'wrk.headers["Authorization"] = "Basic {basic}"\n'
            'wrk.headers["Content-Type"] = "application/json"\n'
            f"wrk.body = [==[{json.dumps(body)}]==]\n"
        )

    def run(self, url: str, *, connections: int, seconds: int) -> "Answers":
        """Send for so many seconds over so many connections."""
        done = subprocess.run(
            [
                "wrk",
                "-t1",
                f"-c{connections}",
                f"-d{seconds}s",
                "--latency",
                "-s",
                str(self._script),
                url + self.path,
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        return Answers(done.stdout)


class Answers:
    """What `wrk` says of its run."""

    def __init__(self, text: str) -> None:
        errors = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        if errors:
            raise RuntimeError(f"{errors.group(1)} requests were refused")
        self.requests = int(re.search(r"(\d+) requests in", text).group(1))
        self.per_s = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        self.p99 = re.search(r"99%\s+(\S+)", text).group(1)


class Bench:
    """One server, and loads that take turns on it."""

    def __init__(self, server: ServerProcess, data_dir: Path, *, connections: int, seconds: int) -> None:
        self._server = server
        self._data_dir = data_dir
        self._connections = connections
        self._seconds = seconds

    def row(self, name: str, load: Load, empty: Load, *, floor: str, aim: str) -> Row:
        """Our figure and the reference, by turns; what was answered is then counted in the log."""
        ours, references, cpu = [], [], []
        for _ in range(ROUNDS):
            references.append(self._run(empty).per_s)
            before, stored = usage([self._server.pid]), self._stored()
            ours.append(self._run(load))
            used = usage([self._server.pid])
            cpu.append((used.cpu_s - before.cpu_s) / self._seconds)
            if self._stored() - stored < ours[-1].requests:
                raise RuntimeError("fewer records in the log than answers")
        middle = sorted(ours, key=lambda answers: answers.per_s)[ROUNDS // 2]
        return Row(
            name,
            middle.per_s * load.events,
            "events/s",
            reference=sorted(references)[ROUNDS // 2],
            reference_name="empty answers/s",
            floor=floor,
            aim=aim,
            cpu=f"{sorted(cpu)[ROUNDS // 2]:.2f} cores",
            memory_mb=used.memory_mb,
            note=f"{middle.per_s:,.0f} requests/s; p99 {middle.p99}",
        )

    def _run(self, load: Load) -> Answers:
        return load.run(self._server.url, connections=self._connections, seconds=self._seconds)

    def _stored(self) -> int:
        reader = EmbeddedLogReader(self._data_dir)
        try:
            return reader.end()
        finally:
            reader.close()


def measure(directory: Path, *, connections: int, seconds: int) -> list[Row]:
    """All rows."""
    server = capture_process(directory, WRITE_KEY)
    server.start()
    try:
        bench = Bench(server, directory, connections=connections, seconds=seconds)
        empty = Load("/empty", EVENT, 0, directory)
        single = Load("/v1/track", EVENT, 1, directory)
        rows = [
            bench.row(
                "capture, single events, durable",
                single,
                empty,
                floor="15k/s and 0.3",
                aim="35k/s and 0.6",
            )
        ]
        for events in (50, 100):
            batch = Load(
                "/v1/batch", {"batch": [EVENT] * events, "sentAt": EVENT["timestamp"]}, events, directory
            )
            rows.append(
                bench.row(
                    f"capture, batches of {events}, durable", batch, empty, floor="120k/s", aim="250k/s"
                )
            )
        return rows
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=5, help="of each of the runs")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--dir", type=Path, help="where the log is written; its disk counts")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: apt install wrk")
    with tempfile.TemporaryDirectory(dir=arguments.dir) as directory:
        rows = measure(Path(directory), connections=arguments.connections, seconds=arguments.seconds)
    if not arguments.json:
        print(machine(), end="\n\n")
    print_rows(rows, as_json=arguments.json)


if __name__ == "__main__":
    main()
