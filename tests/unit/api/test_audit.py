"""The audit trail: every change is in it, no secret is."""

from typing import Any

import httpx
import pytest
from tests.unit.api.test_hidden import refuse_event

from onefold.api.caller import WATCHING_SCOPE_KEY
from onefold.runtime.assemble import Web


async def test_a_change_is_kept_with_what_was_before_and_after(local: httpx.AsyncClient) -> None:
    await local.post("/api/v1/sources", json={"name": "web"})
    await local.patch("/api/v1/sources/web", json={"drop_ip": True})
    await local.get("/api/v1/sources")
    changed, made = (await local.get("/api/v1/audit")).json()["items"]
    assert (changed["by"], changed["action"], changed["path"]) == (
        "local",
        "change_source",
        "/api/v1/sources/1",
    )
    assert (changed["before"], changed["after"]) == ({"drop_ip": False}, {"drop_ip": True})
    assert (made["action"], made["before"], made["after"]["name"]) == ("create_source", None, "web")


async def test_what_has_another_name_now_is_not_gone(local: httpx.AsyncClient) -> None:
    await local.post("/api/v1/sources", json={"name": "web"})
    await local.patch("/api/v1/sources/web", json={"name": "shop"})
    renamed, _ = (await local.get("/api/v1/audit")).json()["items"]
    assert (renamed["before"], renamed["after"]) == ({"name": "web"}, {"name": "shop"})


async def test_what_fails_is_no_change(local: httpx.AsyncClient) -> None:
    await local.patch("/api/v1/sources/none", json={"drop_ip": True})
    assert (await local.get("/api/v1/audit")).json()["items"] == []


async def test_what_is_gone_was_there_before(local: httpx.AsyncClient) -> None:
    body = {"name": "Braze", "connector": "braze", "settings": {"endpoint": "https://rest.example.org"}}
    made = await local.post("/api/v1/connections", json={**body, "secrets": {"api_key": "very-secret-key"}})
    assert made.status_code == 201, made.text
    await local.delete("/api/v1/connections/Braze")
    listed = await local.get("/api/v1/audit")
    gone, _ = listed.json()["items"]
    assert (gone["action"], gone["after"], gone["before"]["name"]) == ("delete_connection", None, "Braze")
    assert "very-secret-key" not in listed.text


async def test_no_secret_that_is_shown_once_stands_in_it(local: httpx.AsyncClient) -> None:
    token = (await local.post("/api/v1/tokens", json={"name": "reports"})).json()["token"]
    link = (await local.post("/api/v1/links")).json()
    invited = (await local.post("/api/v1/team", json={"email": "a@example.org", "role": "owner"})).json()
    code = invited["link"]["path"].removeprefix("/open/")
    await local.post("/api/v1/welcome", json={"code": code, "password": "tin lamp over seven rivers"})
    kept = (await local.get("/api/v1/audit")).text
    for secret in (token, link["path"], code, "tin lamp"):
        assert secret not in kept


async def test_the_trail_is_searched_and_comes_in_pages(local: httpx.AsyncClient) -> None:
    for number in range(4):
        await local.post("/api/v1/sources", json={"name": f"s{number}"})
    await local.post("/api/v1/tokens", json={"name": "reports"})
    page = (await local.get("/api/v1/audit?limit=3")).json()
    rest = (await local.get("/api/v1/audit", params={"limit": 3, "cursor": page["next_cursor"]})).json()
    assert [len(page["items"]), len(rest["items"]), rest["next_cursor"]] == [3, 2, None]
    assert len((await local.get("/api/v1/audit?action=create_token")).json()["items"]) == 1
    assert len((await local.get("/api/v1/audit?path=/api/v1/sources")).json()["items"]) == 4
    assert (await local.get("/api/v1/audit?by=somebody")).json()["items"] == []


async def make_connection(local: httpx.AsyncClient, name: str) -> int:
    settings = {"endpoint": "https://rest.example.org"}
    body = {"name": name, "connector": "braze", "settings": settings, "secrets": {"api_key": "k"}}
    made = await local.post("/api/v1/connections", json=body)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


async def test_what_moves_by_itself_is_no_change_of_a_connection(local: httpx.AsyncClient) -> None:
    connection = await make_connection(local, "Braze EU")
    path = f"/api/v1/connections/{connection}"
    await local.post(f"{path}/goals", json={"kind": "events", "name": "All", "enabled": True})
    await local.post(f"{path}/disable")
    (off, *_) = (await local.get("/api/v1/audit", params={"path": path})).json()["items"]
    assert off["before"] == {"enabled": True, "version": 1}
    assert off["after"] == {"enabled": False, "version": 2}


async def test_what_was_done_to_a_connection_stands_below_its_id_whatever_it_was_called(
    local: httpx.AsyncClient,
) -> None:
    connection = await make_connection(local, "Braze EU")
    path = f"/api/v1/connections/{connection}"
    goal = {"kind": "events", "name": "All"}
    for method, what, body in (
        ("POST", "/api/v1/connections/Braze EU/goals", goal),
        ("POST", "/api/v1/connections/Braze EU/goals/All/enable", None),
        ("PATCH", "/api/v1/connections/Braze EU", {"name": "Braze"}),
        ("POST", "/api/v1/connections/Braze/disable", None),
        ("DELETE", "/api/v1/connections/Braze", None),
    ):
        done = await local.request(method, what, json=body)
        assert done.status_code < 400, done.text
    found = (await local.get("/api/v1/audit", params={"path": path})).json()["items"]
    assert [one["path"] for one in found] == [
        path,
        f"{path}/disable",
        path,
        f"{path}/goals/1/enable",
        f"{path}/goals",
    ]


async def test_what_lies_below_an_address_is_not_what_only_begins_like_it(local: httpx.AsyncClient) -> None:
    await local.post("/api/v1/sources", json={"name": "web"})
    for name in range(2, 11):
        await local.post("/api/v1/sources", json={"name": f"s{name}"})
    for name in ("web", "s10"):
        await local.patch(f"/api/v1/sources/{name}", json={"drop_ip": True})
    for path in ("/api/v1/sources/1", "/api/v1/sources/1/"):
        found = (await local.get("/api/v1/audit", params={"path": path})).json()["items"]
        assert [one["path"] for one in found] == ["/api/v1/sources/1"]


@pytest.mark.parametrize("path", ["/api/v1/profiles/by/email/ada@example.org", "/api/v1/profiles/1"])
async def test_nothing_of_a_person_stands_in_it(local: httpx.AsyncClient, path: str) -> None:
    await local.request("DELETE", path)
    assert "ada@" not in (await local.get("/api/v1/audit")).text


async def test_no_value_of_a_letter_stands_in_it(local: httpx.AsyncClient) -> None:
    letter = await refuse_event(local)
    mended = {"userId": "planted-user", "event": "planted-event"}
    for act, body in (("discard", None), ("replay", {"payload": {"type": "track", **mended}})):
        done = await local.post(f"/api/v1/dead-letters/{letter}/{act}", json=body)
        assert done.status_code == 200, done.text
    listed = await local.get("/api/v1/audit", params={"path": "/api/v1/dead-letters"})
    replayed, discarded = listed.json()["items"]
    assert discarded["after"]["state"] == "discarded"
    assert replayed["after"]["state"] == "replayed"
    assert "planted" not in listed.text


async def test_it_looks_as_who_may_not_see_people(web: Web, local: httpx.AsyncClient) -> None:
    letter = await refuse_event(local)

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        await web.application({**scope, WATCHING_SCOPE_KEY: True}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(watched), base_url="http://onefold") as client:
        seen = await client.get(f"/api/v1/dead-letters/{letter}")
    assert (seen.status_code, seen.json()["payload"]) == (200, "•••")
    assert "planted" not in seen.text
