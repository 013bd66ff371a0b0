"""The timeline of a person by the API, against real files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.api.mask import plan_of
from onefold.api.timeline import Timeline
from onefold.backends.embedded import timeline
from onefold.runtime.client import open_client
from onefold.testing.fold import make_event

PROFILES = "/api/v1/profiles"
Entry = dict[str, Any]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        yield client


@pytest.fixture
def key(api: httpx.Client) -> str:
    return str(api.post("/api/v1/sources", json={"name": "web"}).json()["write_key"])


def send(api: httpx.Client, key: str, *events: dict[str, Any]) -> None:
    answer = api.post("/v1/batch", json={"batch": list(events)}, auth=(key, ""))
    assert answer.status_code == 200, answer.text


def show(api: httpx.Client, profile_id: int = 1, **query: Any) -> dict[str, Any]:
    answer = api.get(f"{PROFILES}/{profile_id}/timeline", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def all_of(api: httpx.Client, profile_id: int = 1, **query: Any) -> list[Entry]:
    """Every entry, page by page."""
    found: list[Entry] = []
    cursor: str | None = ""
    while cursor is not None:
        page = show(api, profile_id, cursor=cursor, **query)
        found += page["items"]
        cursor = page["next_cursor"]
    return found


def ids_of(entries: list[Entry]) -> list[str]:
    return [one["event"]["message_id"] for one in entries]


def test_a_person_is_told_newest_first_also_of_whom_they_were_merged_with(
    api: httpx.Client, key: str
) -> None:
    condition = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
    api.post("/api/v1/segments", json={"name": "Gold", "condition": condition})
    send(api, key, make_event("m1", anonymous_id="a1"), make_event("m2", user_id="bob"))
    send(api, key, make_event("m3", user_id="ada"))
    send(api, key, make_event("m4", "identify", user_id="ada", anonymous_id="a1", traits={"plan": "gold"}))
    api.put(f"{PROFILES}/1/consents/email", json={"state": "consented"})
    page = show(api)
    assert page["next_cursor"] is page["looked_back_to"] is None
    entries = page["items"]
    assert [one["at"] for one in entries] == sorted((one["at"] for one in entries), reverse=True)
    events = [one["event"] for one in entries if one["kind"] == "event"]
    assert [(one["type"], one["name"]) for one in events] == [
        ("track", "Consent Updated"),
        ("identify", ""),
        ("track", "Product Viewed"),
        ("track", "Product Viewed"),
    ]
    assert [one["message_id"] for one in events[1:]] == ["m4", "m3", "m1"]
    assert events[1]["payload"]["traits"] == {"plan": "gold"}
    assert events[1]["source"] == "web"
    (link,) = [one["link"] for one in entries if one["kind"] == "link"]
    assert (link["decision"], link["profile_id"], link["source_id"]) == ("merge", 1, events[1]["source_id"])
    (move,) = [one["membership"] for one in entries if one["kind"] == "membership"]
    assert (move["segment"], move["entered"]) == ("Gold", True)
    (consent,) = [one["consent"] for one in entries if one["kind"] == "consent"]
    assert (consent["purpose"], consent["state"]) == ("email", "consented")
    assert page["kept_since"]["event"] is not None
    assert page["kept_since"]["delivery"] is None


def test_pages_tell_everything_once(api: httpx.Client, key: str) -> None:
    others = [make_event(f"o{number}", user_id="bob") for number in range(5)]
    for number in range(4):
        send(
            api,
            key,
            make_event(f"a{number}", user_id="ada"),
            *others,
            make_event(f"b{number}", user_id="ada"),
        )
    api.put(f"{PROFILES}/1/consents/email", json={"state": "refused"})
    whole = all_of(api)
    assert all_of(api, limit=1) == all_of(api, limit=3) == whole
    assert ids_of(all_of(api, kind="event", limit=2))[1:] == ["b3", "a3", "b2", "a2", "b1", "a1", "b0", "a0"]


def test_a_page_looks_through_a_bounded_part(
    api: httpx.Client, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "BATCHES_LOOKED_AT", 2)
    send(api, key, make_event("a", user_id="ada"))
    for number in range(5):
        send(api, key, make_event(f"o{number}", user_id="bob"))
    page = show(api, kind="event")
    assert page["items"] == []
    assert page["looked_back_to"] is not None
    assert ids_of(all_of(api, kind="event")) == ["a"]


def test_resends_are_told_once_and_kinds_are_chosen(api: httpx.Client, key: str) -> None:
    send(api, key, make_event("m1", user_id="ada", anonymous_id="a1"))
    send(api, key, make_event("m1", user_id="ada", anonymous_id="a1"))
    assert ids_of(all_of(api, kind="event")) == ["m1"]
    assert [one["kind"] for one in all_of(api, kind="link, consent")] == ["link"]


def test_what_cannot_be_asked_is_refused(api: httpx.Client, key: str) -> None:
    send(api, key, make_event("m1", user_id="ada"))
    bad = api.get(f"{PROFILES}/1/timeline", params={"kind": "nothing"})
    assert (bad.status_code, bad.json()["code"]) == (400, "api.bad_request")
    for cursor in ("%", "eyJldmVudCI6Wy0xXX0", "MTIz"):
        refused = api.get(f"{PROFILES}/1/timeline", params={"cursor": cursor})
        assert (refused.status_code, refused.json()["code"]) == (400, "api.bad_cursor")
    assert api.get(f"{PROFILES}/9/timeline").status_code == 404


def test_values_of_people_are_hidden_from_who_may_not_see_them() -> None:
    plan = plan_of(Timeline)["items"].plan
    assert plan["event"] == {"payload": "hide"}
    assert plan["link"]["first"]["value"] == plan["link"]["reason"] == plan["consent"]["text"] == "hide"
