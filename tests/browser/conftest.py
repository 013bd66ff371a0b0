"""A real Chromium, and a server on a port of its own, for the tests of the pages."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.browser.running import Onefold

from onefold.ui import default_static_dir
from onefold.ui.app import ASGIApplication

# Containers have no user namespaces and little shared memory; nothing else needs these.
CHROMIUM_ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
# Far beyond what any step takes, so that a slow machine fails no test.
STEP_TIMEOUT_MS = 20_000

Serve = Callable[[ASGIApplication, int], "RunningServer"]


class RunningServer:
    """A uvicorn in a thread: its address, and a way to end it like a killed process."""

    def __init__(self, app: ASGIApplication, port: int) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.port: int = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        config = uvicorn.Config(app, log_level="critical", ws="none", timeout_graceful_shutdown=0)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))
        self.socket.listen()
        self.thread.start()

    def stop(self) -> None:
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join()
        self.socket.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers (port 0: any free one) and ends them after the test."""
    with ExitStack() as stack:

        def start(app: ASGIApplication, port: int = 0) -> RunningServer:
            server = RunningServer(app, port)
            stack.callback(server.stop)
            return server

        yield start


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if default_static_dir() is None:
        pytest.skip("the pages are not built: make ui")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: make engines")
    expect.set_options(timeout=STEP_TIMEOUT_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


@contextmanager
def new_page(browser: Browser, **options: object) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(STEP_TIMEOUT_MS)
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with new_page(browser, viewport={"width": 1440, "height": 900}, color_scheme="light") as opened:
        yield opened


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    with new_page(browser, viewport={"width": 390, "height": 844}, color_scheme="dark") as opened:
        yield opened


@pytest.fixture
def onefold(tmp_path: Path) -> Iterator[Onefold]:
    """A server of its own."""
    server = Onefold(tmp_path / "data")
    yield server
    server.stop()


@pytest.fixture
def base(page: Page, onefold: Onefold) -> str:
    """The address of the server that the page is signed in at."""
    link = onefold.link()
    page.goto(link)
    expect(page.get_by_test_id("live")).to_have_text("live")
    return str(httpx.URL(link).join("/")).rstrip("/")
