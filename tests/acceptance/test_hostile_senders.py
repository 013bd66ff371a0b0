"""Bytes that no SDK sends, over real sockets: each gets a clear answer, and no neighbour notices."""

import gzip
import json
import socket
import threading
import time

import httpx
import pytest

from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.testing.server_process import capture_process

GOOD = b'{"event":"A","userId":"u"}'
HEAD = b"Host: h\r\nAuthorization: Basic d2s6\r\n"
"""`wk:` in base64."""
SUCCESS = b'{"success":true}'


def request(body: bytes = GOOD, *, path: bytes = b"/v1/track", more: bytes = b"") -> bytes:
    return b"POST %b HTTP/1.1\r\n%b%bContent-Length: %d\r\n\r\n%b" % (path, HEAD, more, len(body), body)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def server(data_dir):
    server = capture_process(data_dir, "wk")
    server.start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def connect(server):
    opened = []

    def connected() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", server.port), timeout=20))
        return opened[-1]

    yield connected
    for connection in opened:
        connection.close()


@pytest.fixture(autouse=True)
def the_neighbour_is_well(server):
    """After every attack, an ordinary sender gets its ordinary answer."""
    yield
    answer = httpx.post(f"{server.url}/v1/track", content=GOOD, auth=("wk", ""))
    assert (answer.status_code, answer.content) == (200, SUCCESS)


def read_answer(connection: socket.socket) -> tuple[int, bytes]:
    """Status and body of the next answer; status 0 if the connection ended."""
    stream = connection.makefile("rb")
    status_line = stream.readline()
    if not status_line:
        return 0, b""
    length = 0
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return int(status_line.split()[1]), stream.read(length)


def send(connection: socket.socket, data: bytes) -> tuple[int, dict]:
    connection.sendall(data)
    status, body = read_answer(connection)
    return status, json.loads(body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "capture.invalid_json"),
        (b"\x00" * 100, "capture.invalid_json"),
        (b"\xff\xfe{\x00}\x00", "capture.invalid_json"),
        (b'{"event":"\xc3\x28","userId":"u"}', "capture.invalid_json"),
        (
            b'{"event":"A","userId":"u","properties":' + b'{"a":' * 3000 + b"1" + b"}" * 3001,
            "capture.too_deep",
        ),
        (b'{"event":"A","userId":"u","properties":{"n":' + b"9" * 400 + b"}}", "capture.invalid_field"),
        (b'{"event":"A","userId":"u","properties":{"n":1e999}}', "capture.invalid_field"),
        (b'{"event":"A","userId":"u","properties":{"n":NaN}}', "capture.invalid_json"),
        (b'{"event":"A","userId":"u","properties":{"n":"\\ud800"}}', "capture.invalid_json"),
    ],
)
def test_hostile_json_on_the_wire(connect, body, code):
    status, answer = send(connect(), request(body))
    assert (status, answer["code"]) == (400, code)
    assert answer["message"]
    assert answer["hint"]


def test_duplicate_keys_and_a_byte_order_mark_are_taken(connect):
    body = b'\xef\xbb\xbf{"event":"A","event":"B","userId":"u"}'
    assert send(connect(), request(body)) == (200, {"success": True})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"\x1f\x8b\x08nonsense", 400, "capture.invalid_encoding"),
        (gzip.compress(GOOD, mtime=0)[:-4], 400, "capture.invalid_encoding"),
        (gzip.compress(b" " * 200_000_000, 9, mtime=0), 413, "capture.body_too_large"),
    ],
)
def test_bad_and_bombing_gzip(connect, body, status, code):
    sent = send(connect(), request(body, path=b"/v1/batch", more=b"Content-Encoding: gzip\r\n"))
    assert (sent[0], sent[1]["code"]) == (status, code)


def test_a_body_that_is_too_large_gets_its_answer(connect):
    status, answer = send(connect(), request(b" " * 6_000_000, path=b"/v1/batch"))
    assert (status, answer["code"]) == (413, "capture.body_too_large")


def test_an_endless_body_is_cut_off(connect):
    connection = connect()
    connection.sendall(b"POST /v1/batch HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n" % HEAD)
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        connection.sendall(chunk * 200)


def test_chunked_bodies_are_taken(connect):
    head = b"POST /v1/track HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n" % HEAD
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in GOOD) + b"0\r\n\r\n"
    assert send(connect(), head + chunks) == (200, {"success": True})


def test_pipelined_requests_are_answered_in_order(connect):
    connection = connect()
    connection.sendall(request() + request(b"{") + request() + request(path=b"/v1/nothing"))
    stream = b""
    while stream.count(b"HTTP/1.1 ") < 4 or not stream.endswith(b"}"):
        stream += connection.recv(65536)
    statuses = [int(part.split()[0]) for part in stream.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 400, 200, 404]


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"POST /v1/track HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/track HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/track HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
    ],
)
def test_what_is_not_http_loses_its_connection(connect, data):
    connection = connect()
    connection.sendall(data)
    status, _ = read_answer(connection)
    assert status in (0, 400, 401)


def test_vanished_senders_leave_nothing_behind(connect):
    for number in range(200):
        connection = connect()
        connection.sendall(request() if number % 2 else request()[:-3])
        connection.close()


def test_slow_senders_do_not_slow_the_others(connect, server):
    slow = [connect() for _ in range(50)]
    for connection in slow:
        connection.sendall(request()[:-10])
    started = time.monotonic()
    for _ in range(20):
        assert httpx.post(f"{server.url}/v1/track", content=GOOD, auth=("wk", "")).status_code == 200
    # Fifty waiting for ever would show as a time-out of the client; the bound is no measurement.
    assert time.monotonic() - started < 10
    for connection in slow:
        connection.sendall(request()[-10:])
        assert read_answer(connection) == (200, SUCCESS)


def test_a_stop_answers_what_is_under_way(tmp_path):
    server = capture_process(tmp_path, "wk")
    server.start()
    answered = []
    stopped = threading.Event()

    def sender() -> None:
        with httpx.Client(auth=("wk", "")) as client:
            while not stopped.is_set():
                try:
                    answered.append(client.post(f"{server.url}/v1/track", content=GOOD).status_code)
                except httpx.TransportError:
                    return

    threads = [threading.Thread(target=sender) for _ in range(8)]
    for thread in threads:
        thread.start()
    while len(answered) < 100:
        time.sleep(0.01)
    assert server.stop() == 0
    stopped.set()
    for thread in threads:
        thread.join()
    reader = EmbeddedLogReader(tmp_path)
    assert reader.end() >= answered.count(200) == len(answered)
    reader.close()
