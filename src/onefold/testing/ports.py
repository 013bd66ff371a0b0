"""A port for a server that a test starts as a process of its own.

The kernel hands out ports of 32768 and more by itself: one that it gave and took back may go to any other
process before the server listens. Below that it hands out none, so only a test that draws the same collides.
"""

import socket
from random import SystemRandom

PORTS = range(15_000, 32_000)
TRIES_MAX = 100
"""Among 17,000 ports, so many that are taken in a row are no chance any more."""


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    # Not the seeded generator: processes of one test run would all draw the same.
    draw = SystemRandom()
    for _ in range(TRIES_MAX):
        port = draw.choice(PORTS)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError(f"no port is free in {TRIES_MAX} tries from {PORTS.start} to {PORTS.stop}")
