"""Plain HTTP to the web role over its unix socket, for the supervisor and the tasks role."""

import http.client
import socket

from onefold.runtime.data_directory import DataDirectory

ANSWER_S_MAX = 30.0
"""An append waits for one fsync; longer means that the disk or the web role is stuck."""


class UnixConnection(http.client.HTTPConnection):
    """One connection to the local API."""

    def __init__(self, directory: DataDirectory, *, timeout_s: float = ANSWER_S_MAX) -> None:
        super().__init__("onefold", timeout=timeout_s)
        self._path = directory.api_address()

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
