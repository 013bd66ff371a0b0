"""A goal that sends events reads its past as far back as the log reaches, however long changes are kept."""

import msgspec
import pytest

from onefold.activate import read
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.clock import to_iso
from onefold.model.outcome import Kind

NOW = 1_795_000_000_000_000


def track(message_id):
    return {"type": "track", "event": "Viewed", "messageId": message_id}


def came(world, *message_ids, profile_id=1):
    return world.commit(profile_id, events=[(profile_id, track(one)) for one in message_ids])


def retire_changes(world):
    """As `retention.change_days` does."""
    world.state.execute("delete from change")


def sent(sandbox):
    """Message ids in the order in which they were sent."""
    sandbox.flush()
    return [
        event["properties"]["onefold_id"]
        for entry in sandbox.journal()
        for event in entry["body"].get("events", [])
    ]


@pytest.fixture(autouse=True)
def _person(world):
    world.person(1, user_id="u1")


async def test_what_changes_no_longer_tell_is_read_by_the_batches(world, sandbox):
    came(world, "m1", "m2")
    came(world, "m3")
    retire_changes(world)
    came(world, "m4")
    world.events()
    await world.deliver_all()
    came(world, "m5")
    await world.deliver_all()
    assert sent(sandbox) == ["m1", "m2", "m3", "m4", "m5"]
    assert world.counts(2) == {(Kind.PASSED, ""): 5}


async def test_the_past_of_a_merged_profile_goes_to_the_survivor(world, sandbox):
    world.person(2, anonymous_id="a")
    came(world, "m1", profile_id=2)
    world.commit(merged=[(2, 1)])
    retire_changes(world)
    world.events()
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_events"][0]["count"] == 1


async def test_it_goes_on_where_it_stopped(world, sandbox, monkeypatch):
    monkeypatch.setattr(read, "CHANGES_MAX", 1)
    # Two requests are planned ahead of one that may be under way: the past cannot be read to its end.
    (good,) = world.directory.connected
    slow = msgspec.structs.replace(good, settings={**good.settings, "concurrency": 1})
    world.directory.connected = [slow]
    for number in range(10):
        came(world, f"m{number}")
    retire_changes(world)
    world.events()
    sandbox.add_fault("status", status=503, path="/users/track")
    async with world.delivering():
        await world.until(lambda: world.rows("select 1 from goal where scanned_to > 0 and scanning"))
        came(world, "live")
    sandbox.clear_faults()
    await world.deliver_all()
    assert sent(sandbox)[-11:] == [*(f"m{number}" for number in range(10)), "live"]
    assert world.counts(2) == {(Kind.PASSED, ""): 11}
    assert world.rows("select scanning, scan_end from goal") == [(0, 0)]


async def test_a_goal_that_was_off_for_long_reads_what_it_missed(world, sandbox):
    came(world, "m1")
    world.events()
    await world.deliver_all()
    on = world.directory.wanted[0]
    world.set_goal(msgspec.structs.replace(on, enabled=False))
    came(world, "m2")
    retire_changes(world)
    came(world, "m3")
    world.set_goal(on)
    await world.deliver_all()
    assert sent(sandbox) == ["m1", "m2", "m3"]
    assert world.counts(2) == {(Kind.PASSED, ""): 3}


async def test_what_the_log_no_longer_holds_is_counted_as_gone(world, sandbox):
    first = came(world, "m1", "m2")
    second = came(world, "m3")
    came(world, "m4")
    # One batch of the worker over the first two records: the log is shortened in its middle.
    world.state.execute("delete from batch where offset = ?", (first,))
    world.state.execute(
        "update batch set first_offset = ?, outcomes = x'000000', profiles = ? where offset = ?",
        (first, (1).to_bytes(8, "little") * 3, second),
    )
    retire_changes(world)
    world.log.trim(second)
    world.events()
    await world.deliver_all()
    assert sent(sandbox) == ["m3", "m4"]
    assert world.counts(2) == {(Kind.PASSED, ""): 2, (Kind.FILTERED, "activate.gone"): 2}


async def test_from_now_on_sends_nothing_of_the_past(world, sandbox):
    came(world, "m1")
    world.events(start="now")
    await world.deliver_all()
    came(world, "m2")
    await world.deliver_all()
    assert sent(sandbox) == ["m2"]


async def test_the_past_is_read_since_a_date(world, sandbox):
    day = 86_400_000_000
    for number in range(5):
        offset = came(world, f"m{number}")
        # What the worker folds is in the order in which it was received.
        received_at = NOW - (5 - number) * day
        world.state.execute("update batch set clock = ? where offset = ?", (received_at, offset))
    late = {**track("late"), "timestamp": "2020-01-01T00:00:00Z"}
    world.commit(1, events=[(1, late)])
    retire_changes(world)
    world.events(start="since", since=to_iso(NOW - 2 * day))
    await world.deliver_all()
    came(world, "live")
    await world.deliver_all()
    assert sent(sandbox) == ["m3", "m4", "live"]
    assert world.counts(2) == {(Kind.PASSED, ""): 3, (Kind.FILTERED, "activate.too_old"): 1}


@pytest.mark.parametrize("batches", [0, 1, 2, 7, 8])
def test_the_batch_before_a_time_is_found(world, batches):
    offsets = [came(world, f"m{number}") for number in range(batches)]
    for number, offset in enumerate(offsets):
        world.state.execute("update batch set clock = ? where offset = ?", (NOW + number * 10, offset))
    state = EmbeddedStateReader(world.path)
    for number in range(batches + 1):
        expected = offsets[number - 1] if number else 0
        assert state.batch_before(NOW + number * 10 - 5) == expected
    state.close()
