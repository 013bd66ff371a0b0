"""A budget stops what costs and nothing else; what waits goes by itself once there is room."""

import msgspec
import pytest

from onefold.activate.purse import SPENT, WARNED
from onefold.activate.put_off import MERGED, PUT_OFF
from onefold.backends.embedded.delivery_status import EmbeddedDeliveryStatus
from onefold.backends.embedded.looks import EmbeddedLooks
from onefold.clock import DAY, HOUR, now
from onefold.model.budget import Budget
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue
from onefold.model.run import RunState
from onefold.model.schedule import ByHand, Schedule

BY_HAND = Schedule(ByHand())
NO_DELTA = "activate.no_delta"


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


def reasons(run):
    assert run.planned == sum(reason.count for reason in run.reasons) + run.deferred
    return {(reason.kind.name.lower(), reason.code): reason.count for reason in run.reasons}


def set_clock(world, hour):
    """It is so late today, and time goes on."""
    begun = now()
    world.clock = lambda: begun - begun % DAY + hour * HOUR + now() - begun


def waiting(world):
    """Of goal 1 and of the connection, all that waits; and what of it waits for the budget."""
    status, looks = EmbeddedDeliveryStatus(world.path), EmbeddedLooks(world.path)
    look = looks.look_at_delivery(0, 0)
    found = status.waiting()[1], look.waiting.get(1, 0), look.for_budget.get(1, 0)
    status.close()
    looks.close()
    return found


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


@pytest.mark.usefixtures("people")
async def test_who_waits_is_counted_in_the_run_and_in_all(world):
    world.export("plan")
    limit(world, per_day=4)
    await world.deliver_all()
    await world.deliver_all()
    (run,) = world.runs(1)
    assert (run.planned, run.deferred, run.put_off) == (10, 6, 6)
    assert reasons(run) == {("passed", ""): 4}
    assert waiting(world) == (6, 6, 6)
    limit(world, per_day=8)
    await world.deliver_all()
    assert (world.runs(1)[0].deferred, waiting(world)) == (2, (2, 2, 2))
    limit(world, per_day=100)
    await world.deliver_all()
    (run,) = world.runs(1)
    assert (run.planned, run.deferred, reasons(run)) == (10, 0, {("passed", ""): 10})
    assert waiting(world) == (0, 0, 0)


async def test_events_that_wait_stay_in_the_run_that_planned_them(world):
    set_clock(world, 8)
    await hold_two_of_three_events(world)
    set_clock(world, 10)
    await world.deliver_all()
    (run,) = world.runs(2)
    assert (run.state, run.planned, run.held) == (RunState.RUNNING, 3, {SPENT: 2})
    assert reasons(run) == {("passed", ""): 1}
    limit(world, per_day=9)
    await world.deliver_all()
    (run,) = world.runs(2)
    assert (run.state, run.held, reasons(run)) == (RunState.SUCCEEDED, {}, {("passed", ""): 3})


@pytest.mark.usefixtures("people")
async def test_a_run_that_the_budget_cuts_goes_on_by_itself_and_hinders_no_other(world, sandbox):
    world.export("plan", schedule=BY_HAND)
    limit(world, per_day=4)
    world.ask(1)
    await world.deliver_all()
    (run,) = world.runs(1)
    assert (run.state, run.is_resting, run.deferred) == (RunState.RUNNING, True, 6)
    world.ask(1)
    world.person(9, user_id="u9", plan="gold")
    world.commit(9)
    await world.deliver_all()
    first, second = world.runs(1)
    assert first.deferred == 6
    assert second.state is RunState.SUCCEEDED
    assert reasons(second) == {("filtered", NO_DELTA): 4, ("filtered", PUT_OFF): 6}
    limit(world, per_day=100)
    await world.deliver_all()
    first, second = world.runs(1)
    assert (first.state, reasons(first)) == (RunState.SUCCEEDED, {("passed", ""): 10})
    assert billed(sandbox) == 10
    assert sandbox.user("u9")["custom_attributes"] == {"plan": "gold"}
    assert world.runs() == [first, second], "nothing of it was in the run of an hour"


@pytest.mark.usefixtures("people")
async def test_a_cancelled_run_lets_go_of_who_waits(world, sandbox):
    world.export("plan", schedule=BY_HAND)
    limit(world, per_day=4)
    run_id = world.ask(1)
    await world.deliver_all()
    world.directory.cancelled.add(run_id)
    world.directory.version += 1
    async with world.delivering():
        await world.until(lambda: not world.runs(1)[0].is_open)
    (run,) = world.runs(1)
    assert run.state is RunState.CANCELLED
    assert reasons(run) == {("passed", ""): 4, ("filtered", "activate.run_cancelled"): 6}
    assert waiting(world) == (0, 0, 0)
    limit(world, per_day=100)
    await world.deliver_all()
    assert billed(sandbox) == 4
    world.ask(1)
    await world.deliver_all()
    assert billed(sandbox) == 10


@pytest.mark.usefixtures("people")
async def test_a_stopped_goal_lets_go_of_who_waits(world, sandbox):
    world.export("plan")
    limit(world, per_day=4)
    await world.deliver_all()
    (goal,) = world.directory.wanted
    world.set_goal(msgspec.structs.replace(goal, enabled=False, stopped=True))
    async with world.delivering():
        await world.until(lambda: not world.runs(1)[0].is_open)
    assert reasons(world.runs(1)[0])["filtered", "activate.run_cancelled"] == 6
    limit(world, per_day=100)
    world.set_goal(msgspec.structs.replace(goal, enabled_at=now()))
    await world.deliver_all()
    assert billed(sandbox) == 4


@pytest.mark.usefixtures("people")
async def test_who_waits_may_be_off_and_goes_when_the_goal_is_on_again(world, sandbox):
    world.export("plan")
    limit(world, per_day=4)
    await world.deliver_all()
    (goal,) = world.directory.wanted
    world.set_goal(msgspec.structs.replace(goal, enabled=False))
    limit(world, per_day=100)
    await world.deliver_all()
    assert (billed(sandbox), waiting(world)) == (4, (6, 6, 6))
    world.set_goal(goal)
    await world.deliver_all()
    assert (billed(sandbox), waiting(world)) == (10, (0, 0, 0))


async def test_of_two_who_wait_and_become_one_the_survivor_waits(world, sandbox):
    for number in (1, 2, 3):
        world.person(number, user_id=f"u{number}", plan="pro")
    world.export("plan")
    limit(world, per_day=1)
    await world.deliver_all()
    world.commit(merged=[(3, 2)])
    await world.deliver_all()
    (run,) = world.runs(1)
    assert (run.deferred, reasons(run)) == (1, {("passed", ""): 1, ("filtered", MERGED): 1})
    limit(world, per_day=9)
    await world.deliver_all()
    assert billed(sandbox) == 2
    assert reasons(world.runs(1)[0])["passed", ""] == 2


async def test_who_is_erased_waits_no_longer(world):
    for number in (1, 2, 3):
        world.person(number, user_id=f"u{number}", plan="pro")
    events = [(1, {"type": "track", "event": f"E{n}", "messageId": f"m{n}"}) for n in range(2)]
    world.commit(1, 2, 3, events=events)
    world.export("plan")
    world.events()
    limit(world, per_day=1)
    await world.deliver_all()
    assert {run.goal_id: run.deferred for run in world.runs()} == {1: 2, 2: 2}
    world.erase(1, offset=1)
    world.erase(3, offset=2)
    async with world.delivering():
        await world.until(lambda: world.rows("select 1 from meta where name = 'erased_to' and value = 2"))
    people, events = sorted(world.runs(), key=lambda run: run.goal_id)
    assert (people.deferred, reasons(people)) == (1, {("passed", ""): 1, ("filtered", "activate.erased"): 1})
    assert (events.deferred, reasons(events)) == (0, {("filtered", "activate.erased"): 2})
    assert waiting(world) == (1, 1, 1)
    limit(world, per_day=9)
    await world.deliver_all()
    assert [run.deferred for run in world.runs()] == [0, 0]


@pytest.mark.usefixtures("people")
async def test_who_changes_while_waiting_waits_once(world, sandbox):
    set_clock(world, 8)
    world.export("plan")
    limit(world, per_day=4)
    await world.deliver_all()
    set_clock(world, 9)
    waits = [row[0] for row in world.rows("select profile_id from ledger where ledger_id < ?", -(3 << 40))]
    world.person(waits[0], user_id=f"u{waits[0]}", plan="gold")
    world.commit(waits[0])
    await world.deliver_all()
    first, second = world.runs(1)
    assert (first.deferred, reasons(second)) == (6, {("filtered", PUT_OFF): 1})
    limit(world, per_day=100)
    await world.deliver_all()
    assert billed(sandbox) == 10
    assert sandbox.user(f"u{waits[0]}")["custom_attributes"] == {"plan": "gold"}


@pytest.mark.usefixtures("people")
async def test_who_waits_for_a_connection_that_is_deleted_is_counted(world):
    world.export("plan")
    limit(world, per_day=4)
    await world.deliver_all()
    world.directory.connected, world.directory.wanted = [], []
    world.directory.version += 1
    async with world.delivering():
        await world.until(lambda: not world.runs(1)[0].is_open)
    (run,) = world.runs(1)
    assert run.state is RunState.CANCELLED
    assert reasons(run) == {("passed", ""): 4, ("filtered", "activate.connection_gone"): 6}
    assert waiting(world) == (0, 0, 0)
