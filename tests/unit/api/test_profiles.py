"""Finding people by the API, against real files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.runtime.client import open_client
from onefold.testing.fold import make_event

PROFILES = "/api/v1/profiles"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    """A workspace with five people, of whom the odd ones are of the segment Gold."""
    with open_client(tmp_path, create=True) as client:
        key = client.post("/api/v1/sources", json={"name": "web"}).json()["write_key"]
        condition = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
        client.post("/api/v1/segments", json={"name": "Gold", "condition": condition})
        people = [
            make_event(f"m{number}", "identify", user_id=f"u{number}", traits={"plan": plan})
            for number, plan in enumerate(("gold", "free", "gold", "free", "gold"), start=1)
        ]
        assert client.post("/v1/batch", json={"batch": people}, auth=(key, "")).is_success
        yield client


def found(api: httpx.Client, **query: Any) -> list[int]:
    ids: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(PROFILES, params={**query, "cursor": cursor}).json()
        ids += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    return ids


def test_people_of_a_segment_are_listed_in_pages(api: httpx.Client) -> None:
    for name in ("Gold", "1"):
        assert found(api, segment=name) == found(api, segment=name, limit=2) == [1, 3, 5]
    assert found(api) == [1, 2, 3, 4, 5]


def test_a_search_stays_within_the_segment(api: httpx.Client) -> None:
    assert found(api, search="u", segment="Gold", limit=1) == [1, 3, 5]
    assert found(api, search="u2", segment="Gold") == []


def test_a_segment_that_is_not_there_is_said(api: httpx.Client) -> None:
    refused = api.get(PROFILES, params={"segment": "Silver"})
    assert (refused.status_code, refused.json()["code"]) == (404, "api.unknown_segment")
