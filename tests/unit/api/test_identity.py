"""/api/v1/identity: who says the rules, from when on they hold, and what a crash leaves."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.api.identity import choose_identity, reconcile_identity
from onefold.errors import StorageError
from onefold.model.identity_rules import IdentityChoice
from onefold.model.record import RecordKind
from onefold.runtime.assemble import Web
from onefold.runtime.client import open_client
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.load_settings import load_settings

URL = "/api/v1/identity"
BUILT_IN = {"phone_region": "", "currency": "USD", "trait_identifiers": {}, "blocked_values": []}
GERMAN = {"phone_region": "DE"}
SERVER = {"ONEFOLD_UNIFY__CURRENCY": "CHF"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    """A workspace whose server says CHF."""
    with open_client(tmp_path, create=True, environ=SERVER) as client:
        yield client


def opened(root: Path, environ: Mapping[str, str] = SERVER) -> Web:
    directory = DataDirectory(root)
    directory.create()
    return Web(directory, load_settings(root, environ=environ), environ, public_url="http://onefold")


def puts(web: Web) -> list[bytes]:
    return [one.body for one in web.workspace.log.read(0) if one.kind is RecordKind.IDENTITY_PUT]


def problems(answer: httpx.Response) -> dict[str, tuple[Any, str]]:
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "unify.bad_rules"
    return {one["field"]: (one.get("value"), one["remedy"]) for one in answer.json()["problems"]}


def test_where_nothing_is_set_the_server_decides(api: httpx.Client) -> None:
    found = api.get(URL).json()
    assert found["rules"] == {**BUILT_IN, "currency": "CHF"} == found["server"]
    assert found["origins"] == {**dict.fromkeys(BUILT_IN, "built_in"), "currency": "server"}
    assert (found["choice"], found["version"]) == ({}, 0)
    assert found["status"] == {"is_in_force": True, "since": None}


def test_what_is_set_goes_before_the_server_and_reaches_the_worker(api: httpx.Client) -> None:
    choice = {**GERMAN, "trait_identifiers": {"card": "loyalty"}, "blocked_values": ["demo"]}
    answer = api.put(URL, json=choice)
    assert answer.status_code == 200, answer.text
    found = api.get(URL).json()
    assert found["choice"] == choice
    assert found["rules"] == {**choice, "currency": "CHF"}
    assert found["origins"] == {**dict.fromkeys(BUILT_IN, "workspace"), "currency": "server"}
    assert found["status"]["is_in_force"]
    assert found["status"]["since"]
    key = api.post("/api/v1/sources", json={"name": "web"}).json()["write_key"]
    event = {"userId": "demo", "anonymousId": "a1", "traits": {"phone": "030 901820", "card": "c7"}}
    assert api.post("/v1/identify", json=event, auth=(key, "")).status_code == 200
    api.put(URL, json={**choice, "currency": "EUR"})  # the next change waits for the worker
    for path in ("phone/030 901820", "loyalty/c7"):
        assert api.get(f"/api/v1/profiles/by/{path}").status_code == 200
    assert api.get("/api/v1/profiles/by/user_id/demo").json()["code"] == "api.unknown_profile"


def test_what_is_not_set_any_more_is_as_the_server_says(api: httpx.Client) -> None:
    api.put(URL, json={"currency": "EUR"})
    api.put(URL, json={})
    found = api.get(URL).json()
    assert (found["rules"]["currency"], found["choice"], found["version"]) == ("CHF", {}, 2)


def test_the_same_again_is_no_change(api: httpx.Client) -> None:
    first = api.put(URL, json=GERMAN)
    again = api.put(URL, json=GERMAN)
    assert (again.json()["version"], again.headers["etag"]) == (1, first.headers["etag"])


def test_a_change_decided_on_older_rules_is_refused(api: httpx.Client) -> None:
    seen = api.get(URL).headers["etag"]
    assert api.put(URL, json=GERMAN, headers={"if-match": seen}).status_code == 200
    late = api.put(URL, json={"currency": "EUR"}, headers={"if-match": seen})
    assert (late.status_code, late.json()["code"]) == (412, "api.changed_meanwhile")
    assert api.get(URL).json()["choice"] == GERMAN


def test_everything_that_is_wrong_is_told_with_a_remedy(api: httpx.Client) -> None:
    wrong = {
        "phone_region": "UK",
        "currency": "euro",
        "trait_identifiers": {"email": "mail", "card": "a b", "device": "anonymous_id", "": "x"},
        "blocked_values": ["fine", "  "],
    }
    found = problems(api.put(URL, json=wrong))
    assert found["phone_region"] == ("UK", "Write GB.")
    assert found["currency"] == ("euro", "Give three letters of ISO 4217, like EUR.")
    assert found["trait_identifiers.email"] == ("mail", "Leave it out.")
    assert found["trait_identifiers.card"][0] == "a b"
    assert found["trait_identifiers.device"][0] == "anonymous_id"
    assert set(found) > {"trait_identifiers.", "blocked_values.1"}
    assert problems(api.put(URL, json={"phone_region": "de"})) == {"phone_region": ("de", "Write DE.")}
    many = {"trait_identifiers": {f"t{one}": "k" for one in range(51)}, "blocked_values": ["x"] * 1001}
    assert set(problems(api.put(URL, json=many))) == {"trait_identifiers", "blocked_values"}
    assert api.put(URL, json={"curency": "EUR"}).status_code == 400
    assert api.get(URL).json()["version"] == 0


def test_a_change_is_in_the_audit_trail_with_before_and_after(api: httpx.Client) -> None:
    api.put(URL, json=GERMAN)
    (kept,) = api.get("/api/v1/audit").json()["items"]
    assert (kept["action"], kept["path"]) == ("set_identity", URL)
    assert (kept["before"]["choice"], kept["after"]["choice"]) == ({}, GERMAN)


def test_who_held_a_value_that_is_blocked_by_now_is_still_found(api: httpx.Client) -> None:
    key = api.post("/api/v1/sources", json={"name": "web"}).json()["write_key"]
    api.post("/v1/track", json={"userId": "demo", "event": "Seen"}, auth=(key, ""))
    api.put(URL, json={"blocked_values": ["demo"]})
    assert api.get("/api/v1/profiles/by/user_id/demo").status_code == 200


async def test_what_a_crash_kept_from_the_log_is_put_there_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = opened(tmp_path)

    async def full(*_: object) -> int:
        raise StorageError("storage.cannot_write", "The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(web, "_committer", type("Full", (), {"submit": staticmethod(full)}))
        with pytest.raises(StorageError):
            await choose_identity(web.workspace, IdentityChoice(phone_region="DE"))
    assert puts(web) == []
    await reconcile_identity(web.workspace)
    await reconcile_identity(web.workspace)
    assert len(puts(web)) == 1
    assert web.workspace.identity.get().put_offset == web.workspace.log.end()
    await web.close()


async def test_another_setting_of_the_server_is_a_record_once_the_log_tells_the_rules(tmp_path: Path) -> None:
    web = opened(tmp_path)
    await reconcile_identity(web.workspace)
    assert puts(web) == []
    await choose_identity(web.workspace, IdentityChoice(phone_region="DE"))
    await web.close()
    web = opened(tmp_path, {"ONEFOLD_UNIFY__CURRENCY": "JPY", "ONEFOLD_UNIFY__PHONE_REGION": "FR"})
    await reconcile_identity(web.workspace)
    assert [b"JPY" in body for body in puts(web)] == [False, True]
    assert b"FR" not in puts(web)[1]
    await reconcile_identity(web.workspace)
    assert len(puts(web)) == 2
    await web.close()
