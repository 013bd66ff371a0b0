"""Every route by every role: refused where the role lacks the right, and nowhere else."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from onefold.model.access import RIGHTS, Right, Role
from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.front import local_app
from onefold.runtime.load_settings import load_settings

SETTINGS = {"ONEFOLD_SERVER__API_REQUESTS_PER_S": "100000"}
STREAM = "/api/v1/flow/stream"


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    directory = DataDirectory(tmp_path)
    directory.create()
    opened = Web(directory, load_settings(tmp_path, environ=SETTINGS), {}, public_url="http://onefold")
    yield opened
    await opened.close()


async def routes(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    document = (await client.get("/api/v1/openapi.json")).json()
    return [
        (method.upper(), re.sub(r"\{[^}]*\}", "1", path))
        for path, item in document["paths"].items()
        for method in item
    ]


def declared(web: Web) -> dict[tuple[str, str], object]:
    """(method, path with ones) -> who may."""
    found = {}
    for route in web.api.routes:
        path = re.sub(r"\{[^}]*\}", "1", route.path_format)
        for handler in getattr(route, "route_handlers", []):
            for method in handler.http_methods:
                found[method, path] = handler.opt.get("allow")
    return found


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_may_what_its_rights_say(web: Web, role: Role) -> None:
    transport = httpx.ASGITransport(local_app(web.application))
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as local:
        body = {"name": role, "rights": sorted(RIGHTS[role])}
        token = (await local.post("/api/v1/tokens", json=body)).json()["token"]
        asked = await routes(local)
    allowed, refused = 0, 0
    bearer = {"authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(web.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold", headers=bearer) as client:
        for method, path in asked:
            right = declared(web)[method, path]
            if path == STREAM and right in RIGHTS[role]:
                continue  # it has no end
            answer = await client.request(method, path)
            is_refused = answer.status_code == 403 and answer.json()["code"] == "api.missing_right"
            assert is_refused == (isinstance(right, Right) and right not in RIGHTS[role]), (method, path)
            allowed, refused = allowed + (not is_refused), refused + is_refused
    assert allowed
    assert bool(refused) == (Right.ADMINISTER not in RIGHTS[role])


async def test_nobody_reaches_anything_but_how_to_get_in(web: Web) -> None:
    transport = httpx.ASGITransport(web.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as client:
        answers = {
            (method, path): await client.request(method, path) for method, path in await routes(client)
        }
    open_ones = {pair for pair, answer in answers.items() if answer.status_code != 401}
    assert open_ones == {
        ("POST", "/api/v1/sign-in"),
        ("POST", "/api/v1/sign-out"),
        ("GET", "/api/v1/sign-on"),
        ("POST", "/api/v1/sign-on"),
        ("POST", "/api/v1/sign-on/begin"),
        ("GET", "/api/v1/welcome/1"),
        ("POST", "/api/v1/welcome"),
        ("POST", "/api/v1/password-resets"),
    }
