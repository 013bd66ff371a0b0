"""An import that is killed, cancelled, begun anew: each row is in the log once, each bad one a letter."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from onefold.backends.embedded.database import open_reader

ROWS = 120_000
BAD_EVERY = 25
"""Every so many rows, one has a time that is none."""
MAPPING = """
[time]
column = "at"
[identifiers]
user_id = "person"
[event]
name = "Visited"
[properties]
page = "page"
"""
pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("import_kills")]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A file of visits, and its mapping."""
    rows, mapping = tmp_path / "visits.csv", tmp_path / "visits.toml"
    with rows.open("w") as file:
        file.write("person,at,page\n")
        for number in range(ROWS):
            at = "yesterday" if number % BAD_EVERY == 0 else f"2026-03-01T10:00:{number % 60:02}Z"
            file.write(f"u{number % 997},{at},/page/{number}\n")
    mapping.write_text(MAPPING)
    return str(rows), str(mapping)


def start(server: Any, files: tuple[str, str]) -> str:
    rows, mapping = files
    return str(server.cli("import", rows, "--mapping", mapping, "--detach")["id"])


def position(server: Any) -> int:
    """How many rows are in the log."""
    with closing(open_reader(server.data_dir, "log")) as log:
        found = log.execute("select position from mark").fetchone()
    assert not found or found[0] < ROWS, "the file is too short for this test"
    return int(found[0]) if found else 0


def check_log(server: Any) -> None:
    """Nothing is missing and nothing twice: in the log, among the dead letters, in the counters."""
    bad = ROWS // BAD_EVERY
    with closing(open_reader(server.data_dir, "log")) as log:
        events = log.execute("select sum(count) from record where kind = 1").fetchone()[0]
        letters = log.execute("select count(*), count(distinct subject) from letter").fetchone()
        counts = dict(log.execute("select kind, sum(count) from counter group by kind").fetchall())
    assert (events, letters) == (ROWS - bad, (bad, bad))
    assert counts == {0: ROWS - bad, 2: bad}


def test_kills_of_tasks_and_web_lose_and_double_nothing(
    server: Any, files: tuple[str, str], waiting: Callable[..., Any]
) -> None:
    run_id = start(server, files)
    before = 0
    for role in ("tasks", "web", "tasks", "web"):
        waiting(lambda at=before: position(server) > at, "the import comes further")
        server.kill(role)
        before = position(server)
    run = server.wait_run(run_id)
    bad = ROWS // BAD_EVERY
    assert (run["state"], run["passed"], run["rejected"]) == ("succeeded", ROWS - bad, bad)
    check_log(server)
    server.wait_folded()
    assert len(server.cli("profiles", "list", "--limit", "10000")["items"]) == 997


def test_a_new_import_goes_on_behind_a_cancelled_one(
    server: Any, files: tuple[str, str], waiting: Callable[..., Any]
) -> None:
    first = start(server, files)
    waiting(lambda: position(server), "the import has begun")
    server.api("POST", f"/runs/{first}/cancel")
    cancelled = server.wait_run(first)
    assert cancelled["state"] == "cancelled"
    assert "Import the file again" in cancelled["message"]

    second = server.wait_run(start(server, files))
    assert (second["state"], second["passed"]) == (
        "succeeded",
        ROWS - ROWS // BAD_EVERY - cancelled["passed"],
    )
    assert second["rejected"] == ROWS // BAD_EVERY - cancelled["rejected"]
    assert first in second["message"]
    third = server.wait_run(start(server, files))
    assert (third["state"], third["passed"], third["rejected"]) == ("succeeded", 0, 0)
    check_log(server)
