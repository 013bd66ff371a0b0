"""Who would be in a segment, by the API, of people that came in through it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.api import segment_past, segment_preview
from onefold.runtime.client import open_client

URL = "/api/v1/segments/preview"
GOLD = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
SHOES = {
    "kind": "event",
    "event": "Seen",
    "where": [{"property": "category", "test": "equals", "value": "shoes"}],
}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        key = client.post("/api/v1/sources", json={"name": "shop"}).json()["write_key"]
        people = [("ada", "gold", "ada@example.org"), ("bob", "silver", ""), ("cy", "gold", "")]
        batch: list[dict[str, Any]] = [
            {
                "type": "identify",
                "userId": name,
                "traits": {"plan": plan, **({"email": email} if email else {})},
            }
            for name, plan, email in people
        ]
        batch += [
            {"type": "track", "userId": name, "event": "Seen", "properties": {"category": category}}
            for name, category in (("ada", "shoes"), ("bob", "hats"), ("bob", "hats"))
        ]
        assert client.post("/v1/batch", json={"batch": batch}, auth=(key, "")).status_code == 200
        yield client


def preview(api: httpx.Client, condition: dict[str, Any], **more: str) -> dict[str, Any]:
    answer = api.post(URL, json={"condition": condition, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_people_coverage_and_sample_are_told(api: httpx.Client) -> None:
    found = preview(api, GOLD)
    assert (found["people"], found["people_min"], found["people_max"]) == (2, 2, 2)
    assert (found["is_exact"], found["looked_at"], found["words"]) == (True, 3, 'plan is "gold"')
    assert found["coverage"] == [{"kind": "user_id", "people": 2}, {"kind": "email", "people": 1}]
    assert [one["identifiers"]["user_id"] for one in found["sample"]] == [["ada"], ["cy"]]
    assert (found["people_now"], found["entering"], found["leaving"], found["needs_fill"]) == (
        None,
        None,
        None,
        [],
    )


def test_a_change_tells_who_enters_and_leaves(api: httpx.Client) -> None:
    assert api.post("/api/v1/segments", json={"name": "VIP", "condition": GOLD}).status_code == 201
    silver = {**GOLD, "value": "silver"}
    found = preview(api, silver, segment="VIP")
    assert (found["people_now"], found["people"], found["entering"], found["leaving"]) == (2, 1, 1, 2)


def test_what_no_segment_counts_yet_is_read_from_the_log(api: httpx.Client) -> None:
    found = preview(api, SHOES)
    assert (found["people"], found["is_exact"], found["needs_fill"]) == (1, True, [])
    price = {"kind": "event", "event": "Seen", "measure": "sum", "property": "price", "value": 30}
    key = api.post("/api/v1/sources", json={"name": "late"}).json()["write_key"]
    for properties in ({"price": 12.5}, {"price": "17.50"}):
        event = {"userId": "cy", "event": "Seen", "properties": properties}
        assert api.post("/v1/track", json=event, auth=(key, "")).status_code == 200
    assert [one["identifiers"]["user_id"] for one in preview(api, price)["sample"]] == [["cy"]]


def test_the_past_is_that_of_who_people_are_now(api: httpx.Client) -> None:
    key = api.post("/api/v1/sources", json={"name": "late"}).json()["write_key"]
    hats = {"event": "Bought", "properties": {"category": "hats"}}
    known = {"anonymousId": "a-1", "traits": {"email": "dee@example.org"}}
    assert api.post("/v1/identify", json=known, auth=(key, "")).status_code == 200
    for event in (
        {**hats, "anonymousId": "a-1"},
        {**hats, "userId": "dee"},
        {**hats, "userId": "dee", "messageId": "2"},
    ):
        assert api.post("/v1/track", json=event, auth=(key, "")).status_code == 200
    link = {"anonymousId": "a-1", "userId": "dee"}
    assert api.post("/v1/identify", json=link, auth=(key, "")).status_code == 200
    where = [{"property": "category", "test": "equals", "value": "hats"}]
    thrice = {"kind": "event", "event": "Bought", "value": 3, "where": where}
    assert preview(api, thrice)["people"] == 1


def test_a_past_that_is_too_long_is_bounded(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_past, "EVENTS_MAX", 1)
    found = preview(api, SHOES)
    bounds = (found["people"], found["people_min"], found["people_max"], found["is_exact"])
    assert bounds == (None, 0, 2, False)
    assert found["needs_fill"] == ['"Seen" where category is "shoes"']
    assert api.post("/api/v1/segments", json={"name": "Shoes", "condition": SHOES}).status_code == 201
    again = preview(api, {**SHOES, "test": "less_than", "value": 1})
    assert (again["people"], again["is_exact"], again["needs_fill"]) == (2, True, [])


def test_without_time_a_part_is_looked_at(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    key = api.post("/api/v1/sources", json={"name": "many"}).json()["write_key"]
    batch = [{"type": "identify", "userId": f"u-{n}", "traits": {"plan": "gold"}} for n in range(500)]
    assert api.post("/v1/batch", json={"batch": batch}, auth=(key, "")).status_code == 200
    monkeypatch.setitem(segment_preview.preview_condition.__kwdefaults__, "count_s_max", 0.0)
    found = preview(api, GOLD)
    assert not found["is_exact"]
    assert 0 < found["looked_at"] < 503
    assert abs(found["people"] - 502) <= 3


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"condition": {"kind": "trait"}}, 422, "segment.bad_condition"),
        ({"condition": {"kind": "segment", "segment_id": 9}}, 422, "segment.bad_condition"),
        ({"condition": GOLD, "segment": "Nobodies"}, 404, "api.unknown_segment"),
    ],
)
def test_what_cannot_be_asked_is_told(
    api: httpx.Client, body: dict[str, Any], status: int, code: str
) -> None:
    answer = api.post(URL, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nothing_is_kept_of_it(api: httpx.Client) -> None:
    preview(api, GOLD)
    assert api.get("/api/v1/segments").json()["items"] == []
    assert "preview_segment" not in api.get("/api/v1/audit").text
