"""The list of segments."""

import httpx


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
