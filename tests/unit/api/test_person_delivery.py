"""What destinations hold of a person by the API, against real files."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from onefold.activate.contest import shared_ledger
from onefold.activate.store import NewLetter, Writes
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.model.delivery import NO_POSITION, Item, Request
from onefold.model.json import JsonObject
from onefold.runtime.client import open_client
from onefold.testing.fold import START, make_event

ITEM = Item("attributes", b"{}", 1, 1, 1, NO_POSITION, START)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    """A workspace with one person, and a connection with one goal."""
    with open_client(tmp_path, create=True) as client:
        key = client.post("/api/v1/sources", json={"name": "web"}).json()["write_key"]
        assert client.post("/v1/track", json=make_event("m1", user_id="ada"), auth=(key, "")).is_success
        goal = {
            "kind": "call",
            "name": "Calls",
            "settings": {"when": "event", "events": ["Came"], "url": "/"},
        }
        settings = {"endpoint": "https://api.example.org"}
        connection = {"name": "Shop", "connector": "http", "settings": settings, "goals": [goal]}
        assert client.post("/api/v1/connections", json=connection).status_code == 201
        yield client


def deliveries(api: httpx.Client) -> list[JsonObject]:
    answer = api.get("/api/v1/profiles/1/deliveries")
    assert answer.status_code == 200, answer.text
    found: list[JsonObject] = answer.json()["items"]
    return found


def write(directory: Path, writes: Writes) -> None:
    store = EmbeddedDelivery(directory)
    store.apply([writes], START)
    store.close()


def test_a_connection_that_has_nothing_of_the_person_is_left_out(api: httpx.Client) -> None:
    assert deliveries(api) == []


def test_fields_are_told_with_what_the_destination_said_of_them(api: httpx.Client, tmp_path: Path) -> None:
    writes = Writes()
    writes.ledger[1, 1] = {"@": 5, "#": 6, "plan": 7, "age": -8, "city": 0}
    writes.ledger[shared_ledger(1), 1] = {"email": 9}
    writes.ledger[1, 2] = {"plan": 7}
    write(tmp_path, writes)
    (found,) = deliveries(api)
    assert found["connection"] == "Shop"
    assert [(one["field"], one["state"], one["goal"]) for one in found["fields"]] == [
        ("age", "refused", "Calls"),
        ("city", "unknown", "Calls"),
        ("plan", "accepted", "Calls"),
        ("email", "accepted", ""),
    ]


def test_what_waits_and_what_was_given_up_is_told(api: httpx.Client, tmp_path: Path) -> None:
    writes = Writes()
    writes.opened = [Request(1, 1, "calls", [ITEM, ITEM])]
    letter = NewLetter("activate.refused", "", "No.", "Mend it.", "m1", b"{}", 1, "calls", ITEM)
    writes.letters = [letter, letter]
    write(tmp_path, writes)
    assert api.post("/api/v1/dead-letters/activate-1/discard").is_success
    (found,) = deliveries(api)
    assert found["waiting"] == 2
    assert [one["id"] for one in found["dead_letters"]] == ["activate-2"]
