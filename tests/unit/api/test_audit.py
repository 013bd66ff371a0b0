"""The audit trail: every change is in it, no secret is."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.front import local_app
from onefold.runtime.load_settings import load_settings


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    directory = DataDirectory(tmp_path)
    directory.create()
    web = Web(directory, load_settings(tmp_path, environ={}), {}, public_url="http://onefold")
    transport = httpx.ASGITransport(local_app(web.application))
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as client:
        yield client
    await web.close()


async def test_a_change_is_kept_with_what_was_before_and_after(local: httpx.AsyncClient) -> None:
    await local.post("/api/v1/sources", json={"name": "web"})
    await local.patch("/api/v1/sources/web", json={"drop_ip": True})
    await local.get("/api/v1/sources")
    changed, made = (await local.get("/api/v1/audit")).json()["items"]
    assert (changed["by"], changed["action"], changed["path"]) == (
        "local",
        "change_source",
        "/api/v1/sources/web",
    )
    assert (changed["before"], changed["after"]) == ({"drop_ip": False}, {"drop_ip": True})
    assert (made["action"], made["before"], made["after"]["name"]) == ("create_source", None, "web")


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


@pytest.mark.parametrize("path", ["/api/v1/profiles/by/email/ada@example.org", "/api/v1/profiles/1"])
async def test_nothing_of_a_person_stands_in_it(local: httpx.AsyncClient, path: str) -> None:
    await local.request("DELETE", path)
    assert "ada@" not in (await local.get("/api/v1/audit")).text
