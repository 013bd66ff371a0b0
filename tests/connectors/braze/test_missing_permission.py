"""A key without users.identify: only joining aliases waits, and is made up for once it has it."""

import msgspec
import pytest

from onefold.activate import health
from onefold.model.delivery import AttemptState
from onefold.model.outcome import Kind

PERMISSION = "activate.braze.permission"


@pytest.fixture
def narrow(world, strict):
    """A connection whose key may only track; both goals send anonymous people."""
    world.use_key(strict, "users.track")
    world.export("plan", anonymous="alias")
    world.events(anonymous="alias")
    return world


def track(message_id, name="Viewed"):
    return {"type": "track", "event": name, "messageId": message_id}


def state_of(world):
    rows = world.rows("select state, code, reason, hint from connection")
    return rows[0] if rows else ("", "", "", "")


def external_ids(sandbox):
    sandbox.flush()
    return sorted(str(user["external_id"]) for user in sandbox.users())


async def become_known(world, people):
    """Anonymous people with an alias in Braze turn out to be users."""
    for number in range(1, people + 1):
        world.person(number, anonymous_id=f"a{number}", plan="free")
    ids = list(range(1, people + 1))
    world.commit(*ids, events=[(number, track(f"m{number}")) for number in ids])
    await world.deliver_all()
    for number in ids:
        world.person(number, user_id=f"u{number}", anonymous_id=f"a{number}", plan="pro")
    world.commit(*ids, events=[(number, track(f"n{number}", "Liked")) for number in ids])


async def test_everything_but_joining_goes_on_and_the_permission_is_named(narrow, strict):
    await become_known(narrow, 3)
    narrow.person(9, user_id="u9", plan="gold")
    narrow.commit(9, events=[(9, track("m9"))])
    async with narrow.delivering() as deliver:
        await deliver.drain()
        state, code, reason, hint = state_of(narrow)
    assert (state, code) == ("limited", PERMISSION)
    assert "users.identify" in reason
    assert "goes on" in reason
    assert "users.identify" in hint
    assert external_ids(strict) == ["None", "None", "None", "u1", "u2", "u3", "u9"]
    assert strict.user("u1")["custom_attributes"] == {"plan": "pro"}
    assert strict.user("u9")["custom_attributes"] == {"plan": "gold"}
    assert narrow.rows("select count(*) from intent") == [(0,)]
    assert narrow.rows("select count(*) from letter") == [(0,)]
    kinds = {kind for goal in (1, 2) for kind, _ in narrow.counts(goal)}
    assert kinds <= {Kind.PASSED, Kind.FILTERED}
    tried = narrow.rows("select state, channel from attempt where code = ?", PERMISSION)
    assert tried == [(AttemptState.DEFERRED, "identify")]


async def test_a_key_with_the_permission_joins_those_who_waited(narrow, strict):
    await become_known(narrow, 3)
    await narrow.deliver_all()
    narrow.use_key(strict, "users.track+users.identify")
    async with narrow.delivering() as deliver:
        await narrow.until(lambda: state_of(narrow)[0] == "running")
        await deliver.drain()
    assert external_ids(strict) == ["u1", "u2", "u3"]
    assert strict.user("u1")["custom_attributes"] == {"plan": "pro"}


async def test_many_who_wait_hold_up_nobody(narrow, strict):
    """More than may be under way at once: what waits for the permission must not fill the outbox."""
    first = narrow.directory.connected[0]
    narrow.directory.connected = [
        msgspec.structs.replace(first, settings={**first.settings, "concurrency": 1})
    ]
    await become_known(narrow, 300)
    await narrow.deliver_all()
    assert external_ids(strict).count("None") == 300
    assert len(external_ids(strict)) == 600
    assert narrow.counts(2)[Kind.PASSED, ""] == 600


async def test_it_waits_through_restarts(narrow, strict):
    await become_known(narrow, 2)
    for _ in range(2):
        async with narrow.delivering() as deliver:
            await narrow.until(lambda: state_of(narrow)[0] == "limited")
            await deliver.drain()
    narrow.commit(1, events=[(1, track("later"))])
    await narrow.deliver_all()
    narrow.use_key(strict, "users.track+users.identify")
    await narrow.deliver_all()
    assert external_ids(strict) == ["u1", "u2"]


async def test_it_is_asked_again_now_and_then(narrow, strict, monkeypatch):
    monkeypatch.setattr(health, "PROBE_S", 0)
    narrow.use_key(strict, "users.track+users.identify")
    strict.add_fault("status", status=403, path="/users/identify")
    await become_known(narrow, 2)
    async with narrow.delivering() as deliver:
        await narrow.until(lambda: state_of(narrow)[0] == "limited")
        strict.clear_faults()
        await narrow.until(lambda: state_of(narrow)[0] == "running")
        await deliver.drain()
    assert external_ids(strict) == ["u1", "u2"]


async def test_a_pause_is_over_although_an_optional_permission_is_missing(narrow, strict, monkeypatch):
    monkeypatch.setattr(health, "PROBE_S", 0)
    strict.add_fault("status", status=401, path="/users/track")
    narrow.person(1, user_id="u1")
    narrow.commit(1, events=[(1, track("m1"))])
    async with narrow.delivering() as deliver:
        await narrow.until(lambda: state_of(narrow)[0] == "paused")
        strict.clear_faults()
        await narrow.until(lambda: state_of(narrow)[0] == "running")
        await deliver.drain()
    assert external_ids(strict) == ["u1"]


async def test_without_users_track_nothing_can_go(narrow, strict):
    narrow.use_key(strict, "users.identify")
    narrow.person(1, user_id="u1", plan="pro")
    narrow.commit(1)
    async with narrow.delivering():
        await narrow.until(lambda: state_of(narrow)[0] == "paused")
    assert "users.track" in narrow.rows("select reason from connection")[0][0]
