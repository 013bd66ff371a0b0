"""When Braze fails, throttles or refuses: nothing is lost, nothing overtakes, attempts say what happened."""

import asyncio

import msgspec
import pytest

from onefold.activate import read
from onefold.activate.settings import DeliverySettings
from onefold.model.connection import Connection
from onefold.model.delivery import AttemptState
from onefold.model.outcome import Kind


def track(name, message_id, **properties):
    return {"type": "track", "event": name, "messageId": message_id, "properties": properties}


@pytest.fixture
def busy(world):
    for number in range(1, 201):
        world.person(number, user_id=f"u{number}")
    world.events()
    return world


def send_round(world, round_number, people=200):
    events = [(n, track("Viewed", f"m{round_number}-{n}", n=round_number)) for n in range(1, people + 1)]
    return world.commit(events=events)


def counted(sandbox):
    return {
        user["external_id"]: user["events"] for user in sandbox.users() if user["external_id"] is not None
    }


async def test_a_server_error_is_retried(busy, sandbox):
    sandbox.add_fault("status", status=503, next=2, path="/users/track")
    send_round(busy, 1)
    await busy.deliver_all()
    sandbox.flush()
    assert set(counted(sandbox).values()) == {1}
    states = {state for (state,) in busy.rows("select state from attempt")}
    assert states == {AttemptState.ANSWERED, AttemptState.DEFERRED}


async def test_a_lost_answer_is_marked_as_perhaps_doubled(busy, sandbox):
    sandbox.add_fault("reset", next=1, path="/users/track", when="after")
    offset = send_round(busy, 1, people=3)
    await busy.deliver_all()
    sandbox.flush()
    assert counted(sandbox)["u1"] == 2
    attempts = busy.attempts(offset, 0)
    assert [attempt.maybe_doubled for attempt in attempts] == [False, True]
    assert [attempt.kinds for attempt in attempts] == [[Kind.DEFERRED], [Kind.PASSED]]


async def test_a_throttled_connection_waits_and_goes_on(busy, sandbox):
    sandbox.add_fault("throttle", next=1, retry_after_s=1)
    send_round(busy, 1)
    await busy.deliver_all()
    sandbox.flush()
    assert set(counted(sandbox).values()) == {1}


async def test_a_wrong_key_pauses_until_the_connection_changes(busy, sandbox):
    good = busy.directory.connected[0]
    busy.directory.connected = [
        Connection(1, "Braze", "braze", settings=good.settings, secrets={"api_key": "wrong"})
    ]
    send_round(busy, 1)
    async with busy.delivering() as deliver:
        await busy.until(lambda: ("paused",) in busy.rows("select state from connection"))
        assert busy.rows("select code from connection") == [("activate.braze.credentials",)]
        busy.directory.connected = [good]
        busy.directory.version += 1
        await busy.until(lambda: busy.rows("select state from connection") == [("running",)])
        async with asyncio.timeout(20):
            await deliver.drain()
    sandbox.flush()
    assert set(counted(sandbox).values()) == {1}


async def test_a_refused_request_is_halved_until_the_culprit_is_alone(world, sandbox):
    # Braze counts 75 in all here, the connection believes in 75 of each kind: requests of 150 are refused.
    good = world.directory.connected[0]
    world.directory.connected = [
        msgspec.structs.replace(good, settings={**good.settings, "batch_limit": "per_array_75"})
    ]
    for number in range(1, 76):
        world.person(number, user_id=f"u{number}")
    order = {"type": "track", "event": "Order Completed", "properties": {"revenue": 1}}
    events = [(n, track("Viewed", f"v{n}")) for n in range(1, 76)]
    orders = [(n, {**order, "messageId": f"o{n}"}) for n in range(1, 76)]
    world.commit(events=events + orders)
    world.events()
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.stats()["events"] == 75
    assert sandbox.stats()["purchases"] == 75


async def test_a_dead_connection_never_slows_another(busy):
    good = busy.directory.connected[0]
    dead = Connection(
        2, "Dead", "braze", settings={"endpoint": "http://127.0.0.1:9"}, secrets={"api_key": "k"}
    )
    busy.directory.connected = [good, dead]
    goal = busy.directory.wanted[0]
    busy.set_goal(msgspec.structs.replace(goal, id=9, connection_id=2))
    async with busy.delivering():
        send_round(busy, 1)
        await busy.until(lambda: busy.counts(2).get((0, "")) == 200)
    assert busy.rows("select count(*) from intent where connection_id = 2")[0][0] > 0


async def test_a_restart_sends_what_was_open(busy, sandbox):
    sandbox.add_fault("status", status=503)
    send_round(busy, 1)
    async with busy.delivering():
        await busy.until(lambda: busy.rows("select 1 from attempt limit 1"))
    assert busy.rows("select sum(count) from intent") == [(200,)]
    sandbox.clear_faults()
    await busy.deliver_all()
    sandbox.flush()
    assert set(counted(sandbox).values()) == {1}
    assert busy.rows("select count(*) from intent") == [(0,)]


async def test_events_of_one_profile_keep_their_order(world, sandbox):
    sandbox.change_settings(delay_ms=0)
    world.person(1, user_id="u1")
    world.events()
    sandbox.add_fault("slow", rate=0.5, delay_ms=30)
    async with world.delivering() as deliver:
        for number in range(30):
            world.commit(events=[(1, track("Viewed", f"m{number}", n=number))])
            await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await deliver.drain()
    sent = [
        event["properties"]["n"] for entry in sandbox.journal() for event in entry["body"].get("events", [])
    ]
    assert sent == list(range(30))


async def test_a_gap_between_requests_of_a_profile_is_kept(world):
    world.person(1, user_id="u1")
    world.events()
    settings = DeliverySettings(linger_ms=0, poll_ms=20, gap_ms=300)
    async with world.delivering(settings) as deliver:
        world.commit(events=[(1, track("Viewed", "m1"))])
        await deliver.drain()
        world.commit(events=[(1, track("Viewed", "m2"))])
        await deliver.drain()
    (first, second) = world.rows("select sent_at, answered_at from attempt order by id")
    assert second[0] - first[1] >= 300_000


async def test_counters_add_up(busy, sandbox):
    sandbox.add_fault("status", status=500, rate=0.3)
    for number in range(1, 6):
        send_round(busy, number)
    async with busy.delivering() as deliver:
        await busy.until(lambda: busy.counts(2).get((0, ""), 0) > 300)
        sandbox.clear_faults()
        async with asyncio.timeout(60):
            await deliver.drain()
    sandbox.flush()
    assert busy.counts(2) == {(0, ""): 1000}
    assert sum(n for (n,) in busy.rows("select count from latency")) == 1000
    assert set(counted(sandbox).values()) == {5}


async def test_what_waits_for_a_deleted_connection_is_dropped_and_counted(busy, sandbox):
    sandbox.add_fault("status", status=503)
    send_round(busy, 1)
    async with busy.delivering():
        await busy.until(lambda: busy.rows("select 1 from attempt limit 1"))
    busy.directory.connected = []
    busy.directory.wanted = []
    async with busy.delivering():
        await busy.until(lambda: busy.rows("select count(*) from intent") == [(0,)])
    assert busy.counts(2) == {(1, "activate.connection_gone"): 200}


async def test_a_dead_destination_plans_little_of_a_long_backlog_and_gets_all_of_it_later(
    busy, sandbox, monkeypatch
):
    monkeypatch.setattr(read, "CHANGES_MAX", 1)
    good = busy.directory.connected[0]
    slow = msgspec.structs.replace(good, settings={**good.settings, "concurrency": 2})
    busy.directory.connected = [slow]
    sandbox.add_fault("status", status=503)
    for number in range(1, 11):
        send_round(busy, number)
    async with busy.delivering() as deliver:
        await busy.until(lambda: busy.rows("select 1 from attempt where number > 1"))
        assert busy.rows("select code from connection") == [("activate.failing",)]
        # Two rounds of what may be under way are 4 requests; what is planned at once fills 3.
        assert busy.rows("select count(*), sum(count) from intent") == [(6, 400)]
        sandbox.clear_faults()
        async with asyncio.timeout(20):
            await deliver.drain()
    sandbox.flush()
    assert busy.counts(2) == {(Kind.PASSED, ""): 2000}
    assert set(counted(sandbox).values()) == {10}
