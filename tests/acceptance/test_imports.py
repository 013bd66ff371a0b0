"""Importing as people do it: wrong files, Ctrl-C, guests, events of megabytes, a server elsewhere, none."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from onefold.backends.embedded.database import is_current, open_reader
from onefold.testing.sandbox import DEFAULT_KEY, braze_sandbox

pytestmark = pytest.mark.xdist_group("imports")
MAPPING = {
    "time": {"column": "at"},
    "identifiers": {"user_id": "person"},
    "event": {"name": "Bought"},
    "properties": {"sku": "sku"},
}
HEADER = "person,at,sku\n"
MANY = 150_000
"""Rows that take a few seconds: time for Ctrl-C."""
COMMAND_S = 120


def write(
    directory: Path, rows: str, mapping: dict[str, Any] = MAPPING, name: str = "sales.csv"
) -> list[str]:
    """The arguments of an import of this file."""
    file, mapped = directory / name, directory / "mapping.json"
    file.write_text(rows)
    mapped.write_text(json.dumps(mapping))
    return ["import", str(file), "--mapping", str(mapped)]


def test_a_wrong_mapping_is_told_at_once_with_what_is_near(
    tmp_path: Path, offline: Callable[..., Any]
) -> None:
    workspace = offline(tmp_path / "data")
    refused = workspace.run(*write(tmp_path, "Person,time,sku\na,2026-03-01,x\n"), code=5)
    assert 'identifiers.user_id: "person"; expected "Person"' in refused.stderr
    assert 'time.column: "at"; expected one of the file\'s columns (Person, time, sku)' in refused.stderr
    assert workspace.cli("imports", "list")["items"] == []


def test_an_empty_file_and_one_without_rows_are_told(tmp_path: Path, offline: Callable[..., Any]) -> None:
    workspace = offline(tmp_path / "data")
    assert "is empty" in workspace.run(*write(tmp_path, ""), code=5).stderr
    run = workspace.cli(*write(tmp_path, HEADER))
    assert (run["state"], run["message"]) == ("succeeded", "Nothing to do: the file has no rows.")


def test_a_guests_dead_letter_can_be_mended_and_replayed(server: Any, tmp_path: Path) -> None:
    run = server.cli(*write(tmp_path, f"{HEADER},yesterday,x\n,2026-03-01,y\n"))
    assert (run["passed"], run["rejected"]) == (1, 1)
    (letter,) = server.api("GET", "/dead-letters")["items"]
    shown = server.api("GET", f"/dead-letters/{letter['id']}")
    assert (letter["subject"], letter["code"]) == ("line 2", "acquire.bad_time")
    mended = {**json.loads(shown["payload"]), "timestamp": "2026-02-28T00:00:00Z"}
    server.api("POST", f"/dead-letters/{letter['id']}/replay", {"payload": json.dumps(mended)})
    server.wait_folded()
    trace = server.api("GET", f"/trace/{mended['messageId']}")["events"]
    assert [one["capture"]["outcome"] for one in trace] == ["passed"]
    assert server.api("GET", "/profiles")["items"] == []


def test_a_corrected_file_brings_only_what_is_new_when_rows_have_ids(server: Any, tmp_path: Path) -> None:
    mapping = {**MAPPING, "id": ["person", "sku"]}
    first = server.cli(*write(tmp_path, f"{HEADER}a,2026-03-01,x\na,tomorrow,y\n", mapping))
    assert (first["passed"], first["rejected"]) == (1, 1)
    second = server.cli(*write(tmp_path, f"{HEADER}a,2026-03-01,x\na,2026-03-02,y\n", mapping))
    assert (second["passed"], second["rejected"]) == (2, 0)
    server.wait_folded()
    assert server.api("GET", "/profiles/by/user_id/a")["events"] == {"Bought": 2}


def test_events_of_megabytes_go_all_the_way_or_fail_alone(
    server: Any, tmp_path: Path, waiting: Callable[..., Any]
) -> None:
    sizes = {
        "small": 10,
        "below": 90_000,
        "above": 110_000,
        "huge": 4_000_000,
        "beyond": 4_300_000,
        "last": 10,
    }
    # Long texts are cut for Braze; many short ones are not.
    rows = "".join(
        json.dumps({"person": "a", "at": "2026-03-01", "sku": name, "tags": ["x" * 97] * (size // 100)})
        + "\n"
        for name, size in sizes.items()
    )
    mapping = {**MAPPING, "properties": {"sku": "sku", "tags": "tags"}}
    with braze_sandbox(delay_ms=0, jitter_ms=0) as braze:
        connection = {"name": "Braze", "connector": "braze", "settings": {"endpoint": braze.url}}
        goal = {"kind": "events", "name": "Events", "enabled": True}
        server.api(
            "POST", "/connections", {**connection, "secrets": {"api_key": DEFAULT_KEY}, "goals": [goal]}
        )
        run = server.cli(*write(tmp_path, rows, mapping, "sales.jsonl"))
        assert (run["passed"], run["rejected"]) == (5, 1)
        letters = waiting(lambda: all_letters(server, 3), "two events are too large for Braze, one for us")
        waiting(lambda: len(events_of(braze)) >= 3, "the others arrive")
        assert sorted(events_of(braze)) == ["below", "last", "small"]
    assert sorted(letters) == [
        "acquire.event_too_large",
        "activate.braze.properties_too_large",
        "activate.braze.properties_too_large",
    ]
    assert server.api("GET", "/profiles/by/user_id/a")["events"] == {"Bought": 5}
    file = str(tmp_path / "sales.jsonl")
    (listed,) = server.cli("imports", "list")["items"]
    assert (listed["file"], listed["rows"], listed["passed"]) == (Path(file).name, len(sizes), 5)
    assert (listed["source"], listed["state"]) == ("import:sales.jsonl", "succeeded")


def all_letters(server: Any, count: int) -> Any:
    codes = [letter["code"] for letter in server.api("GET", "/dead-letters")["items"]]
    return codes if len(codes) >= count else None


def events_of(braze: Any) -> list[str]:
    return [one["properties"]["sku"] for one in (braze.user("a") or {}).get("event_log", [])]


def test_a_server_elsewhere_gets_the_file_sent(server: Any, tmp_path: Path) -> None:
    arguments = write(tmp_path, f"{HEADER}a,2026-03-01,x\nb,2026-03-02,y\n")
    there = ["--url", f"http://127.0.0.1:{server.port}", "--token", server.token]
    run = json.loads(server.run_elsewhere(*arguments, *there, "--json").stdout)
    assert (run["state"], run["passed"], run["subject"]) == ("succeeded", 2, "sales.csv")
    again = json.loads(server.run_elsewhere(*arguments, *there, "--json").stdout)
    assert (again["state"], again["passed"]) == ("succeeded", 0)
    server.wait_folded()
    assert len(server.api("GET", "/profiles")["items"]) == 2


@pytest.mark.parametrize("is_served", [False, True])
def test_ctrl_c_cancels_and_the_rest_comes_with_the_next_import(
    tmp_path: Path, offline: Callable[..., Any], waiting: Callable[..., Any], *, is_served: bool
) -> None:
    rows = "".join(f"u{number % 100},2026-03-01,{number}\n" for number in range(MANY))
    arguments = write(tmp_path, HEADER + rows)
    workspace = offline(tmp_path / "data")
    if is_served:
        workspace.start()
    try:
        command = [
            sys.executable,
            "-m",
            "onefold",
            *arguments,
            "--data-dir",
            str(workspace.data_dir),
            "--json",
        ]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, preexec_fn=heed_ctrl_c, **pipes) as process:  # noqa: PLW1509 - no threads
            waiting(lambda: in_log(workspace.data_dir), "the import has begun")
            os.kill(process.pid, signal.SIGINT)
            output, words = process.communicate(timeout=COMMAND_S)
        assert process.returncode == 130, words
        cancelled = json.loads(output)
        assert "Cancelling" in words
        assert cancelled["state"] == "cancelled"
        assert "Import the file again with the same mapping" in cancelled["message"]
        assert 0 < cancelled["passed"] < MANY
        done = workspace.cli(*arguments)
        assert (done["state"], cancelled["passed"] + done["passed"]) == ("succeeded", MANY)
        assert in_log(workspace.data_dir) == MANY
    finally:
        workspace.stop()


def heed_ctrl_c() -> None:
    """A shell starts what it puts in the background deaf to Ctrl-C, and so is all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def in_log(data_dir: Path) -> int:
    """Events that the import has brought."""
    if not is_current(data_dir, "log"):
        return 0
    with closing(open_reader(data_dir, "log")) as log:
        return int(log.execute("select ifnull(sum(count), 0) from record where kind = 1").fetchone()[0])
