"""The web role's parts together: by whose clock records are stamped."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from onefold.clock import HOUR, MINUTE
from onefold.model.record import Record, RecordKind
from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.load_settings import load_settings
from onefold.runtime.steady_clock import SteadyClock

START = 1_760_000_000_000_000
WRONG = 10 * 365 * 24 * HOUR


class Machine:
    """A web role on a machine whose clock was set ten years ahead after its start."""

    def __init__(self, directory: DataDirectory) -> None:
        self._wall = START
        clock = SteadyClock(lambda: self._wall, lambda: 0)
        settings = load_settings(directory.root, environ={})
        self.web = Web(directory, settings, {}, public_url="http://onefold", clock=clock)
        self._wall += WRONG

    async def received(self) -> list[int]:
        return [record.received_at for record in self.web.workspace.log.read(0)]


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    directory = DataDirectory(tmp_path)
    directory.create()
    made = Machine(directory)
    yield made
    await made.web.close()


async def test_a_wrong_date_reaches_neither_ticks_nor_events_nor_what_other_roles_append(
    machine: Machine,
) -> None:
    await machine.web.tick()
    records = [Record(RecordKind.TICK, 0, at, 0, b"") for at in (0, START - MINUTE, START + WRONG)]
    await machine.web.append(records)
    _, key = machine.web.workspace.sources.create("shop", START)
    machine.web.workspace.sources_changed()
    transport = httpx.ASGITransport(machine.web.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as client:
        event = {"event": "Seen", "anonymousId": "a"}
        assert (await client.post("/v1/track", json=event, auth=(key.key, ""))).status_code == 200
    assert await machine.received() == [START, START, START - MINUTE, START, START]


async def test_the_flow_tells_of_a_wrong_date(machine: Machine) -> None:
    flow = machine.web.workspace.observatory.flow()
    assert "observe.clock_stepped" in [one.code for one in flow.attention]
    assert flow.at.startswith("2025-10-09")
