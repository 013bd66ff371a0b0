"""How fast an import goal brings the people of a Braze segment in, by a bucket and by Braze's own URL.

    python -m benchmarks.intake --people 1000000 [--ways url] [--json]

Everything runs on this machine: `onefold serve` with all its roles, the local Braze with that many people,
and an S3 server that checks signatures. Counted is from the first durable row to the last, so without the
time in which Braze writes the export; the worker folds meanwhile. The reference unzips the same files and
decodes the JSON of their lines.
"""

import argparse
import io
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec

from benchmarks.measure import Row, Usage, print_rows, usage, wait_for
from benchmarks.server import Workspace, bare_workspace
from onefold.backends.embedded.database import open_reader
from onefold.testing.s3_server import READABLE_BUCKET, S3Server, run_s3_server

WAYS = ("url", "bucket")
PEOPLE_A_CALL = 50_000
SETTLE_S = 10
"""Longer than the local Braze takes for a file, also on a busy machine."""
STANDARD = {"email": "person{n}@shop.example", "first_name": "Ada {n}", "home_city": "Paris", "country": "FR"}
CUSTOM = {"plan": "gold", "tier": "tier {n}", "points": 17, "tags": ["shoes", "mugs"], "newsletter": True}
INTAKE = {
    "identifiers": [
        {"field": "external_id", "identifier": "user_id"},
        {"field": "email", "identifier": "email"},
    ],
    "create": True,
    "rows": [
        {"field": "first_name", "trait": "first_name"},
        {"field": "plan", "trait": "plan"},
        {"field": "tier", "trait": "tier"},
        {"field": "points", "trait": "points", "strategy": "sum"},
        {"field": "tags", "trait": "tags", "strategy": "add"},
    ],
}
EXPORT_S_MAX = 1200
IMPORT_S_MAX = 1200


def measure(options: argparse.Namespace) -> list[Row]:
    """One row a way, each with its own workspace and Braze."""
    rows = []
    for way in options.ways:
        with bare_workspace() as running, _way(way) as s3:
            if s3 is not None:
                running.control("PUT", "settings", {"s3": _bucket(s3)})
            for first in range(1, options.people + 1, PEOPLE_A_CALL):
                count = min(PEOPLE_A_CALL, options.people + 1 - first)
                form = {"count": count, "first": first, "standard": STANDARD, "custom": CUSTOM}
                running.control("POST", "people", form)
            rows.append(_bring_in(running, options.people, way, s3))
    return rows


@contextmanager
def _way(way: str) -> Iterator[S3Server | None]:
    if way == "url":
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="onefold-bench-s3-") as folder, run_s3_server(Path(folder)) as s3:
        yield s3


def _bucket(s3: S3Server) -> dict[str, str]:
    """Where the local Braze writes."""
    keys = {"access_key_id": s3.admin.access_key_id, "secret_access_key": s3.admin.secret_access_key}
    return {"bucket": READABLE_BUCKET, "endpoint_url": s3.url, **keys}


def _bring_in(running: Workspace, people: int, way: str, s3: S3Server | None) -> Row:
    audience = str(running.control("POST", "segments", {"name": "Everyone"})["id"])
    settings = {"audience": audience, "settle_s": SETTLE_S}
    goal = {"kind": "import", "name": "People", "settings": settings, "intake": INTAKE}
    secrets = {"s3_secret_access_key": s3.reader.secret_access_key} if s3 else {}
    reach = (
        {"s3_bucket": READABLE_BUCKET, "s3_endpoint": s3.url, "s3_access_key_id": s3.reader.access_key_id}
        if s3
        else {}
    )
    connection = running.connect("Local Braze", [goal], secrets, **reach)
    pid = next(pid for pid, role in running.pids().items() if role == "tasks")
    run = running.post(f"/api/v1/connections/{connection}/goals/People/import", {})
    first, before, began = _first_rows(running, pid)
    wait_for(lambda: _position(running) >= people, timeout_s=IMPORT_S_MAX, what="the last durable row")
    took, after = time.monotonic() - began, usage([pid])
    wait_for(
        lambda: running.get(f"/api/v1/runs/{run['id']}")["state"] != "running",
        timeout_s=120,
        what="the run's end",
    )
    ended = running.get(f"/api/v1/runs/{run['id']}")
    if (ended["state"], ended["passed"]) != ("succeeded", people):
        raise RuntimeError(f"the import ended as {ended}")
    files = _files(running, s3)
    return Row(
        f"import of {people:,} exported users by {way}, beside the worker",
        (people - first) / took,
        "users/s",
        _decode(files, people),
        "unzip the same files and decode their lines",
        floor="10k",
        aim="20k",
        cpu=f"{(after.cpu_s - before.cpu_s) / (people - first) * 1e6:.0f} µs a user in the task role",
        memory_mb=after.memory_mb,
        note=f"{took:.1f} s; {sum(map(len, files)) / people:.0f} zipped bytes a user",
    )


def _first_rows(running: Workspace, pid: int) -> tuple[int, Usage, float]:
    """How many rows were durable at the first look that saw any, and what the role had used by then."""
    first = cast(int, wait_for(lambda: _position(running), timeout_s=EXPORT_S_MAX, what="the first row"))
    return first, usage([pid]), time.monotonic()


def _position(running: Workspace) -> int:
    """How many rows the log says are durable."""
    with closing(open_reader(running.directory / "data", "log")) as log:
        found = log.execute("select position from mark where name like 'intake:%'").fetchone()
    return int(found[0]) if found else 0


def _files(running: Workspace, s3: S3Server | None) -> list[bytes]:
    """What Braze exported."""
    (export,) = running.control("GET", "exports")["exports"]
    if s3 is None:
        return [httpx.get(export["url"], timeout=300).content]
    client: Any = s3.client()
    return [client.get_object(Bucket=READABLE_BUCKET, Key=key)["Body"].read() for key in export["files"]]


def _decode(files: list[bytes], people: int) -> float:
    """Users a second."""
    decode = msgspec.json.Decoder().decode
    began, users = time.perf_counter(), 0
    for body in files:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.namelist():
                with archive.open(member) as lines:
                    for line in lines:
                        decode(line)
                        users += 1
    if users != people:
        raise RuntimeError(f"{users} of {people} users are in the files")
    return users / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print_rows(measure(options), as_json=options.json)


if __name__ == "__main__":
    main()
