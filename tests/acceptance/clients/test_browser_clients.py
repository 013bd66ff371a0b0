"""The published browser SDKs in Chromium, on a page of another origin: preflights, text/plain and all."""

import functools
import http.server
import json
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from onefold.testing.arrivals import arrived
from onefold.testing.server_process import create_source, wait_until, web_process

CLIENTS = Path(__file__).parents[2] / "clients"
ESBUILD = CLIENTS / "node_modules" / ".bin" / "esbuild"
CHROMIUM = shutil.which("chromium")
KINDS = ["alias", "group", "identify", "page", "track"]
PROGRAMS = [
    pytest.param("segment_browser.mjs", id="segment-analytics-next"),
    pytest.param("rudder_browser.mjs", id="rudderstack-analytics-js"),
]
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: make engines"),
    pytest.mark.skipif(not ESBUILD.exists(), reason="the JavaScript clients are not installed: make engines"),
    pytest.mark.timeout(200),
]


class Page:
    """A shop's page with one client on it."""

    def __init__(self, page, data_dir: Path) -> None:
        self._page = page
        self._data_dir = data_dir

    def tell(self, command: str) -> None:
        self._page.evaluate("command => window.tell(command)", command)

    def events(self):
        return arrived(self._data_dir)

    def names(self) -> set[str]:
        return {event.event for event in self.events() if event.type == "track"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A web server with a page for each client."""
    root = tmp_path_factory.mktemp("site")
    for param in PROGRAMS:
        program = str(param.values[0])
        script = root / program.replace(".mjs", ".js")
        build = [
            str(ESBUILD),
            program,
            "--bundle",
            "--format=iife",
            f"--outfile={script}",
            "--log-level=error",
        ]
        subprocess.run(build, cwd=CLIENTS, check=True)
        page = f'<!doctype html><title>Shop</title><script src="/{script.name}"></script>'
        script.with_suffix(".html").write_text(page)
    serve = functools.partial(_Quiet, directory=str(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path):
    server = web_process(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def open_page(site, chromium, server, tmp_path):
    write_key = create_source(tmp_path, "shop")
    context = chromium.new_context()

    def opened(program: str) -> Page:
        page = context.new_page()
        name = program.replace(".mjs", ".html")
        page.goto(f"{site}/{name}?writeKey={write_key}&url={server.url}")
        return Page(page, tmp_path)

    yield opened
    context.close()


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_call_arrives_once(open_page, program):
    page = open_page(program)
    page.tell("five")
    wait_until(lambda: len(page.events()) >= 5, timeout_s=60, what="all five calls arriving")
    events = page.events()
    assert sorted(event.type for event in events) == KINDS
    assert len({event.message_id for event in events}) == 5
    by_type = {event.type: event for event in events}
    assert json.loads(bytes(by_type["track"].properties))["price"] == 12.5
    assert by_type["identify"].user_id == "u1"
    assert by_type["group"].group_id == "g1"
    assert all(event.anonymous_id for event in (by_type["track"], by_type["page"]))


@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_is_lost_when_the_server_is_killed_and_comes_back(open_page, server, program):
    page = open_page(program)
    page.tell("many 5 0")
    wait_until(lambda: bool(page.names()), timeout_s=60, what="a first arrival")
    server.kill()
    page.tell("many 5 5")
    server.start()
    page.tell("many 5 10")
    expected = {f"Order {number}" for number in range(15)}
    wait_until(lambda: page.names() >= expected, timeout_s=100, what="every call arriving")
    assert page.names() == expected
    assert len({event.message_id for event in page.events()}) == 15


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass
