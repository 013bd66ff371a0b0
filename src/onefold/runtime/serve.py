"""`onefold serve`: settings, lock and sockets, then all roles under the supervisor, or one of them here."""

import http.client
import os
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec

from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.diagnostics import configure_diagnostics
from onefold.runtime.listen import open_sockets, url_of
from onefold.runtime.load_settings import load_settings
from onefold.runtime.role_process import start_role
from onefold.runtime.secret_key import check_key
from onefold.runtime.settings import Settings
from onefold.runtime.supervisor import Supervisor
from onefold.runtime.unix_http import UnixConnection

LINK_S_MAX = 10.0


def serve(data_dir: Path, *, role: str, config: Path | None, flags: dict[str, object]) -> int:
    """Run until told to stop; returns the exit code.

    Raises:
        ConfigError: with every problem of the settings.
        OnefoldError: the directory is held by another, the port is taken, the secret key is readable.
    """
    directory = DataDirectory(data_dir)
    settings = load_settings(directory.root, config=config, environ=os.environ, overrides=flags)
    if role != "all":
        lock = directory.lock(shared=True)
        try:
            return start_role(role, directory, settings)  # type: ignore[arg-type]
        finally:
            lock.release()
    lock = directory.lock()
    check_key(directory.root, os.environ)
    configure_diagnostics(settings.server.diagnostics, settings.server.diagnostics_level, role="supervisor")
    sockets = open_sockets(directory, settings.server.host, settings.server.port)
    supervisor = Supervisor(
        directory,
        settings,
        sockets=sockets,
        on_ready=lambda: _announce(directory, settings, sockets[0]),
    )
    return supervisor.run()


def _announce(directory: DataDirectory, settings: Settings, tcp: socket.socket) -> None:
    url = settings.server.public_url or url_of(tcp)
    lines = [
        f"Onefold is ready at {url}",
        f"  open   {_one_time_link(directory)}",
        f"         (once, within {settings.security.link_minutes} minutes; `onefold open` prints another)",
        f"  data   {directory.root}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _one_time_link(directory: DataDirectory) -> str:
    connection = UnixConnection(directory, timeout_s=LINK_S_MAX)
    try:
        connection.request("POST", "/api/v1/links", headers={"content-length": "0"})
        answer: dict[str, Any] = msgspec.json.decode(connection.getresponse().read())
        return str(answer["url"])
    except (OSError, http.client.HTTPException, msgspec.MsgspecError, KeyError):
        return "(not now: run `onefold open`)"
    finally:
        connection.close()
