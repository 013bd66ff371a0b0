"""One local Braze for all contract tests; each test starts with an empty one and no faults."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from onefold.testing.s3_server import S3Server, run_s3_server
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

# Nothing is applied before a test says `flush`: reads never race with the delay.
BASE: dict[str, Any] = {"delay_ms": 600_000, "jitter_ms": 0, "rate_profile": "off"}
LIMITED_KEY = {"key": "only-track", "name": "only track", "permissions": ["users.track"]}


@pytest.fixture(scope="session")
def _running() -> Iterator[BrazeSandbox]:
    with braze_sandbox(**BASE, api_keys=[LIMITED_KEY]) as sandbox:
        yield sandbox


@pytest.fixture
def braze(_running: BrazeSandbox) -> Iterator[BrazeSandbox]:
    """Return an empty local Braze."""
    before = _running.control("GET", "settings")
    yield _running
    _running.set_clock(release=True)
    before = {name: value for name, value in before.items() if name not in ("host", "port", "api_keys")}
    _running.change_settings(**before)
    _running.reset()


class Listener:
    """A customer's server that keeps what it is told and answers with the statuses it was given, then 200."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook?secret=1"
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.came = threading.Event()

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        """Keep one body."""
        self.bodies.append(json.loads(handler.rfile.read(int(handler.headers["content-length"]))))
        self.headers.append({name.lower(): value for name, value in handler.headers.items()})
        handler.send_response(self.statuses.pop(0) if self.statuses else 200)
        handler.send_header("content-length", "0")
        handler.end_headers()
        self.came.set()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Return a running listener."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.answer(self)

        def log_message(self, *_arguments: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept = Listener(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def bucket_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Return a real S3 server that checks signatures."""
    with run_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server
