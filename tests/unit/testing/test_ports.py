"""Ports for servers of tests: free, and none that the kernel may give to someone else meanwhile."""

import socket
from pathlib import Path

import pytest

from onefold.testing import ports


def test_a_port_is_none_that_the_kernel_hands_out() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert 1024 < ports.free_port() < min(first, ports.PORTS.stop)


def test_a_port_on_which_someone_listens_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", ports.free_port())) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "PORTS", range(port, port + 1))
        with pytest.raises(RuntimeError, match="no port is free"):
            ports.free_port()
