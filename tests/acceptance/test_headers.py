"""What every answer says to browsers, and how much of a body is taken: of a whole server, over its port."""

import http.client
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.ports import free_port

BODY_BYTES_MAX = 20_000
SETTINGS = """
[server]
public_url = "https://cdp.example.org:%d"
api_body_bytes_max = %d

[capture]
body_bytes_max = %d
"""
ASKED = [
    ("GET", "/"),
    ("GET", "/theme.js"),
    ("GET", "/no-such.file"),
    ("POST", "/"),
    ("GET", "/api/v1/me"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/no-such-thing"),
    ("POST", "/api/v1/sign-in"),
    ("GET", "/open/none"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/internal/none"),
    ("POST", "/v1/track"),
    ("OPTIONS", "/v1/track"),
    ("GET", "/pixel/v1/track?data=none"),
]
SAID = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture(scope="module")
def server(offline: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    data: Path = tmp_path_factory.mktemp("headers") / "data"
    data.mkdir(mode=0o700)
    running = offline(data)
    running.port = free_port()
    (data / "onefold.toml").write_text(SETTINGS % (running.port, BODY_BYTES_MAX, BODY_BYTES_MAX))
    try:
        running.start()
        yield running
    finally:
        running.stop()


def ask(server: Any, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(method, path, body, {"content-type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read()
        said = [(name.lower(), value) for name, value in answer.getheaders()]
    finally:
        connection.close()
    assert len(said) == len(dict(said)), f"a header twice: {said}"
    return answer.status, dict(said)


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_every_answer_protects_whoever_reads_it(server: Any, method: str, path: str) -> None:
    status, said = ask(server, method, path)
    assert status < 500
    assert said["strict-transport-security"] == "max-age=31536000"
    if not path.startswith(("/v1/", "/pixel/")):
        assert {name: said.get(name) for name in SAID} == SAID
        policy = said["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    elif method != "OPTIONS":
        # Capture is for pages of any origin, so it may be read by them; it shows nothing.
        assert said["x-content-type-options"] == "nosniff"


def test_a_cookie_is_for_tls_where_browsers_come_by_it(server: Any) -> None:
    _, said = ask(server, "GET", server.cli("open")["path"])
    cookie = said["set-cookie"].lower()
    assert all(part in cookie for part in ("; secure", "; httponly", "; samesite=lax"))
    assert said["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/v1/sign-in", "/v1/track", "/v1/batch"])
def test_a_body_is_taken_up_to_its_limit(server: Any, path: str) -> None:
    key = f"?writeKey={server.write_key(Path(path).name)}" if path.startswith("/v1/") else ""
    status, said = ask(server, "POST", path + key, b" " * (BODY_BYTES_MAX + 1))
    assert status == 413
    assert "json" in said["content-type"]


def test_an_upload_is_taken_up_to_its_limit(server: Any) -> None:
    """Told by its length, before anything of it is read or written."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.putrequest("POST", "/api/v1/imports/files?name=people.csv")
        connection.putheader("authorization", f"Bearer {server.token}")
        connection.putheader("content-length", str(1 << 40))
        connection.endheaders(b"email\n")
        assert connection.getresponse().status == 413
    finally:
        connection.close()
    assert list((server.data_dir / "uploads").iterdir()) == []


def test_without_tls_browsers_are_not_told_to_use_it(serve_on: Callable[..., Any], tmp_path: Path) -> None:
    with serve_on(tmp_path / "data") as running:
        assert "strict-transport-security" not in ask(running, "GET", "/")[1]
