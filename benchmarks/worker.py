"""How fast the worker folds a log, beside decoding, appending and syncing the same bytes in the same run.

    python -m benchmarks.worker --people 200000 --segments 50 --batch 1000 --events 100000 [--json]
    python -m benchmarks.worker --people 2000000 --preload    # profiles made before, then events over them

Data: 660 bytes an event, people by Zipf (0.8), 60 % track, 30 % page, 10 % identify, 2 % duplicates, 1 % of
identifies on someone else's device. Everything in a temporary directory on the disk under --dir.
"""

import argparse
import gc
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.measure import Row, print_rows
from onefold.backends.embedded.state import EmbeddedState
from onefold.model.event import decode_events
from onefold.model.profile import Counter, Profile, Seen, Trait, encode_profile
from onefold.model.record import Record, RecordKind
from onefold.model.segment import SegmentDefinition, SegmentFill, encode_fill
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.store import Position, Writes
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments

START = 1_760_000_000_000_000
EVENTS = ("Product Viewed", "Product Added", "Order Completed", "Cart Viewed", "Search", "Coupon Used")
PLANS = ("free", "basic", "pro", "team")
TURN_BATCHES = 5
CITIES = ("Berlin", "Paris", "Madrid", "Rome", "Vienna", "Oslo", "Lima", "Quito")


class Shop:
    """Seeded events of many people."""

    def __init__(self, people: int, seed: int = 7) -> None:
        self._random = np.random.default_rng(seed)
        weights = 1.0 / np.arange(1, people + 1) ** 0.8
        self._cumulative = np.cumsum(weights / weights.sum())
        self._order = self._random.permutation(people)

    def bodies(self, count: int) -> Iterator[bytes]:
        people = self._order[
            np.searchsorted(self._cumulative, self._random.random(count)).clip(max=len(self._order) - 1)
        ]
        kinds = self._random.random(count)
        picks = self._random.integers(0, 1 << 30, (count, 4))
        last = b""
        for number in range(count):
            if last and kinds[number] < 0.02:
                yield last
                continue
            last = self._body(number, int(people[number]), float(kinds[number]), picks[number].tolist())
            yield last

    def _body(self, number: int, person: int, kind: float, pick: list[int]) -> bytes:
        at = START + number * 2000
        event: dict[str, Any] = {
            "messageId": f"ajs-next-{number:08d}-{pick[0]:08x}{pick[1]:08x}",
            "timestamp": f"{np.datetime64(at, 'us')}Z",
            "anonymousId": f"a-{person:08d}-4c1f-9c55-8a7d0c2f{person % 10000:04d}",
            "context": {
                "library": {"name": "analytics.js", "version": "next-1.70.0"},
                "locale": "de-DE",
                "page": {
                    "path": f"/p/{pick[2] % 5000}",
                    "title": "A product of ours",
                    "url": f"https://shop.example.com/p/{pick[2] % 5000}",
                },
                "userAgent": "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 Chrome/126 Safari/537.36",
            },
        }
        if person % 3:
            event["userId"] = f"user-{person}"
        if kind < 0.12:
            event |= {
                "type": "identify",
                "userId": f"user-{person}",
                "traits": {
                    "email": f"user{person}@example.com",
                    "plan": PLANS[pick[2] % 4],
                    "city": CITIES[pick[3] % 8],
                    "age": 18 + pick[2] % 60,
                    "vip": pick[3] % 10 == 0,
                    "name": f"Person Number {person}",
                },
            }
            if pick[0] % 100 == 0:
                event["anonymousId"] = f"a-{pick[3] % 1000:08d}-4c1f-9c55-8a7d0c2f{pick[3] % 1000:04d}"
        elif kind < 0.42:
            event |= {
                "type": "page",
                "name": "Product",
                "properties": {
                    "path": f"/p/{pick[2] % 5000}",
                    "referrer": "https://search.example.com/?q=shoes",
                },
            }
        else:
            name = EVENTS[pick[2] % len(EVENTS)]
            event |= {
                "type": "track",
                "event": name,
                "properties": {
                    "product_id": f"sku-{pick[3] % 5000}",
                    "category": ("shoes", "shirts", "hats")[pick[3] % 3],
                    "price": pick[3] % 9000 / 100,
                    "quantity": 1 + pick[3] % 3,
                },
            }
            if name == "Order Completed":
                event["properties"]["revenue"] = pick[3] % 20000 / 100
                event["properties"]["currency"] = "EUR"
        return json.dumps(event, separators=(",", ":")).encode()


def definitions(count: int) -> list[SegmentDefinition]:
    """Segments of the kinds that people make: traits, counts in windows, sums, negations, both."""
    made = []
    for number in range(1, count + 1):
        event = {
            "kind": "event",
            "event": EVENTS[number % 6],
            "test": "at_least",
            "value": 1 + number % 4,
            "window": {"kind": "last", "amount": (1, 7, 30, 90)[number % 4], "unit": "days"},
        }
        trait = {"kind": "trait", "trait": "plan", "test": "equals", "value": PLANS[number % 4]}
        money = {
            "kind": "event",
            "event": "Order Completed",
            "measure": "sum",
            "property": "revenue",
            "test": "at_least",
            "value": 20 * number,
            "where": [{"property": "currency", "test": "equals", "value": "EUR"}],
        }
        city = {
            "kind": "trait",
            "trait": "city",
            "test": "one_of",
            "value": [CITIES[number % 8], CITIES[(number + 3) % 8]],
        }
        shapes: list[dict[str, Any]] = [
            event,
            {"kind": "all", "conditions": [event, trait]},
            {"kind": "all", "conditions": [trait, {"kind": "not", "condition": event}]},
            money,
            {"kind": "any", "conditions": [city, money]},
        ]
        made.append(
            msgspec.convert(
                {"id": number, "version": 1, "name": f"Segment {number}", "condition": shapes[number % 5]},
                SegmentDefinition,
            )
        )
    return made


class MemoryLog:
    """Records in a list: reading the real log is measured by the whole way."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, record: Record) -> None:
        self.records.append(msgspec.structs.replace(record, offset=len(self.records) + 1))

    def read(self, after: int, *, records_max: int = 1000, events_max: int = 1000) -> list[Record]:
        return self.records[after : after + min(records_max, events_max)]

    def get(self, offsets: Any) -> dict[int, Record]:
        return {offset: self.records[offset - 1] for offset in offsets}

    def first(self) -> int:
        return 1

    def end(self) -> int:
        return len(self.records)


def preload(store: EmbeddedState, people: int, segments: list[SegmentDefinition]) -> None:
    """Profiles as months of events would have left them, in their segments, with their timers."""
    evaluator = compile_segments(segments)
    everything = sum(1 << segment.id for segment in segments)
    day = START // 86_400_000_000
    step = 20_000
    for start in range(1, people + 1, step):
        writes = Writes(Position(0, START, min(start + step, people + 1)))
        for number in range(start, min(start + step, people + 1)):
            person = number - 1
            anonymous = f"a-{person:08d}-4c1f-9c55-8a7d0c2f{person % 10000:04d}"
            keys = {"anonymous_id": {anonymous: Seen(START, START)}}
            if person % 3:
                keys |= {
                    "user_id": {f"user-{person}": Seen(START, START)},
                    "email": {f"user{person}@example.com": Seen(START, START)},
                }
            traits = {
                "plan": Trait(PLANS[person % 4], START - 1, 1),
                "city": Trait(CITIES[person % 8], START - 1, 1),
                "email": Trait(f"user{person}@example.com", START - 1, 1),
            }
            counters = {
                f"c:{EVENTS[(person + one) % 6]}": Counter({day - two: 1 + two for two in range(1, 4)}, {})
                for one in range(3)
            }
            profile = Profile(number, START - 10**12, START, keys, traits, counters, b"", {}, 0, [])
            mask, profile.timer_at = evaluator.evaluate(profile, START, everything)
            profile.set_mask(mask)
            for segment in segments:
                if mask >> segment.id & 1:
                    profile.member_since[segment.id] = START
                    writes.members[segment.id, number] = START
            if profile.timer_at:
                writes.timers_added.append((profile.timer_at, number))
            writes.profiles.append((number, encode_profile(profile)))
            writes.identifiers += [
                (f"{kind}:{value}", number) for kind, values in keys.items() for value in values
            ]
        writes.identifiers.sort()
        store.commit(writes)


class Reference:
    """Decoding the same bytes, appending them to a file and syncing once a batch: what no design can beat."""

    def __init__(self, directory: Path, batch: int) -> None:
        self._file = (directory / "reference").open("wb")
        self._batch = batch
        self.events = 0
        self.wall = self.cpu = 0.0

    def run(self, records: list[Record]) -> None:
        started, cpu = time.perf_counter(), time.process_time()
        for start in range(0, len(records), self._batch):
            part = records[start : start + self._batch]
            for record in part:
                decode_events(record)
            self._file.write(b"\n".join([record.body for record in part]))
            self._file.flush()
            os.fsync(self._file.fileno())
        self.wall += time.perf_counter() - started
        self.cpu += time.process_time() - cpu
        self.events += len(records)


class Phases:
    """Processor time by phase, by wrapping the worker's calls; costs about 0.3 µs an event."""

    def __init__(self, worker: Worker) -> None:
        self.spent: dict[str, float] = {}
        store = worker._store
        self._wrap(worker._reader, "read", "read")
        for name in ("seen", "identifiers", "profiles", "due", "commit"):
            self._wrap(store, name, name)

    def _wrap(self, owner: Any, name: str, phase: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self.spent[phase] = self.spent.get(phase, 0.0) + time.perf_counter() - started

        if hasattr(owner, "__slots__") and not hasattr(owner, "__dict__"):
            return
        setattr(owner, name, timed)


def measure(options: argparse.Namespace, directory: Path) -> list[Row]:  # noqa: C901
    shop = Shop(options.people)
    warm_up = options.events // 10
    bodies = list(shop.bodies(options.events + warm_up))
    log = MemoryLog()
    store = EmbeddedState(directory, cache_mb=options.cache_mb)
    if options.preload:
        preload(store, options.people, definitions(options.segments))
    for definition in definitions(options.segments):
        log.append(Record(RecordKind.SEGMENT_PUT, 0, START, 0, msgspec.json.encode(definition)))
    for number in range(1, options.segments + 1):
        fill = SegmentFill(number, 1, 1, 0, done=True)
        if not options.preload:
            log.append(Record(RecordKind.SEGMENT_FILL, 0, START, 0, encode_fill(fill)))
    # With --preload the segments stay unfilled for the old profiles but for a direct mark, done here.
    settings = WorkerSettings(
        batch_events_max=options.batch,
        profiles_cached=options.profiles_cached,
        identifiers_cached=options.identifiers_cached,
    )
    worker = Worker(log, store, compile_segments, settings=settings)
    while worker.step():
        pass
    if options.preload:
        store._connection.execute("update segment set state = 'live'")
        worker._load()
    for number, body in enumerate(bodies):
        log.append(Record(RecordKind.EVENTS, 1, START + number * 2000, 1, body))
    gc.collect()
    gc.freeze()
    gc.disable()
    target = worker.position.offset + warm_up
    while worker.position.offset < target:
        worker.step()
    phases = Phases(worker)
    reference = Reference(directory, options.batch)
    steps: list[float] = []
    events = 0
    cpu = 0.0
    while True:
        # Both take turns on the same records, so that a noisy neighbour disturbs both alike.
        offset = worker.position.offset
        for _ in range(TURN_BATCHES):
            before, cpu_before = time.perf_counter(), time.process_time()
            done = worker.step()
            if not done:
                break
            cpu += time.process_time() - cpu_before
            steps.append(time.perf_counter() - before)
            events += done
        if offset == worker.position.offset:
            break
        reference.run(log.records[offset : worker.position.offset])
    took = Took(steps, events, cpu, phases.spent)
    store.close()
    return [row(options, took, reference)]


class Took(msgspec.Struct):
    """What the worker needed for the events of its turns."""

    steps: list[float]
    events: int
    cpu: float
    phases: dict[str, float]


def row(options: argparse.Namespace, took: Took, reference: Reference) -> Row:
    """The figure beside the reference, with where the time went."""
    events, wall = took.events, sum(took.steps)
    rest = wall - sum(took.phases.values())
    phases = {**took.phases, "read and fold": rest}
    in_phases = ", ".join(f"{name} {spent / events * 1e6:.1f}" for name, spent in phases.items())
    half, most = np.quantile(np.array(took.steps) * 1000, [0.5, 0.99])
    crowd = "profiles" if options.preload else "people"
    floor, aim = ("11k", "25k") if options.preload else ("18k; ratio 0.045", "35k")
    return Row(
        f"worker, {options.segments} segments, {options.people:,} {crowd}",
        events / wall,
        "events/s",
        reference.events / reference.wall,
        "decode + append + fsync of the same bytes, taking turns",
        floor,
        aim,
        f"{took.cpu / events * 1e6:.1f} µs an event (reference {reference.cpu / events * 1e6:.1f})",
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        f"batches of {options.batch}: p50 {half:.0f} ms, p99 {most:.0f} ms; wall µs an event: {in_phases}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--segments", type=int, default=50)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--preload", action="store_true", help="all people have a profile before")
    parser.add_argument("--cache-mb", type=int, default=64)
    parser.add_argument("--profiles-cached", type=int, default=WorkerSettings().profiles_cached)
    parser.add_argument("--identifiers-cached", type=int, default=WorkerSettings().identifiers_cached)
    parser.add_argument("--dir", type=Path, default=None, help="where the state is written")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(dir=options.dir))
    try:
        rows = measure(options, directory)
    finally:
        shutil.rmtree(directory)
    print_rows(rows, as_json=options.json)


if __name__ == "__main__":
    main()
