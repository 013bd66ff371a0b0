"""The web role: capture, API and pages in one uvicorn, on TCP and on the unix socket; ticks each minute."""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import structlog
import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from onefold.capture.protocol import capture_protocol
from onefold.errors import StorageError
from onefold.runtime.assemble import Web
from onefold.runtime.front import Application, local_app
from onefold.runtime.garbage import settle
from onefold.runtime.listen import BACKLOG, open_sockets, url_of
from onefold.runtime.role import Role

TICK_S = 60
"""Windows that expire without an event do so within this time."""
TIDY_MINUTES = 60
STREAM_END_S = 5
"""Streams and slow answers have so long to end at a stop; capture's answers take milliseconds."""
HALF_SENT_S = 0.5
"""At a stop, a request of which so much later a part is still missing is not waited for: nothing of it was
acknowledged, and one sender that hangs must not cost a restart five seconds."""
KEEP_ALIVE_S = 75
"""Longer than the 60 s of common load balancers, so that they close first and never meet a closed one."""

HSTS = ("strict-transport-security", "max-age=31536000")
"""A year, of this name alone: others below the domain may not be ready for it (RFC 6797)."""

logger = structlog.get_logger(__name__)


def run_web(role: Role) -> None:
    """Serve until told to stop."""
    sockets = role.sockets
    if not sockets:
        server = role.settings.server
        sockets = open_sockets(role.directory, server.host, server.port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(role, sockets[0], sockets[1]))


async def _serve(role: Role, tcp: socket.socket, unix: socket.socket) -> None:
    public_url = role.settings.server.public_url or url_of(tcp)
    web = Web(role.directory, role.settings, os.environ, public_url=public_url, is_stopping=role.stop.is_set)
    stopping = _stop_at_signal(role)
    server = Server(web, unix, on_started=role.ready)
    serving = asyncio.create_task(server.serve(sockets=[tcp]))
    keeping = asyncio.create_task(_keep(web))
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        keeping.cancel()
        stopping.cancel()
        await web.close()


def _stop_at_signal(role: Role) -> "asyncio.Task[bool]":
    stopped = asyncio.Event()

    def stop() -> None:
        role.stop.set()
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    if role.stop.is_set():
        stopped.set()  # we were told while starting, before these handlers
    return asyncio.create_task(stopped.wait())


async def _keep(web: Web) -> None:
    """Tick each minute, tidy each hour, after finishing what a crash cut short."""
    with contextlib.suppress(StorageError):
        await web.reconcile()
    # All counters are added up once a start: now, so that the first who looks need not wait.
    with contextlib.suppress(StorageError):
        await asyncio.to_thread(web.workspace.observatory.look)
    for minute in itertools.count():
        await asyncio.sleep(TICK_S - time.time() % TICK_S)
        try:
            await web.tick()
            await web.run_due()
            if minute % TIDY_MINUTES == 0:
                await web.tidy()
        except (StorageError, OSError) as error:
            # The disk is full: the next event or tick after that brings the clock up again.
            logger.warning(getattr(error, "code", "web.not_tidied"), message=str(error))


class Server(uvicorn.Server):
    """uvicorn that also listens on a unix socket, where it serves the application as a local one."""

    def __init__(self, web: Web, unix: socket.socket, *, on_started: Callable[[], None]) -> None:
        always = always_sent(web.workspace.public_url)
        super().__init__(_config(web.application, capture_protocol(web.capture), always))
        self._on_started = on_started
        self._unix = unix
        self._local = _config(local_app(web.application), HttpToolsProtocol)
        self._local.load()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on both."""
        await super().startup(sockets)
        loop = asyncio.get_running_loop()

        def local_protocol() -> asyncio.Protocol:
            make: Any = self._local.http_protocol_class
            protocol: asyncio.Protocol = make(
                config=self._local, server_state=self.server_state, app_state={}, _loop=loop
            )
            return protocol

        listening = await loop.create_unix_server(local_protocol, sock=self._unix, backlog=BACKLOG)
        self.servers.append(listening)
        settle()
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is here, then end."""
        asyncio.get_running_loop().call_later(HALF_SENT_S, self._close_half_sent)
        await super().shutdown(sockets)

    def _close_half_sent(self) -> None:
        for connection in list(self.server_state.connections):
            if getattr(getattr(connection, "cycle", None), "more_body", False):
                connection.transport.close()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the role, which stops us."""
        yield


def always_sent(public_url: str) -> list[tuple[str, str]]:
    """Headers of every answer, capture's too: where browsers come by TLS, they shall never come without."""
    return [HSTS] if public_url.startswith("https://") else []


def _config(
    application: Application, protocol: type[HttpToolsProtocol], headers: list[tuple[str, str]] | None = None
) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        headers=headers,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STREAM_END_S,
    )
