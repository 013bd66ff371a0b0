"""Identity as code: one document by a name of its own, planned, counted, applied, and never deleted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.api import config_identity
from onefold.model.access import Right
from onefold.runtime.assemble import Web
from onefold.runtime.client import open_client

URL = "/api/v1/config"
SPEC = {"phone_region": "DE", "trait_identifiers": {"card": "loyalty"}, "blocked_values": ["demo"]}
SEEN = [
    {"type": "identify", "userId": "Demo", "traits": {"card": "c1"}},
    {"type": "identify", "userId": "ada", "traits": {"card": "c2"}},
    {
        "type": "track",
        "userId": "bob",
        "event": "Seen",
        "context": {"externalIds": [{"type": "crm", "id": "demo"}]},
    },
]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        yield client


def identity(**spec: Any) -> dict[str, Any]:
    return {"kind": "identity", "name": "identity", "spec": spec}


def plan(api: httpx.Client, *documents: Any, **more: Any) -> dict[str, Any]:
    answer = api.post(f"{URL}/plan", json={"documents": documents, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def apply(api: httpx.Client, *documents: Any, **more: Any) -> dict[str, Any]:
    answer = api.post(f"{URL}/apply", json={"documents": documents, **more})
    assert answer.status_code == 200, answer.text
    assert answer.json()["applied"], answer.text
    return dict(answer.json())


def problem(api: httpx.Client, document: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(f"{URL}/plan", json={"documents": [document]})
    assert (answer.status_code, answer.json()["code"]) == (422, "config.invalid_documents"), answer.text
    (only,) = answer.json()["problems"]
    return dict(only)


def send_people(api: httpx.Client) -> None:
    key = api.post("/api/v1/sources", json={"name": "web"}).json()["write_key"]
    assert api.post("/v1/batch", json={"batch": SEEN}, auth=(key, "")).status_code == 200


def test_a_document_sets_the_rules_and_comes_out_as_it_went_in(api: httpx.Client) -> None:
    assert api.get(URL).json()["documents"] == []
    planned = plan(api, identity(**SPEC))
    (one,) = planned["objects"]
    assert (one["action"], one["warnings"]) == ("create", [config_identity.FROM_HERE_ON])
    assert {change["path"] for change in one["changes"]} == {f"spec.{name}" for name in SPEC}
    apply(api, identity(**SPEC), fingerprint=planned["fingerprint"])
    assert api.get("/api/v1/identity").json()["choice"] == SPEC
    assert api.get(URL).json()["documents"] == [identity(**SPEC)]
    assert plan(api, identity(**SPEC))["objects"][0]["action"] == "none"


def test_a_change_is_told_by_field_and_by_trait(api: httpx.Client) -> None:
    apply(api, identity(**SPEC))
    traits = {"card": "loyalty", "crm_id": "crm"}
    (one,) = plan(api, identity(**{**SPEC, "trait_identifiers": traits}))["objects"]
    assert one["action"] == "change"
    (change,) = one["changes"]
    assert (change["path"], change["after"]) == ("spec.trait_identifiers.crm_id", "crm")


def test_nothing_deletes_it_but_it_can_give_everything_back(api: httpx.Client) -> None:
    apply(api, identity(**SPEC))
    (left,) = plan(api, prune=True)["objects"]
    assert (left["action"], left["warnings"]) == ("unmanaged", [config_identity.NEVER_DELETED])
    apply(api, identity())
    assert api.get(URL).json()["documents"] == []
    assert plan(api, prune=True)["objects"] == []
    assert plan(api, identity())["objects"][0]["action"] == "none"


def test_a_change_is_in_the_audit_trail_at_its_own_address(api: httpx.Client) -> None:
    apply(api, identity(phone_region="DE"))
    kept = api.get("/api/v1/audit").json()["items"][0]
    assert (kept["path"], kept["after"]) == ("/api/v1/identity", {"spec.phone_region": "DE"})


def test_what_is_wrong_is_told_with_field_value_and_remedy(api: httpx.Client) -> None:
    region = problem(api, identity(phone_region="Germany"))
    assert region["field"] == "documents.0.spec.phone_region"
    assert region["value"] == "Germany"
    assert region["remedy"]
    assert problem(api, {**identity(), "name": "rules"})["remedy"] == "Write `name: identity`."
    assert problem(api, identity(region="DE"))["field"] == "documents.0.spec.region"
    assert problem(api, identity(blocked_values="demo"))["field"] == "documents.0.spec.blocked_values"


def test_an_effect_counts_who_holds_what_will_not_identify_any_more(api: httpx.Client) -> None:
    apply(api, identity(trait_identifiers={"card": "loyalty"}))
    send_people(api)
    (found,) = plan(api, identity(blocked_values=["DEMO"]), effect=True)["effects"]
    # Demo by its user_id and its card, Ada by her card, Bob by his id of the CRM.
    assert (found["holding"], found["reason"]) == (3, "")
    (found,) = plan(api, identity(trait_identifiers={"card": "loyalty"}, currency="EUR"), effect=True)[
        "effects"
    ]
    assert found["holding"] == 0


def test_what_takes_too_long_to_count_is_not_told(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    send_people(api)
    monkeypatch.setattr(config_identity, "count_holders", lambda *_, **__: None)
    (found,) = plan(api, identity(blocked_values=["demo"]), effect=True)["effects"]
    assert found["holding"] is None
    assert "too many" in found["reason"]


async def test_who_may_not_see_people_is_told_no_count(web: Web, local: httpx.AsyncClient) -> None:
    rights = [right for right in Right if right is not Right.PERSONAL]
    token = (await local.post("/api/v1/tokens", json={"name": "ci", "rights": rights})).json()["token"]
    wish = {"documents": [identity(blocked_values=["demo"])], "effect": True}
    transport = httpx.ASGITransport(web.application)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold", headers=headers) as client:
        (found,) = (await client.post(f"{URL}/plan", json=wish)).json()["effects"]
    assert (found["holding"], "personal" in found["reason"]) == (None, True)


def test_the_schema_knows_it(api: httpx.Client) -> None:
    schema = api.get(f"{URL}/schema").json()
    document = schema["$defs"]["IdentityDocument"]
    assert document["properties"]["name"] == {"enum": ["identity"]}
    assert set(schema["$defs"]["IdentityChoice"]["properties"]) == {*SPEC, "currency"}
