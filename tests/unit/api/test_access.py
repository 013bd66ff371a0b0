"""Who may call, how lists come in pages, and how errors are told; the whole application in process."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from onefold.api.page import write_cursor
from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.front import local_app
from onefold.runtime.load_settings import load_settings

BEYOND_64_BITS = 10**19
LETTERS_BEYOND = write_cursor(f'{{"capture":{BEYOND_64_BITS}}}')
LETTERS_BODY = b'{"source_id": %d}' % BEYOND_64_BITS


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    directory = DataDirectory(tmp_path)
    directory.create()
    settings = load_settings(tmp_path, environ={"ONEFOLD_SERVER__API_REQUESTS_PER_S": "50"})
    opened = Web(directory, settings, {}, public_url="http://onefold")
    yield opened
    await opened.close()


@pytest.fixture
async def local(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    """As over the unix socket."""
    transport = httpx.ASGITransport(local_app(web.application))
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as client:
        yield client


@pytest.fixture
async def remote(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    """As over TCP."""
    transport = httpx.ASGITransport(web.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as client:
        yield client


async def test_a_source_comes_with_a_key_that_can_be_rotated(local: httpx.AsyncClient) -> None:
    made = (await local.post("/api/v1/sources", json={"name": "web"})).json()
    old = made["write_key"]
    new = (await local.post("/api/v1/sources/web/keys")).json()["key"]
    await local.patch(f"/api/v1/sources/web/keys/{old}", json={"enabled": False})
    shown = (await local.get("/api/v1/sources/web")).json()
    assert shown["write_key"] == new
    assert {key["key"]: key["enabled"] for key in shown["keys"]} == {old: False, new: True}


async def test_capture_knows_a_new_key_and_a_disabled_source_at_once(
    local: httpx.AsyncClient, remote: httpx.AsyncClient
) -> None:
    key = (await local.post("/api/v1/sources", json={"name": "web"})).json()["write_key"]
    event = {"userId": "u", "event": "Seen", "writeKey": key}
    assert (await remote.post("/v1/track", json=event)).status_code == 200
    await local.patch("/api/v1/sources/web", json={"enabled": False})
    assert (await remote.post("/v1/track", json=event)).status_code == 401


async def test_a_list_comes_in_pages(local: httpx.AsyncClient) -> None:
    for number in range(5):
        await local.post("/api/v1/sources", json={"name": f"s{number}"})
    names, cursor = [], ""
    while cursor is not None:
        page = (await local.get("/api/v1/sources", params={"limit": 2, "cursor": cursor})).json()
        names.append([item["name"] for item in page["items"]])
        cursor = page["next_cursor"]
    assert names == [["s0", "s1"], ["s2", "s3"], ["s4"]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/v1/sources/none", None, 404, "api.unknown_source"),
        ("GET", "/api/v1/nothing", None, 404, "api.not_found"),
        ("GET", "/api/v1/sources?limit=0", None, 400, "api.bad_request"),
        ("GET", "/api/v1/sources?cursor=%C3%A4", None, 400, "api.bad_cursor"),
        ("POST", "/api/v1/sources", b'{"name": ""}', 400, "api.bad_request"),
        ("POST", "/api/v1/sources", b'{"name": "a", "typo": 1}', 400, "api.bad_request"),
        ("POST", "/api/v1/sources", b"{", 400, "api.bad_request"),
        ("POST", "/api/v1/sources", b"[" * 100_000, 400, "api.too_deep"),
        ("POST", "/api/v1/segments", b'{"name": "a", "condition": {}}', 422, "segment.bad_condition"),
        ("DELETE", "/api/v1/sources", None, 405, "api.method_not_allowed"),
        ("POST", "/api/v1/imports", b'{"mapping": {}}', 422, "api.file_or_path"),
        ("GET", "/api/v1/profiles/by/email/nobody", None, 404, "api.not_an_identifier"),
        ("GET", f"/api/v1/profiles/{BEYOND_64_BITS}", None, 404, "api.unknown_profile"),
        ("GET", f"/api/v1/profiles/{BEYOND_64_BITS}/links", None, 404, "api.unknown_profile"),
        ("GET", f"/api/v1/profiles?cursor={write_cursor(BEYOND_64_BITS)}", None, 400, "api.bad_cursor"),
        ("GET", f"/api/v1/profiles?cursor={write_cursor(-1)}", None, 400, "api.bad_cursor"),
        ("GET", f"/api/v1/sources/{BEYOND_64_BITS}", None, 404, "api.unknown_source"),
        ("GET", f"/api/v1/segments/{BEYOND_64_BITS}", None, 404, "api.unknown_segment"),
        ("GET", f"/api/v1/connections/{BEYOND_64_BITS}", None, 404, "api.unknown_connection"),
        ("GET", f"/api/v1/runs?connection={BEYOND_64_BITS}", None, 400, "api.bad_request"),
        ("GET", f"/api/v1/runs?goal={BEYOND_64_BITS}", None, 400, "api.bad_request"),
        ("GET", f"/api/v1/trace/m?source={BEYOND_64_BITS}", None, 404, "api.unknown_source"),
        ("GET", f"/api/v1/dead-letters?source_id={BEYOND_64_BITS}", None, 400, "api.bad_request"),
        ("GET", f"/api/v1/dead-letters/export?connection_id={BEYOND_64_BITS}", None, 400, "api.bad_request"),
        ("GET", f"/api/v1/dead-letters?cursor={LETTERS_BEYOND}", None, 400, "api.bad_cursor"),
        ("POST", "/api/v1/dead-letters/discard", LETTERS_BODY, 400, "api.bad_request"),
        ("POST", "/api/v1/backups", b'{"path": "here"}', 422, "api.bad_path"),
        ("DELETE", f"/api/v1/tokens/{BEYOND_64_BITS}", None, 404, "api.unknown_token"),
    ],
)
async def test_errors_are_problems_with_a_code(
    local: httpx.AsyncClient, *, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    answer = await local.request(method, path, content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize("noun", ["sources", "tokens"])
@pytest.mark.parametrize("name", [" ", "a ", "a/b", "a\x00b", "a\n", "\x1b[31m"])
async def test_a_name_can_stand_in_an_address_and_a_line(
    local: httpx.AsyncClient, noun: str, name: str
) -> None:
    answer = await local.post(f"/api/v1/{noun}", json={"name": name})
    assert answer.status_code == 400
    assert answer.json()["problems"][0]["message"].startswith("A name has no slash")
    assert (await local.post(f"/api/v1/{noun}", json={"name": "Wéb ☃ 店"})).status_code == 201


async def test_a_name_of_digits_is_found_and_an_id_goes_first(local: httpx.AsyncClient) -> None:
    for name in ("2024", "1"):
        await local.post("/api/v1/sources", json={"name": name})
    assert (await local.get("/api/v1/sources/2024")).json()["id"] == 1
    assert (await local.get("/api/v1/sources/1")).json()["name"] == "2024"


async def test_a_token_opens_the_api_until_it_is_revoked(
    local: httpx.AsyncClient, remote: httpx.AsyncClient
) -> None:
    made = (await local.post("/api/v1/tokens", json={"name": "tests"})).json()
    bearer = {"authorization": f"Bearer {made['token']}"}
    assert (await remote.get("/api/v1/sources", headers=bearer)).status_code == 200
    assert made["token"] not in (await local.get("/api/v1/tokens")).text
    await local.delete(f"/api/v1/tokens/{made['id']}")
    assert (await remote.get("/api/v1/sources", headers=bearer)).status_code == 401


async def test_what_reads_this_machine_is_local_only(
    local: httpx.AsyncClient, remote: httpx.AsyncClient
) -> None:
    token = (await local.post("/api/v1/tokens", json={"name": "tests"})).json()["token"]
    bearer = {"authorization": f"Bearer {token}"}
    by_path = {"path": "/etc/hostname.csv", "mapping": {}}
    assert (await remote.post("/api/v1/imports", json=by_path, headers=bearer)).status_code == 403
    assert (await remote.post("/api/v1/backups", json={"path": "/x"}, headers=bearer)).status_code == 403
    assert (await remote.post("/internal/append", headers=bearer)).status_code == 403


async def test_a_caller_that_asks_too_often_waits(
    local: httpx.AsyncClient, remote: httpx.AsyncClient
) -> None:
    token = (await local.post("/api/v1/tokens", json={"name": "tests"})).json()["token"]
    bearer = {"authorization": f"Bearer {token}"}
    calls = [remote.get("/api/v1/tokens", headers=bearer) for _ in range(120)]
    answers = await asyncio.gather(*calls)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].headers["retry-after"] == "1"


async def test_the_document_describes_every_route(remote: httpx.AsyncClient) -> None:
    document = (await remote.get("/api/v1/openapi.json")).json()
    paths = set(document["paths"])
    for noun in ("sources", "tokens", "profiles", "segments", "connections", "runs", "imports", "flow"):
        assert f"/api/v1/{noun}" in paths, noun


async def test_each_route_has_a_summary_and_our_errors(remote: httpx.AsyncClient) -> None:
    document = (await remote.get("/api/v1/openapi.json")).json()
    problem = document["components"]["responses"]["Problem"]
    assert list(problem["content"]) == ["application/problem+json"]
    assert "ProblemDetails" in document["components"]["schemas"]
    assert "FieldProblem" in document["components"]["schemas"]
    ids = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            ids.append(operation["operationId"])
            assert " " in operation["summary"], (method, path)
            responses = operation["responses"]
            assert responses.pop("default") == {"$ref": "#/components/responses/Problem"}
            assert [status for status in responses if status >= "400"] == [], (method, path)
    assert len(set(ids)) == len(ids)
    assert document["security"] == [{"token": []}, {"session": []}]
    assert set(references(document)) <= {
        f"#/components/{kind}/{name}" for kind, held in document["components"].items() for name in held
    }
    stream = document["paths"]["/api/v1/flow/stream"]["get"]["responses"]["200"]["content"]
    assert list(stream) == ["text/event-stream"]
    assert "requestBody" in document["paths"]["/api/v1/imports/files"]["post"]


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)
