"""Telling another role that there is something to do, without it having to poll.

In: a path in the data directory's `run/`. Out: one datagram of one byte over a unix socket, which
means "look". It carries nothing: who misses one looks again after its time-out. Sent only after a
commit, so whoever wakes sees what it was woken for.
"""

import contextlib
import os
import select
import socket
from collections.abc import Iterator
from pathlib import Path

ADDRESS_BYTES_MAX = 100
"""Linux takes 107 bytes for a unix socket; a longer path goes through a descriptor of its directory."""
DRAIN_BYTES = 64
_LOOK = b"\0"


class Waker:
    """Sends wake-ups to the role that sleeps at `path`. Never blocks, never fails: nobody there is fine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket = _datagram_socket()

    def wake(self) -> None:
        """Say "look". A full buffer means that the other has wake-ups waiting already."""
        with contextlib.suppress(OSError), _address(self._path) as address:
            self._socket.sendto(_LOOK, address)

    def close(self) -> None:
        """Give the socket back; safe to repeat."""
        self._socket.close()


class Sleeper:
    """Waits at `path` for wake-ups. One a path: a stale file of a killed process is replaced."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._path = path
        self._socket = _datagram_socket()
        with _address(path) as address:
            self._socket.bind(address)
        path.chmod(0o600)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)

    def wait(self, timeout_s: float) -> bool:
        """True as soon as someone woke us (since the last call), False after `timeout_s`."""
        if not self._poll.poll(max(0, round(timeout_s * 1000))):
            return False
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(DRAIN_BYTES):
                pass
        return True

    def fileno(self) -> int:
        """For an event loop's `add_reader`; call `wait(0)` then, to take what came."""
        return self._socket.fileno()

    def close(self) -> None:
        """Stop listening and remove the socket's file; safe to repeat."""
        self._socket.close()
        self._path.unlink(missing_ok=True)


def _datagram_socket() -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.setblocking(False)
    return made


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """The path as an address, however long it is."""
    if len(os.fsencode(path)) <= ADDRESS_BYTES_MAX:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
