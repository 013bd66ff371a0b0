"""deliver killed at random moments under load: nothing is lost, attributes end right, doubles are named."""

import asyncio
import random
import signal
from collections import Counter

from onefold.model.outcome import Kind
from onefold.model.run import RunState
from onefold.model.schedule import ByHand, Schedule

KILLS = 5
PEOPLE = 120
ROUNDS_MAX = 500


def is_sending(world, answered):
    """The process has had answers since it started, and has requests under way."""
    more = world.rows("select count(*) from attempt")[0][0] > answered
    return more and world.rows("select 1 from sending where sent = 1")


async def test_kills_lose_nothing_and_name_what_may_have_doubled(world, sandbox):
    rng = random.Random(11)
    sandbox.change_settings(delay_ms=0, raw_events_per_user_max=1000)
    sandbox.add_fault("slow", rate=0.5, delay_ms=15)
    for number in range(1, PEOPLE + 1):
        world.person(number, user_id=f"u{number}", round=0)
    world.export("round")
    world.events()
    offsets = {}
    process, answered, kills = world.start(), 0, 0
    try:
        for number in range(1, ROUNDS_MAX + 1):
            some = rng.sample(range(1, PEOPLE + 1), 40)
            events = []
            for person in some:
                world.person(person, user_id=f"u{person}", round=number)
                message_id = f"m{number}-{person}"
                events.append((person, {"type": "track", "event": "Viewed", "messageId": message_id}))
            offset = world.commit(*some, events=events)
            for place, person in enumerate(some):
                offsets[f"m{number}-{person}"] = (offset, place)
            await asyncio.sleep(rng.uniform(0.03, 0.1))
            if is_sending(world, answered):
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
                if kills == KILLS:
                    break
                answered = world.rows("select count(*) from attempt")[0][0]
                process = world.start()
    finally:
        process.kill()
        process.wait()
    assert kills == KILLS
    sandbox.clear_faults()
    await world.deliver_all()
    sandbox.flush()
    for number, profile in world.profiles.items():
        assert sandbox.user(f"u{number}")["custom_attributes"]["round"] == profile.trait("round")
    arrived = Counter(
        event["properties"]["onefold_id"]
        for user in sandbox.users()
        for event in sandbox.user(user["external_id"])["event_log"]
    )
    assert set(arrived) == set(offsets)
    for message_id, count in arrived.items():
        if count > 1:
            attempts = world.attempts(*offsets[message_id])
            assert any(attempt.maybe_doubled for attempt in attempts), message_id
    assert world.counts(2)[0, ""] == len(offsets)


async def test_a_run_that_is_killed_goes_on_and_counts_everyone_once(world, sandbox):
    rng = random.Random(12)
    sandbox.change_settings(delay_ms=0)
    sandbox.add_fault("slow", rate=1.0, delay_ms=30)
    for number in range(1, 6001):
        world.person(number, user_id=f"u{number}", round=1)
    world.export("round", schedule=Schedule(ByHand()))
    world.ask(1)
    for _ in range(KILLS):
        answered = world.rows("select count(*) from attempt")[0][0]
        process = world.start()
        try:
            await world.until(lambda: is_sending(world, answered))  # noqa: B023 - waited for at once
            await asyncio.sleep(rng.uniform(0, 0.05))
        finally:
            process.kill()
            process.wait()
    assert world.runs()[0].is_open
    sandbox.clear_faults()
    await world.deliver_all()
    (run,) = world.runs()
    assert (run.state, run.planned, run.total(Kind.PASSED)) == (RunState.SUCCEEDED, 6000, 6000)
    sandbox.flush()
    assert sandbox.stats()["users"] == 6000
