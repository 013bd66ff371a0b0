"""The list of segments, and what a crash leaves of one that was being made."""

import httpx
import pytest

from onefold.errors import StorageError
from onefold.runtime.assemble import Web


async def test_segments_are_found_by_what_they_are_called_or_described_as(local: httpx.AsyncClient) -> None:
    condition = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
    for name, words in (("Gold", ""), ("Silver", "Not yet GOLD"), ("Bronze", ""), ("Old gold", "")):
        made = await local.post(
            "/api/v1/segments", json={"name": name, "condition": condition, "description": words}
        )
        assert made.status_code == 201, made.text
    page = (await local.get("/api/v1/segments", params={"search": "gold", "limit": 2})).json()
    rest = {"search": "gold", "limit": 2, "cursor": page["next_cursor"]}
    last = (await local.get("/api/v1/segments", params=rest)).json()
    assert [one["name"] for one in [*page["items"], *last["items"]]] == ["Gold", "Silver", "Old gold"]
    assert last["next_cursor"] is None


async def test_a_fill_that_a_crash_kept_from_being_asked_for_is_asked_for_at_the_next_start(
    web: Web, local: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise StorageError("storage.full", "The disk is full.")

    condition = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
    with monkeypatch.context() as broken:
        broken.setattr(web.workspace.run_requests, "ask", crash)
        made = await local.post("/api/v1/segments", json={"name": "Gold", "condition": condition})
        assert made.status_code >= 500
    await web.reconcile()
    runs = (await local.get("/api/v1/runs")).json()["items"]
    assert [one["kind"] for one in runs] == ["segment_fill"]
