"""The application of the pages, asked as a browser asks."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from onefold.ui import ui_app

SCRIPT = "console.log('onefold');" * 100


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Onefold</title>")
    (tmp_path / "theme.js").write_text("'use strict';")
    (tmp_path / "assets" / "index-a1b2.js").write_text(SCRIPT)
    (tmp_path / "assets" / "inter-c3d4.woff2").write_bytes(b"wOF2" * 1000)
    return tmp_path


@pytest.fixture
async def client(built: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(built) as opened:
        yield opened


def open_client(folder: Path) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(ui_app(folder)), base_url="http://onefold")


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/theme.js", "text/javascript; charset=utf-8"),
        ("/assets/index-a1b2.js", "text/javascript; charset=utf-8"),
        ("/assets/inter-c3d4.woff2", "font/woff2"),
    ],
)
async def test_each_file_has_its_content_type(
    client: httpx.AsyncClient, path: str, content_type: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type


async def test_hashed_files_are_cached_for_good_and_the_page_never(client: httpx.AsyncClient) -> None:
    assert "immutable" in (await client.get("/assets/index-a1b2.js")).headers["cache-control"]
    assert (await client.get("/")).headers["cache-control"] == "no-cache"
    assert (await client.get("/theme.js")).headers["cache-control"] == "no-cache"


async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/theme.js")).headers["etag"]
    again = await client.get("/theme.js", headers={"If-None-Match": f'"other", W/{etag}'})
    assert (again.status_code, again.content) == (304, b"")


async def test_text_is_compressed_for_those_who_ask(client: httpx.AsyncClient) -> None:
    async with client.stream("GET", "/assets/index-a1b2.js") as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw).decode() == SCRIPT
    plain = await client.get("/assets/index-a1b2.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == SCRIPT


async def test_an_address_of_a_page_gets_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/segments/7")
    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>Onefold</title>")


@pytest.mark.parametrize(
    "path", ["/assets/old-0000.js", "/assets/none", "/robots.txt", "/../pyproject.toml", "/%2e%2e/app.py"]
)
async def test_a_missing_file_is_not_the_page(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_scripts_may_come_from_here_only(client: httpx.AsyncClient) -> None:
    for path in ("/", "/no-such.file"):
        headers = (await client.get(path)).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/index.html", "/segments/7"])
async def test_each_page_has_a_nonce_of_its_own_for_its_styles(built: Path, path: str) -> None:
    (built / "index.html").write_text('<!doctype html><meta name="style-nonce" content="STYLE_NONCE">')
    nonces = set()
    async with open_client(built) as client:
        for _ in range(3):
            answer = await client.get(path, headers={"if-none-match": "*"})
            assert answer.status_code == 200
            nonce = answer.text.partition('content="')[2].partition('"')[0]
            assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
            assert "etag" not in answer.headers
            nonces.add(nonce)
    assert len(nonces) == 3
    assert all(len(nonce) > 20 for nonce in nonces)


async def test_head_has_the_headers_and_no_body(client: httpx.AsyncClient) -> None:
    answer = await client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


async def test_other_methods_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_a_mounted_page_finds_its_files(built: Path) -> None:
    transport = httpx.ASGITransport(ui_app(built), root_path="/ui")
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as client:
        assert (await client.get("/ui/theme.js")).text == "'use strict';"
        assert "Onefold" in (await client.get("/ui")).text


async def test_without_a_build_the_page_says_how_to_build(tmp_path: Path) -> None:
    async with open_client(tmp_path / "none") as client:
        answer = await client.get("/")
    assert answer.status_code == 503
    assert "npm ci &amp;&amp; npm run build" in answer.text
    assert "STYLE_NONCE" not in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
