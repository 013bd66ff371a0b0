"""The connections of the API against real files; the destination is a real local Braze."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.activate.store import Writes
from onefold.backends.embedded.database import open_writer
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.clock import now
from onefold.model.delivery import ConnectionState
from onefold.runtime.client import open_client
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

URL = "/api/v1/connections"
BRAZE = {
    "name": "Braze",
    "connector": "braze",
    "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
    "secrets": {"api_key": "very-secret"},
}
EXPORT = {
    "kind": "export",
    "name": "People",
    "enabled": True,
    "mappings": [{"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}],
}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        yield client


@pytest.fixture(scope="module")
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox() as sandbox:
        yield sandbox


def made(api: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = api.post(URL, json={**BRAZE, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_connection_shows_its_settings_and_never_its_secrets(api: httpx.Client, tmp_path: Path) -> None:
    connection = made(api, goals=[EXPORT], labels=["shop"], description="The shop's")
    shown = api.get(f"{URL}/Braze")
    assert shown.json() == connection
    assert connection["secrets"] == {"api_key": "set", "s3_secret_access_key": "unset"}
    assert connection["settings"] == {"endpoint": "https://rest.fra-01.braze.eu"}
    assert connection["status"]["state"] == "ok"
    assert connection["goals"][0]["name"] == "People"
    assert connection["goals"][0]["progress"]["state"] == "starting"
    everything = b"".join(path.read_bytes() for path in tmp_path.glob("control.db*"))
    assert "very-secret" not in shown.text
    assert b"very-secret" not in everything


def test_every_problem_is_told_at_once_with_value_and_remedy(api: httpx.Client) -> None:
    body = {
        "name": " ",
        "connector": "braze",
        "settings": {"endpoint": "rest.braze.eu", "concurrency": 1000, "colour": "red"},
        "goals": [{"kind": "export", "name": "People", "segment_id": 7}, {"kind": "letters", "name": "Post"}],
    }
    answer = api.post(URL, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problems = {problem["field"]: problem for problem in answer.json()["problems"]}
    assert set(problems) == {
        "name",
        "settings.colour",
        "settings.endpoint",
        "settings.concurrency",
        "secrets.api_key",
        "goals.0.segment_id",
        "goals.0.mappings",
        "goals.1.kind",
    }
    assert problems["settings.concurrency"]["value"] == 1000
    assert "Settings > API Keys" in problems["settings.endpoint"]["remedy"]
    assert api.get(URL).json()["items"] == []


def test_a_wrong_secret_is_not_repeated_in_the_problem(api: httpx.Client) -> None:
    answer = api.post(URL, json={**BRAZE, "secrets": {"api_key": "very-secret", "pass": "word-of-mine"}})
    assert answer.status_code == 422
    assert "word-of-mine" not in answer.text
    assert "very-secret" not in answer.text


def test_goals_of_one_connection_may_not_write_the_same_field(api: httpx.Client) -> None:
    answer = api.post(URL, json={**BRAZE, "goals": [EXPORT, {**EXPORT, "name": "Again"}]})
    assert [problem["field"] for problem in answer.json()["problems"]] == ["goals.1.mappings.0.field"]


def test_a_change_keeps_the_secret_that_is_not_given(api: httpx.Client) -> None:
    connection = made(api)
    changed = api.patch(f"{URL}/{connection['id']}", json={"settings": {"concurrency": 4}}).json()
    assert changed["settings"] == {"endpoint": "https://rest.fra-01.braze.eu", "concurrency": 4}
    assert changed["secrets"]["api_key"] == "set"
    assert changed["version"] == 2
    again = api.patch(f"{URL}/{connection['id']}", json={"settings": {"concurrency": None}})
    assert again.json()["settings"] == {"endpoint": "https://rest.fra-01.braze.eu"}
    assert again.headers["etag"] == '"3"'


@pytest.mark.parametrize("secrets", [{}, {"api_key": ""}])
def test_a_kept_secret_is_never_sent_to_another_address(api: httpx.Client, secrets: dict[str, str]) -> None:
    connection = made(api)
    body = {"settings": {"endpoint": "https://collector.example.com"}, "secrets": secrets}
    for answer in (
        api.patch(f"{URL}/{connection['id']}", json=body),
        api.post(f"{URL}/{connection['id']}/test", json=body),
    ):
        assert answer.status_code == 422
        assert answer.json()["field"] == "secrets.api_key"
    assert api.get(f"{URL}/{connection['id']}").json()["settings"] == BRAZE["settings"]
    again = {**body, "secrets": {"api_key": "the key once more"}}
    assert api.patch(f"{URL}/{connection['id']}", json=again).status_code == 200


def test_a_secret_among_the_settings_is_not_repeated(api: httpx.Client) -> None:
    answer = api.post(URL, json={**BRAZE, "settings": {**BRAZE["settings"], "api_key": "very-secret"}})
    assert answer.status_code == 422
    assert "very-secret" not in answer.text


def test_a_needed_secret_cannot_be_removed(api: httpx.Client) -> None:
    connection = made(api)
    answer = api.patch(f"{URL}/{connection['id']}", json={"secrets": {"api_key": None}})
    assert answer.status_code == 422
    assert answer.json()["field"] == "secrets.api_key"


def test_what_changes_nothing_is_no_new_version(api: httpx.Client) -> None:
    connection = made(api)
    assert api.patch(f"{URL}/{connection['id']}", json={"name": "Braze"}).json()["version"] == 1


def test_a_change_of_an_older_version_is_refused(api: httpx.Client) -> None:
    path = f"{URL}/{made(api)['id']}"
    assert api.patch(path, json={"name": "Two"}, headers={"if-match": '"1"'}).status_code == 200
    stale = api.patch(path, json={"name": "Three"}, headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "api.changed_meanwhile")
    assert api.patch(path, json={"name": "Three", "version": 1}).status_code == 409
    assert api.delete(path, headers={"if-match": '"1"'}).status_code == 412
    assert api.get(path).json()["name"] == "Two"


def test_names_are_taken_once(api: httpx.Client) -> None:
    made(api)
    answer = api.post(URL, json=BRAZE)
    assert (answer.status_code, answer.json()["code"]) == (409, "api.name_taken")


def test_an_unknown_connector_names_those_there_are(api: httpx.Client) -> None:
    answer = api.post(URL, json={**BRAZE, "connector": "brace"})
    assert answer.status_code == 422
    assert "braze" in answer.json()["detail"]


def test_off_and_on(api: httpx.Client) -> None:
    path = f"{URL}/{made(api)['id']}"
    assert api.post(f"{path}/disable").json()["status"]["state"] == "off"
    assert api.post(f"{path}/enable").json()["status"]["state"] == "ok"


def test_a_connection_whose_connector_is_gone_can_still_be_turned_off(
    api: httpx.Client, tmp_path: Path
) -> None:
    path = f"{URL}/{made(api, goals=[EXPORT])['id']}"
    control = open_writer(tmp_path, "control")
    control.execute("update connection set body = replace(body, 'braze\"', 'gone\"')")
    control.close()
    shown = api.get(path).json()
    assert (shown["status"]["state"], shown["status"]["code"]) == ("failing", "connection.unknown_connector")
    assert shown["secrets"] == {"api_key": "set"}
    assert api.post(f"{path}/goals/People/disable").json()["enabled"] is False
    assert api.post(f"{path}/disable").json()["enabled"] is False
    assert api.post(f"{path}/enable").status_code == 422


def test_a_deleted_connection_is_gone_with_its_goals(api: httpx.Client) -> None:
    path = f"{URL}/{made(api, goals=[EXPORT])['id']}"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.get(f"{path}/goals").status_code == 404


def test_connections_come_in_pages(api: httpx.Client) -> None:
    for number in range(3):
        made(api, name=f"Braze {number}")
    first = api.get(URL, params={"limit": 2}).json()
    rest = api.get(URL, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    names = [connection["name"] for connection in first["items"] + rest["items"]]
    assert names == ["Braze 0", "Braze 1", "Braze 2"]
    assert rest["next_cursor"] is None


def test_the_catalogue_declares_fields_goals_and_codes(api: httpx.Client) -> None:
    (entry,) = [one for one in api.get("/api/v1/connectors").json()["items"] if one["name"] == "braze"]
    declaration = entry["declaration"]
    assert declaration == api.get("/api/v1/connectors/braze").json()
    kinds = {kind["name"] for kind in declaration["goals"]}
    assert kinds == {"export", "events", "subscriptions", "import", "currents", "deletions"}
    assert {field["name"]: field.get("kind") for field in declaration["fields"]}["api_key"] == "secret"
    assert declaration["codes"]
    assert api.get("/api/v1/connectors/nothing").status_code == 404


def test_a_try_says_what_is_missing(api: httpx.Client, braze: BrazeSandbox) -> None:
    right = {"connector": "braze", "settings": {"endpoint": braze.url}, "secrets": {"api_key": braze.api_key}}
    passed = api.post(f"{URL}/test", json=right).json()
    assert passed["passed"] is True
    assert {probe["name"] for probe in passed["probes"] if probe["needed"]} == {"users.track"}
    wrong = api.post(f"{URL}/test", json={**right, "secrets": {"api_key": "other"}}).json()
    assert wrong["passed"] is False
    assert "same instance" in wrong["probes"][0]["message"]
    missing = api.post(f"{URL}/test", json={"connector": "braze"})
    assert missing.status_code == 422
    assert {one["field"] for one in missing.json()["problems"]} == {"settings.endpoint", "secrets.api_key"}


def test_a_kept_connection_is_tried_with_its_secret_or_another(
    api: httpx.Client, braze: BrazeSandbox
) -> None:
    connection = made(api, settings={"endpoint": braze.url}, secrets={"api_key": braze.api_key})
    path = f"{URL}/{connection['id']}/test"
    assert api.post(path).json()["passed"] is True
    assert api.post(path, json={"secrets": {"api_key": "other"}}).json()["passed"] is False
    assert api.post(path, json={"secrets": {"api_key": ""}}).json()["passed"] is True
    elsewhere = {"endpoint": "http://127.0.0.1:9"}
    nowhere = api.post(path, json={"settings": elsewhere, "secrets": {"api_key": "k"}}).json()
    assert nowhere["passed"] is False
    assert "cannot be reached" in nowhere["probes"][0]["message"]


def test_a_pause_is_shown_with_its_remedy(api: httpx.Client, tmp_path: Path) -> None:
    connection = made(api)
    store = EmbeddedDelivery(tmp_path)
    writes = Writes()
    writes.state = ConnectionState(
        connection["id"], "paused", "activate.braze.credentials", "No such key.", "Check it.", now()
    )
    store.apply([writes], now())
    store.close()
    status = api.get(f"{URL}/{connection['id']}").json()["status"]
    assert (status["state"], status["message"], status["hint"]) == ("paused", "No such key.", "Check it.")


def test_a_fault_of_the_connector_is_shown_with_each_of_its_goals(api: httpx.Client, tmp_path: Path) -> None:
    goals = [{"kind": "events", "name": "On", "enabled": True}, {"kind": "events", "name": "Off"}]
    connection = made(api, goals=goals)
    store, writes = EmbeddedDelivery(tmp_path), Writes()
    writes.state = ConnectionState(
        connection["id"], "failed", "activate.connector_failed", "It failed.", "Report it.", now()
    )
    store.apply([writes], now())
    store.close()
    on, off = api.get(f"{URL}/{connection['id']}/goals").json()["items"]
    status = on["status"]
    assert (status["state"], status["code"]) == ("failed", "activate.connector_failed")
    assert (status["message"], status["hint"]) == ("It failed.", "Report it.")
    assert off["status"]["state"] == "off"


def test_the_document_of_the_api_describes_connections(api: httpx.Client) -> None:
    paths = api.get("/api/v1/openapi.json").json()["paths"]
    assert {"get", "post"} <= set(paths["/api/v1/connections"])
    assert "post" in paths["/api/v1/connections/{connection}/test"]


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"budget": {"warn_at": 400}}, "budget.warn_at", "Give at most 100."),
        ({"budget": {"per_day": 0}}, "budget.per_day", "Give at least 1."),
        ({"budget": {"per_day": "many"}}, "budget.per_day", "Give a whole number."),
        ({"owner": "x" * 300}, "owner", "At most 200 characters fit."),
        ({"labels": [""]}, "labels", "Give at least 1 character."),
        ({"labels": [f"l{number}" for number in range(60)]}, "labels", "At most 50 fit."),
        ({"notices": {"addresses": ["nobody"]}}, "notices.addresses", "Give an e-mail address."),
    ],
)
def test_what_is_not_of_its_form_is_said_in_words_beside_its_field(
    api: httpx.Client, change: dict[str, Any], field: str, message: str
) -> None:
    answer = api.patch(f"{URL}/{made(api)['id']}", json=change)
    assert answer.status_code in (400, 422)
    (problem,) = answer.json()["problems"]
    assert problem["field"].startswith(field)
    assert problem["message"] == message
