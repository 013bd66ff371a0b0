"""Whether a dead destination slows a healthy one: the same run without it, and with it beside.

    python -m benchmarks.dead --events 60000 --people 20000 --rate 1000 --seconds 20 [--json]

Dead in two ways: it refuses every connection, or takes them and never answers. The rate is that of *deliver*
alone, through a backlog; the latency is that of the whole way at a constant rate. Both connections have the
same goal, so the dead one has as much to send as the healthy one.
"""

import argparse
import asyncio
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import uvloop

from benchmarks.deliver import QUIET, Directory, prepare
from benchmarks.measure import Row, print_rows, usage
from benchmarks.server import Workspace, bare_workspace
from benchmarks.whole_way import GOALS, SEGMENT, generate
from onefold.activate.deliver import Deliver
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.database import open_reader
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.log import EmbeddedLog
from onefold.connectors.braze import BrazeConnector
from onefold.model.goal import Goal
from onefold.testing.sandbox import braze_sandbox

WAYS = ("refuses", "never answers")
POLL_S = 0.01
STILL_S = 2.0
"""Nothing more arrives when nothing arrived for so long: the generator has ended."""
WAITING_MAX = 128
"""More than a connection opens at once."""
ACCEPTED = """select ifnull(sum(count), 0) from counter
    where stage = 'activate' and subject = '1/1' and kind = 0"""


class Dead:
    """An address where nobody is, or where nobody says anything."""

    def __init__(self, way: str) -> None:
        # The kernel completes the connections of a listener that never accepts.
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=WAITING_MAX)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        if way == "refuses":
            self._listener.close()

    def close(self) -> None:
        """Whoever waits for an answer is told that none will come."""
        self._listener.close()


class Drained(NamedTuple):
    """What a backlog took."""

    per_s: float
    cpu_us: float
    memory_mb: float


class Streamed(NamedTuple):
    """What a constant rate took."""

    p50_ms: float
    p99_ms: float
    cores: float
    memory_mb: float
    arrived: int


def measure(options: argparse.Namespace) -> list[Row]:
    """Rate and latency beside each kind of dead destination, taking turns with the same without it."""
    rows = []
    for way in WAYS:
        turns = [(_drain(options, None), _drain(options, way)) for _ in range(options.turns)]
        alone, drained = _median([one for one, _ in turns]), _median([one for _, one in turns])
        least, most = min(one.per_s for one, _ in turns), max(one.per_s for one, _ in turns)
        calm, streamed = _stream(options, None), _stream(options, way)
        rows += [
            Row(
                f"deliver, events, beside a destination that {way}",
                drained.per_s,
                "objects/s",
                alone.per_s,
                "without it",
                floor="ratio 0.95",
                cpu=f"{drained.cpu_us:.0f} µs an object (without it {alone.cpu_us:.0f})",
                memory_mb=drained.memory_mb,
                note=f"medians of {options.turns} turns each; without it {least:,.0f} to {most:,.0f}",
            ),
            Row(
                f"whole way at {options.rate:,.0f}/s, beside a destination that {way}",
                streamed.p99_ms,
                "ms p99",
                calm.p99_ms,
                "without it",
                cpu=f"{streamed.cores:.2f} cores (without it {calm.cores:.2f})",
                memory_mb=streamed.memory_mb,
                note=f"p50 {streamed.p50_ms:.0f} ms (without it {calm.p50_ms:.0f}); "
                f"{streamed.arrived:,} events arrived (without it {calm.arrived:,})",
            ),
        ]
    return rows


def _median(turns: list[Drained]) -> Drained:
    """Of each figure by itself: turns of the same differ by a third on a machine that others use."""
    return Drained(*(statistics.median(figure) for figure in zip(*turns, strict=True)))


def _drain(options: argparse.Namespace, way: str | None) -> Drained:
    """Deliver a backlog to the healthy one."""
    dead = Dead(way) if way else None
    count = 2 if dead else 1
    goals = [
        Goal(number, number, "events", "Events", True, settings={"start": "beginning"})
        for number in range(1, count + 1)
    ]
    with tempfile.TemporaryDirectory(dir=options.dir) as folder, braze_sandbox(**QUIET) as sandbox:
        path = Path(folder)
        prepare(path, options.events, options.people)
        directory = Directory(sandbox, *goals, also=[dead.url] if dead else [])
        found = uvloop.run(_deliver(path, directory, options.events, dead))
        sandbox.flush()
        if sandbox.stats()["events"] != options.events:
            raise RuntimeError(f"{sandbox.stats()['events']} of {options.events} events arrived")
    return found


async def _deliver(path: Path, directory: Directory, count: int, dead: Dead | None) -> Drained:
    store, state, log = EmbeddedDelivery(path), EmbeddedStateReader(path), EmbeddedLog(path)
    deliver = Deliver(store, directory, state, log, {"braze": BrazeConnector()})
    stop = asyncio.Event()
    began, cpu = time.perf_counter(), time.process_time()
    task = asyncio.create_task(deliver.run(stop))
    with closing(open_reader(path, "delivery")) as reader:
        while reader.execute(ACCEPTED).fetchone()[0] < count:  # noqa: ASYNC110 - a fact on disk
            await asyncio.sleep(POLL_S)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    memory = usage([os.getpid()]).memory_mb
    if dead is not None:
        dead.close()
    stop.set()
    await task
    for one in (store, state, log):
        one.close()
    return Drained(count / took, used / count * 1e6, memory)


def _stream(options: argparse.Namespace, way: str | None) -> Streamed:
    """Send at a constant rate through all roles."""
    with bare_workspace() as running, _beside(way) as dead:
        running.post("/api/v1/segments", SEGMENT)
        running.connect("Healthy", GOALS)
        if dead is not None:
            running.connect("Dead", GOALS, endpoint=dead.url)
        pids = running.pids()
        before, began = usage(pids), time.monotonic()
        generate(running, options)
        after, seconds = usage(pids), time.monotonic() - began
        arrived = _settle(running)
        latency = running.flow()["latency_ms"]
        return Streamed(
            latency["p50"], latency["p99"], (after.cpu_s - before.cpu_s) / seconds, after.memory_mb, arrived
        )


@contextmanager
def _beside(way: str | None) -> Iterator[Dead | None]:
    if way is None:
        yield None
        return
    with closing(Dead(way)) as dead:
        yield dead


def _settle(running: Workspace) -> int:
    """Events that have arrived once no more do; what waits for the dead one is behind for ever."""
    arrived, since = -1, time.monotonic()
    while time.monotonic() - since < STILL_S:
        latest = running.accepted_events()
        if latest != arrived:
            arrived, since = latest, time.monotonic()
        time.sleep(0.1)
    return arrived


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--dir", default=None)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print_rows(measure(options), as_json=options.json)


if __name__ == "__main__":
    main()
