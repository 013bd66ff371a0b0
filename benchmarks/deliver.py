"""How fast deliver sends events that the worker has folded, beside a bare loop that POSTs the same bodies.

    python benchmarks/deliver.py --events 60000 --people 20000 [--profile] [--json]

Prepared: a log with an event a record, the state as the worker leaves it (batches of 1,000), one connection
with one goal. Both runs go to one local Braze on this machine, which takes its part of the CPU.
"""

import argparse
import asyncio
import cProfile
import pstats
import random
import sys
import tempfile
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import msgspec
import uvloop

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.measure import Row, print_rows, usage
from onefold.activate.deliver import Deliver
from onefold.activate.store import Ask, Asked, Replay
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.database import open_writer
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.log import EmbeddedLog
from onefold.connectors.braze import BrazeConnector
from onefold.model.change import Change, encode_change
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue
from onefold.model.profile import Profile, Seen, Trait, encode_profile
from onefold.model.record import Record, RecordKind
from onefold.plugin.http import Answer, HttpClient
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

BATCH = 1000
CONCURRENCY = 16
TRAITS = ("first_name", "last_name", "plan", "city")
QUIET: dict[str, object] = {
    "delay_ms": 0,
    "jitter_ms": 0,
    "rate_profile": "off",
    "raw_events_per_user_max": 0,
}
"""A local Braze that costs as little as it can."""


class Directory:
    """Connections, the first of which is the local Braze, with their goals."""

    def __init__(
        self, sandbox: BrazeSandbox, *goals: Goal, also: Sequence[str] = (), asks: Sequence[Ask] = ()
    ) -> None:
        """`also` are further endpoints, of the connections 2, 3 and so on; `asks` are runs to make."""
        self._connections = [
            Connection(
                number,
                f"Braze {number}",
                "braze",
                settings={"endpoint": url},
                secrets={"api_key": sandbox.api_key},
            )
            for number, url in enumerate((sandbox.url, *also), 1)
        ]
        self._goals = goals
        self._asks = asks

    def revision(self) -> int:
        return 1

    def connections(self) -> Sequence[Connection]:
        return self._connections

    def goals(self) -> Sequence[Goal]:
        return self._goals

    def replays(self, since: int) -> Sequence[Replay]:
        return []

    def asked(self) -> Asked:
        return Asked(self._asks)


def prepare(path: Path, events: int, people: int, traits: Sequence[str] = TRAITS) -> None:
    """Write log and state."""
    rng = random.Random(5)
    at = time.time_ns() // 1000
    log, state = EmbeddedLog(path), open_writer(path, "state")
    state.execute("begin")
    told = {name: Trait(f"{name} of someone", at, 1) for name in traits}
    for number in range(1, people + 1):
        identifiers = {
            "user_id": {f"user-{number}": Seen(at, at)},
            "email": {f"u{number}@x.io": Seen(at, at)},
        }
        body = encode_profile(Profile(number, at, at, identifiers, told))
        state.execute("insert into profile values (?, ?)", (number, body))
    for first in range(0, events, BATCH):
        ids = array("q", [rng.randint(1, people) for _ in range(min(BATCH, events - first))])
        records = [_record(first + place, number, at) for place, number in enumerate(ids)]
        last = log.append(records)
        start = last - len(records) + 1
        state.execute(
            "insert into batch values (?, ?, ?, ?, ?, x'', x'', ?, ?)",
            (last, start, at, at, len(ids), bytes(len(ids)), ids.tobytes()),
        )
        change = Change(last, start, at, sorted(set(ids)), events=True)
        state.execute("insert into change (at, body) values (?, ?)", (at, encode_change(change)))
    state.execute("commit")
    state.close()
    log.close()


def _record(number: int, person: int, at: int) -> Record:
    properties = {"product_id": f"sku-{number % 997}", "category": "shoes", "price": 79.9, "currency": "EUR"}
    context = {"library": {"name": "analytics.js", "version": "2.1"}, "locale": "en-US", "ip": "10.0.0.1"}
    event = {
        "type": "track",
        "event": "Product Viewed",
        "userId": f"user-{person}",
        "messageId": f"ajs-next-{number:012d}",
        "timestamp": "2026-11-23T10:00:00.000Z",
        "properties": {**properties, "position": number % 20, "url": "https://shop.example/p/123"},
        "context": context,
    }
    return Record(RecordKind.EVENTS, 1, at, 1, msgspec.json.encode(event))


async def run_deliver(path: Path, directory: Directory) -> tuple[float, float, list[bytes]]:
    """Seconds and CPU seconds until everything is accepted, and the bodies that were sent."""
    bodies: list[bytes] = []
    post = HttpClient.post

    async def note(self: HttpClient, route: str, body: bytes, headers: None = None) -> Answer:
        bodies.append(body)
        return await post(self, route, body, headers)

    HttpClient.post = note  # type: ignore[assignment,method-assign]
    store, state, log = EmbeddedDelivery(path), EmbeddedStateReader(path), EmbeddedLog(path)
    deliver = Deliver(store, directory, state, log, {"braze": BrazeConnector()})
    stop = asyncio.Event()
    began, cpu = time.perf_counter(), time.process_time()
    task = asyncio.create_task(deliver.run(stop))
    await deliver.drain()
    took, used = time.perf_counter() - began, time.process_time() - cpu
    stop.set()
    await task
    HttpClient.post = post  # type: ignore[method-assign]
    for one in (store, state, log):
        one.close()
    return took, used, bodies


async def run_reference(sandbox: BrazeSandbox, bodies: list[bytes]) -> float:
    """Seconds for the same bodies from a bare loop."""
    waiting = list(reversed(bodies))
    headers = {"Authorization": f"Bearer {sandbox.api_key}", "Content-Type": "application/json"}

    async def post_all(session: aiohttp.ClientSession) -> None:
        while waiting:
            async with session.post(sandbox.url + "/users/track", data=waiting.pop()) as response:
                await response.read()

    began = time.perf_counter()
    async with aiohttp.ClientSession(headers=headers) as session:
        await asyncio.gather(*(post_all(session) for _ in range(CONCURRENCY)))
    return time.perf_counter() - began


def measure(options: argparse.Namespace) -> list[Row]:
    events = Goal(1, 1, "events", "Events", True, settings={"start": "beginning"})
    mappings = [Mapping(TraitValue(name), name) for name in TRAITS]
    export = Goal(1, 1, "export", "Export", True, mappings=mappings)
    rows = []
    for name, goal, count in (("events", events, options.events), ("profiles", export, options.people)):
        with tempfile.TemporaryDirectory(dir=options.dir) as folder, braze_sandbox(**QUIET) as sandbox:
            prepare(Path(folder), options.events if goal is events else 1, options.people)
            took, used, bodies = uvloop.run(run_deliver(Path(folder), Directory(sandbox, goal)))
            memory = usage([sandbox.pid]).memory_mb
            sandbox.flush()
            stats = sandbox.stats()
            accepted = stats["events"] if goal is events else stats["users"]
            if accepted != count:
                raise RuntimeError(f"{accepted} of {count} {name} arrived")
            sandbox.reset()
            bare = uvloop.run(run_reference(sandbox, bodies))
        rows.append(
            Row(
                f"deliver, {name} to the local Braze on the same cores",
                count / took,
                "objects/s",
                count / bare,
                "bare aiohttp loop, same bodies",
                cpu=f"{used / count * 1e6:.0f} µs an object",
                memory_mb=memory,
                note=f"{count / len(bodies):.0f} objects a request",
            )
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--dir", default=None)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    profiler = cProfile.Profile()
    if options.profile:
        profiler.enable()
    rows = measure(options)
    if options.profile:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    print_rows(rows, as_json=options.json)


if __name__ == "__main__":
    main()
