"""Taking a change back: by the routes themselves, if it still is as the change left it, or saying why not."""

from typing import Any

import httpx
import pytest
from tests.unit.api.test_audit import make_connection

from onefold.api.mask import plan_of
from onefold.api.undo import PutBack
from onefold.api.veil import plan_of_route
from onefold.runtime.assemble import Web

RULE = {"kind": "trait", "trait": "plan", "test": "equals", "value": "pro"}
OTHER_RULE = {"kind": "trait", "trait": "plan", "test": "equals", "value": "free"}


async def make_segment(client: httpx.AsyncClient, name: str = "Pro") -> str:
    made = await client.post("/api/v1/segments", json={"name": name, "condition": RULE})
    assert made.status_code == 201, made.text
    return f"/api/v1/segments/{made.json()['id']}"


async def make_goal(client: httpx.AsyncClient, connection: str, name: str) -> str:
    mappings = [{"field": name.lower(), "source": {"kind": "trait", "trait": "plan"}}]
    body = {"kind": "export", "name": name, "mappings": mappings, "settings": {"merge_objects": True}}
    made = await client.post(f"{connection}/goals", json=body)
    assert made.status_code == 201, made.text
    return f"{connection}/goals/{made.json()['id']}"


async def send(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> str:
    """A change that goes well, and the address that takes it back."""
    answer = await client.request(method, path, json=body)
    assert answer.status_code < 400, answer.text
    return answer.headers.get("onefold-undo", "")


async def show(client: httpx.AsyncClient, path: str) -> Any:
    found = await client.get(path)
    assert found.status_code == 200, found.text
    return found.json()


async def test_a_changed_segment_gets_its_rule_and_name_again(local: httpx.AsyncClient) -> None:
    path = await make_segment(local)
    undo = await send(local, "PATCH", path, {"name": "Free", "condition": OTHER_RULE})
    told = await show(local, undo)
    assert told["is_possible"]
    assert (told["now"], told["then"]) == (
        {"name": "Free", "condition": OTHER_RULE},
        {"name": "Pro", "condition": RULE},
    )
    done = await local.post(undo)
    assert done.status_code == 200, done.text
    segment = await show(local, path)
    assert (segment["name"], segment["condition"], segment["version"]) == ("Pro", RULE, 3)


async def test_what_was_undone_has_an_entry_of_its_own_and_can_be_redone(local: httpx.AsyncClient) -> None:
    path = await make_segment(local)
    undo = await send(local, "PATCH", path, {"name": "Free"})
    redo = await send(local, "POST", undo)
    newest, *_ = (await show(local, "/api/v1/audit"))["items"]
    assert (newest["action"], newest["before"], newest["after"]) == (
        "change_segment",
        {"name": "Free"},
        {"name": "Pro"},
    )
    assert redo == f"/api/v1/audit/{newest['id']}/undo"
    await send(local, "POST", redo)
    assert (await show(local, path))["name"] == "Free"


async def test_a_field_that_was_changed_since_is_never_overwritten(local: httpx.AsyncClient) -> None:
    path = await make_segment(local)
    undo = await send(local, "PATCH", path, {"name": "Free"})
    await send(local, "PATCH", path, {"name": "Gratis"})
    told = await show(local, undo)
    assert (told["is_possible"], told["code"]) == (False, "audit.changed_since")
    refused = await local.post(undo)
    assert (refused.status_code, refused.json()["code"]) == (409, "audit.changed_since")
    assert "name" in refused.json()["detail"]
    assert (await show(local, path))["name"] == "Gratis"


async def test_another_field_may_have_changed_since_and_stays(local: httpx.AsyncClient) -> None:
    path = await make_segment(local)
    undo = await send(local, "PATCH", path, {"name": "Free"})
    await send(local, "PATCH", path, {"description": "Ours."})
    await send(local, "POST", undo)
    segment = await show(local, path)
    assert (segment["name"], segment["description"]) == ("Pro", "Ours.")


async def test_what_is_gone_cannot_be_put_back_as_it_was(local: httpx.AsyncClient) -> None:
    path = await make_segment(local)
    undo = await send(local, "PATCH", path, {"name": "Free"})
    await send(local, "DELETE", path)
    refused = await local.post(undo)
    assert (refused.status_code, refused.json()["code"]) == (409, "audit.no_undo")
    assert refused.json()["hint"]


async def test_a_deleted_segment_is_made_again_and_says_what_is_not_as_it_was(
    local: httpx.AsyncClient,
) -> None:
    path = await make_segment(local)
    undo = await send(local, "DELETE", path)
    told = await show(local, undo)
    assert "another id" in told["note"]
    assert (told["now"], told["then"]["condition"]) == (None, RULE)
    await send(local, "POST", undo)
    assert (await show(local, "/api/v1/segments/Pro"))["condition"] == RULE


async def test_what_was_called_by_its_name_is_found_after_another_one_took_it(
    local: httpx.AsyncClient,
) -> None:
    await local.post("/api/v1/sources", json={"name": "web"})
    undo = await send(local, "PATCH", "/api/v1/sources/web", {"name": "shop", "drop_ip": True})
    await local.post("/api/v1/sources", json={"name": "web"})
    refused = await local.post(undo)
    assert (refused.status_code, refused.json()["code"]) == (409, "api.name_taken")
    await send(local, "PATCH", "/api/v1/sources/web", {"name": "app"})
    await send(local, "POST", undo)
    assert (await show(local, "/api/v1/sources/web"))["drop_ip"] is False


async def test_a_key_that_was_disabled_writes_again(local: httpx.AsyncClient) -> None:
    source = (await local.post("/api/v1/sources", json={"name": "web"})).json()
    path = f"/api/v1/sources/web/keys/{source['write_key']}"
    undo = await send(local, "PATCH", path, {"enabled": False})
    await send(local, "POST", undo)
    assert (await show(local, path))["enabled"] is True


async def test_a_connection_gets_back_what_was_taken_from_its_settings(local: httpx.AsyncClient) -> None:
    path = f"/api/v1/connections/{await make_connection(local, 'Braze')}"
    undo = await send(
        local, "PATCH", path, {"settings": {"alias_label": "a1"}, "labels": ["eu"], "owner": "Ada"}
    )
    before = await show(local, path)
    await send(local, "POST", undo)
    after = await show(local, path)
    assert (before["settings"]["alias_label"], after["settings"].get("alias_label")) == ("a1", None)
    assert (after["labels"], after["owner"]) == ([], "")


@pytest.mark.parametrize("also", [{}, {"owner": "Ada"}])
async def test_a_changed_secret_is_said_to_be_one_and_is_not_undone(
    local: httpx.AsyncClient, also: dict[str, str]
) -> None:
    path = f"/api/v1/connections/{await make_connection(local, 'Braze')}"
    assert await send(local, "PATCH", path, {"secrets": {"api_key": "quite-another"}, **also}) == ""
    entry, *_ = (await show(local, "/api/v1/audit"))["items"]
    assert (entry["after"]["secrets_given"], entry["is_undoable"]) == (["api_key"], False)
    assert "quite-another" not in str(entry)
    refused = await local.post(f"/api/v1/audit/{entry['id']}/undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "audit.no_undo")
    assert "api_key" in refused.json()["detail"]


async def test_on_and_off_are_turned_back_beside_the_rest(local: httpx.AsyncClient) -> None:
    path = f"/api/v1/connections/{await make_connection(local, 'Braze')}"
    undo = await send(local, "POST", f"{path}/disable")
    await send(local, "PATCH", path, {"owner": "Ada"})
    redo = await send(local, "POST", undo)
    assert (await show(local, path))["enabled"] is True
    await send(local, "POST", redo)
    assert (await show(local, path))["enabled"] is False
    assert await send(local, "POST", f"{path}/disable") == "", "it was off before"


async def test_a_goal_gets_its_rows_and_settings_again(local: httpx.AsyncClient) -> None:
    connection = f"/api/v1/connections/{await make_connection(local, 'Braze')}"
    path = await make_goal(local, connection, "Profiles")
    before = await show(local, path)
    other = [{"field": "tier", "source": {"kind": "trait", "trait": "plan"}}]
    settings = {"merge_objects": None, "create": "update_only"}
    change = {"name": "Everybody", "mappings": other, "settings": settings}
    undo = await send(local, "PATCH", path, change)
    assert (await show(local, path))["settings"] == {"create": "update_only"}
    await send(local, "POST", undo)
    after = await show(local, path)
    for name in ("name", "mappings", "settings"):
        assert after[name] == before[name], name


async def test_goals_get_their_order_again_unless_they_are_others_by_now(local: httpx.AsyncClient) -> None:
    connection = f"/api/v1/connections/{await make_connection(local, 'Braze')}"
    paths = [await make_goal(local, connection, name) for name in ("First", "Second", "Third")]
    ids = [int(path.rpartition("/")[2]) for path in paths]
    undo = await send(local, "PUT", f"{connection}/goals/order", {"goals": ids[::-1]})
    told = await show(local, undo)
    assert (told["now"], told["then"]) == (
        {"goals": ["Third", "Second", "First"]},
        {"goals": ["First", "Second", "Third"]},
    )
    await send(local, "POST", undo)
    goals = (await show(local, f"{connection}/goals"))["items"]
    assert [goal["id"] for goal in goals] == ids
    await send(local, "DELETE", paths[0])
    assert (await local.post(undo)).json()["code"] == "audit.changed_since"


async def test_the_trail_of_an_order_holds_no_whole_goals(local: httpx.AsyncClient) -> None:
    connection = f"/api/v1/connections/{await make_connection(local, 'Braze')}"
    paths = [await make_goal(local, connection, name) for name in ("First", "Second")]
    ids = [int(path.rpartition("/")[2]) for path in paths]
    await send(local, "PUT", f"{connection}/goals/order", {"goals": ids[::-1]})
    entry, *_ = (await show(local, "/api/v1/audit"))["items"]
    assert [sorted(goal) for goal in entry["before"]["goals"]] == [["id", "name", "position"]] * 2


@pytest.mark.parametrize("act", ["stop", "resync"])
async def test_what_cannot_be_undone_says_why_and_what_to_do(local: httpx.AsyncClient, act: str) -> None:
    connection = f"/api/v1/connections/{await make_connection(local, 'Braze')}"
    goal = await make_goal(local, connection, "Profiles")
    for method, path in (("POST", f"{goal}/{act}"), ("DELETE", goal), ("DELETE", connection)):
        assert await send(local, method, path) == ""
        entry, *_ = (await show(local, "/api/v1/audit"))["items"]
        told = await show(local, f"/api/v1/audit/{entry['id']}/undo")
        assert (entry["is_undoable"], told["is_possible"], told["code"]) == (False, False, "audit.no_undo")
        assert told["message"]
        assert told["hint"]


async def token(web: Web, local: httpx.AsyncClient, name: str, *rights: str) -> httpx.AsyncClient:
    secret = (await local.post("/api/v1/tokens", json={"name": name, "rights": rights})).json()["token"]
    bearer = {"authorization": f"Bearer {secret}"}
    transport = httpx.ASGITransport(web.application)
    return httpx.AsyncClient(transport=transport, base_url="http://onefold", headers=bearer)


async def test_rules_of_identity_are_as_they_were(local: httpx.AsyncClient) -> None:
    german = {"phone_region": "DE", "currency": "EUR"}
    await send(local, "PUT", "/api/v1/identity", german)
    undo = await send(local, "PUT", "/api/v1/identity", {"phone_region": "AT"})
    told = await show(local, undo)
    assert (told["is_possible"], told["then"]) == (True, {"choice": german})
    assert (await local.post(undo)).status_code == 200
    assert (await show(local, "/api/v1/identity"))["choice"] == german
    refused = await show(local, undo)
    assert (refused["is_possible"], refused["code"]) == (False, "audit.changed_since")


async def test_everybody_undoes_what_they_did_and_only_who_administers_more(
    web: Web, local: httpx.AsyncClient
) -> None:
    path = await make_segment(local)
    ours = await send(local, "PATCH", path, {"description": "Ours."})
    async with await token(web, local, "a", "see", "segment") as client:
        for method in ("GET", "POST"):
            hidden = await client.request(method, ours)
            assert (hidden.status_code, hidden.json()["code"]) == (404, "api.unknown_audit_entry")
        own = await send(client, "PATCH", path, {"name": "Free"})
        await send(client, "POST", own)
    entry, *_ = (await show(local, "/api/v1/audit"))["items"]
    assert (entry["by"], entry["after"]) == ("token a", {"name": "Pro"})
    async with await token(web, local, "b", "see", "segment", "administer") as client:
        await send(client, "POST", ours)
    assert (await show(local, path))["description"] == ""


@pytest.mark.parametrize("entry", [0, 10**30])
async def test_an_entry_that_there_never_was_is_not_there(local: httpx.AsyncClient, entry: int) -> None:
    for method in ("GET", "POST"):
        missing = await local.request(method, f"/api/v1/audit/{entry}/undo")
        assert (missing.status_code, missing.json()["code"]) == (404, "api.unknown_audit_entry")


async def test_sources_and_goals_refuse_what_was_decided_on_another_state(local: httpx.AsyncClient) -> None:
    await local.post("/api/v1/sources", json={"name": "web"})
    goal = await make_goal(local, f"/api/v1/connections/{await make_connection(local, 'Braze')}", "Profiles")
    for path in ("/api/v1/sources/1", goal):
        old = {"if-match": (await local.get(path)).headers["etag"]}
        changed = await local.patch(path, json={"name": "one"}, headers=old)
        assert (changed.status_code, changed.headers["etag"] == old["if-match"]) == (200, False)
        refused = await local.patch(path, json={"name": "two"}, headers=old)
        assert (refused.status_code, refused.json()["code"]) == (412, "api.changed_meanwhile")


async def test_undoing_needs_the_right_of_the_change(web: Web, local: httpx.AsyncClient) -> None:
    path = await make_segment(local)
    undo = await send(local, "PATCH", path, {"name": "Free"})
    async with await token(web, local, "c", "see", "administer") as client:
        refused = await client.post(undo)
    assert (refused.status_code, refused.json()["code"]) == (403, "api.missing_right")
    assert (await show(local, path))["name"] == "Free"


async def test_no_value_of_a_person_is_among_what_is_put_back(web: Web) -> None:
    """A mask would be put back as if it were the value."""
    checked = 0
    for route in web.api.routes:
        for handler in getattr(route, "route_handlers", []):
            undo = handler.opt.get("undo")
            if isinstance(undo, PutBack):
                hidden = plan_of_route(handler) or {}
                assert not set(undo.names) & set(hidden), handler.handler_name
                checked += 1
    assert checked
    assert plan_of(str) is None
