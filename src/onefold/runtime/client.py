"""An HTTP client of the control API, wherever the workspace is.

With a URL: that server, by token. Else the data directory: over its unix socket when a server runs, or
the same application in this process under the directory's lock, where each change is worked off before
its answer is given. Out: an ordinary `httpx.Client`; answers and errors are the API's own.
"""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from onefold.errors import OnefoldError
from onefold.runtime.data_directory import DataDirectory, Lock
from onefold.runtime.watch import Unwatched, Watch

ANSWER_S_MAX = 60.0
"""No control request takes longer; uploads and downloads count their pauses only."""
STARTING_S_MAX = 20.0
"""A server that holds the directory but does not listen yet is waited for."""


@contextmanager
def open_client(
    data_dir: Path,
    url: str = "",
    token: str = "",
    *,
    create: bool = False,
    environ: Mapping[str, str] = os.environ,
    watch: Watch | None = None,
) -> Iterator[httpx.Client]:
    """A client for as long as the context lasts; `create` makes the workspace when there is none.

    `watch` follows the runs that are worked off in this process.

    Raises:
        OnefoldError: `runtime.no_workspace`, or `runtime.locked` by a process that does not answer.
        ConfigError: no server runs and the settings are wrong.
    """
    if url:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(base_url=url, headers=headers, timeout=ANSWER_S_MAX) as client:
            yield client
        return
    directory = DataDirectory(data_dir)
    lock = _lock_unless_served(directory, create=create)
    if lock is None:
        transport = httpx.HTTPTransport(uds=directory.api_address())
        with httpx.Client(transport=transport, base_url="http://onefold", timeout=ANSWER_S_MAX) as client:
            yield client
        return
    from onefold.runtime.inline import InlineServer

    try:
        server = InlineServer(directory, environ, watch or Unwatched())
        with httpx.Client(transport=server, base_url="http://onefold", timeout=ANSWER_S_MAX) as client:
            yield client
    finally:
        lock.release()


def is_served(directory: DataDirectory) -> bool:
    """Whether a server listens on the directory's socket."""
    if not directory.api_socket.exists():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        try:
            trial.connect(directory.api_address())
        except OSError:
            return False
    return True


def _lock_unless_served(directory: DataDirectory, *, create: bool) -> Lock | None:
    if not create and not directory.exists():
        raise OnefoldError(
            "runtime.no_workspace",
            f"There is no workspace in {directory.root}.",
            hint="Name its directory with --data-dir, or make one with `onefold init` or `onefold serve`.",
        )
    deadline = time.monotonic() + STARTING_S_MAX
    while True:
        if is_served(directory):
            return None
        try:
            return directory.lock()
        except OnefoldError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
