"""Import, fill, replay, backup and restore, by commands, with and without a server."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

MAPPING = {
    "identifiers": {"user_id": "customer"},
    "event": {"name": "Order Completed"},
    "time": {"column": "at"},
    "group_by": ["order"],
    "properties": {"order_id": "order", "currency": {"value": "EUR"}},
    "totals": {"revenue": ["quantity", "price"]},
    "lists": {"products": {"sku": "sku"}},
}
ROWS = """order,customer,at,sku,quantity,price
1,a,2026-03-01T10:00:00Z,x,2,1.10
1,a,2026-03-01T10:00:00Z,y,1,3.00
2,b,2026-03-02T10:00:00Z,x,1,1.10
3,,2026-03-03T10:00:00Z,x,1,1.10
"""
BUYERS = {"kind": "event", "event": "Order Completed", "test": "at_least", "value": 1}


def write_files(directory: Path) -> tuple[str, str]:
    """The orders and their mapping."""
    rows, mapping = directory / "orders.csv", directory / "mapping.json"
    rows.write_text(ROWS)
    mapping.write_text(json.dumps(MAPPING))
    return str(rows), str(mapping)


def test_an_import_counts_once_and_fills_a_later_segment(server: Any, tmp_path: Path) -> None:
    rows, mapping = write_files(tmp_path)
    first = server.cli("import", rows, "--mapping", mapping)
    assert (first["state"], first["passed"], first["rejected"]) == ("succeeded", 3, 0)
    again = server.cli("import", rows, "--mapping", mapping)
    assert (again["state"], again["passed"]) == ("succeeded", 0)
    server.wait_folded()

    person = server.api("GET", "/profiles/by/user_id/a")
    assert person["revenue"] == {"Order Completed": {"EUR": "5.20"}}
    assert len(server.api("GET", "/profiles")["items"]) == 2, "a guest makes no profile"

    made = server.api("POST", "/segments", {"name": "Buyers", "condition": BUYERS})
    runs = server.api("GET", "/runs")["items"]
    fill = next(run for run in runs if run["subject"] == f"segment {made['id']}")
    assert server.wait_run(fill["id"])["state"] == "succeeded"
    assert server.api("GET", "/segments/Buyers")["people"] == 2
    run = server.wait_run(server.api("POST", "/replays")["id"])
    assert run["state"] == "succeeded", run["message"]


def test_a_backup_comes_back_as_it_was(server: Any, tmp_path: Path, serve_on: Callable[..., Any]) -> None:
    rows, mapping = write_files(tmp_path)
    server.cli("import", rows, "--mapping", mapping)
    server.wait_folded()
    target = tmp_path / "backup"
    made = server.cli("backup", str(target), "--with-keys")
    assert made["state"] == "succeeded", made["message"]
    before = server.api("GET", "/profiles")["items"]

    restored = tmp_path / "restored"
    server.run("restore", str(target), code=1)  # never over what is there
    with_dir = [*("restore", str(target)), *("--data-dir", str(restored))]
    server.run_elsewhere(*with_dir)
    with serve_on(restored) as other:
        other.wait_folded()
        assert other.api("GET", "/profiles")["items"] == before


def test_without_a_server_a_command_does_the_work_itself(tmp_path: Path, offline: Callable[..., Any]) -> None:
    rows, mapping = write_files(tmp_path)
    workspace = offline(tmp_path / "data")
    workspace.cli("sources", "create", "web")
    segment = workspace.cli("segments", "create", "Buyers", "--condition", json.dumps(BUYERS))
    done = workspace.cli("import", rows, "--mapping", mapping)
    assert (done["state"], done["passed"]) == ("succeeded", 3)
    members = workspace.cli("segments", "show", str(segment["id"]))
    assert (members["state"], members["people"]) == ("live", 2)
    assert workspace.cli("replay")["state"] == "succeeded"
