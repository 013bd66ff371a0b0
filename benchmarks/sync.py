"""How fast a run of an export goal compares everyone with the ledger: the first, and one with few changes.

    python -m benchmarks.sync --people 100000 [--json]

Prepared: profiles with five mapped traits, as the worker leaves them, and a goal that runs by hand. The first
run sends everyone to a local Braze on the same cores; its reference is a bare loop that POSTs the same
bodies. Before the second, one profile of a hundred changes one trait; its reference reads the same profiles,
and encodes and hashes what is mapped of them: less than that cannot tell what has changed.
"""

import argparse
import os
import tempfile
import time
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import msgspec
import uvloop

from benchmarks.deliver import QUIET, Directory, prepare, run_deliver, run_reference
from benchmarks.measure import Row, print_rows, usage
from onefold.activate.store import Ask
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.database import open_writer
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue
from onefold.model.profile import Trait, decode_profile, encode_profile
from onefold.model.schedule import ByHand, Schedule
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

TRAITS = ("first_name", "last_name", "plan", "city", "tier")
CHANGED_EVERY = 100
PAGE = 1000


def measure(options: argparse.Namespace) -> list[Row]:
    """Both runs, each beside its reference."""
    mappings = [Mapping(TraitValue(name), name) for name in TRAITS]
    goal = Goal(1, 1, "export", "Export", True, mappings=mappings, schedule=Schedule(ByHand()))
    asks = [Ask(f"run-{number:014d}", 1, 1, "bench", number) for number in (1, 2)]
    people = options.people
    with tempfile.TemporaryDirectory(dir=options.dir) as folder, braze_sandbox(**QUIET) as sandbox:
        path = Path(folder)
        prepare(path, 1, people, TRAITS)
        first = _run(path, sandbox, Directory(sandbox, goal, asks=asks[:1]))
        changed = _change(path, people)
        second = _run(path, sandbox, Directory(sandbox, goal, asks=asks))
        if (first["users"], second["objects"]) != (people, changed):
            raise RuntimeError(f"{first['users']} of {people} and {second['objects']} of {changed} arrived")
        told = _tell(path, people)
        sandbox.reset()
        bare = uvloop.run(run_reference(sandbox, cast(list[bytes], first["bodies"])))
    return [
        _row("first run", people, first, people / bare, "bare aiohttp loop, same bodies"),
        _row("run with 1 % changed", people, second, people / told, "read, encode, hash the same"),
    ]


def _run(path: Path, sandbox: BrazeSandbox, directory: Directory) -> dict[str, Any]:
    """One run to its end: seconds, CPU, memory, and what came of it at Braze."""
    before = sandbox.stats()
    took, used, bodies = uvloop.run(run_deliver(path, directory))
    sandbox.flush()
    after = sandbox.stats()
    memory = usage([os.getpid()]).memory_mb
    points = [cast(dict[str, int], stats["data_points"])["total"] for stats in (before, after)]
    objects = [cast(int, stats["attributes"]) for stats in (before, after)]
    return {
        "took": took,
        "cpu": used,
        "memory": memory,
        "bodies": bodies,
        "users": after["users"],
        "objects": objects[1] - objects[0],
        "points": points[1] - points[0],
    }


def _row(name: str, people: int, run: dict[str, Any], reference: float, reference_name: str) -> Row:
    return Row(
        f"sync of {people:,} profiles, {name}",
        people / run["took"],
        "profiles/s",
        reference,
        reference_name,
        cpu=f"{run['cpu'] / people * 1e6:.0f} µs a profile",
        memory_mb=run["memory"],
        note=f"{run['took']:.2f} s; {len(run['bodies']):,} requests; {run['points']:,} data points",
    )


def _change(path: Path, people: int) -> int:
    """Give one in a hundred another value; how many that were."""
    at = time.time_ns() // 1000
    with closing(open_writer(path, "state")) as state:
        state.execute("begin")
        chosen = range(CHANGED_EVERY, people + 1, CHANGED_EVERY)
        for number in chosen:
            (body,) = state.execute("select body from profile where id = ?", (number,)).fetchone()
            profile = decode_profile(body)
            profile.traits["tier"] = Trait("another", at, 2)
            state.execute("update profile set body = ? where id = ?", (encode_profile(profile), number))
        state.execute("commit")
    return len(chosen)


def _tell(path: Path, people: int) -> float:
    """Seconds to read everyone and to hash each mapped value."""
    encode = msgspec.json.Encoder().encode
    began, after, seen = time.perf_counter(), 0, 0
    with closing(EmbeddedStateReader(path)) as state:
        while page := state.profiles_after(after, PAGE):
            for _, body in page:
                traits = decode_profile(body).traits
                for name in TRAITS:
                    blake2b(encode(traits[name].value), digest_size=8).digest()
            after = page[-1][0]
            seen += len(page)
    if seen != people:
        raise RuntimeError(f"read {seen} of {people} profiles")
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--dir", default=None)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print_rows(measure(options), as_json=options.json)


if __name__ == "__main__":
    main()
