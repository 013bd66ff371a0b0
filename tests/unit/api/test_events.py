"""Events by the API: what came in, without values of people for who may not see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.unit.api.test_hidden import as_token

from onefold.runtime.assemble import Web
from onefold.runtime.client import open_client

URL = "/api/v1/events"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        yield client


def key_of(api: httpx.Client) -> str:
    return str(api.post("/api/v1/sources", json={"name": "shop"}).json()["write_key"])


def get(api: httpx.Client, **query: Any) -> dict[str, Any]:
    answer = api.get(URL, params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_an_event_is_shown_as_it_was_sent(api: httpx.Client) -> None:
    event = {"userId": "ada", "messageId": "m-1", "event": "Seen", "properties": {"page": "/"}}
    api.post("/v1/track", json=event, auth=(key_of(api), ""))
    (one,) = get(api, payload=True)["items"]
    assert (one["name"], one["type"], one["source"], one["person"]) == (
        "Seen",
        "track",
        "shop",
        "user_id:ada",
    )
    assert one["payload"]["properties"] == {"page": "/"}
    assert get(api)["items"][0]["payload"] is None


def test_what_is_new_is_asked_for_by_what_was_newest(api: httpx.Client) -> None:
    key = key_of(api)
    before = get(api)["newest"]
    batch = [{"type": "track", "userId": "u", "event": "Seen", "messageId": str(n)} for n in range(5)]
    api.post("/v1/batch", json={"batch": batch}, auth=(key, ""))
    page = get(api, after=before, limit=2)
    assert ([one["message_id"] for one in page["items"]], page["arrived"]) == (["4", "3"], 5)


@pytest.mark.parametrize("field", ["cursor", "after"])
@pytest.mark.parametrize("given", ["x", "1.2", "1.2.3.4", "1.-2.3", "1.2." + "9" * 30])
def test_a_cursor_of_somebody_else_is_refused(api: httpx.Client, field: str, given: str) -> None:
    answer = api.get(URL, params={field: given})
    assert (answer.status_code, answer.json()["code"]) == (400, "api.bad_cursor")


async def test_values_of_people_are_hidden_and_not_searched(web: Web, local: httpx.AsyncClient) -> None:
    key = (await local.post("/api/v1/sources", json={"name": "web"})).json()["write_key"]
    event = {"userId": "planted", "event": "Seen", "writeKey": key, "properties": {"a": "planted"}}
    assert (await local.post("/v1/track", json=event)).status_code == 200
    async with await as_token(web, local, "see") as program:
        answer = await program.get(URL, params={"payload": True})
        assert answer.json()["items"][0]["name"] == "Seen"
        assert "planted" not in answer.text
        refused = await program.get(URL, params={"identifier": "planted"})
        assert (refused.status_code, refused.json()["code"]) == (403, "api.missing_right")
