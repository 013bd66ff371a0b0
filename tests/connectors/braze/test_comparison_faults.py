"""Comparisons while the local Braze refuses, fails or hangs, and while goals are turned off."""

import msgspec
from tests.connectors.braze.comparing import ALL, EXPORT, REPAIR, counts

from onefold.connectors.braze.read_back import UsersReader
from onefold.model.outcome import Kind
from onefold.model.run import RunState


def is_whole(run):
    found = run.comparison
    return found.people == found.same + found.differing + found.missing + sum(found.left_out.values())


async def test_refusals_and_failures_in_the_middle_change_nothing_of_what_is_found(world, sandbox):
    world.people(900)
    world.export("plan")
    await world.deliver_first(sandbox)
    sandbox.track(attributes=[{"external_id": f"u{number}", "plan": "gold"} for number in (5, 500, 900)])
    sandbox.flush()
    sandbox.add_fault("throttle", retry_after_s=1, rate=0.15, next=2, path=EXPORT)
    sandbox.add_fault("status", status=502, rate=0.3, path=EXPORT)
    sandbox.add_fault("reset", rate=0.1, path=EXPORT)
    run = await world.compare(REPAIR)
    assert counts(run) == (900, 897, 3, 0, {})
    assert run.total(Kind.PASSED) == 3


async def test_deliveries_go_on_while_braze_does_not_answer_what_it_holds(world, sandbox):
    world.people(3)
    world.export("plan")
    await world.deliver_first(sandbox)
    sandbox.add_fault("status", status=503, path=EXPORT)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(lambda: world.comparisons() and sandbox.requests(EXPORT))
        world.person(2, user_id="u2", plan="gold")
        world.commit(2)
        await world.until(lambda: sandbox.sent_attributes()[-1] == {"external_id": "u2", "plan": "gold"})
        assert not deliver._couriers[1].is_idle
        sandbox.clear_faults()
        await deliver.drain()
    (run,) = world.comparisons()
    assert counts(run) == (3, 2, 0, 0, {"activate.under_way": 1})


async def test_a_cancelled_comparison_keeps_what_it_found(world, sandbox):
    world.people(1000)
    world.export("plan")
    await world.deliver_first(sandbox)
    sandbox.add_fault("slow", delay_ms=150, path=EXPORT)
    run_id = world.ask(1, comparison=REPAIR)
    async with world.delivering() as deliver:
        await world.until(lambda: any(run.comparison.people for run in world.comparisons()))
        world.directory.cancelled.add(run_id)
        world.directory.version += 1
        await world.until(lambda: not [run for run in world.comparisons() if run.is_open])
        await deliver.drain()
    (run,) = world.comparisons()
    assert run.state is RunState.CANCELLED
    assert run.message.startswith("Cancelled; what was found is kept. ")
    assert 0 < run.comparison.people < 1000
    assert is_whole(run)


async def test_a_comparison_of_a_goal_that_is_off_waits_until_it_is_on_again(world, sandbox):
    world.people(1000)
    world.export("plan")
    await world.deliver_first(sandbox)
    (goal,) = world.directory.wanted
    sandbox.add_fault("slow", delay_ms=150, path=EXPORT)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(lambda: any(run.comparison.people for run in world.comparisons()))
        world.set_goal(msgspec.structs.replace(goal, enabled=False))
        await deliver.drain()
    (run,) = world.comparisons()
    assert run.is_open
    sandbox.clear_faults()
    world.set_goal(goal)
    await world.deliver_all()
    (run,) = world.comparisons()
    assert (run.state, counts(run)) == (RunState.SUCCEEDED, (1000, 1000, 0, 0, {}))


async def test_a_comparison_of_a_goal_that_is_stopped_is_cancelled(world, sandbox):
    world.people(10)
    world.export("plan")
    await world.deliver_first(sandbox)
    (goal,) = world.directory.wanted
    sandbox.add_fault("status", status=503, path=EXPORT)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(lambda: world.comparisons() and sandbox.requests(EXPORT))
        world.set_goal(msgspec.structs.replace(goal, enabled=False, stopped=True))
        await world.until(lambda: not [run for run in world.comparisons() if run.is_open])
        await deliver.drain()
    (run,) = world.comparisons()
    assert run.state is RunState.CANCELLED


async def test_a_fault_of_the_connector_is_shown_and_the_comparison_goes_on_after_it(
    world, sandbox, monkeypatch
):
    world.people(3)
    world.export("plan")
    await world.deliver_first(sandbox)
    asked = []

    async def fail_once(self, addresses):
        asked.append(len(addresses))
        if len(asked) == 1:
            raise KeyError("users")
        return await read(self, addresses)

    read = UsersReader.read
    monkeypatch.setattr(UsersReader, "read", fail_once)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(lambda: world.rows("select 1 from connection where state = 'failed'"))
        await world.until(lambda: len(asked) == 2)
        await deliver.drain()
    (run,) = world.comparisons()
    assert counts(run) == (3, 3, 0, 0, {})


async def test_a_report_without_the_permission_fails_and_says_what_to_do(world, strict):
    world.use_key(strict, "users.track")
    world.people(2)
    world.export("plan")
    await world.deliver_first(strict)
    run = await world.compare()
    assert (run.state, run.code) == (RunState.FAILED, "activate.braze.permission")
    assert "users.export.ids" in run.message
