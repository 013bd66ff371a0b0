"""A person is erased through the API: nothing of them is left in any file, and others lose nothing."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.model.json import JsonObject
from onefold.runtime.client import open_client
from onefold.testing.fold import make_event

PROFILES = "/api/v1/profiles"
TRACES = (b"ada@example.org", b"Ada-Cookie-1", b"Ada-Cookie-2", b"ada-lovelace", b"Analytical")
"""What only Ada's events say."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def api(root: Path) -> Iterator[httpx.Client]:
    with open_client(root, create=True) as client:
        yield client


def ada(message_id: str, kind: str = "track", **fields: Any) -> JsonObject:
    return make_event(message_id, kind, **{"anonymous_id": "Ada-Cookie-1", **fields})


def bob(message_id: str, **fields: Any) -> JsonObject:
    return make_event(message_id, user_id="bob", **fields)


def send(api: httpx.Client, key: str, *events: JsonObject) -> None:
    headers = {"user-agent": "Analytical Engine"}
    answer = api.post("/v1/batch", json={"batch": list(events)}, auth=(key, ""), headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def key(api: httpx.Client) -> str:
    """A workspace with Ada, of two cookies and an address, Bob, and what either sent twice or wrongly."""
    key = str(api.post("/api/v1/sources", json={"name": "web"}).json()["write_key"])
    secret = {"machine": "Analytical"}
    send(api, key, ada("a1", properties=secret), bob("b1"), ada("a2", properties={**secret, "revenue": 5}))
    send(api, key, ada("a3", anonymous_id="Ada-Cookie-2", properties=secret))
    traits = {"email": "Ada@Example.org", "surname": "ada-lovelace"}
    send(api, key, ada("a4", "identify", user_id="ada-lovelace", traits=traits))
    send(api, key, ada("a5", "identify", anonymous_id="Ada-Cookie-2", traits=traits), bob("b2"))
    send(api, key, ada("a1", properties=secret), bob("b2"))
    bad = {"purposes": {"email": "perhaps"}, **secret}
    send(api, key, {**ada("a6", properties=bad), "event": "Consent Updated"})
    api.post("/v1/track", json={**ada("a7"), "event": 7, "properties": secret}, auth=(key, ""))
    api.post("/v1/track", json={**bob("b3"), "event": 7}, auth=(key, ""))
    condition = {"kind": "identifier", "identifier": "email"}
    assert api.post("/api/v1/segments", json={"name": "Known", "condition": condition}).status_code == 201
    return key


def erase(api: httpx.Client, path: str) -> JsonObject:
    asked = api.delete(f"{PROFILES}/{path}")
    assert asked.status_code == 202, asked.text
    run: JsonObject = api.get(f"/api/v1/runs/{asked.json()['id']}").json()
    assert run["state"] == "succeeded", run["message"]
    return run


@pytest.mark.usefixtures("key")
def test_an_erasure_that_failed_is_asked_for_again_by_its_run(api: httpx.Client, root: Path) -> None:
    uploads = root / "uploads"
    uploads.rename(root / "elsewhere")  # a fault behind the fold: by then the profile is gone
    failed = api.delete(f"{PROFILES}/by/user_id/ada-lovelace").json()
    assert api.get(f"/api/v1/runs/{failed['id']}").json()["state"] == "failed"
    assert api.delete(f"{PROFILES}/by/user_id/ada-lovelace").status_code == 404
    (root / "elsewhere").rename(uploads)
    asked = api.post(f"/api/v1/runs/{failed['id']}/retry")
    assert asked.status_code == 202, asked.text
    ended = api.get(f"/api/v1/runs/{asked.json()['id']}").json()
    assert ended["state"] == "succeeded", ended["message"]
    assert leftovers(root) == []
    for run_id in (failed["id"], ended["id"]):
        again = api.post(f"/api/v1/runs/{run_id}/retry")
        assert (again.status_code, again.json()["code"]) == (409, "api.run_not_failed")
    other = api.post("/api/v1/replays").json()["id"]
    assert api.post(f"/api/v1/runs/{other}/retry").json()["code"] == "api.run_not_repeatable"
    assert api.post("/api/v1/runs/run-0/retry").json()["code"] == "api.unknown_run"


def leftovers(root: Path) -> list[tuple[str, bytes]]:
    """(file, what of Ada stands in it)"""
    found = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        content = path.read_bytes().lower()
        found += [(str(path.relative_to(root)), one) for one in TRACES if one.lower() in content]
    return found


def stages(api: httpx.Client) -> Any:
    return [{**one, "reasons": None} for one in api.get("/api/v1/flow").json()["stages"]]


@pytest.mark.usefixtures("key")
def test_the_reach_is_told_beforehand(api: httpx.Client) -> None:
    person = api.get(f"{PROFILES}/by/email/ada@example.org").json()
    reach = api.get(f"{PROFILES}/{person['id']}/erasure").json()
    assert reach == {
        "profile_id": person["id"],
        "identifiers": 4,
        "events": 5,
        "profiles": 2,
        "links": reach["links"],
        "segments": 1,
        "dead_letters": 2,
    }
    assert reach["links"] >= 3


@pytest.mark.usefixtures("key")
def test_nothing_of_the_person_is_left_in_any_file(root: Path, api: httpx.Client) -> None:
    before, flow = api.get(f"{PROFILES}/by/user_id/bob").json(), stages(api)
    run = erase(api, "by/email/ada@example.org")
    assert "2 profiles, 4 identifiers, 7 events" in run["message"]
    assert (run["kind"], run["passed"]) == ("erasure", 7)
    assert api.get(f"{PROFILES}/by/user_id/bob").json() == before
    assert api.get(f"{PROFILES}/").json()["items"] == [before]
    assert stages(api) == flow
    letters = api.get("/api/v1/dead-letters").json()["items"]
    assert [letter["source_id"] for letter in letters] == [1], "Bob's stays"
    assert api.get("/api/v1/segments/Known").json()["people"] == 0
    backup = api.post("/api/v1/backups", json={}).json()
    assert api.get(f"/api/v1/runs/{backup['id']}").json()["state"] == "succeeded"
    api.close()
    found = leftovers(root)
    assert "".join(f"{name}: {what!r}\n" for name, what in found) == ""


def test_a_replay_afterwards_gives_the_live_state(api: httpx.Client, key: str) -> None:
    erase(api, "by/email/ada@example.org")
    send(api, key, bob("b4"), ada("a8"))
    replay = api.post("/api/v1/replays").json()
    ended = api.get(f"/api/v1/runs/{replay['id']}").json()
    assert ended["state"] == "succeeded", ended["message"]


def test_later_events_of_the_same_identifiers_begin_a_new_person(api: httpx.Client, key: str) -> None:
    old = api.get(f"{PROFILES}/by/email/ada@example.org").json()["id"]
    erase(api, str(old))
    assert api.get(f"{PROFILES}/{old}").status_code == 404
    assert api.get(f"{PROFILES}/by/user_id/ada-lovelace").status_code == 404
    send(api, key, ada("a9"))
    new = api.get(f"{PROFILES}/by/anonymous_id/Ada-Cookie-1").json()
    assert new["id"] > old
    assert new["identifiers"] == {"anonymous_id": ["Ada-Cookie-1"]}
    assert new["events"] == {"Product Viewed": 1}
    # A resend of what was erased counts no more, nor does it bring anything back.
    send(api, key, ada("a2", properties={"machine": "x"}))
    assert api.get(f"{PROFILES}/{new['id']}").json()["events"] == {"Product Viewed": 1}


@pytest.mark.usefixtures("key")
def test_a_trace_says_only_that_something_was_there(api: httpx.Client) -> None:
    erase(api, "by/email/ada@example.org")
    traced = api.get("/api/v1/trace/a2").json()["events"][0]
    assert traced["capture"]["payload"] == {"type": "erased"}
    assert traced["unify"].get("links", []) == []
    neighbour = api.get("/api/v1/trace/b1").json()["events"][0]
    assert neighbour["capture"]["payload"]["userId"] == "bob"


@pytest.mark.usefixtures("key")
def test_a_segment_made_afterwards_is_filled_from_what_is_left(api: httpx.Client) -> None:
    erase(api, "by/email/ada@example.org")
    where = [{"property": "x", "test": "not_equals", "value": 1}]
    condition = {"kind": "event", "event": "Product Viewed", "value": 2, "where": where}
    made = api.post("/api/v1/segments", json={"name": "Viewers", "condition": condition})
    assert made.status_code == 201, made.text
    assert api.get("/api/v1/segments/Viewers").json()["people"] == 1


@pytest.mark.usefixtures("key")
def test_uploaded_files_that_name_the_person_go(root: Path, api: httpx.Client) -> None:
    uploads = root / "uploads"
    for name, text in (("ada", "id,mail\n1,ADA@example.org\n"), ("bob", "id\nbob\n")):
        api.post("/api/v1/imports/files", params={"name": f"{name}.csv"}, content=text.encode())
        packed = gzip.compress(text.encode())
        api.post("/api/v1/imports/files", params={"name": f"{name}.csv.gz"}, content=packed)
    assert "2 uploaded files" in erase(api, "by/email/ada@example.org")["message"]
    assert sorted(path.name.partition("-")[2] for path in uploads.iterdir()) == ["bob.csv", "bob.csv.gz"]


def damaged(content: bytes) -> bytes:
    """A gzip whose head is right and whose body is none."""
    packed = gzip.compress(content)
    return packed[:10] + b"\xff" * len(packed[10:])


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ada.CSV.GZ", gzip.compress(b"id,mail\n1,ada@example.org\n")),
        ("ada.csv", "id,mail\n1,ada@example.org\n".encode("utf-16")),
        ("ada.csv.gz", gzip.compress("id,mail\n1,ada@example.org\n".encode("utf-16"))),
        ("damaged.csv.gz", damaged(b"id,mail\n1,ada@example.org\n")),
        ("torn.csv.gz", gzip.compress(b"id,mail\n1,bob@example.org\n")[:-9]),
        ("false.csv.gz", b"no gzip"),
        ("ada.PARQUET", b"PAR1"),
    ],
    ids=["upper case", "utf-16", "packed utf-16", "damaged", "torn", "no gzip", "parquet"],
)
def test_uploaded_files_are_read_as_an_import_would(
    root: Path, api: httpx.Client, name: str, content: bytes
) -> None:
    api.post("/api/v1/imports/files", params={"name": name}, content=content)
    assert list((root / "uploads").iterdir())
    assert "1 uploaded files" in erase(api, "by/email/ada@example.org")["message"]
    assert not list((root / "uploads").iterdir())


@pytest.mark.usefixtures("key")
def test_whoever_is_not_there_cannot_be_erased(api: httpx.Client) -> None:
    assert api.delete(f"{PROFILES}/99").status_code == 404
    assert api.delete(f"{PROFILES}/by/email/nobody@example.org").status_code == 404


def test_others_who_were_refused_an_identifier_forget_it(api: httpx.Client, key: str) -> None:
    taken = make_event("c1", "identify", user_id="cy", traits={"email": "ada@example.org"})
    send(api, key, taken)
    cy = api.get(f"{PROFILES}/by/user_id/cy").json()
    links = f"{PROFILES}/{cy['id']}/links"
    assert [one["decision"] for one in api.get(links).json()["items"]] == ["refused"]
    erase(api, "by/user_id/ada-lovelace")
    assert api.get(links).json()["items"] == []
    replay = api.post("/api/v1/replays").json()
    assert api.get(f"/api/v1/runs/{replay['id']}").json()["state"] == "succeeded"


@pytest.mark.usefixtures("key")
def test_without_a_server_what_tells_destinations_waits_for_one(root: Path, api: httpx.Client) -> None:
    connection = {
        "name": "Braze",
        "connector": "braze",
        "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
        "secrets": {"api_key": "secret"},
        "goals": [{"kind": "deletions", "name": "Forget", "enabled": True}],
    }
    assert api.post("/api/v1/connections", json=connection).status_code == 201
    erase(api, "by/email/ada@example.org")
    (goal,) = api.get("/api/v1/connections/Braze/goals").json()["items"]
    assert goal["counts"]["deferred"] == 1
    api.close()
    assert {(name, what) for name, what in leftovers(root) if "delivery" not in name} == set()
    assert any(what == b"ada-lovelace" for _, what in leftovers(root)), "kept until it is confirmed"
