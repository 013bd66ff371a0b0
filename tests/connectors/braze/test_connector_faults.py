"""A connector whose own code fails: its connection is shown as failed and comes back; others go on."""

import asyncio
import traceback

import msgspec
import pytest
from structlog.testing import capture_logs

from onefold.activate import failure
from onefold.connectors.braze import BrazeConnector
from onefold.model.connection import Connection
from onefold.model.outcome import PASSED

FAILED = ("failed", "activate.connector_failed")
MAIL = "ada@example.org"


class Broken:
    """A destination that raises in one of its methods; all else is Braze's."""

    def __init__(self, connector, destination):
        self._connector = connector
        self._destination = destination

    def __getattr__(self, name):
        found = getattr(self._destination, name)
        return self._raise if self._connector.breaks == name else found

    def _raise(self, *_arguments):
        raise ZeroDivisionError(f"cannot divide {MAIL}")

    async def send(self, channel, parcels):
        if self._connector.breaks == "send":
            self._connector.calls += 1
            self._raise()
        if self._connector.breaks == "answer":
            return [PASSED] * (len(parcels) + 1)
        return await self._destination.send(channel, parcels)


class BrokenConnector(BrazeConnector):
    """The Braze connector until it is told to break."""

    breaks = ""
    calls = 0

    def open(self, connection):
        if self.breaks == "open":
            raise ZeroDivisionError("open")
        return Broken(self, super().open(connection))


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(failure, "RETRY_S", 0.05)


@pytest.fixture
def broken(world):
    """Connection 1 is the broken one; connection 2, to the same Braze, works."""
    made = BrokenConnector()
    world.connectors["broken"] = made
    good = world.directory.connected[0]
    world.directory.connected = [
        Connection(1, "Broken", "broken", settings=good.settings, secrets=good.secrets),
        msgspec.structs.replace(good, id=2, name="Well"),
    ]
    for number in range(1, 4):
        world.person(number, user_id=f"u{number}", plan="pro")
    world.events()
    world.set_goal(msgspec.structs.replace(world.directory.wanted[0], id=9, connection_id=2))
    return made


def track(message_id):
    return {"type": "track", "event": "Viewed", "messageId": message_id}


def state_of(world, connection_id=1):
    rows = world.rows("select state, code, reason, hint from connection where id = ?", connection_id)
    return rows[0] if rows else ("", "", "", "")


@pytest.mark.parametrize("where", ["open", "event_writer", "address", "send", "answer", "wait_s", "channels"])
async def test_a_fault_anywhere_is_shown_and_leaves_the_others_alone(world, broken, where):
    broken.breaks = where
    world.commit(events=[(number, track(f"m{number}")) for number in range(1, 4)])
    async with world.delivering() as deliver:
        await world.until(lambda: state_of(world)[:2] == FAILED)
        await world.until(lambda: world.rows("select 1 from counter where subject = '2/9' and kind = 0"))
        assert state_of(world, 2)[0] == "running"
        _, _, reason, hint = state_of(world)
        assert reason.startswith("The connector broken failed: ")
        assert "line" in reason
        assert "example.org" not in reason + hint
        assert "tried again" in hint
        broken.breaks = ""
        await world.until(lambda: state_of(world)[0] == "running")
        async with asyncio.timeout(20):
            await deliver.drain()
    assert world.counts(2) == {(0, ""): 3}


async def test_the_traceback_is_told_once_and_the_pauses_grow(world, broken):
    broken.breaks = "send"
    world.commit(events=[(1, track("m1"))])
    with capture_logs() as lines:
        async with world.delivering():
            await world.until(lambda: broken.calls == 4)
            await world.until(lambda: len(failures(lines)) == 4)
    assert [line["failures"] for line in failures(lines)] == [1, 2, 3, 4]
    told = [line["exc_info"] for line in failures(lines) if "exc_info" in line]
    assert len(told) == 1
    text = "".join(traceback.format_exception(*told[0]))
    assert "in send" in text
    assert "ZeroDivisionError" in text
    assert "example.org" not in text


def failures(lines):
    return [line for line in lines if line["event"] == "delivery.courier_failed"]


async def test_it_stays_failed_while_it_is_tried(world, broken):
    broken.breaks = "send"
    world.commit(events=[(1, track("m1"))])
    seen = set()
    async with world.delivering():
        await world.until(lambda: state_of(world)[:2] == FAILED)
        await world.until(lambda: seen.add(state_of(world)[0]) or broken.calls == 4)
    assert seen == {"failed"}


async def test_what_was_under_way_beside_the_fault_does_not_double(world, broken, sandbox):
    """Its answer comes after the fault of another request, and is kept."""
    world.directory.connected = world.directory.connected[:1]
    sandbox.add_fault("slow", next=1, delay_ms=300)
    async with world.delivering() as deliver:
        world.commit(events=[(1, track("m1"))])
        await world.until(lambda: world.rows("select 1 from sending where sent"))
        broken.breaks = "send"
        world.commit(events=[(2, track("m2"))])
        await world.until(lambda: state_of(world)[:2] == FAILED)
        broken.breaks = ""
        await world.until(lambda: state_of(world)[0] == "running")
        await deliver.drain()
    sandbox.flush()
    assert world.counts(2) == {(0, ""): 2}
    assert sandbox.user("u1")["custom_events"][0]["count"] == 1


async def test_a_change_of_the_goal_is_tried_at_once(world, broken, monkeypatch):
    monkeypatch.setattr(failure, "RETRY_S", 1000.0)
    monkeypatch.setattr(failure, "RETRY_S_MAX", 1000.0)
    broken.breaks = "address"
    world.commit(events=[(1, track("m1"))])
    async with world.delivering() as deliver:
        await world.until(lambda: state_of(world)[:2] == FAILED)
        broken.breaks = ""
        world.events(currency="EUR")
        await world.until(lambda: state_of(world)[0] == "running")
        await deliver.drain()
    assert world.counts(2) == {(0, ""): 1}


def test_pauses_double_up_to_five_minutes(monkeypatch):
    monkeypatch.setattr(failure, "RETRY_S", 1.0)
    for failures, longest in ((1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (500, 300)):
        waits = [failure.retry_in_s(failures) for _ in range(50)]
        assert longest / 2 <= min(waits) < max(waits) <= longest
