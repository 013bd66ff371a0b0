"""The names that occur, by the API, of events that came in through it."""

from pathlib import Path

import httpx
from tests.unit.api.test_hidden import as_token

from onefold.api.catalogue import CatalogueView
from onefold.api.mask import plan_of
from onefold.runtime.assemble import Web
from onefold.runtime.client import open_client

URL = "/api/v1/catalogue"
ORDER = {
    "type": "track", "userId": "ada", "event": "Order Completed",
    "properties": {"total": 9.5, "gift": True, "products": [{"category": "shoes"}, {"category": "hats"}]},
}  # fmt: skip
ADA = {
    "type": "identify",
    "userId": "ada",
    "traits": {"plan": "gold", "address": {"city": "Bonn"}, "age": 36},
}


def test_names_that_occur_are_told_with_examples(tmp_path: Path) -> None:
    with open_client(tmp_path, create=True) as api:
        key = api.post("/api/v1/sources", json={"name": "shop"}).json()["write_key"]
        batch = [ADA, {**ORDER, "messageId": "1"}, {**ORDER, "messageId": "2"}]
        assert api.post("/v1/batch", json={"batch": batch}, auth=(key, "")).status_code == 200
        found = api.get(URL).json()
    events = {one["name"]: one for one in found["events"]}
    assert (events["Order Completed"]["count"], events["$identify"]["count"]) == (2, 1)
    properties = {
        one["name"]: (one["kinds"], one["examples"]) for one in events["Order Completed"]["properties"]
    }
    assert properties["products.category"] == (["text"], ["shoes", "hats"])
    assert properties["total"] == (["number"], [9.5])
    assert properties["gift"] == (["flag"], [True])
    traits = {one["name"]: (one["kinds"], one["examples"], one["count"]) for one in found["traits"]}
    assert traits["plan"] == (["text"], ["gold"], 1)
    assert traits["address.city"] == (["text"], ["Bonn"], 1)
    assert traits["address"] == (["object"], [], 1)
    assert found["identifiers"] == ["user_id"]


async def test_values_are_hidden_from_who_may_not_see_them(web: Web, local: httpx.AsyncClient) -> None:
    assert (await local.get(URL)).json() == {"events": [], "traits": [], "identifiers": [], "purposes": []}
    async with await as_token(web, local, "see") as viewer:
        assert (await viewer.get(URL)).status_code == 200
    plan = plan_of(CatalogueView)
    assert plan["traits"].plan["examples"] == plan["events"].plan["properties"].plan["examples"] == "hide"
