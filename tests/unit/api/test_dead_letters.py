"""Dead letters by the API: of three stages in three files, written as their owners write them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.activate.store import NewLetter, Writes
from onefold.backends.embedded.database import open_writer
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.clock import MINUTE, now, to_iso
from onefold.model.delivery import Item
from onefold.runtime.client import open_client

URL = "/api/v1/dead-letters"
LONG_AGO = now() - 60 * MINUTE
BRAZE = {
    "name": "Braze",
    "connector": "braze",
    "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
    "secrets": {"api_key": "secret"},
    "goals": [{"kind": "events", "name": "Events", "enabled": True}],
}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        client.headers["x-write-key"] = client.post("/api/v1/sources", json={"name": "shop"}).json()[
            "write_key"
        ]
        yield client


def refuse(api: httpx.Client, event: dict[str, Any] | str, route: str = "track") -> str:
    """Send an event that capture refuses; its letter."""
    content = event if isinstance(event, str) else json.dumps(event)
    assert api.post(f"/v1/{route}", content=content).status_code == 400
    return str(api.get(URL).json()["items"][0]["id"])


def refuse_in_unify(data_dir: Path, payload: bytes, at: int = LONG_AGO) -> None:
    state = open_writer(data_dir, "state")
    state.execute(
        "insert into letter (code, field, reason, hint, at, source_id, subject, payload) values "
        "('unify.undecodable', '', 'No.', '', ?, 1, 'm-1', ?)",
        (at, payload),
    )
    state.close()


def refuse_in_activate(data_dir: Path, goal_id: int = 1, at: int = LONG_AGO) -> None:
    store, writes = EmbeddedDelivery(data_dir), Writes()
    item = Item("events", b'{"name":"Paid"}', goal_id, 5, 9, 0, LONG_AGO, key="m-9")
    writes.letters = [
        NewLetter(
            *("activate.braze.item", "events", "Braze said no.", "Mend it.", f"1/{goal_id}"),
            b'{"name":"Paid"}',
            connection_id=1,
            channel="track",
            item=item,
        )
    ]
    store.apply([writes], at)
    store.close()


def test_letters_of_all_stages_come_newest_first_in_pages(api: httpx.Client, tmp_path: Path) -> None:
    for number in range(3):
        refuse(api, {"userId": f"u{number}"})
    refuse_in_unify(tmp_path, b"[1]")
    refuse_in_activate(tmp_path, at=LONG_AGO + 1)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(URL, params={"limit": 2, "cursor": cursor}).json()
        seen += [letter["id"] for letter in page["items"]]
        cursor = page["next_cursor"]
        refuse(api, {"userId": "later"})  # what comes meanwhile neither repeats nor hides a letter
    assert seen == ["capture-3", "capture-2", "capture-1", "activate-1", "unify-1"]


def test_letters_are_filtered(api: httpx.Client, tmp_path: Path) -> None:
    refuse(api, {"userId": "u"})
    refuse(api, "{")
    refuse_in_activate(tmp_path)

    def found(**filters: Any) -> list[str]:
        return [letter["id"] for letter in api.get(URL, params=filters).json()["items"]]

    assert found(stage="capture") == ["capture-2", "capture-1"]
    assert found(code="capture.missing_field") == ["capture-1"]
    assert found(source_id=1) == ["capture-2", "capture-1"]
    assert found(source_id=2) == []
    assert found(connection_id=1) == ["activate-1"]
    assert found(connection_id=2) == []
    api.post(f"{URL}/capture-2/discard")
    assert found(state="open") == ["capture-1", "activate-1"]
    assert found(state="discarded") == ["capture-2"]
    assert api.get(URL, params={"stage": "nowhere"}).status_code == 400


def test_a_letter_is_shown_with_a_readable_payload(api: httpx.Client, tmp_path: Path) -> None:
    letter = api.get(f"{URL}/{refuse(api, {'userId': 'u'})}").json()
    assert letter["is_json"] is True
    assert '\n  "userId": "u"' in letter["payload"]
    assert (letter["stage"], letter["code"], letter["field"]) == ("capture", "capture.missing_field", "event")
    assert letter["hint"]
    broken = api.get(f"{URL}/{refuse(api, '{not json')}").json()
    assert (broken["is_json"], broken["payload"]) == (False, "{not json")
    refuse_in_activate(tmp_path)
    delivery = api.get(f"{URL}/activate-1").json()
    assert (delivery["connection_id"], delivery["goal_id"], delivery["profile_id"]) == (1, 1, 5)
    assert delivery["subject"] == "m-9"
    assert api.get(f"{URL}/capture-99").status_code == 404
    assert api.get(f"{URL}/nothing").status_code == 404


def test_a_mended_event_is_taken_as_a_new_receipt(api: httpx.Client) -> None:
    letter = refuse(api, {"userId": "ada", "messageId": "m-7"})
    mended = {"type": "track", "event": "Signed Up", "userId": "ada", "messageId": "m-7"}
    answer = api.post(f"{URL}/{letter}/replay", json={"payload": mended})
    assert answer.status_code == 200, answer.text
    assert answer.json()["message_id"] == "m-7"
    assert api.get("/api/v1/profiles/by/user_id/ada").json()["events"] == {"Signed Up": 1}
    shown = api.get(f"{URL}/{letter}").json()
    assert (shown["state"], shown["replayed_as"], shown["decided_by"]) == ("replayed", "m-7", "local")
    assert shown["decided_at"] <= to_iso(now())
    capture = next(one for one in api.get("/api/v1/flow").json()["stages"] if one["stage"] == "capture")
    assert (capture["passed"], capture["rejected"]) == (1, 1)


def test_a_letter_is_replayed_once(api: httpx.Client) -> None:
    letter = refuse(api, {"userId": "ada"})
    body = {"payload": '{"type":"track","event":"Signed Up","userId":"ada","messageId":"m-8"}'}
    assert api.post(f"{URL}/{letter}/replay", json=body).status_code == 200
    for path in ("replay", "discard"):
        again = api.post(f"{URL}/{letter}/{path}")
        assert (again.status_code, again.json()["code"]) == (409, "dead_letters.already_replayed")
        assert "m-8" in again.json()["detail"]


def test_what_is_refused_again_says_why_and_stays_open(api: httpx.Client) -> None:
    letter = refuse(api, {"userId": "ada"})
    answer = api.post(f"{URL}/{letter}/replay")
    assert (answer.status_code, answer.json()["code"]) == (422, "capture.missing_field")
    assert answer.json()["field"] == "event"
    assert answer.json()["hint"]
    broken = api.post(f"{URL}/{letter}/replay", json={"payload": "{"})
    assert broken.json()["code"] == "capture.invalid_json"
    assert api.get(f"{URL}/{letter}").json()["state"] == "open"
    assert len(api.get(URL).json()["items"]) == 1


def test_a_letter_of_unify_goes_by_the_same_way(api: httpx.Client, tmp_path: Path) -> None:
    refuse_in_unify(tmp_path, b'{"type":"track","event":"Paid","userId":"bob","messageId":"m-1"}')
    assert api.post(f"{URL}/unify-1/replay").json()["message_id"] == "m-1"
    profile = api.get("/api/v1/profiles/by/user_id/bob").json()
    assert profile["events"] == {"Paid": 1}
    assert profile["first_seen"] == to_iso(LONG_AGO)  # when it was received, not when it was replayed


def test_a_delivery_goes_again_by_a_decision(api: httpx.Client, tmp_path: Path) -> None:
    api.post("/api/v1/connections", json=BRAZE)
    refuse_in_activate(tmp_path)
    mended = api.post(f"{URL}/activate-1/replay", json={"payload": {"name": "Other"}})
    assert (mended.status_code, mended.json()["field"]) == (422, "payload")
    assert api.post(f"{URL}/activate-1/replay").json()["state"] == "replayed"
    assert api.post(f"{URL}/activate-1/replay").status_code == 409


def test_a_delivery_whose_goal_is_off_waits_for_it(api: httpx.Client, tmp_path: Path) -> None:
    api.post("/api/v1/connections", json=BRAZE)
    refuse_in_activate(tmp_path)
    refuse_in_activate(tmp_path, goal_id=77)
    api.post("/api/v1/connections/Braze/disable")
    answer = api.post(f"{URL}/activate-1/replay")
    assert (answer.status_code, answer.json()["code"]) == (409, "dead_letters.goal_is_off")
    assert "Braze" in answer.json()["detail"]
    assert "does not exist" in api.post(f"{URL}/activate-2/replay").json()["detail"]
    api.post("/api/v1/connections/Braze/enable")
    assert api.post(f"{URL}/activate-1/replay").status_code == 200


def test_a_discarded_letter_can_still_be_replayed(api: httpx.Client) -> None:
    letter = refuse(api, {"userId": "ada"})
    assert api.post(f"{URL}/{letter}/discard").json()["state"] == "discarded"
    assert api.post(f"{URL}/{letter}/discard").status_code == 200
    body = {"payload": {"type": "track", "event": "Signed Up", "userId": "ada"}}
    assert api.post(f"{URL}/{letter}/replay", json=body).status_code == 200


def test_many_letters_are_replayed_by_filter_in_bounded_calls(api: httpx.Client, tmp_path: Path) -> None:
    for number in range(5):
        event = {"type": "track", "event": "Paid", "userId": f"u{number}", "messageId": f"m-{number}"}
        refuse_in_unify(tmp_path, json.dumps(event).encode())
    refuse_in_unify(tmp_path, b"[]")
    first = api.post(f"{URL}/replay", json={"stage": "unify", "limit": 4}).json()
    assert (first["done"], first["refused"]) == (3, 1)
    assert first["refusals"][0]["id"] == "unify-6"
    assert "next_cursor" in first["message"]
    rest = api.post(
        f"{URL}/replay", json={"stage": "unify", "limit": 4, "cursor": first["next_cursor"]}
    ).json()
    assert (rest["done"], rest["refused"], rest["next_cursor"]) == (2, 0, None)
    assert [letter["id"] for letter in api.get(URL, params={"state": "open"}).json()["items"]] == ["unify-6"]
    assert len(api.get("/api/v1/profiles").json()["items"]) == 5


def test_many_letters_are_discarded_by_id_or_all(api: httpx.Client) -> None:
    letters = [refuse(api, {"userId": f"u{number}"}) for number in range(4)]
    assert api.post(f"{URL}/discard", json={}).status_code == 422
    assert api.post(f"{URL}/discard", json={"ids": letters[:2]}).json()["done"] == 2
    assert api.post(f"{URL}/discard", json={"all": True}).json()["done"] == 2
    assert api.get(URL, params={"state": "open"}).json()["items"] == []


def test_many_letters_are_chosen_by_the_name_of_their_source(api: httpx.Client) -> None:
    api.post("/api/v1/sources", json={"name": "other"})
    refuse(api, {"userId": "u"})
    assert api.post(f"{URL}/discard", json={"source": "other"}).json()["done"] == 0
    assert api.post(f"{URL}/discard", json={"source": "nobody"}).status_code == 404
    assert api.post(f"{URL}/discard", json={"source": "shop"}).json()["done"] == 1


def test_letters_are_counted_by_stage_and_code(api: httpx.Client, tmp_path: Path) -> None:
    refuse(api, {"userId": "u"})
    refuse(api, {"userId": "v"})
    refuse(api, "{")
    refuse_in_activate(tmp_path)
    api.post(f"{URL}/capture-3/discard")
    counts = api.get(f"{URL}/counts").json()
    assert counts["open"] == 3
    assert counts["items"] == [
        {"stage": "capture", "code": "capture.missing_field", "open": 2, "replayed": 0, "discarded": 0},
        {"stage": "activate", "code": "activate.braze.item", "open": 1, "replayed": 0, "discarded": 0},
        {"stage": "capture", "code": "capture.invalid_json", "open": 0, "replayed": 0, "discarded": 1},
    ]


def test_letters_are_exported_as_lines(api: httpx.Client, tmp_path: Path) -> None:
    refuse(api, {"userId": "u"})
    for number in range(300):
        refuse_in_unify(tmp_path, b"[%d]" % number) if number % 100 == 0 else None
    answer = api.get(f"{URL}/export", params={"state": "open"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["id"] for line in lines] == ["capture-1", "unify-3", "unify-2", "unify-1"]
    assert json.loads(lines[0]["payload"]) == {"userId": "u", "type": "track"}
    assert api.get(f"{URL}/export", params={"stage": "activate"}).text == ""


def test_decisions_of_expired_letters_are_forgotten(api: httpx.Client, tmp_path: Path) -> None:
    for number in range(3):
        refuse(api, {"userId": f"u{number}"})
    api.post(f"{URL}/capture-1/discard")
    log = open_writer(tmp_path, "log")
    log.execute("delete from letter where id = 1")
    log.close()
    api.post(f"{URL}/capture-2/discard")
    control = open_writer(tmp_path, "control")
    assert [row[0] for row in control.execute("select letter_id from letter_decision")] == ["capture-2"]
    control.close()
