"""A budget stops what costs and nothing else; what waits goes by itself once there is room."""

import msgspec
import pytest

from onefold.activate.purse import SPENT, WARNED
from onefold.clock import DAY, now
from onefold.model.budget import Budget
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue


@pytest.fixture
def people(world):
    for number in range(1, 11):
        world.person(number, user_id=f"u{number}", plan="pro", consents=["ads"])


def limit(world, **budget):
    (connection,) = world.directory.connected
    changed = msgspec.structs.replace(connection, budget=Budget(**budget), version=connection.version + 1)
    world.directory.connected = [changed]
    world.directory.version += 1


def billed(sandbox):
    sandbox.flush()
    return sandbox.stats()["data_points"]["total"]


def mail_state(user):
    return user["attributes"]["email_subscribe"]


async def state(world):
    """As it is while deliver runs."""
    async with world.delivering() as deliver:
        await deliver.drain()
        return world.rows("select state, code from connection")[-1]


@pytest.mark.usefixtures("people")
async def test_what_costs_stops_at_the_budget_and_goes_on_when_it_is_raised(world, sandbox):
    world.export("plan")
    limit(world, per_day=4)
    await world.deliver_all()
    assert billed(sandbox) == 4
    assert await state(world) == ("limited", SPENT)
    await world.deliver_all()
    assert billed(sandbox) == 4, "a restart spends nothing more"
    limit(world, per_day=100, warn_at=5)
    await world.deliver_all()
    assert billed(sandbox) == 10
    assert await state(world) == ("running", WARNED)
    assert world.counts(1)[0, ""] == 10


@pytest.mark.usefixtures("people")
async def test_the_next_day_it_goes_on_by_itself(world, sandbox):
    world.export("plan")
    limit(world, per_day=6, per_month=10**6, timezone="Asia/Kolkata")
    await world.deliver_all()
    assert billed(sandbox) == 6
    world.clock = lambda: now() + DAY
    await world.deliver_all()
    assert billed(sandbox) == 10
    assert (await state(world))[0] == "running"


@pytest.mark.usefixtures("people")
async def test_a_month_is_a_limit_of_its_own(world, sandbox):
    world.export("plan")
    limit(world, per_day=6, per_month=7)
    await world.deliver_all()
    assert billed(sandbox) == 6
    limit(world, per_day=60, per_month=7)
    await world.deliver_all()
    assert billed(sandbox) == 7


async def test_events_wait_too_and_none_is_lost(world, sandbox):
    world.person(1, user_id="u1")
    events = [(1, {"type": "track", "event": f"E{n}", "messageId": f"m{n}"}) for n in range(5)]
    world.commit(1, events=events)
    world.events()
    limit(world, per_day=2)
    await world.deliver_all()
    assert billed(sandbox) == 2
    assert world.rows("select count(*) from held") == [(3,)]
    limit(world, per_day=9)
    await world.deliver_all()
    assert billed(sandbox) == 5
    assert world.counts(2)[0, ""] == 5
    assert world.rows("select count(*) from held") == [(0,)]


async def hold_two_of_three_events(world):
    """Of profile 1; gives their offset."""
    world.person(1, user_id="u1")
    world.person(2, user_id="u2")
    events = [(1, {"type": "track", "event": f"E{n}", "messageId": f"m{n}"}) for n in range(3)]
    offset = world.commit(1, events=events)
    world.events()
    limit(world, per_day=1)
    await world.deliver_all()
    assert world.rows("select count(*) from held") == [(2,)]
    return offset


async def test_what_waited_is_under_one_person_after_a_merge(world):
    offset = await hold_two_of_three_events(world)
    world.commit(2, merged=[(1, 2)])
    limit(world, per_day=9)
    await world.deliver_all()
    assert [attempt.profiles for attempt in world.attempts(offset, 2)] == [[2]]


async def test_what_waited_for_someone_who_is_gone_is_counted(world, sandbox):
    await hold_two_of_three_events(world)
    world.state.execute("delete from profile where id = 1")
    limit(world, per_day=9)
    await world.deliver_all()
    assert billed(sandbox) == 1
    assert world.counts(2) == {(0, ""): 1, (1, "activate.gone"): 2}


@pytest.mark.usefixtures("people")
async def test_what_was_sent_to_someone_who_withdrew_is_taken_back_whatever_it_costs(world, sandbox):
    world.export("plan", purpose="ads", leaving="null")
    await world.deliver_all()
    limit(world, per_day=1)
    world.person(3, user_id="u3", plan="pro")
    world.person(4, user_id="u4", plan="gold", consents=["ads"])
    world.commit(3, 4)
    await world.deliver_all()
    sandbox.flush()
    assert "plan" not in sandbox.user("u3").get("custom_attributes", {})
    assert sandbox.user("u4")["custom_attributes"] == {"plan": "pro"}


async def test_requests_that_leave_together_do_not_exceed_it(world, sandbox):
    for number in range(1, 401):
        world.person(number, user_id=f"u{number}", plan="pro", color="red")
    world.export("plan", "color")
    limit(world, per_day=301)
    await world.deliver_all()
    assert billed(sandbox) == 300, "two fields of a person are one object"
    sandbox.reset()
    limit(world, per_day=10_000)
    await world.deliver_all()
    assert billed(sandbox) == 500


async def test_what_did_not_arrive_is_not_spent(world, sandbox):
    for number in range(1, 5):
        world.person(number, user_id=f"u{number}", plan="pro")
    world.export("plan")
    limit(world, per_day=3)
    sandbox.add_fault("status", status=503, next=1)
    await world.deliver_all()
    assert billed(sandbox) == 3
    assert world.counts(1) == {(0, ""): 3}


async def test_what_is_free_goes_on(world, sandbox):
    rows = [Mapping(TraitValue("plan"), "plan"), Mapping(TraitValue("news"), "email_subscribe")]
    for number in range(1, 4):
        world.person(number, user_id=f"u{number}", plan="pro", news="opted_in")
    world.set_goal(Goal(1, 1, "export", "All", True, mappings=rows))
    limit(world, per_day=1)
    await world.deliver_all()
    assert billed(sandbox) == 1
    people = [sandbox.user(f"u{number}") for number in range(1, 4)]
    assert [mail_state(one) for one in people] == ["opted_in"] * 3, "taken out of a request"
    world.person(3, user_id="u3", plan="gold", news="unsubscribed")
    world.commit(3)
    await world.deliver_all()
    assert billed(sandbox) == 1
    assert mail_state(sandbox.user("u3")) == "unsubscribed", "planned while nothing may cost"
    limit(world, per_day=9)
    await world.deliver_all()
    assert billed(sandbox) == 3
    assert sandbox.user("u3")["custom_attributes"] == {"plan": "gold"}


async def test_a_goal_that_costs_nothing_begins_also_then(world, sandbox):
    world.person(1, user_id="u1", plan="pro", news="opted_in")
    world.export("plan")
    limit(world, per_day=1)
    await world.deliver_all()
    rows = [Mapping(TraitValue("news"), "email_subscribe")]
    world.set_goal(Goal(2, 1, "export", "News", True, mappings=rows, position=1))
    await world.deliver_all()
    assert billed(sandbox) == 1
    assert mail_state(sandbox.user("u1")) == "opted_in"
