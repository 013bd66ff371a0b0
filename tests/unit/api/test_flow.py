"""The stream tells what moved, to whoever may see it, and to nobody any more who may not."""

import asyncio
from typing import Any

import httpx
import msgspec

from onefold.runtime.assemble import Web


async def marks(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/v1/flow")).json()["marks"]
    return found


async def test_a_change_moves_the_mark_of_the_config_alone(local: httpx.AsyncClient) -> None:
    before = await marks(local)
    await local.post("/api/v1/segments", json={"name": "Gold", "condition": {"all": []}})
    await local.post("/api/v1/sources", json={"name": "Shop"})
    after = await marks(local)
    assert {name for name in before if before[name] != after[name]} == {"config"}


async def test_a_request_for_a_run_moves_the_config(local: httpx.AsyncClient) -> None:
    before = await marks(local)
    await local.post("/api/v1/backups", json={})
    assert (await marks(local))["config"] != before["config"]


async def test_a_stream_ends_with_the_token_that_opened_it(web: Web, local: httpx.AsyncClient) -> None:
    made = (await local.post("/api/v1/tokens", json={"name": "board", "rights": ["see"]})).json()
    bearer = {"authorization": f"Bearer {made['token']}"}
    transport = httpx.ASGITransport(web.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold", headers=bearer) as board:
        watching = asyncio.create_task(board.get("/api/v1/flow/stream"))
        ticker = web.workspace.observatory.ticker
        while ticker.watchers_count == 0:
            await asyncio.sleep(0.01)
        await local.delete(f"/api/v1/tokens/{made['id']}")
        async with asyncio.timeout(20):
            answer = await watching
    for line in answer.text.splitlines():
        if line.startswith("data: "):
            assert "marks" in msgspec.json.decode(line.removeprefix("data: "))
    assert ticker.watchers_count == 0


async def test_a_stream_needs_the_right_of_what_it_tells(web: Web, local: httpx.AsyncClient) -> None:
    made = (await local.post("/api/v1/tokens", json={"name": "mender", "rights": ["operate"]})).json()
    bearer = {"authorization": f"Bearer {made['token']}"}
    transport = httpx.ASGITransport(web.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold", headers=bearer) as mender:
        answer = await mender.get("/api/v1/flow/stream")
    assert (answer.status_code, answer.json()["code"]) == (403, "api.missing_right")


async def test_what_the_audit_trail_tells_of_moves_the_config(
    local: httpx.AsyncClient,
) -> None:
    before = await marks(local)
    view = {"page": "profiles", "name": "Gold", "query": "segment=1"}
    assert (await local.post("/api/v1/views", json=view)).status_code == 201
    assert (await marks(local))["config"] != before["config"]
