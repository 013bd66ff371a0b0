"""Turning a connection off finishes what is under way, keeps what is due, and loses and doubles nothing."""

import msgspec

from onefold.activate.settings import DeliverySettings
from onefold.model.outcome import Kind

PEOPLE = range(1, 301)


async def test_off_finishes_what_is_under_way_and_on_sends_the_rest_once(world, sandbox):
    connection = world.directory.connected[0]
    connection.settings["concurrency"] = 1
    sandbox.add_fault("slow", delay_ms=300, path="/users/track")
    world.events()
    for number in PEOPLE:
        world.person(number, user_id=f"u{number}")
    event = {"type": "track", "event": "Came", "properties": {}}
    world.commit(
        *PEOPLE,
        events=[(number, {**event, "messageId": f"m{number}", "userId": f"u{number}"}) for number in PEOPLE],
    )
    settings = DeliverySettings(linger_ms=0, poll_ms=20)
    async with world.delivering(settings):
        await world.until(sandbox.journal)
        world.directory.connected = [msgspec.structs.replace(connection, enabled=False)]
        world.directory.version += 1
        await world.until(lambda: world.rows("select 1 from connection where state = 'off'"))
        answered = world.counts(2).get((Kind.PASSED, ""), 0)
        assert 0 < answered < len(PEOPLE)
        assert answered == sum(entry["objects"] for entry in sandbox.journal())
        sandbox.clear_faults()
        world.directory.connected = [connection]
        world.directory.version += 1
        await world.until(lambda: world.counts(2).get((Kind.PASSED, ""), 0) == len(PEOPLE))
    sandbox.flush()
    for number in (1, 150, 300):
        came = sandbox.user(f"u{number}")["custom_events"]
        assert [one["count"] for one in came] == [1]
