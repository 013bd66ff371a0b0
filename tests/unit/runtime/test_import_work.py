"""What an import makes of earlier ones of the same file: by the same mapping, or by another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.acquire.mapping import parse_mapping
from onefold.clock import HOUR
from onefold.runtime import import_work
from onefold.runtime.client import open_client
from onefold.runtime.import_work import mapping_hash

MAPPING = {"identifiers": {"user_id": "person"}, "event": {"name": "Bought"}, "time": {"column": "at"}}
ROWS = "person,at,when\na,2026-03-01,2026-03-01\nb,soon,2026-03-02\n"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path / "data", create=True, environ={}) as opened:
        yield opened


def take_in(client: httpx.Client, path: Path, **changes: Any) -> dict[str, Any]:
    """The run as it ended."""
    body = {"path": str(path), "mapping": {**MAPPING, **changes}}
    asked = client.post("/api/v1/imports", json=body)
    assert asked.status_code == 201, asked.text
    return dict(client.get(f"/api/v1/runs/{asked.json()['id']}").json())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(ROWS)
    return path


def test_the_same_again_has_nothing_to_do(client: httpx.Client, file: Path) -> None:
    first = take_in(client, file)
    assert (first["passed"], first["rejected"]) == (1, 1)
    again = take_in(client, file)
    assert (again["state"], again["passed"], again["rejected"]) == ("succeeded", 0, 0)
    assert first["id"] in again["message"]


def test_a_mended_mapping_gives_refused_rows_a_second_chance(client: httpx.Client, file: Path) -> None:
    take_in(client, file)
    mended = take_in(client, file, time={"column": "when"})
    assert (mended["state"], mended["passed"], mended["rejected"]) == ("succeeded", 2, 0)
    people = client.get("/api/v1/profiles").json()["items"]
    counts = [client.get(f"/api/v1/profiles/{one['id']}").json()["events"] for one in people]
    assert counts == [{"Bought": 1}, {"Bought": 1}]


def test_another_mapping_is_refused_once_its_ids_are_forgotten(
    client: httpx.Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(client, file)
    later = import_work.now() + 49 * HOUR
    monkeypatch.setattr(import_work, "now", lambda: later)
    refused = take_in(client, file, time={"column": "when"})
    assert refused["state"] == "failed"
    assert "acquire.other_mapping" in refused["message"]
    assert take_in(client, file, time={"column": "when"}, id=["person"])["state"] == "succeeded"
    assert take_in(client, file)["message"].startswith("Nothing to do")


def test_imports_are_listed_with_their_outcome(client: httpx.Client, file: Path) -> None:
    take_in(client, file)
    (listed,) = client.get("/api/v1/imports").json()["items"]
    assert (listed["file"], listed["source"], listed["rows"]) == ("sales.csv", "import:sales.csv", 2)
    assert (listed["state"], listed["passed"], listed["rejected"]) == ("succeeded", 1, 1)


def test_a_mapping_is_known_by_its_meaning() -> None:
    short = parse_mapping(MAPPING, "m")
    long = parse_mapping({**dict(reversed(MAPPING.items())), "delimiter": "", "properties": {}}, "m")
    assert mapping_hash(short) == mapping_hash(long)
    assert mapping_hash(short) != mapping_hash(parse_mapping({**MAPPING, "empty": ["-"]}, "m"))
