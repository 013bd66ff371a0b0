"""The goals of a connection by the API, against real files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.activate.store import Writes
from onefold.backends.embedded.database import open_writer
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.clock import now
from onefold.model.delivery import GoalProgress, Item, ReadBack, Request
from onefold.model.outcome import Kind
from onefold.runtime.client import open_client

EXPORT: dict[str, Any] = {
    "kind": "export",
    "name": "People",
    "enabled": True,
    "mappings": [{"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}],
}
EVENTS: dict[str, Any] = {"kind": "events", "name": "Events"}
SEGMENT = {"name": "Buyers", "condition": {"kind": "trait", "trait": "plan", "test": "exists"}}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        connection = {
            "name": "Braze",
            "connector": "braze",
            "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
            "secrets": {"api_key": "secret"},
        }
        assert client.post("/api/v1/connections", json=connection).status_code == 201
        client.base_url = httpx.URL("http://onefold/api/v1/connections/Braze/")
        yield client


def made(api: httpx.Client, goal: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = api.post("goals", json={**goal, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def names(api: httpx.Client) -> list[str]:
    return [goal["name"] for goal in api.get("goals").json()["items"]]


def test_a_goal_is_kept_in_order_and_found_by_name(api: httpx.Client) -> None:
    first, second = made(api, EXPORT), made(api, EVENTS)
    assert (first["position"], second["position"]) == (0, 1)
    assert api.get("goals/Events").json() == second
    assert names(api) == ["People", "Events"]


def test_goals_are_put_into_another_order(api: httpx.Client) -> None:
    first, second = made(api, EXPORT), made(api, EVENTS)
    answer = api.put("goals/order", json={"goals": [second["id"], first["id"]]})
    assert [goal["name"] for goal in answer.json()["items"]] == names(api) == ["Events", "People"]
    assert api.put("goals/order", json={"goals": [second["id"]]}).status_code == 409


def test_a_goal_for_a_segment_that_is_not_there_is_refused(api: httpx.Client) -> None:
    mappings = [*EXPORT["mappings"], {"source": {"kind": "segment", "segment_id": 8}, "field": "vip"}]
    answer = api.post("goals", json={**EXPORT, "segment_id": 7, "mappings": mappings})
    assert answer.status_code == 422
    problems = {problem["field"]: problem["value"] for problem in answer.json()["problems"]}
    assert problems == {"segment_id": 7, "mappings.1.source.segment_id": 8}


def test_a_segment_that_a_goal_needs_cannot_be_deleted(api: httpx.Client) -> None:
    segment = api.post("http://onefold/api/v1/segments", json=SEGMENT).json()
    source = {"kind": "segment", "segment_id": segment["id"]}
    goal = made(api, EXPORT, mappings=[{"source": source, "field": "buyer"}])
    answer = api.delete("http://onefold/api/v1/segments/Buyers")
    assert answer.status_code == 409
    assert "People" in answer.json()["detail"]
    assert api.delete(f"goals/{goal['id']}").status_code == 204
    assert api.delete("http://onefold/api/v1/segments/Buyers").status_code == 204


def test_a_goal_names_its_segment(api: httpx.Client) -> None:
    segment = api.post("http://onefold/api/v1/segments", json=SEGMENT).json()
    assert made(api, EXPORT, segment_id=segment["id"])["segment"] == "Buyers"


def test_two_goals_of_one_name_are_refused(api: httpx.Client) -> None:
    made(api, EVENTS)
    answer = api.post("goals", json=EVENTS)
    assert (answer.status_code, answer.json()["field"]) == (422, "name")


def test_a_goal_is_previewed_before_it_has_a_name(api: httpx.Client) -> None:
    wish = {"goal": {**EXPORT, "name": " "}, "profile_id": 99}
    assert api.post("goals/preview", json=wish).json()["code"] == "api.unknown_profile"
    wish["goal"] = {**EXPORT, "preset": "nothing"}
    (problem,) = api.post("goals/preview", json=wish).json()["problems"]
    assert problem["field"] == "preset"


def test_a_changed_goal_is_previewed_in_place_of_the_kept_one(api: httpx.Client) -> None:
    made(api, EXPORT)
    wish = {"goal": EXPORT, "profile_id": 99}
    fields = [one["field"] for one in api.post("goals/preview", json=wish).json()["problems"]]
    assert fields == ["goal.mappings.0.field", "goal.name"], "beside itself it writes a field twice"
    wish["instead_of"] = "People"
    assert api.post("goals/preview", json=wish).json()["code"] == "api.unknown_profile"
    assert api.post("goals/preview", json={**wish, "instead_of": "No"}).json()["code"] == "api.unknown_goal"


def test_a_mapping_of_an_unknown_kind_says_where_it_stands(api: httpx.Client) -> None:
    answer = api.post("goals", json={**EXPORT, "mappings": [{"source": {"kind": "mood"}, "field": "mood"}]})
    assert answer.status_code == 400
    assert "mappings[0]" in answer.text


def test_a_change_is_a_new_version_but_on_and_off_is_not(api: httpx.Client) -> None:
    path = f"goals/{made(api, EXPORT)['id']}"
    off = api.post(f"{path}/disable").json()
    assert (off["enabled"], off["version"], off["progress"]["state"]) == (False, 1, "off")
    assert api.post(f"{path}/enable").json()["version"] == 1
    renamed = api.patch(path, json={"name": "Everyone"}).json()
    assert (renamed["name"], renamed["version"]) == ("Everyone", 2)
    assert api.patch(path, json={"name": "Nobody", "version": 1}).status_code == 409


def test_settings_are_changed_one_by_one(api: httpx.Client) -> None:
    path = f"goals/{made(api, EVENTS, settings={'currency': 'EUR', 'events': ['Order Completed']})['id']}"
    changed = api.patch(path, json={"settings": {"currency": "GBP", "events": None}}).json()
    assert changed["settings"] == {"currency": "GBP"}
    assert api.patch(path, json={"settings": {"currency": "shells"}}).status_code == 422


def test_a_goal_that_sends_events_from_now_on_says_since_when(api: httpx.Client) -> None:
    off, on = made(api, EVENTS), made(api, EVENTS, name="On", enabled=True)
    assert off["starts_at"] is None
    assert on["starts_at"] == on["created_at"]
    assert made(api, EVENTS, name="All", enabled=True, settings={"start": "beginning"})["starts_at"] is None
    assert made(api, EXPORT)["starts_at"] is None


def test_a_goal_that_sends_events_since_a_date_says_so(api: httpx.Client) -> None:
    since = {"start": "since", "since": "2026-05-01"}
    assert made(api, EVENTS, settings=since)["starts_at"] == "2026-05-01T00:00:00.000Z"


def test_the_rows_of_events_are_kept_changed_and_checked(api: httpx.Client) -> None:
    rows = [{"event": "Signed Up", "name": "signed_up", "properties": {"plan": "tier", "ip": None}}]
    goal = made(api, EVENTS, event_mappings=rows)
    assert goal["event_mappings"] == [{**rows[0], "others": "keep"}]
    changed = api.patch("goals/Events", json={"event_mappings": []}).json()
    assert (changed["event_mappings"], changed["version"]) == ([], 2)
    wrong = api.patch("goals/Events", json={"event_mappings": [rows[0], rows[0]]})
    assert wrong.status_code == 422
    assert [problem["field"] for problem in wrong.json()["problems"]] == ["event_mappings.1.event"]


def test_progress_and_counts_come_from_deliver(api: httpx.Client, tmp_path: Path) -> None:
    goal = made(api, EXPORT)
    state = open_writer(tmp_path, "state")
    state.execute("insert into profile values (40, x'')")
    state.execute("insert into change (seq, at, body) values (9, 0, x'')")
    state.close()
    store, writes = EmbeddedDelivery(tmp_path), Writes()
    writes.progress = [GoalProgress(goal["id"], 1, 6, scanning=True, scanned_to=10)]
    items = [Item("attributes", b"{}", goal["id"], 1, 0, -1, 0)] * 3
    writes.opened = [Request(1, goal["connection_id"], "track", items)]
    subject = f"{goal['connection_id']}/{goal['id']}"
    writes.counts[subject, Kind.PASSED, ""] = 5
    writes.counts[subject, Kind.FILTERED, "activate.no_delta"] = 4
    writes.counts[subject, Kind.REJECTED, "activate.braze.value"] = 2
    store.apply([writes], now())
    store.close()
    shown = api.get("goals/People").json()
    assert shown["progress"] == {"state": "comparing", "done": 10, "total": 40, "behind": 3}
    assert shown["counts"] == {
        "planned": 14,
        "passed": 5,
        "filtered": 4,
        "rejected": 2,
        "deferred": 3,
        "reasons": [
            {
                "outcome": "filtered",
                "code": "activate.no_delta",
                "count": 4,
                "meaning": "No field that the goal sends differs from what the destination holds.",
            },
            {
                "outcome": "rejected",
                "code": "activate.braze.value",
                "count": 2,
                "meaning": "A field's value is not what Braze takes for that field.",
            },
        ],
    }


def test_a_goal_that_compares_first_says_how_far_it_is(api: httpx.Client, tmp_path: Path) -> None:
    goal = made(api, EXPORT)
    assert f"goals on {goal['connection_id']} {goal['id']} --compare-first" in goal["hint"]
    changed = api.patch("goals/People", json={"compare_first": True}).json()
    assert (changed["compare_first"], changed["hint"], changed["version"]) == (True, "", 2)
    store = EmbeddedDelivery(tmp_path)
    for state, told in ((ReadBack.WANTED, "reading_back"), (ReadBack.HALTED, "halted")):
        writes = Writes()
        writes.progress = [GoalProgress(goal["id"], 2, 0, scanning=True, scanned_to=10, read_back=state)]
        store.apply([writes], now())
        assert api.get("goals/People").json()["progress"]["state"] == told
    store.close()


def test_what_cannot_be_read_back_cannot_be_compared_first(api: httpx.Client) -> None:
    made(api, EVENTS)
    wrong = api.patch("goals/Events", json={"compare_first": True})
    assert [problem["field"] for problem in wrong.json()["problems"]] == ["compare_first"]


def test_who_has_sent_before_needs_no_hint(api: httpx.Client, tmp_path: Path) -> None:
    goal = made(api, EXPORT)
    store, writes = EmbeddedDelivery(tmp_path), Writes()
    writes.counts[f"{goal['connection_id']}/99", Kind.PASSED, ""] = 5
    store.apply([writes], now())
    store.close()
    assert api.get("goals/People").json()["hint"] == ""


def test_a_goal_asks_for_consent_to_its_purpose(api: httpx.Client) -> None:
    goal = made(api, EXPORT, purpose="email")
    assert goal["purpose"] == "email"
    changed = api.patch(f"goals/{goal['id']}", json={"purpose": ""}).json()
    assert (changed["purpose"], changed["version"]) == ("", 2)
    refused = api.patch(f"goals/{goal['id']}", json={"purpose": " x"})
    assert [problem["field"] for problem in refused.json()["problems"]] == ["purpose"]


def test_erasures_are_forwarded_for_everyone(api: httpx.Client) -> None:
    forward = {"kind": "deletions", "name": "Forget"}
    assert made(api, forward)["progress"]["state"] == "off"
    refused = api.post("goals", json={**forward, "name": "Other", "purpose": "email"})
    assert [problem["field"] for problem in refused.json()["problems"]] == ["purpose"]
