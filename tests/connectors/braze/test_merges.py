"""Aliases that stand apart from their person in Braze are merged into it, after a hold."""

import asyncio
import random

import msgspec
import pytest

from onefold.activate.apart import SETTLE
from onefold.clock import SECOND, now
from onefold.model.outcome import Kind

MINUTE = 60 * SECOND
PEOPLE = 40
KILLS = 5


def track(message_id):
    return {"type": "track", "event": "Viewed", "messageId": message_id}


@pytest.fixture
def merging(world):
    """A connection that merges after an hour."""
    (plain,) = world.directory.connected
    settings = {**plain.settings, "merges": "merge", "merge_hold_minutes": 60}
    world.directory.connected = [msgspec.structs.replace(plain, settings=settings)]
    return world


def pass_time(world, minutes):
    """The time goes on for deliver alone."""
    before = world.clock
    world.clock = lambda: before() + minutes * MINUTE


def merges(sandbox):
    """What was asked of Braze to be merged."""
    sandbox.flush()
    return [
        update
        for entry in sandbox.journal()
        if entry["path"] == "/users/merge"
        for update in entry["body"]["merge_updates"]
    ]


def alias(name):
    return {"user_alias": {"alias_name": name, "alias_label": "onefold_id"}}


async def one_device(world, count):
    """So many people with a device and an event each, known to Braze."""
    numbers = range(1, count + 1)
    for number in numbers:
        world.person(number, anonymous_id=f"a{number}")
    world.commit(*numbers, events=[(number, track(f"m{number}")) for number in numbers])
    world.events(anonymous="alias")
    await world.deliver_all()


async def two_devices(world, **known):
    """Two devices with an event each; then they turn out to be one person."""
    await one_device(world, 2)
    world.person(1, anonymous_id=["a1", "a2"], **known)
    world.commit(1, events=[(1, track("m3"))], merged=[(2, 1)])
    await world.deliver_all()


async def test_the_second_device_of_a_known_person_is_merged_after_the_hold(merging, sandbox):
    await two_devices(merging, user_id="u1")
    sandbox.flush()
    assert sorted(user["events"] for user in sandbox.users()) == [1, 2]
    pass_time(merging, 59)
    await merging.deliver_all()
    assert merges(sandbox) == []
    pass_time(merging, 2)
    await merging.deliver_all()
    assert merges(sandbox) == [
        {"identifier_to_merge": alias("a2"), "identifier_to_keep": {"external_id": "u1"}}
    ]
    assert [(user["external_id"], user["events"]) for user in sandbox.users()] == [("u1", 3)]
    pass_time(merging, 120)
    merging.commit(1, events=[(1, track("m4"))])
    await merging.deliver_all()
    assert len(merges(sandbox)) == 1
    assert merging.counts(2)[Kind.PASSED, ""] == 8


async def test_two_devices_of_a_person_without_a_user_id_are_merged_and_identified_later(merging, sandbox):
    await two_devices(merging)
    pass_time(merging, 61)
    await merging.deliver_all()
    assert merges(sandbox) == [{"identifier_to_merge": alias("a2"), "identifier_to_keep": alias("a1")}]
    merging.person(1, user_id="u1", anonymous_id=["a1", "a2"])
    merging.commit(1, events=[(1, track("m4"))])
    await merging.deliver_all()
    sandbox.flush()
    assert [(user["external_id"], user["events"]) for user in sandbox.users()] == [("u1", 4)]


async def test_a_goal_before_it_that_leaves_anonymous_people_out_is_no_hindrance(merging, sandbox):
    merging.export("plan")
    await two_devices(merging)
    pass_time(merging, 61)
    await merging.deliver_all()
    assert len(merges(sandbox)) == 1


async def test_a_device_that_left_the_person_meanwhile_is_left_apart(merging, sandbox):
    await two_devices(merging, user_id="u1")
    merging.person(1, user_id="u1", anonymous_id="a1")
    pass_time(merging, 61)
    await merging.deliver_all()
    assert merges(sandbox) == []
    assert not merging.rows("select 1 from ledger where ledger_id < -1000")


async def test_without_the_setting_nothing_is_merged(world, sandbox):
    await two_devices(world, user_id="u1")
    pass_time(world, 100_000)
    await world.deliver_all()
    assert merges(sandbox) == []
    assert len(list(sandbox.users())) == 2


async def test_without_a_hold_it_is_asked_for_at_once_behind_what_is_under_way(merging, sandbox):
    (held,) = merging.directory.connected
    settings = {**held.settings, "merge_hold_minutes": 0}
    merging.directory.connected = [msgspec.structs.replace(held, settings=settings)]
    await two_devices(merging, user_id="u1")
    assert len(merges(sandbox)) == 1
    paths = [entry["path"] for entry in sandbox.journal()]
    assert paths.index("/users/merge") > paths.index("/users/identify")
    assert [user["external_id"] for user in sandbox.users()] == ["u1"]


async def test_what_a_merge_fills_in_is_removed_again(merging, sandbox):
    """The survivor has lost a field that Braze still holds of the other: it would come back."""
    merging.person(1, user_id="u1", anonymous_id="a1")
    merging.person(2, anonymous_id="a2", plan="pro")
    merging.export("color", "plan", anonymous="alias")
    await merging.deliver_all()
    merging.person(3, anonymous_id="a3", color="red")
    merging.commit(3)
    await merging.deliver_all()
    merging.person(1, user_id="u1", anonymous_id=["a1", "a2", "a3"], plan="gold")
    merging.commit(1, merged=[(2, 1), (3, 1)])
    await merging.deliver_all()
    pass_time(merging, 61)
    await merging.deliver_all()
    sandbox.flush()
    # One of the two was identified at once, without a hold, as nothing is lost by that.
    assert len(merges(sandbox)) == 1
    pass_time(merging, 1 + SETTLE // MINUTE)
    await merging.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "gold"}
    assert not merging.rows("select 1 from ledger where ledger_id < -1000")


async def test_a_wrong_merge_is_refused_by_itself_and_not_asked_for_again(merging, sandbox):
    await two_devices(merging, user_id="u1")
    pass_time(merging, 61)
    sandbox.add_fault("status", status=400, path="/users/merge")
    await merging.deliver_all()
    sandbox.clear_faults()
    assert merging.counts(2)[Kind.REJECTED, "activate.braze.refused"] == 1
    pass_time(merging, 200)
    await merging.deliver_all()
    assert len(merges(sandbox)) == 1


async def test_without_the_permission_only_merges_wait(merging, strict):
    merging.use_key(strict, "users.track+users.identify")
    await two_devices(merging, user_id="u1")
    pass_time(merging, 61)
    async with merging.delivering():
        limited = "select reason from connection where state = 'limited'"
        await merging.until(lambda: merging.rows(limited))
        assert "users.merge" in str(merging.rows(limited))
    merging.commit(1, events=[(1, track("m4"))])
    await merging.deliver_all()
    strict.flush()
    assert strict.user("u1")["custom_events"][0]["count"] == 3
    merging.use_key(strict, strict.api_key)
    await merging.deliver_all()
    # What was taken back is held once more.
    pass_time(merging, 61)
    await merging.deliver_all()
    strict.flush()
    assert [user["external_id"] for user in strict.users()] == ["u1"]


def under_way(world):
    return world.rows("select 1 from sending where sent = 1")


def kill(process):
    process.kill()
    process.wait()


async def test_killed_while_it_is_held_it_is_merged_once_and_not_before(merging, sandbox):
    await one_device(merging, 2)
    merging.person(1, user_id="u1", anonymous_id=["a1", "a2"])
    merging.commit(1, events=[(1, track("m3"))], merged=[(2, 1)])
    process = merging.start()

    def is_held() -> bool:
        # What is under way when it is killed may go twice: that is not what this is about.
        arrived = sum(user["events"] for user in sandbox.users()) == 3
        is_noted = merging.rows("select 1 from ledger where ledger_id < -1000")
        return bool(arrived and is_noted and not under_way(merging))

    try:
        await merging.until(is_held)
    finally:
        kill(process)
    pass_time(merging, 58)
    await merging.deliver_all()
    assert merges(sandbox) == []
    pass_time(merging, 3)
    await merging.deliver_all()
    assert len(merges(sandbox)) == 1
    assert [(user["external_id"], user["events"]) for user in sandbox.users()] == [("u1", 3)]


async def test_killed_before_the_answer_of_a_merge_it_is_asked_for_again_and_harms_nothing(merging, sandbox):
    await two_devices(merging, user_id="u1")
    sandbox.flush()
    pass_time(merging, 61)
    sandbox.add_fault("slow", when="after", delay_ms=10_000, path="/users/merge")
    process = merging.start()
    try:
        await merging.until(lambda: sandbox.flush() or len(list(sandbox.users())) == 1)
        assert under_way(merging)
    finally:
        kill(process)
    sandbox.clear_faults()
    merging.commit(1, events=[(1, track("m4"))])
    await merging.deliver_all()
    sandbox.flush()
    assert [(user["external_id"], user["events"]) for user in sandbox.users()] == [("u1", 4)]
    asked = len(merges(sandbox))
    pass_time(merging, 200)
    await merging.deliver_all()
    assert len(merges(sandbox)) == asked, "what was answered is not asked for again"
    assert not merging.rows("select 1 from letter")


async def test_kills_at_any_moment_leave_everyone_merged_with_all_that_happened(merging, sandbox):
    rng = random.Random(13)
    (held,) = merging.directory.connected
    settings = {**held.settings, "merge_hold_minutes": 0}
    merging.directory.connected = [msgspec.structs.replace(held, settings=settings)]
    await one_device(merging, 2 * PEOPLE)
    sandbox.flush()
    sandbox.add_fault("slow", delay_ms=15)
    for number in range(1, PEOPLE + 1):
        devices = [f"a{number}", f"a{number + PEOPLE}"]
        merging.person(number, user_id=f"u{number}", anonymous_id=devices)
        event = (number, track(f"later-{number}"))
        merging.commit(number, events=[event], merged=[(number + PEOPLE, number)])
    for _ in range(KILLS):
        process = merging.start()
        try:
            await merging.until(lambda: under_way(merging))
            await asyncio.sleep(rng.uniform(0, 0.06))
        finally:
            kill(process)
    sandbox.clear_faults()
    await merging.deliver_all()
    sandbox.flush()
    assert sorted(user["external_id"] for user in sandbox.users()) == sorted(
        f"u{number}" for number in range(1, PEOPLE + 1)
    )
    for number in range(1, PEOPLE + 1):
        happened = {one["properties"]["onefold_id"] for one in sandbox.user(f"u{number}")["event_log"]}
        assert happened == {f"m{number}", f"m{number + PEOPLE}", f"later-{number}"}
    assert not merging.rows("select 1 from letter")


def test_time_is_real_unless_a_test_says_so(world):
    assert abs(world.clock() - now()) < MINUTE
