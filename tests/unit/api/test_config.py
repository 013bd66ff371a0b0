"""The whole config as documents: read, planned, applied, and the same afterwards."""

import copy
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from onefold.config.text import read_texts
from onefold.errors import RequestError, StorageError
from onefold.runtime.assemble import Web
from onefold.runtime.client import open_client

URL = "/api/v1/config"
GOLD = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
IN_GOLD = {"kind": "segment", "segment": "Gold"}
PLAN_ROW = {"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}
VIP_ROW = {"source": {"kind": "segment", "segment": "Gold"}, "field": "is_gold"}
REFERENCE = {"api_key": {"env": "BRAZE_API_KEY"}}


def source(name: str = "Web shop", **spec: Any) -> dict[str, Any]:
    return {"kind": "source", "name": name, "spec": spec}


def segment(name: str = "Gold", condition: Any = None, **spec: Any) -> dict[str, Any]:
    return {"kind": "segment", "name": name, "spec": {**spec, "condition": condition or GOLD}}


def connection(name: str = "Braze", secret: object = None, **spec: Any) -> dict[str, Any]:
    goal = {"name": "People", "kind": "export", "segment": "Gold", "mappings": [PLAN_ROW, VIP_ROW]}
    body = {
        "connector": "braze",
        "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
        "secrets": {"api_key": secret or {"value": "very-secret"}},
        "goals": [goal],
    }
    return {"kind": "connection", "name": name, "spec": {**body, **spec}}


SHOP = [
    connection(),
    segment("Also gold", IN_GOLD, description="Asks about a later one"),
    source(rate_per_s=100, enabled=False),
    segment(),
]


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Callable[[str], httpx.Client]]:
    """Opens workspaces by name."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(open_client(tmp_path / name, create=True))


@pytest.fixture
def api(opening: Callable[[str], httpx.Client]) -> httpx.Client:
    return opening("a")


def send(api: httpx.Client, what: str, documents: list[Any], **more: Any) -> httpx.Response:
    return api.post(f"{URL}/{what}", json={"documents": documents, **more})


def plan(api: httpx.Client, documents: list[Any], **more: Any) -> dict[str, Any]:
    answer = send(api, "plan", documents, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def actions(found: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["action"] for one in found["objects"]}


def apply(api: httpx.Client, documents: list[Any], **more: Any) -> dict[str, Any]:
    answer = send(api, "apply", documents, **more)
    assert answer.status_code == 200, answer.text
    done = dict(answer.json())
    assert done["applied"], done
    return done


def exported(api: httpx.Client) -> list[dict[str, Any]]:
    return list(api.get(URL).json()["documents"])


def problems(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "config.invalid_documents"
    return {one["field"]: one["message"] for one in answer.json()["problems"]}


def test_documents_in_any_order_make_a_workspace(api: httpx.Client) -> None:
    before = plan(api, SHOP)
    assert set(actions(before).values()) == {"create"}
    assert exported(api) == []
    done = apply(api, SHOP, fingerprint=before["fingerprint"])
    assert [(one["kind"], one["name"], one["state"]) for one in done["results"]] == [
        ("source", "Web shop", "applied"),
        ("segment", "Gold", "applied"),
        ("segment", "Also gold", "applied"),
        ("connection", "Braze", "applied"),
    ]
    assert api.get("/api/v1/sources/Web shop").json()["enabled"] is False
    shown = api.get("/api/v1/segments/Also gold").json()
    assert (shown["description"], shown["words"]) == ("Asks about a later one", 'in "Gold"')
    goal = api.get("/api/v1/connections/Braze").json()["goals"][0]
    assert goal["segment_id"] == api.get("/api/v1/segments/Gold").json()["id"]


def test_what_was_exported_changes_nothing_and_holds_no_secret(api: httpx.Client) -> None:
    apply(api, SHOP)
    documents = exported(api)
    assert [(one["kind"], one["name"]) for one in documents] == [
        ("source", "Web shop"),
        ("segment", "Also gold"),
        ("segment", "Gold"),
        ("connection", "Braze"),
    ]
    assert documents[0] == source(enabled=False, rate_per_s=100)
    assert documents[2] == segment()
    assert documents[3]["spec"] == connection(secret=REFERENCE["api_key"])["spec"]
    assert "very-secret" not in api.get(URL).text + str(plan(api, SHOP))
    assert set(actions(plan(api, documents)).values()) == {"none"}
    assert apply(api, documents)["results"] == []
    assert apply(api, SHOP)["results"] == []


def test_one_kind_or_one_object_is_exported_alone(api: httpx.Client) -> None:
    apply(api, SHOP)
    segments = api.get(URL, params={"kind": "segment"}).json()["documents"]
    assert {one["kind"] for one in segments} == {"segment"}
    gold = api.get(URL, params={"kind": "segment", "name": "Gold"})
    assert gold.json()["documents"] == [one for one in segments if one["name"] == "Gold"]
    text = api.get(URL, params={"name": "Gold"}, headers={"accept": "application/yaml"}).text
    assert [line for line in text.splitlines() if line.startswith("name:")] == ["name: Gold"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"kind": "segments"}, 422, "config.unknown_kind"),
        ({"kind": "source", "name": "Gold"}, 404, "config.unknown_name"),
    ],
)
def test_what_is_not_there_is_not_exported(
    api: httpx.Client, query: dict[str, str], status: int, code: str
) -> None:
    apply(api, SHOP)
    refused = api.get(URL, params=query)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_yaml_holds_the_same(api: httpx.Client) -> None:
    apply(api, SHOP)
    answer = api.get(URL, headers={"accept": "application/yaml"})
    assert answer.headers["content-type"].startswith("application/yaml")
    assert [one.document for one in read_texts(answer.text)] == exported(api)


def test_an_export_makes_the_same_elsewhere_once_its_secrets_are_there(
    opening: Callable[[str], httpx.Client],
) -> None:
    here, there = opening("a"), opening("b")
    apply(here, SHOP)
    documents = exported(here)
    missing = problems(send(there, "apply", documents))
    assert list(missing) == ["documents.3.spec.secrets.api_key"]
    assert "BRAZE_API_KEY" in missing["documents.3.spec.secrets.api_key"]
    documents[3]["spec"]["secrets"] = {"api_key": {"value": "other"}}
    apply(there, documents)
    assert exported(there) == exported(here)


def test_a_change_is_told_field_by_field_and_what_is_not_there_is_left_alone(api: httpx.Client) -> None:
    apply(api, SHOP)
    changed = [segment(condition={**GOLD, "value": "silver"}), source(rate_per_s=5)]
    found = plan(api, changed)
    assert actions(found) == {
        "Web shop": "change",
        "Gold": "change",
        "Also gold": "unmanaged",
        "Braze": "unmanaged",
    }
    by_name = {one["name"]: one for one in found["objects"]}
    assert by_name["Gold"]["changes"] == [
        {"path": "spec.condition.value", "before": "gold", "after": "silver"}
    ]
    assert by_name["Gold"]["words"] == 'plan is "silver"'
    assert "filled anew" in by_name["Gold"]["warnings"][0]
    assert {one["path"] for one in by_name["Web shop"]["changes"]} == {"spec.enabled", "spec.rate_per_s"}
    apply(api, changed)
    assert api.get("/api/v1/segments/Gold").json()["version"] == 2
    assert len(exported(api)) == 4


def test_prune_deletes_what_no_document_speaks_of_but_sources(api: httpx.Client) -> None:
    apply(api, SHOP)
    found = plan(api, [segment("New")], prune=True)
    assert actions(found) == {
        "Web shop": "unmanaged",
        "New": "create",
        "Also gold": "delete",
        "Gold": "delete",
        "Braze": "delete",
    }
    done = apply(api, [segment("New")], prune=True)
    # Whoever asks for one goes before it.
    assert [one["name"] for one in done["results"]] == ["New", "Braze", "Also gold", "Gold"]
    gone = {"path": "spec.condition", "before": GOLD, "after": None}
    assert done["results"][3]["changes"] == [gone]
    assert "very-secret" not in str(done)
    (entry, *_) = api.get("/api/v1/audit").json()["items"]
    assert (entry["path"], entry["before"]) == ("/api/v1/segments/1", {"spec.condition": GOLD})
    assert [one["name"] for one in exported(api)] == ["Web shop", "New"]
    assert apply(api, [segment("New")], prune=True)["results"] == []


def test_what_is_pruned_cannot_be_named(api: httpx.Client) -> None:
    apply(api, SHOP)
    found = problems(send(api, "plan", [segment("New", IN_GOLD), connection()], prune=True))
    assert found == {
        "documents.0.spec.condition.segment": "There is no segment 'Gold'.",
        "documents.1.spec.goals.0.segment": "There is no segment 'Gold'.",
        "documents.1.spec.goals.0.mappings.1.source.segment": "There is no segment 'Gold'.",
    }
    assert set(actions(plan(api, [segment("New", IN_GOLD), connection()])).values()) == {
        "create",
        "none",
        "unmanaged",
    }


def test_a_rename_keeps_what_there_is(api: httpx.Client) -> None:
    apply(api, SHOP)
    ids = {name: api.get(f"/api/v1/segments/{name}").json()["id"] for name in ("Gold",)}
    renamed = [
        {**source("Shop", enabled=False, rate_per_s=100), "renamed_from": "Web shop"},
        {**segment("VIP"), "renamed_from": "Gold"},
        segment("Also gold", {"kind": "segment", "segment": "VIP"}, description="Asks about a later one"),
    ]
    found = plan(api, renamed)
    assert actions(found) == {"Shop": "change", "VIP": "change", "Also gold": "none", "Braze": "unmanaged"}
    shown = next(one for one in found["objects"] if one["name"] == "VIP")
    assert shown["changes"] == [{"path": "name", "before": "Gold", "after": "VIP"}]
    assert shown["renamed_from"] == "Gold"
    apply(api, renamed)
    stored = api.get("/api/v1/segments/VIP").json()
    assert (stored["id"], stored["version"]) == (ids["Gold"], 1)
    assert set(actions(plan(api, renamed)).values()) == {"none", "unmanaged"}


def test_a_connection_can_be_renamed_also_by_its_own_document(api: httpx.Client) -> None:
    apply(api, SHOP)
    new = {**connection("Braze EU", secret={"env": "X"}), "renamed_from": "Braze"}
    assert actions(plan(api, [new]))["Braze EU"] == "change"
    del new["spec"]["secrets"]
    answer = api.put("/api/v1/connections/Braze EU/document", json=new)
    assert answer.json()["changes"] == [{"path": "name", "before": "Braze", "after": "Braze EU"}]
    assert api.put("/api/v1/connections/Braze EU/document", json=new).json()["action"] == "none"


def test_two_documents_cannot_be_about_one_object(api: httpx.Client) -> None:
    apply(api, SHOP)
    both = [segment("Gold"), {**segment("VIP"), "renamed_from": "Gold"}]
    assert list(problems(send(api, "plan", both))) == ["documents.1.renamed_from"]
    twins = [{**segment(name), "renamed_from": "Gold"} for name in ("A", "B")]
    assert list(problems(send(api, "plan", twins))) == ["documents.1.renamed_from"]
    assert list(problems(send(api, "plan", [source(), source()]))) == ["documents.1.name"]


def test_every_problem_of_every_document_is_told_at_once(api: httpx.Client) -> None:
    wrong = [
        {"kind": "colour", "name": "Red"},
        {"kind": "source"},
        source(rate_per_s=-1, colour="red"),
        segment("By id", {"kind": "segment", "segment_id": 1}),
        segment("Bad value", {**GOLD, "test": "between"}),
        connection(connector="nothing"),
        source("Other", kind="telepathy"),
        segment("No text", {"kind": "segment", "segment": ["Gold"]}),
    ]
    found = problems(send(api, "plan", wrong))
    assert set(found) == {
        "documents.0.kind",
        "documents.1.name",
        "documents.2.spec.rate_per_s",
        "documents.2.spec.colour",
        "documents.3.spec.condition.segment_id",
        "documents.4.spec.condition.value",
        "documents.5.spec.goals.0.segment",
        "documents.5.spec.goals.0.mappings.1.source.segment",
        "documents.6.spec.kind",
        "documents.7.spec.condition.segment",
    }
    assert list(problems(send(api, "plan", [segment(), connection(connector="nothing")]))) == [
        "documents.1.spec.connector"
    ]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["", "Gold", "all", "segment"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["kind", "segment", "segments", "segment_id", "condition", "conditions", "x"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)
FIELDS = ("kind", "name", "renamed_from", "spec", "spec.condition", "spec.secrets", "spec.goals", "spec.kind")


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(number=st.integers(0, len(SHOP) - 1), field=st.sampled_from(FIELDS), value=JSON)
def test_whatever_stands_in_a_document_is_refused_or_planned(
    api: httpx.Client, number: int, field: str, value: object
) -> None:
    documents = copy.deepcopy(SHOP)
    *within, name = field.split(".")
    target = documents[number][within[0]] if within else documents[number]
    target[name] = value
    answer = send(api, "plan", documents)
    assert answer.status_code in (200, 422), answer.text


def test_segments_in_a_circle_are_refused_and_a_turned_round_question_is_not(api: httpx.Client) -> None:
    circle = [
        segment("A", {"kind": "segment", "segment": "B"}),
        segment("B", {"kind": "segment", "segment": "A"}),
    ]
    found = problems(send(api, "apply", circle))
    assert {field.rpartition(".")[2] for field in found} == {"segment"}
    assert "circle" in str(found)
    apply(api, [circle[0], segment("B")])
    apply(api, [segment("A"), circle[1]])
    assert apply(api, [circle[0], segment("B")])["applied"]


@pytest.mark.parametrize(("value", "other"), [(0, False), (1, True), (1, 1.0)])
def test_values_that_are_equal_in_python_are_different_here(
    api: httpx.Client, value: object, other: object
) -> None:
    apply(api, [segment(condition={**GOLD, "value": value})])
    changed = [segment(condition={**GOLD, "value": other})]
    assert actions(plan(api, changed)) == {"Gold": "change"}
    assert apply(api, changed)["results"][0]["action"] == "change"
    assert exported(api) == changed
    assert type(exported(api)[0]["spec"]["condition"]["value"]) is type(other)
    assert apply(api, changed)["results"] == []


def test_a_default_of_another_type_is_not_left_out(api: httpx.Client) -> None:
    spent = {"kind": "event", "event": "Order", "measure": "sum", "property": "revenue", "value": 1.0}
    apply(api, [segment(condition=spent)])
    assert actions(plan(api, exported(api))) == {"Gold": "none"}


def test_a_plan_is_not_applied_to_another_config(api: httpx.Client) -> None:
    mark = plan(api, SHOP)["fingerprint"]
    assert plan(api, SHOP)["fingerprint"] == mark
    api.post("/api/v1/sources", json={"name": "Meanwhile"})
    answer = send(api, "apply", SHOP, fingerprint=mark)
    assert (answer.status_code, answer.json()["code"]) == (409, "config.changed_meanwhile")
    assert [one["name"] for one in exported(api)] == ["Meanwhile"]
    apply(api, SHOP, fingerprint=plan(api, SHOP)["fingerprint"])
    mark = plan(api, SHOP)["fingerprint"]
    api.patch("/api/v1/connections/Braze", json={"secrets": {"api_key": "another"}})
    assert plan(api, SHOP)["fingerprint"] != mark


def test_a_secret_is_set_kept_and_never_guessed(api: httpx.Client) -> None:
    apply(api, SHOP)
    kept = plan(api, [segment(), connection(secret={"file": "key.txt"})])
    assert actions(kept)["Braze"] == "none"
    other = plan(api, [segment(), connection(secret={"value": "another"})])
    (change,) = next(one for one in other["objects"] if one["name"] == "Braze")["changes"]
    assert change == {"path": "spec.secrets.api_key", "before": "set", "after": "set to another value"}


async def token(local: httpx.AsyncClient, *rights: str) -> dict[str, str]:
    made = await local.post("/api/v1/tokens", json={"name": "-".join(rights), "rights": rights})
    return {"authorization": f"Bearer {made.json()['token']}"}


async def test_who_may_only_see_can_plan_but_cannot_try_secrets(web: Web, local: httpx.AsyncClient) -> None:
    await local.post(f"{URL}/apply", json={"documents": SHOP})
    transport = httpx.ASGITransport(web.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as remote:
        seeing = await token(local, "see")
        kept = {"documents": [segment(), connection(secret={"env": "BRAZE_API_KEY"})]}
        assert (await remote.post(f"{URL}/plan", json=kept, headers=seeing)).status_code == 200
        guessed = await remote.post(f"{URL}/plan", json={"documents": SHOP}, headers=seeing)
        assert (guessed.status_code, guessed.json()["code"]) == (403, "api.missing_right")
        assert (await remote.post(f"{URL}/apply", json=kept, headers=seeing)).status_code == 403


async def test_each_kind_that_changes_needs_the_right_of_its_routes(
    web: Web, local: httpx.AsyncClient
) -> None:
    await local.post(f"{URL}/apply", json={"documents": SHOP})
    transport = httpx.ASGITransport(web.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as remote:
        connecting = await token(local, "see", "connect")
        unchanged = {"documents": [segment(), source("Web shop")]}
        assert (await remote.post(f"{URL}/apply", json=unchanged, headers=connecting)).status_code == 200
        changed = {"documents": [segment(description="Other"), source("Web shop", rate_per_s=1)]}
        answer = await remote.post(f"{URL}/apply", json=changed, headers=connecting)
        assert (answer.status_code, answer.json()["code"]) == (403, "api.missing_right")
    # Nothing of it was done: rights are looked at before anything is changed.
    assert (await local.get("/api/v1/sources/Web shop")).json()["rate_per_s"] == 0


async def test_the_audit_trail_tells_each_object_that_an_apply_changed(local: httpx.AsyncClient) -> None:
    await local.post(f"{URL}/apply", json={"documents": SHOP})
    changed = [source("Web shop", rate_per_s=7), segment(), {**segment("Many"), "renamed_from": "Also gold"}]
    await local.post(f"{URL}/apply", json={"documents": changed})
    await local.post(f"{URL}/apply", json={"documents": changed})
    found = (await local.get("/api/v1/audit")).json()["items"]
    assert {one["action"] for one in found} == {"apply_config"}
    assert [one["path"] for one in found] == [
        "/api/v1/segments/2",
        "/api/v1/sources/1",
        "/api/v1/connections/1",
        "/api/v1/segments/2",
        "/api/v1/segments/1",
        "/api/v1/sources/1",
    ]
    fields = {"spec.enabled": False, "spec.rate_per_s": 100}
    assert (found[1]["before"], found[1]["after"]) == (fields, {"spec.enabled": True, "spec.rate_per_s": 7})
    assert found[5]["before"] is None
    assert found[2]["after"]["spec.secrets.api_key"] == "set"
    assert "very-secret" not in str(found)
    await local.post(f"{URL}/apply", json={"documents": [*changed, connection(description="Ours")]})
    await local.post(f"{URL}/apply", json={"documents": changed, "prune": True})
    about = {"path": "/api/v1/connections/1"}
    found = (await local.get("/api/v1/audit", params=about)).json()["items"]
    fields = [one["after"] and one["after"].get("spec.description") for one in found]
    assert fields == [None, "Ours", None]


async def test_what_cannot_be_done_is_told_and_the_rest_is_done(
    web: Web, local: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RequestError("api.name_taken", "Someone was quicker.", status=409)

    monkeypatch.setattr(web.workspace.segments, "create", refuse)
    answer = (await local.post(f"{URL}/apply", json={"documents": SHOP})).json()
    assert answer["applied"] is False
    assert [(one["name"], one["state"], one["code"]) for one in answer["results"]] == [
        ("Web shop", "applied", ""),
        ("Gold", "failed", "api.name_taken"),
        ("Also gold", "failed", "config.invalid_documents"),
        ("Braze", "failed", "config.invalid_documents"),
    ]
    assert "There is no segment 'Gold'" in answer["results"][3]["message"]
    monkeypatch.undo()
    again = (await local.post(f"{URL}/apply", json={"documents": SHOP})).json()
    assert again["applied"]
    assert [one["name"] for one in again["results"]] == ["Gold", "Also gold", "Braze"]


async def test_what_imports_make_for_themselves_is_no_config(web: Web, local: httpx.AsyncClient) -> None:
    web.workspace.sources.ensure("Orders 2025", 0, kind="import")
    assert (await local.get(URL)).json()["documents"] == []
    pruned = await local.post(f"{URL}/plan", json={"documents": [], "prune": True})
    assert pruned.json()["objects"] == []
    refused = await local.post(f"{URL}/plan", json={"documents": [source("Orders 2025")]})
    assert list(problems(refused)) == ["documents.0.name"]


async def test_after_our_own_store_failed_nothing_more_is_tried(
    web: Web, local: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("storage.unwell", "The disk is full.")

    monkeypatch.setattr(web.workspace.segments, "create", fail)
    answer = (await local.post(f"{URL}/apply", json={"documents": SHOP})).json()
    assert [one["state"] for one in answer["results"]] == ["applied", "failed", "not_tried", "not_tried"]


def test_the_schema_describes_every_kind(api: httpx.Client) -> None:
    answer = api.get(f"{URL}/schema")
    assert answer.headers["content-type"].startswith("application/schema+json")
    schema = answer.json()
    assert [one["$ref"] for one in schema["oneOf"]] == [
        f"#/$defs/{kind}Document" for kind in ("Identity", "Source", "Segment", "Connection")
    ]
    parts = schema["$defs"]
    assert all(part in parts for part in re.findall(r"#/\$defs/(\w+)", answer.text))
    assert set(parts["SegmentCondition"]["properties"]) == {"kind", "segment"}
    assert set(parts["SourceSpec"]["properties"]) == {"kind", "enabled", "rate_per_s", "drop_ip", "drop_bots"}
    assert parts["SourceDocument"]["additionalProperties"] is False
    conditions = parts["SegmentSpec"]["properties"]["condition"]["anyOf"]
    assert {"$ref": "#/$defs/EventCondition"} in conditions
