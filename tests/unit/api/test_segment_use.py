"""What builds on a segment, whom it shares, and edits that met a change of someone else."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from onefold.api import segment_use
from onefold.runtime.client import open_client

URL = "/api/v1/segments"
GOLD = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
EVERYONE = {"kind": "identifier", "identifier": "user_id"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        yield client


def make(api: httpx.Client, name: str, condition: object) -> httpx.Response:
    answer = api.post(URL, json={"name": name, "condition": condition})
    assert answer.status_code == 201, answer.text
    return answer


def send_people(api: httpx.Client, count: int) -> None:
    key = api.post("/api/v1/sources", json={"name": "shop"}).json()["write_key"]
    batch = [
        {"type": "identify", "userId": f"u-{n}", "traits": {"plan": "gold" if n % 4 == 0 else "silver"}}
        for n in range(count)
    ]
    assert api.post("/v1/batch", json={"batch": batch}, auth=(key, "")).status_code == 200


def test_segments_and_goals_that_use_it_are_named(api: httpx.Client) -> None:
    gold = make(api, "Gold", GOLD).json()["id"]
    make(api, "Not gold", {"kind": "not", "condition": {"kind": "segment", "segment_id": gold}})
    mapping = {"field": "email", "source": {"kind": "identifier", "identifier": "email"}}
    goal = {"kind": "export", "name": "Keep", "segment_id": gold, "mappings": [mapping]}
    connection = {"name": "Braze", "connector": "braze", "settings": {"endpoint": "https://rest.iad-01.braze.com"},
                  "secrets": {"api_key": "k"}, "goals": [goal]}  # fmt: skip
    made = api.post("/api/v1/connections", json=connection)
    assert made.status_code == 201, made.text
    found = api.get(f"{URL}/Gold/used-by").json()
    assert found["segments"] == [{"id": 2, "name": "Not gold"}]
    (used,) = found["goals"]
    assert (used["name"], used["connection"], used["enabled"]) == ("Keep", "Braze", False)
    assert api.delete(f"{URL}/Gold").status_code == 409
    assert api.get(f"{URL}/Not gold/used-by").json() == {"segments": [], "goals": []}


def test_overlap_tells_whom_segments_share(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make(api, "Gold", GOLD)
    make(api, "Known", EVERYONE)
    send_people(api, 1000)
    shared = [{"id": 2, "name": "Known", "people": 1000, "both": 250}]
    assert api.get(f"{URL}/Gold/overlap").json() == {
        "people": 250, "is_exact": True, "looked_at": 250, "segments": shared
    }  # fmt: skip
    monkeypatch.setattr(segment_use, "MEMBERS_MAX", 400)
    found = api.get(f"{URL}/Known/overlap").json()
    assert (found["is_exact"], found["looked_at"], found["segments"][0]["both"]) == (False, 400, 250)


def test_a_change_of_what_was_changed_meanwhile_is_refused(api: httpx.Client) -> None:
    made = make(api, "Gold", GOLD).json()
    answer = api.get(f"{URL}/Gold")
    assert answer.headers["etag"] == f'"{made["revision"]}"'
    first = api.patch(
        f"{URL}/1", json={"description": "Of mine"}, headers={"if-match": answer.headers["etag"]}
    )
    assert first.status_code == 200
    assert first.headers["etag"] != answer.headers["etag"]
    late = {"if-match": answer.headers["etag"]}
    for refused in (
        api.patch(f"{URL}/1", json={"name": "Mine"}, headers=late),
        api.delete(f"{URL}/1", headers=late),
    ):
        assert (refused.status_code, refused.json()["code"]) == (412, "api.changed_meanwhile")
    assert api.delete(f"{URL}/1", headers={"if-match": first.json()["revision"]}).status_code == 204
