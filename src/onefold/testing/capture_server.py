"""Capture alone, as a process: for tests that kill it and for measuring it.

    python -m onefold.testing.capture_server --data-dir DIR --port N --write-key KEY

`/empty` answers nothing, as quickly as this server can: the reference that capture is measured against.
"""

import argparse
import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from onefold.backends.embedded.log import EmbeddedLog
from onefold.capture import CaptureApplication, CaptureSettings, capture_app
from onefold.capture.application import Receive, Scope, Send
from onefold.capture.protocol import capture_protocol
from onefold.log.committer import Committer
from onefold.log.settings import LogSettings
from onefold.log.wake import Waker
from onefold.model.source import Source
from onefold.testing.sources import FixedDirectory

_EMPTY: dict[str, Any] = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
}
_EMPTY_BODY: dict[str, Any] = {"type": "http.response.body", "body": b"{}"}


class CaptureServer:
    """The smallest dispatcher: capture's paths, and an empty answer for every other."""

    def __init__(self, capture: CaptureApplication) -> None:
        self._capture = capture

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._capture.is_capture_path(scope["path"]):
            await self._capture(scope, receive, send)
            return
        await send(_EMPTY)
        await send(_EMPTY_BODY)


class _Server(uvicorn.Server):
    """Stops at a signal, but leaves the process alive to write what it holds: uvicorn raises it again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def serve(data_dir: Path, port: int, write_keys: list[str], *, is_direct: bool = True) -> None:
    """Serve until SIGTERM or SIGINT; each write key is a source of its own, numbered from 1."""
    log_settings = LogSettings(disk_free_bytes_min=0)
    log = EmbeddedLog(data_dir, log_settings)
    waker = Waker(data_dir / "run" / "worker.sock")
    committer = Committer(log, log_settings, committed=waker.wake)
    committer.start()
    directory = FixedDirectory({key: Source(number, key) for number, key in enumerate(write_keys, 1)})
    capture = capture_app(CaptureSettings(), directory, committer)
    config = uvicorn.Config(
        CaptureServer(capture),
        http=capture_protocol(capture) if is_direct else "httptools",
        loop="uvloop",
        lifespan="off",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        log_level="warning",
    )
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    # What was made so far stays: the collector need not look at it again while events come and go.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    await _Server(config).serve(sockets=[listener])
    await capture.close()
    await committer.close()
    waker.close()
    log.close()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--write-key", action="append", required=True)
    parser.add_argument("--asgi-only", action="store_true", help="do without the shorter way for events")
    arguments = parser.parse_args()
    import uvloop

    uvloop.run(
        serve(arguments.data_dir, arguments.port, arguments.write_key, is_direct=not arguments.asgi_only)
    )


if __name__ == "__main__":
    main()
