"""A connection read and written whole, and copied."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from onefold.runtime.client import open_client

URL = "/api/v1/connections"
DOCUMENT = f"{URL}/Braze/document"
PLAN_ROW = {"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        condition = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
        made = client.post("/api/v1/segments", json={"name": "Gold", "condition": condition})
        assert made.status_code == 201, made.text
        body = {
            "name": "Braze",
            "connector": "braze",
            "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
            "secrets": {"api_key": "very-secret"},
            "labels": ["shop"],
            "favourite": True,
            "goals": [
                {
                    "kind": "export",
                    "name": "People",
                    "enabled": True,
                    "segment_id": made.json()["id"],
                    "mappings": [PLAN_ROW],
                },
                {"kind": "events", "name": "Events", "settings": {"currency": "EUR"}},
            ],
        }
        answer = client.post(URL, json=body)
        assert answer.status_code == 201, answer.text
        yield client


def exported(api: httpx.Client) -> dict[str, Any]:
    return dict(api.get(DOCUMENT).json())


def apply(api: httpx.Client, document: object, path: str = DOCUMENT, **query: object) -> httpx.Response:
    return api.put(path, json=document, params=query)


def test_a_document_is_yaml_or_json_as_asked_and_holds_no_secret(api: httpx.Client) -> None:
    as_json, as_yaml = api.get(DOCUMENT), api.get(DOCUMENT, headers={"accept": "application/yaml"})
    assert as_json.headers["content-type"].startswith("application/json")
    assert as_yaml.headers["content-type"].startswith("application/yaml")
    assert yaml.safe_load(as_yaml.text) == as_json.json()
    assert "# " in as_yaml.text
    assert "api_key" in as_yaml.text
    assert "very-secret" not in as_yaml.text + as_json.text
    assert as_json.json()["spec"]["goals"][0]["segment"] == "Gold"
    assert as_json.headers["etag"] == '"1"'


@pytest.mark.parametrize("accept", ["application/yaml", "application/json"])
def test_what_was_read_and_is_written_changes_nothing(api: httpx.Client, accept: str) -> None:
    before = api.get(f"{URL}/Braze").json()
    text = api.get(DOCUMENT, headers={"accept": accept}).content
    answer = api.put(DOCUMENT, content=text, headers={"content-type": accept})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "action": "none",
        "name": "Braze",
        "changes": [],
        "warnings": [],
        "goals_deleted": [],
        "applied": False,
    }
    assert api.get(f"{URL}/Braze").json() == before


def test_a_document_says_when_an_import_runs(api: httpx.Client) -> None:
    document = exported(api)
    schedule = {
        "rule": {"kind": "weekdays", "days": ["monday"], "at": ["05:00"]},
        "timezone": "Europe/Paris",
        "overlap": "queue",
    }
    document["spec"]["goals"].append(
        {
            "kind": "import",
            "name": "Loyal",
            "settings": {"audience": "7"},
            "intake": {
                "identifiers": [{"field": "external_id", "identifier": "user_id"}],
                "rows": [{"field": "plan", "trait": "plan"}],
            },
            "schedule": schedule,
        }
    )
    answer = apply(api, document)
    assert answer.status_code == 200, answer.text
    assert exported(api)["spec"]["goals"][-1]["schedule"] == schedule
    assert apply(api, exported(api)).json()["action"] == "none"
    runs = api.get(f"{URL}/Braze/goals/Loyal").json()["runs"]
    assert runs == "every Monday at 05:00 Europe/Paris"


def test_a_dry_run_tells_and_does_nothing(api: httpx.Client) -> None:
    document = exported(api)
    document["spec"]["description"] = "The shop's"
    document["spec"]["goals"] = [{**document["spec"]["goals"][0], "segment": ""}]
    plan = apply(api, document, dry_run=True).json()
    assert (plan["action"], plan["applied"], plan["goals_deleted"]) == ("change", False, ["Events"])
    paths = [change["path"] for change in plan["changes"]]
    assert {"spec.description", "spec.goals.People.segment", "spec.goals.Events"} <= set(paths)
    assert len(plan["warnings"]) == 2
    assert exported(api)["spec"].get("description") is None
    done = apply(api, document).json()
    assert (done["applied"], done["changes"]) == (True, plan["changes"])
    shown = api.get(f"{URL}/Braze").json()
    assert (shown["description"], shown["version"]) == ("The shop's", 2)
    (goal,) = shown["goals"]
    assert (goal["id"], goal["segment_id"], goal["version"], goal["enabled"]) == (1, 0, 2, True)
    assert apply(api, document).json()["action"] == "none"


def test_a_change_of_goals_alone_is_no_new_version_of_the_connection(api: httpx.Client) -> None:
    document = exported(api)
    document["spec"]["goals"].reverse()
    document["spec"]["goals"][0]["enabled"] = True
    assert apply(api, document).json()["applied"] is True
    shown = api.get(f"{URL}/Braze").json()
    assert shown["version"] == 1
    assert [(goal["name"], goal["enabled"], goal["version"]) for goal in shown["goals"]] == [
        ("Events", True, 1),
        ("People", True, 1),
    ]


def test_a_connection_can_be_made_from_a_document(api: httpx.Client) -> None:
    document = {**exported(api), "name": "Other"}
    path = f"{URL}/Other/document"
    missing = apply(api, document, path)
    assert [problem["field"] for problem in missing.json()["problems"]] == ["spec.secrets.api_key"]
    document["spec"]["secrets"] = {"api_key": {"value": "key"}}
    assert apply(api, document, path, dry_run=True).json()["action"] == "create"
    assert api.get(f"{URL}/Other").status_code == 404
    assert apply(api, document, path).json()["applied"] is True
    made = api.get(f"{URL}/Other").json()
    assert made["secrets"]["api_key"] == "set"
    assert [goal["name"] for goal in made["goals"]] == ["People", "Events"]
    assert apply(api, {**document, "name": "Third"}, f"{URL}/Fourth/document").status_code == 404


def test_a_document_can_rename_unless_the_name_is_taken(api: httpx.Client) -> None:
    document = exported(api)
    document["name"] = "Braze EU"
    assert apply(api, document).json()["changes"] == [
        {"path": "name", "before": "Braze", "after": "Braze EU"}
    ]
    assert api.get(f"{URL}/Braze EU").json()["id"] == 1
    apply(
        api,
        {**document, "name": "B", "spec": {**document["spec"], "secrets": {"api_key": {"value": "k"}}}},
        f"{URL}/B/document",
    )
    taken = apply(api, {**document, "name": "B"}, f"{URL}/1/document")
    assert (taken.status_code, taken.json()["code"]) == (409, "api.name_taken")


def test_every_problem_is_told_at_once_with_its_path(api: httpx.Client) -> None:
    document = exported(api)
    document["spec"]["settings"]["concurrency"] = 1000
    document["spec"]["goals"][1]["settings"]["currency"] = "money"
    answer = apply(api, document)
    assert answer.status_code == 422
    problems = {problem["field"]: problem for problem in answer.json()["problems"]}
    assert set(problems) == {"spec.settings.concurrency", "spec.goals.1.settings.currency"}
    document["spec"]["colour"] = "red"
    document["kind"] = "source"
    fields = {problem["field"] for problem in apply(api, document).json()["problems"]}
    assert fields == {"kind", "spec.colour"}


@pytest.mark.parametrize(
    ("body", "content_type"), [("a: &x [*x]", "application/yaml"), ("{", "application/json"), ("[]", "")]
)
def test_what_is_no_document_is_refused(api: httpx.Client, body: str, content_type: str) -> None:
    answer = api.put(DOCUMENT, content=body, headers={"content-type": content_type} if content_type else {})
    assert (answer.status_code, answer.json()["code"]) == (400, "config.bad_document")


def test_no_file_and_no_variable_of_the_server_can_be_had(api: httpx.Client) -> None:
    document = exported(api)
    document["spec"]["secrets"] = {"api_key": {"file": "/etc/hostname"}}
    answer = apply(api, document)
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "spec.secrets.api_key")


def test_a_document_of_an_older_version_is_refused(api: httpx.Client) -> None:
    document = exported(api)
    assert api.patch(f"{URL}/Braze", json={"description": "Meanwhile"}).status_code == 200
    stale = api.put(DOCUMENT, json=document, headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "api.changed_meanwhile")


def test_the_schema_is_published(api: httpx.Client) -> None:
    answer = api.get("/api/v1/schemas/connection")
    assert answer.headers["content-type"].startswith("application/schema+json")
    assert "ConnectionSpec" in answer.json()["$defs"]


def test_a_copy_has_everything_and_does_nothing_until_it_is_turned_on(api: httpx.Client) -> None:
    copy = api.post(f"{URL}/Braze/duplicate")
    assert copy.status_code == 201, copy.text
    made = copy.json()
    assert (made["name"], made["enabled"], made["favourite"], made["version"]) == (
        "Copy of Braze",
        False,
        False,
        1,
    )
    assert (made["labels"], made["secrets"]["api_key"]) == (["shop"], "set")
    assert [(goal["name"], goal["enabled"]) for goal in made["goals"]] == [
        ("People", False),
        ("Events", False),
    ]
    assert {goal["connection_id"] for goal in made["goals"]} == {made["id"]}
    assert api.post(f"{URL}/Braze/duplicate").json()["name"] == "Copy of Braze (2)"
    assert api.post(f"{URL}/Braze/duplicate", json={"name": "Named"}).json()["name"] == "Named"
    assert api.post(f"{URL}/Braze/duplicate", json={"name": "Named"}).status_code == 409
    kept = api.patch(f"{URL}/Named", json={"settings": {"endpoint": "https://other.example.com"}})
    assert kept.json()["field"] == "secrets.api_key"


def test_a_copy_of_a_long_name_fits(api: httpx.Client) -> None:
    assert api.patch(f"{URL}/Braze", json={"name": "x" * 200}).status_code == 200
    first, second = (api.post(f"{URL}/{'x' * 200}/duplicate").json()["name"] for _ in range(2))
    assert len(first) == 200
    assert len(second) == 200
    assert second.endswith(" (2)")
