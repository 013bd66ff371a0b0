"""How fast a profile is found by an identifier while events stream in, beside the same server's /healthz.

python -m benchmarks.profiles --rate 1000 --seconds 15 [--json]
"""

import argparse
import random
import subprocess
import sys
import time

import httpx

from benchmarks.measure import Row, print_rows, usage
from benchmarks.server import Workspace
from benchmarks.whole_way import HERE, workspace

WARM_S = 3
"""So long events stream in before anyone asks: there must be people to find."""


def measure(options: argparse.Namespace) -> list[Row]:
    """Ask in turn for a profile and for nothing, one request at a time, while the load runs."""
    with workspace() as running:
        generator = _start_load(running, options)
        time.sleep(WARM_S)
        pids = running.pids()
        before, started = usage(pids), time.monotonic()
        found, empty = _ask(running.api, options)
        seconds = time.monotonic() - started
        after = usage(pids)
        generator.wait()
    row = Row(
        name=f"profile by identifier at {options.rate:,.0f} events/s",
        figure=_percentile(found, 0.99),
        unit="ms p99",
        reference=_percentile(empty, 0.99),
        reference_name="ms p99 of /healthz",
        floor="20 ms",
        aim="5 ms",
        cpu=f"{(after.cpu_s - before.cpu_s) / seconds:.2f} cores",
        memory_mb=after.memory_mb,
        note=f"p50 {_percentile(found, 0.5):.2f} ms, {len(found):,} look-ups, {options.people:,} people",
    )
    return [row]


def _start_load(running: Workspace, options: argparse.Namespace) -> "subprocess.Popen[bytes]":
    arguments = ["--port", str(running.port), "--write-key", running.write_key, "--rate", str(options.rate)]
    arguments += ["--seconds", str(options.seconds + WARM_S), "--people", str(options.people)]
    return subprocess.Popen(
        [sys.executable, str(HERE / "generator.py"), *arguments], stdout=subprocess.DEVNULL
    )


def _ask(api: httpx.Client, options: argparse.Namespace) -> tuple[list[float], list[float]]:
    choose = random.Random(1)
    found: list[float] = []
    empty: list[float] = []
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        person = int(options.people * choose.random() ** 3)
        taken, status = _timed(api, f"/api/v1/profiles/by/user_id/u{person}")
        if status == 200:
            found.append(taken)
        elif status == 429:
            time.sleep(0.2)
        empty.append(_timed(api, "/healthz")[0])
        time.sleep(0.01)
    return found, empty


def _timed(api: httpx.Client, path: str) -> tuple[float, int]:
    start = time.perf_counter()
    status = api.get(path).status_code
    return (time.perf_counter() - start) * 1000, status


def _percentile(values: list[float], part: float) -> float:
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def main() -> None:
    """Parse the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print_rows(measure(options), as_json=options.json)


if __name__ == "__main__":
    main()
