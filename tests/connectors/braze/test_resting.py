"""A courier that may not send rests, and wakes in time: it never turns round and round.

The poll is an hour in these tests, so whatever would wait for it does not come, and the test fails.
"""

import asyncio

import msgspec
import pytest

from onefold.activate import health, judge
from onefold.activate.purse import Purse
from onefold.activate.settings import DeliverySettings
from onefold.clock import SECOND, now
from onefold.connectors.braze import BrazeConnector
from onefold.errors import SetupError, ThrottledError, TransientError
from onefold.model.outcome import PASSED, Kind
from onefold.plugin import Probe

NO_POLL = DeliverySettings(linger_ms=0, poll_ms=3_600_000)
REQUESTS = 4
AWAY = TransientError("activate.test.away", "The destination is away.")
NO_KEY = SetupError("activate.test.key", "The key is wrong.")


class Scripted:
    """A destination that answers its next requests as it is told, and then accepts; all else is Braze's."""

    def __init__(self, connector, destination):
        self._connector = connector
        self._destination = destination

    def __getattr__(self, name):
        return getattr(self._destination, name)

    async def send(self, _channel, parcels):
        made = self._connector
        made.sent_at.append(now())
        answer = made.answers.pop(0) if made.answers else None
        if isinstance(answer, asyncio.Event):
            await answer.wait()
        elif answer is not None:
            raise answer
        return [PASSED] * len(parcels)

    async def check_credentials(self):
        self._connector.probes += 1
        return [Probe("key", passed=self._connector.probes > 1)]


class ScriptedConnector(BrazeConnector):
    """The Braze connector, but for what its destination answers."""

    def __init__(self):
        super().__init__()
        self.answers: list[Exception | asyncio.Event] = []
        self.sent_at: list[int] = []
        self.probes = 0

    def open(self, connection):
        return Scripted(self, super().open(connection))


@pytest.fixture
def turns(monkeypatch):
    """One entry a turn of the courier: each looks at its purse."""
    made, look = [], Purse.look

    def note(purse, at):
        made.append(at)
        look(purse, at)

    monkeypatch.setattr(Purse, "look", note)
    return made


@pytest.fixture
def scripted(world):
    """Four requests are due to a destination that is told what to answer."""
    made = ScriptedConnector()
    world.connectors["scripted"] = made
    connection = world.directory.connected[0]
    world.directory.connected = [msgspec.structs.replace(connection, connector="scripted")]
    people = range(1, 75 * REQUESTS + 1)
    for number in people:
        world.person(number, user_id=f"u{number}")
    world.events()
    world.commit(
        events=[(one, {"type": "track", "event": "Viewed", "messageId": f"m{one}"}) for one in people]
    )
    return made


async def count_while_nothing_happens(world, turns):
    """Turns while no answer comes; round and round at a millisecond each, they are hundreds."""
    before, begun = len(turns), now()
    await world.until(lambda: now() - begun > SECOND // 2)
    return len(turns) - before


def state_of(world):
    return [state for (state,) in world.rows("select state from connection")]


async def arrived(world):
    await world.until(lambda: world.counts(2) == {(Kind.PASSED, ""): 75 * REQUESTS})


async def test_it_rests_while_one_request_asks_whether_a_silent_destination_is_back(
    world, scripted, turns, monkeypatch
):
    monkeypatch.setattr(judge, "BACKOFF_S", 0.02)
    back = asyncio.Event()
    scripted.answers = [*[AWAY] * REQUESTS, back]
    async with world.delivering(NO_POLL):
        await world.until(lambda: len(scripted.sent_at) == REQUESTS + 1)
        count = await count_while_nothing_happens(world, turns)
        sent = len(scripted.sent_at)
        back.set()
        await arrived(world)
    # The others were due by then, too, and might not go beside it.
    assert count <= 2
    assert sent == REQUESTS + 1


async def test_a_destination_that_refuses_costs_a_few_turns_a_request(world, scripted, turns, monkeypatch):
    monkeypatch.setattr(judge, "BACKOFF_S", 0.02)
    monkeypatch.setattr(judge, "BACKOFF_S_MAX", 0.05)
    scripted.answers = [AWAY] * 40
    async with world.delivering(NO_POLL):
        await arrived(world)
    assert len(scripted.sent_at) == 40 + REQUESTS
    # One that sends and one that hears of it; a timer may ring a moment early.
    assert len(turns) <= 4 * len(scripted.sent_at)


async def test_it_rests_until_the_time_that_the_destination_said_and_goes_on_then(world, scripted, turns):
    scripted.answers = [ThrottledError("t", "Slow down.", retry_after_s=wait) for wait in (0.1, 2, 0.1, 0.1)]
    async with world.delivering(NO_POLL):
        await world.until(lambda: state_of(world) == ["waiting"])
        assert await count_while_nothing_happens(world, turns) <= 2
        await arrived(world)
    assert scripted.sent_at[REQUESTS] - scripted.sent_at[0] >= 2 * SECOND


async def test_what_was_put_off_goes_at_its_time(world, scripted):
    scripted.answers = [AWAY]
    async with world.delivering(NO_POLL):
        await arrived(world)


async def test_a_pause_rests_and_ends_once_someone_has_set_it_right(world, scripted, turns, monkeypatch):
    monkeypatch.setattr(health, "PROBE_S", 1.0)
    monkeypatch.setattr(judge, "BACKOFF_S", 0.02)
    # The others were put off before, and are due while the connection is paused.
    scripted.answers = [AWAY, AWAY, AWAY, NO_KEY]
    async with world.delivering(NO_POLL):
        await world.until(lambda: state_of(world) == ["paused"])
        assert await count_while_nothing_happens(world, turns) <= 2
        await arrived(world)
    assert scripted.probes == 2


async def test_it_rests_while_its_last_answers_are_awaited(world, scripted, turns, monkeypatch):
    monkeypatch.setattr(judge, "BACKOFF_S", 0.2)
    last, over = asyncio.Event(), asyncio.Event()
    scripted.answers = [AWAY, last, last, last]

    async def deliver():
        async with world.delivering(NO_POLL):
            await over.wait()

    task = asyncio.create_task(deliver())
    await world.until(lambda: world.rows("select 1 from attempt"))
    over.set()
    # What was put off is due meanwhile, and is not to go any more.
    count = await count_while_nothing_happens(world, turns)
    last.set()
    await task
    assert count <= 4
    assert len(scripted.sent_at) == REQUESTS
