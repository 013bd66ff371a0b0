"""The published SDKs, run as users run them: every call arrives, and none is lost when the server dies."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from onefold.testing.arrivals import arrived
from onefold.testing.server_process import ServerProcess, create_source, wait_until, web_process

CLIENTS = Path(__file__).parents[2] / "clients"
DELIVERY_S = 100.0
KINDS = ["alias", "group", "identify", "page", "track"]

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENTS / "node_modules").is_dir(),
    reason="the JavaScript clients are not installed: make engines",
)
CLIENT_PROGRAMS = [
    pytest.param(["segment_python.py"], id="segment-analytics-python"),
    pytest.param(["segment_python.py", "gzip"], id="segment-analytics-python-gzip"),
    pytest.param(["rudder_python.py"], id="rudder-sdk-python"),
    pytest.param(["segment_node.mjs"], id="segment-analytics-node", marks=needs_node),
    pytest.param(["rudder_node.mjs"], id="rudder-sdk-node", marks=needs_node),
]


class Sender:
    """One client program under the published package, told what to do."""

    def __init__(self, program: list[str], url: str, write_key: str) -> None:
        run = [sys.executable, "-W", "ignore"] if program[0].endswith(".py") else ["node"]
        self._process = subprocess.Popen(
            [*run, program[0], url, write_key, *program[1:]],
            cwd=CLIENTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def tell(self, command: str) -> None:
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "ok\n", self._process.communicate()[1]

    def finish(self) -> None:
        self._process.stdin.write("finish\n")
        answer, errors = self._process.communicate(timeout=DELIVERY_S)
        assert answer == "ok\n", errors

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


class Arrivals:
    """What stands in the log."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def events(self):
        return arrived(self._data_dir)

    def names(self) -> set[str]:
        return {event.event for event in self.events() if event.type == "track"}


@pytest.fixture
def server(tmp_path):
    server = web_process(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def arrivals(tmp_path):
    return Arrivals(tmp_path)


@pytest.fixture
def sender_of(server: ServerProcess, tmp_path: Path):
    write_key = create_source(tmp_path, "shop")
    started = []

    def start(program: list[str]) -> Sender:
        started.append(Sender(program, server.url, write_key))
        return started[-1]

    yield start
    for sender in started:
        sender.kill()


@pytest.mark.parametrize("program", CLIENT_PROGRAMS)
def test_every_call_arrives_once(sender_of, arrivals, program):
    sender = sender_of(program)
    sender.tell("five")
    sender.finish()
    events = arrivals.events()
    assert sorted(event.type for event in events) == KINDS
    assert len({event.message_id for event in events}) == 5
    by_type = {event.type: event for event in events}
    assert by_type["track"].event == "Order Completed"
    assert json.loads(bytes(by_type["track"].properties))["price"] == 12.5
    assert by_type["alias"].previous_id == "a1"
    assert by_type["group"].group_id == "g1"
    assert all(event.user_id == "u1" for event in events)


@pytest.mark.timeout(200)
@pytest.mark.parametrize("program", CLIENT_PROGRAMS)
def test_nothing_is_lost_when_the_server_is_killed_and_comes_back(server, sender_of, arrivals, program):
    sender = sender_of(program)
    sender.tell("many 20 0")
    wait_until(lambda: bool(arrivals.names()), timeout_s=30, what="a first arrival")
    server.kill()
    sender.tell("many 20 20")
    server.start()
    sender.tell("many 20 40")
    sender.finish()
    assert arrivals.names() == {f"Order {number}" for number in range(60)}
    # A resend keeps its message id: that is what makes it harmless.
    assert len({event.message_id for event in arrivals.events()}) == 60
