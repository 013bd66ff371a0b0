"""The sockets of the web role: TCP for everybody, a unix socket of mode 600 for the owner of this machine."""

import os
import socket

from onefold.errors import OnefoldError
from onefold.runtime.data_directory import DataDirectory

BACKLOG = 2048
"""Connections that may wait to be accepted, as while a killed web role starts again."""


def open_sockets(directory: DataDirectory, host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """TCP and unix, both listening.

    Raises:
        OnefoldError: the port is taken or the address is not ours.
    """
    return _listen_tcp(host, port), _listen_unix(directory)


def url_of(sock: socket.socket) -> str:
    """How a browser on this machine reaches it."""
    host, port = sock.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  (compared, not bound)
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen_tcp(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise OnefoldError(
            "runtime.cannot_listen",
            f"Cannot listen on {host} port {port}: {os.strerror(error.errno) if error.errno else error}.",
            hint="Name another port with --port, or stop what holds this one.",
        ) from error


def _listen_unix(directory: DataDirectory) -> socket.socket:
    directory.api_socket.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)  # the file exists from `bind` on: it must never have had another mode
    try:
        listening.bind(directory.api_address())
    finally:
        os.umask(before)
    listening.listen(BACKLOG)
    return listening
