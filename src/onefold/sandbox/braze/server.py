"""Starting and stopping the local Braze: a server of its own, on one core, in memory only.

In: `SandboxSettings`. Out: one line on standard output when it is ready; nothing else is printed.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn

from onefold.sandbox.braze.http import App
from onefold.sandbox.braze.settings import SandboxSettings
from onefold.sandbox.braze.workspace import Workspace

Ready = Callable[[str], None]
READY_TEXT = "local Braze ready on"
# Answers are quick; whoever is still sending after this is cut off.
STOP_WAIT_S = 3
# People live long and form no cycles: frequent collections of millions of objects would only cost time.
GC_THRESHOLDS = (100_000, 50, 100)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling, telling when it listens."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to whoever runs the loop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then say so."""
        await super().startup(sockets=sockets)
        self._on_ready()


async def serve(settings: SandboxSettings, on_ready: Ready | None = None) -> None:
    """Serve until cancelled; `on_ready` gets the URL once connections are accepted.

    Raises OSError when the address cannot be bound.
    """
    listener = _bind(settings.host, settings.port)
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    config = uvicorn.Config(
        App(Workspace(settings)),
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WAIT_S,
    )
    server = _Server(config, lambda: on_ready(url) if on_ready is not None else None)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        server.should_exit = True
        await running
        raise
    finally:
        listener.close()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def run(settings: SandboxSettings) -> None:
    """Serve until SIGINT or SIGTERM, then return; prints one line when ready."""
    import uvloop

    gc.set_threshold(*GC_THRESHOLDS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_signal(settings))


async def _until_signal(settings: SandboxSettings) -> None:
    serving = asyncio.create_task(serve(settings, _print_ready))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        return


def _print_ready(url: str) -> None:
    sys.stdout.write(f"{READY_TEXT} {url}\n")
    sys.stdout.flush()
