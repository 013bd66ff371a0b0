"""The shorter way for events: what it does that ASGI does not, and that both answer the same."""

import asyncio
import contextlib

import pytest
import uvicorn

from onefold.backends.embedded.log import EmbeddedLog
from onefold.capture import CaptureSettings, capture_app
from onefold.capture.protocol import capture_protocol
from onefold.log.committer import Committer
from onefold.log.settings import LogSettings
from onefold.model.source import Source
from onefold.testing.sources import FixedDirectory

GOOD = b'{"event":"A","userId":"u"}'


class Quiet(uvicorn.Server):
    """Leaves the signals to the tests."""

    @contextlib.contextmanager
    def capture_signals(self):
        yield


@pytest.fixture(params=["direct", "asgi"])
async def connect(request, tmp_path, monkeypatch):
    monkeypatch.setattr("onefold.capture.protocol.HEAD_TIMEOUT_S", 0.2)
    settings = LogSettings(disk_free_bytes_min=0)
    log = EmbeddedLog(tmp_path, settings)
    committer = Committer(log, settings)
    directory = FixedDirectory({"wk": Source(1, "shop"), "slow": Source(2, "slow", rate_per_s=1)})
    capture = capture_app(CaptureSettings(body_bytes_max=100_000), directory, committer)
    protocol = capture_protocol(capture) if request.param == "direct" else "httptools"
    config = uvicorn.Config(
        capture,
        port=0,
        http=protocol,
        lifespan="off",
        log_config=None,
        date_header=False,
        server_header=False,
    )
    server = Quiet(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    opened = []

    async def connected():
        opened.append(await asyncio.open_connection("127.0.0.1", port))
        return opened[-1]

    yield connected
    for _, writer in opened:
        writer.close()
    server.should_exit = True
    await serving
    await capture.close()
    await committer.close()
    log.close()


def post(body: bytes = GOOD, *, path: bytes = b"/v1/track", more: bytes = b"", key: bytes = b"d2s6") -> bytes:
    """`d2s6` is `wk:`."""
    head = b"POST %b HTTP/1.1\r\nHost: h\r\nAuthorization: Basic %b\r\n%bContent-Length: %d\r\n\r\n"
    return head % (path, key, more, len(body)) + body


async def answer_to(connection, data: bytes) -> tuple[bytes, list[bytes], bytes]:
    reader, writer = connection
    writer.write(data)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    status, *headers = head.strip().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in headers if line.startswith(b"content-length"))
    return status, sorted(headers), await reader.readexactly(length)


@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        (post(), b"HTTP/1.1 200 OK", b'{"success":true}'),
        (post(b"{"), b"HTTP/1.1 400 Bad Request", b"capture.invalid_json"),
        (post(path=b"/v1/batch"), b"HTTP/1.1 400 Bad Request", b"capture.not_a_batch"),
        (post(b'{"batch":[%b]}' % GOOD, path=b"/v1/b"), b"HTTP/1.1 200 OK", b'"index":0'),
        (post(key=b"eA=="), b"HTTP/1.1 401 Unauthorized", b"capture.unknown_write_key"),
        (post(b" " * 150_000), b"HTTP/1.1 413 Request Entity Too Large", b"capture.body_too_large"),
        (post(path=b"/v1/track?writeKey=x"), b"HTTP/1.1 200 OK", b'{"success":true}'),
        (post(path=b"/v1/nothing"), b"HTTP/1.1 404 Not Found", b"capture.not_found"),
    ],
)  # fmt: skip
async def test_both_ways_answer_the_same(connect, data, status, body):
    answer = await answer_to(await connect(), data)
    assert answer[0] == status
    assert body in answer[2]


async def test_cors_and_closing_stand_in_the_answer(connect):
    reader, writer = await connect()
    more = b"Origin: https://shop.example\r\nConnection: close\r\n"
    _, headers, _ = await answer_to((reader, writer), post(more=more))
    assert b"access-control-allow-origin: https://shop.example" in headers
    assert b"access-control-expose-headers: Retry-After" in headers
    assert b"connection: close" in headers
    assert await reader.read() == b""


async def test_rate_limit_says_when(connect):
    connection = await connect()
    slow = b"c2xvdzo="
    batch = b'{"batch":[%b]}' % b",".join([b'{"type":"track","event":"A","userId":"u"}'] * 100)
    assert (await answer_to(connection, post(batch, path=b"/v1/batch", key=slow)))[0] == b"HTTP/1.1 200 OK"
    status, headers, _ = await answer_to(connection, post(key=slow))
    assert status == b"HTTP/1.1 429 Too Many Requests"
    assert b"retry-after: 99" in headers


async def test_a_body_in_pieces_is_taken(connect):
    reader, writer = await connect()
    data = post()
    for start in range(0, len(data), 7):
        writer.write(data[start : start + 7])
        await writer.drain()
        await asyncio.sleep(0)
    assert b"200 OK" in await asyncio.wait_for(reader.readuntil(b"}"), 10)


async def test_an_event_behind_another_is_answered_second(connect):
    reader, writer = await connect()
    writer.write(post() + post(b"{") + post())
    statuses = []
    for _ in range(3):
        statuses.append((await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)).split()[1])
        await reader.readuntil(b"}")
    assert statuses == [b"200", b"400", b"200"]


@pytest.mark.parametrize("connect", ["direct"], indirect=True)
@pytest.mark.parametrize("data", [b"", b"POST /v1/track HTTP/1.1\r\nHost"])
async def test_headers_that_never_come_lose_the_connection(connect, data):
    reader, writer = await connect()
    writer.write(data)
    assert await asyncio.wait_for(reader.read(), 10) == b""
