"""A goal with a purpose delivers only who consented: asked when planned, and again right before it leaves."""

import pytest

from onefold.activate.settings import DeliverySettings
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue
from onefold.model.outcome import Kind

FILTERED, REJECTED = 1, 2
NO_CONSENT = (FILTERED, "activate.no_consent")
PATIENT = DeliverySettings(linger_ms=0, poll_ms=20, attempts_max=1000)


def viewed(number):
    return {"type": "track", "event": "Viewed", "messageId": f"m{number}", "properties": {"n": number}}


async def hold_up(world):
    """Plan and try once; the destination takes nothing, so everything waits."""
    async with world.delivering(PATIENT):
        await world.until(lambda: world.rows("select 1 from attempt limit 1"))


def settled(world, goal_id):
    return sum(world.counts(goal_id).values())


async def test_only_who_consented_arrives(world, sandbox):
    world.person(1, user_id="u1", plan="pro", consents=["email"])
    world.person(2, user_id="u2", plan="pro", consents=["ads"])
    world.person(3, user_id="u3", plan="pro")
    world.export("plan", purpose="email")
    await world.deliver_all()
    sandbox.flush()
    assert [user["external_id"] for user in sandbox.users()] == ["u1"]
    assert world.counts(1) == {(0, ""): 1, NO_CONSENT: 2}


async def test_events_of_who_did_not_consent_are_filtered(world, sandbox):
    world.person(1, user_id="u1", consents=["email"])
    world.person(2, user_id="u2")
    world.commit(1, 2, events=[(1, viewed(1)), (2, viewed(2)), (1, viewed(3))])
    world.events(purpose="email")
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u2") is None
    assert world.counts(2) == {(0, ""): 2, NO_CONSENT: 1}


@pytest.mark.parametrize("segment_id", [0, 3])
async def test_a_withdrawn_consent_is_like_leaving_the_segment(world, sandbox, segment_id):
    world.person(1, user_id="u1", segments=[3], plan="pro", consents=["email"])
    world.export("plan", purpose="email", segment_id=segment_id, leaving="null")
    await world.deliver_all()
    world.person(1, user_id="u1", segments=[3], plan="gold")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {}
    world.commit(1)
    await world.deliver_all()
    assert world.counts(1) == {(0, ""): 2, NO_CONSENT: 1}
    world.person(1, user_id="u1", segments=[3], plan="gold", consents=["email"])
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "gold"}


async def test_a_withdrawn_consent_keeps_what_was_sent_by_default(world, sandbox):
    world.person(1, user_id="u1", plan="pro", consents=["email"])
    world.export("plan", purpose="email")
    await world.deliver_all()
    world.person(1, user_id="u1", plan="gold")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}


async def test_consent_withdrawn_in_mid_run_stops_what_was_not_sent(world, sandbox):
    for number in range(1, 151):
        world.person(number, user_id=f"u{number}", plan="pro", consents=["email"])
    world.export("plan", purpose="email")
    sandbox.add_fault("throttle", retry_after_s=1)
    await hold_up(world)
    for number in range(1, 101):
        world.person(number, user_id=f"u{number}", plan="pro")
    world.commit(*range(1, 101))
    sandbox.clear_faults()
    await world.deliver_all(PATIENT)
    sandbox.flush()
    arrived = {user["external_id"] for user in sandbox.users()}
    assert arrived == {f"u{number}" for number in range(101, 151)}
    # A hundred that waited, and a hundred that the change made plan again.
    assert world.counts(1) == {(0, ""): 50, NO_CONSENT: 200}
    assert world.rows("select count(*) from intent") == [(0,)]


async def test_what_consent_stops_is_counted_in_the_run_that_planned_it(world, sandbox):
    for number in range(1, 11):
        world.person(number, user_id=f"u{number}", plan="pro", consents=["email"])
    world.export("plan", purpose="email")
    sandbox.add_fault("throttle", retry_after_s=1)
    await hold_up(world)
    world.person(1, user_id="u1", plan="pro")
    world.person(2, user_id="u2", plan="pro")
    sandbox.clear_faults()
    await world.deliver_all(PATIENT)
    planned, passed, filtered = 0, 0, {}
    for run in world.runs(1):
        assert run.deferred == 0
        planned += run.planned
        passed += run.total(Kind.PASSED)
        filtered |= {one.code: one.count for one in run.reasons if one.kind is Kind.FILTERED}
        assert {one.profile_id for one in world.samples(run) if one.code == NO_CONSENT[1]} == {1, 2}
    assert (planned, passed, filtered) == (10, 8, {NO_CONSENT[1]: 2})


def leaving_free(version=1):
    rows = [Mapping(TraitValue("plan"), "plan", leaving="none")]
    return Goal(1, 1, "export", "Export", True, mappings=rows, purpose="email", version=version)


async def test_a_withdrawn_consent_sets_what_a_row_says_of_leaving(world, sandbox):
    world.person(1, user_id="u1", plan="pro", consents=["email"])
    world.set_goal(leaving_free())
    await world.deliver_all()
    world.person(1, user_id="u1", plan="gold")
    for _ in range(2):
        world.commit(1)
        await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "none"}
    assert world.counts(1) == {(0, ""): 2, NO_CONSENT: 1}


@pytest.mark.parametrize("leaving", ["a row's value", "null"])
async def test_nobody_is_made_at_the_destination_only_to_change_fields_on_leaving(world, sandbox, leaving):
    world.person(1, user_id="u1", plan="pro", consents=["email"])
    if leaving == "null":
        world.export("plan", purpose="email", leaving="null")
    else:
        world.set_goal(leaving_free())
    sandbox.add_fault("throttle", retry_after_s=1)
    async with world.delivering(PATIENT) as deliver:
        await world.until(lambda: world.rows("select 1 from attempt limit 1"))
        world.person(1, user_id="u1", plan="pro")
        cursor = world.commit(1) or 1
        await world.until(lambda: world.rows("select 1 from goal where cursor >= ?", cursor))
        sandbox.clear_faults()
        await deliver.drain()
    sandbox.flush()
    assert sandbox.user("u1") is None
    assert settled(world, 1) == 2


async def test_another_goal_takes_over_a_shared_field_where_consent_is_missing(world, sandbox):
    world.person(1, user_id="u1", plan="pro", tier="gold", consents=["email"])
    world.set_goal(
        Goal(1, 1, "export", "A", True, mappings=[Mapping(TraitValue("plan"), "level")], purpose="email")
    )
    rows = [Mapping(TraitValue("tier"), "level")]
    world.set_goal(Goal(2, 1, "export", "B", True, mappings=rows, position=1))
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"level": "pro"}
    world.person(1, user_id="u1", plan="pro", tier="gold")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"level": "gold"}


async def test_what_was_stopped_goes_once_consent_comes_back(world, sandbox):
    world.person(1, user_id="u1", plan="pro", consents=["email"])
    world.export("plan", purpose="email")
    sandbox.add_fault("throttle", retry_after_s=1)
    await hold_up(world)
    world.person(1, user_id="u1", plan="pro")
    world.commit(1)
    sandbox.clear_faults()
    await world.deliver_all(PATIENT)
    world.person(1, user_id="u1", plan="pro", consents=["email"])
    world.commit(1)
    await world.deliver_all(PATIENT)
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}


async def test_fields_that_may_have_arrived_are_removed_if_wished(world, sandbox):
    world.person(1, user_id="u1", plan="pro", consents=["email"])
    world.export("plan", purpose="email", leaving="null")
    sandbox.add_fault("reset", path="/users/track", when="after")
    await hold_up(world)
    world.person(1, user_id="u1", plan="pro")
    world.commit(1)
    sandbox.clear_faults()
    await world.deliver_all(PATIENT)
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {}


async def test_a_purpose_that_a_goal_gets_holds_for_what_waits_already(world, sandbox):
    world.person(1, user_id="u1", plan="pro")
    world.person(2, user_id="u2", plan="pro", consents=["email"])
    world.export("plan")
    sandbox.add_fault("throttle", retry_after_s=1)
    await hold_up(world)
    world.export("plan", purpose="email", version=2)
    sandbox.clear_faults()
    await world.deliver_all(PATIENT)
    sandbox.flush()
    assert [user["external_id"] for user in sandbox.users()] == ["u2"]


async def test_what_waits_of_a_deleted_goal_asks_for_consent_all_the_same(world, sandbox):
    world.person(1, user_id="u1", plan="pro", consents=["email"])
    world.export("plan", purpose="email")
    sandbox.add_fault("throttle", retry_after_s=1)
    await hold_up(world)
    world.person(1, user_id="u1", plan="pro")
    world.directory.wanted = []
    sandbox.clear_faults()
    await world.deliver_all(PATIENT)
    assert sandbox.user("u1") is None
    assert world.counts(1) == {NO_CONSENT: 1}
