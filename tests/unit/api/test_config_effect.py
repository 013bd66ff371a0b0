"""What a plan means for people: who enters and leaves, whom goals would send, and who may ask."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.api import segment_past
from onefold.runtime.assemble import Web
from onefold.runtime.client import open_client
from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

URL = "/api/v1/config"


@pytest.fixture(scope="module")
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    """Ada and Cy have gold, Bob has silver, each with an order."""
    with open_client(tmp_path, create=True) as client:
        key = client.post("/api/v1/sources", json={"name": "shop"}).json()["write_key"]
        batch: list[dict[str, Any]] = []
        for name, plan in (("ada", "gold"), ("bob", "silver"), ("cy", "gold")):
            batch.append({"type": "identify", "userId": name, "traits": {"plan": plan}})
            batch.append({"type": "track", "userId": name, "event": "Seen"})
        assert client.post("/v1/batch", json={"batch": batch}, auth=(key, "")).status_code == 200
        made = client.post(f"{URL}/apply", json={"documents": [segment("VIP", "gold")]})
        assert made.json()["applied"], made.text
        yield client


def segment(name: str, plan: str) -> dict[str, Any]:
    condition = {"kind": "trait", "trait": "plan", "test": "equals", "value": plan}
    return {"kind": "segment", "name": name, "spec": {"condition": condition}}


def connection(braze: BrazeSandbox, *, is_on: bool = True, segment: str = "VIP") -> dict[str, Any]:
    row = {"field": "plan", "source": {"kind": "trait", "trait": "plan"}}
    goals = [
        {"name": "People", "kind": "export", "segment": segment, "enabled": is_on, "mappings": [row]},
        {"name": "Events", "kind": "events", "enabled": is_on},
    ]
    spec = {
        "connector": "braze",
        "settings": {"endpoint": braze.url},
        "secrets": {"api_key": {"value": DEFAULT_KEY}},
        "goals": goals,
    }
    return {"kind": "connection", "name": "Braze", "spec": spec}


def effects(api: httpx.Client, *documents: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(f"{URL}/plan", json={"documents": documents, "effect": True})
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()["effects"]}


def test_who_enters_and_leaves_a_segment_is_counted(api: httpx.Client) -> None:
    found = effects(api, segment("VIP", "silver"), segment("New", "gold"))
    assert [(found["VIP"][key]) for key in ("people", "entering", "leaving", "is_exact")] == [1, 1, 2, True]
    assert [(found["New"][key]) for key in ("people", "entering", "leaving")] == [2, 2, 0]
    assert effects(api, segment("VIP", "gold")) == {}


def test_what_only_a_fill_can_tell_is_said(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_past, "EVENTS_MAX", 1)
    condition = {"kind": "event", "event": "Seen", "where": [{"property": "a", "test": "exists"}]}
    counting = {"kind": "segment", "name": "New", "spec": {"condition": condition}}
    asking = {
        "kind": "segment",
        "name": "Other",
        "spec": {"condition": {"kind": "segment", "segment": "New"}},
    }
    found = effects(api, counting, asking)
    assert found["New"]["entering"] is None
    assert "Only filling it can tell (from 0 to 3 people)" in found["New"]["reason"]
    assert "made with it" in found["Other"]["reason"]


def test_whom_a_new_goal_would_send_is_counted_and_nothing_is_sent(
    api: httpx.Client, braze: BrazeSandbox
) -> None:
    goals = {one["goal"]: one for one in effects(api, connection(braze))["Braze"]["goals"]}
    people = goals["People"]
    assert (people["looked_at"], people["sent"], people["data_points"]) == (2, 2, 2)
    assert goals["Events"]["is_daily"] is True
    assert goals["Events"]["looked_at"] == 3
    assert api.get(f"{URL}").json()["documents"][-1]["kind"] == "segment"
    assert braze.user("ada") is None


def test_only_goals_that_begin_or_change_have_an_effect(api: httpx.Client, braze: BrazeSandbox) -> None:
    assert api.post(f"{URL}/apply", json={"documents": [connection(braze, is_on=False)]}).json()["applied"]
    goals = effects(api, connection(braze))["Braze"]["goals"]
    assert [one["goal"] for one in goals] == ["People", "Events"]
    assert effects(api, connection(braze, is_on=False)) == {}
    both = effects(api, segment("New", "gold"), connection(braze, segment="New"))
    assert "made with it" in both["Braze"]["goals"][0]["reason"]


async def test_counting_people_needs_the_rights_of_the_previews(web: Web, local: httpx.AsyncClient) -> None:
    made = await local.post("/api/v1/tokens", json={"name": "ci", "rights": ["see"]})
    headers = {"authorization": f"Bearer {made.json()['token']}"}
    transport = httpx.ASGITransport(web.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold", headers=headers) as remote:
        wish = {"documents": [segment("VIP", "gold")]}
        assert (await remote.post(f"{URL}/plan", json=wish)).status_code == 200
        refused = await remote.post(f"{URL}/plan", json={**wish, "effect": True})
        assert (refused.status_code, refused.json()["code"]) == (403, "api.missing_right")
