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
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import Row, print_rows, usage
from benchmarks.server import Workspace, bare_workspace

HERE = Path(__file__).parent
SETTLE_S_MAX = 900
"""How long the rest may take to arrive after the generator has stopped."""


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
    """A fresh one with a segment and a connection, started; stopped and deleted at the end."""
    with bare_workspace() as running:
        running.post("/api/v1/segments", SEGMENT)
        running.connect("Local Braze", GOALS)
        yield running


def measure(options: argparse.Namespace) -> list[Row]:
    """Run the load once and wait until every event has arrived or stopped arriving."""
    with workspace() as running:
        pids = running.pids()
        before = usage(pids)
        started = time.monotonic()
        generated, lags = generate(running, options)
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


def generate(running: Workspace, options: argparse.Namespace) -> tuple[dict[str, float], list[int]]:
    """Send at a constant rate; what the generator tells at its end, and how far behind we were meanwhile."""
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
