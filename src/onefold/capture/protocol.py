"""uvicorn's HTTP protocol with a shorter way for events: no task, no ASGI messages, one write an answer.

In: a connection. Out: answers. A POST to an event or batch route whose whole body came with its headers
goes straight to `CaptureApplication.answer_directly`; everything else (large, slow, chunked, pipelined
behind another, any other path) takes uvicorn's own way to the ASGI application, which answers the same.
Measured on one core: half of a request's cost was the way through ASGI. It also ends connections whose
headers never come, for which uvicorn has no time-out.
"""

from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from onefold.capture.answer import SUCCESS, Answer, cors_headers
from onefold.capture.application import CaptureApplication, Request
from onefold.capture.routes import ROUTES, Route, Takes

HEAD_TIMEOUT_S = 20.0
"""A sender has so long for its headers, from the first byte or from connecting."""
_DIRECT = {
    path.encode(): route for path, route in ROUTES.items() if route.takes in (Takes.EVENT, Takes.BATCH)
}


def capture_protocol(capture: CaptureApplication) -> type[HttpToolsProtocol]:
    """The class to give to `uvicorn.Config(http=…)`."""

    class BoundProtocol(CaptureProtocol):
        pass

    BoundProtocol.capture = capture
    return BoundProtocol


class CaptureProtocol(HttpToolsProtocol):
    """One connection. Bound to its application by `capture_protocol`."""

    capture: ClassVar[CaptureApplication]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._route: Route | None = None
        self._chunks: list[bytes] = []
        self._in_head = False
        self._head_ends_at = 0.0

    def connection_made(self, transport: Any) -> None:
        """Start the clock for the first headers."""
        super().connection_made(transport)
        self._limit_head()

    def data_received(self, data: bytes) -> None:
        """Parse; what is then still incomplete goes uvicorn's way, or gets a time limit."""
        super().data_received(data)
        if self._route is not None and not self.transport.is_closing():
            self._hand_over()
        elif self._in_head:
            self._limit_head()

    def on_message_begin(self) -> None:
        """A request starts. What only uvicorn's way needs is made when it is taken."""
        self.url = b""
        self.expect_100_continue = False
        self.headers = []
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Decide which way this request goes."""
        self._in_head = False
        self._head_ends_at = 0.0
        route = _DIRECT.get(self.url)
        if route is not None and self._may_go_directly():
            self._route = route
            self._chunks.clear()
        else:
            self._take_uvicorns_way()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._route is None:
            super().on_body(body)
        else:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        """The whole request is here."""
        route = self._route
        if route is None:
            super().on_message_complete()
            return
        self._route = None
        headers = dict(self.headers)
        answering = _Answering(self, headers)
        self.cycle = answering  # type: ignore[assignment]
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self.capture.answer_directly(route, Request(headers, b"", self.client), body, answering.respond)

    def _may_go_directly(self) -> bool:
        parser = self.parser
        return (
            (self.cycle is None or self.cycle.response_complete)
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and not self.expect_100_continue
            and not parser.should_upgrade()
            and not self.flow.write_paused
            and self.limit_concurrency is None
        )

    def _hand_over(self) -> None:
        """The body is not here yet: uvicorn's way knows how to wait for it, within its limits."""
        self._route = None
        self._take_uvicorns_way()
        for chunk in self._chunks:
            super().on_body(chunk)

    def _take_uvicorns_way(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    def _limit_head(self) -> None:
        now = self.loop.time()
        if not self._head_ends_at:
            self._head_ends_at = now + HEAD_TIMEOUT_S
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            max(0.0, self._head_ends_at - now), self.timeout_keep_alive_handler
        )


class _Answering:
    """Stands where uvicorn keeps the request under way; has what uvicorn looks at there."""

    __slots__ = ("_headers", "_protocol", "disconnected", "keep_alive", "message_event", "response_complete")

    def __init__(self, protocol: CaptureProtocol, headers: dict[bytes, bytes]) -> None:
        self._protocol = protocol
        self._headers = headers
        self.keep_alive: bool = protocol.parser.should_keep_alive()
        self.response_complete = False
        self.disconnected = False
        self.message_event = _NO_EVENT

    def respond(self, answer: Answer) -> None:
        """Write the answer and let uvicorn go on: to a pipelined request, or to waiting for the next."""
        self.response_complete = True
        protocol = self._protocol
        transport = protocol.transport
        if self.disconnected or transport.is_closing():
            return
        if answer is SUCCESS and self.keep_alive and b"origin" not in self._headers:
            transport.write(_success(protocol))
        else:
            transport.write(self._render(answer))
        if not self.keep_alive:
            transport.close()
        protocol.on_response_complete()

    def _render(self, answer: Answer) -> bytes:
        headers = [*protocol_headers(self._protocol), *answer.headers, *cors_headers(self._headers)]
        if (b"connection", b"close") in headers:
            self.keep_alive = False
        elif not self.keep_alive:
            headers.append((b"connection", b"close"))
        return _bytes_of(answer, headers)


class _NoEvent:
    """Nobody waits for a direct answer's messages."""

    def set(self) -> None:
        """Do nothing."""


_NO_EVENT = _NoEvent()


def protocol_headers(protocol: HttpToolsProtocol) -> list[tuple[bytes, bytes]]:
    """What uvicorn adds to every answer by its own settings: date, server."""
    return protocol.server_state.default_headers


def _success(protocol: HttpToolsProtocol) -> bytes:
    headers = protocol_headers(protocol)
    return _SUCCESS if not headers else _bytes_of(SUCCESS, [*headers, *SUCCESS.headers])


def _bytes_of(answer: Answer, headers: list[tuple[bytes, bytes]]) -> bytes:
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    return b"%b%b\r\n%b" % (STATUS_LINE[answer.status], lines, answer.body)


_SUCCESS = _bytes_of(SUCCESS, SUCCESS.headers)
