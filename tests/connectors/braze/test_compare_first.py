"""A workspace that already has data is read back before anything is sent, so that nobody pays twice."""

import signal

import msgspec
from tests.connectors.braze.comparing import ALL, EXPORT, counts

from onefold.activate import health
from onefold.model.delivery import ReadBack
from onefold.model.run import RunState
from onefold.model.schedule import ByHand, Schedule


async def test_who_is_there_already_is_sent_only_what_differs(world, sandbox):
    held = [{"external_id": f"u{number}", "plan": "free", "score": 1} for number in range(1, 6)]
    held[1]["plan"] = "gold"
    held[2].pop("score")
    held[3]["nick"] = "Di"
    sandbox.track(attributes=held)
    sandbox.flush()
    points = sandbox.stats()["data_points"]["total"]
    place = len(sandbox.sent_attributes())
    world.people(6, score=1)
    world.export("plan", "score", "nick", compare_first=True)
    await world.deliver_all()
    sandbox.flush()
    sent = sorted(sandbox.sent_attributes()[place:], key=lambda one: one["external_id"])
    assert sent == [
        {"external_id": "u2", "plan": "free"},
        {"external_id": "u3", "score": 1},
        {"external_id": "u6", "plan": "free", "score": 1},
    ]
    assert sandbox.stats()["data_points"]["total"] - points == 4
    run = world.comparisons()[0]
    assert counts(run) == (6, 3, 2, 1, {})
    assert (run.state, run.comparison.wish.is_first, run.planned) == (RunState.SUCCEEDED, True, 0)
    assert sandbox.user("u4")["custom_attributes"]["nick"] == "Di"
    assert world.store.load().progress[1].read_back is ReadBack.DONE


async def test_it_happens_once_and_changes_meanwhile_are_sent_afterwards(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "plan": "free"}])
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    world.people(1)
    sandbox.add_fault("slow", delay_ms=300, path=EXPORT)
    world.export("plan", compare_first=True)
    async with world.delivering() as deliver:
        await world.until(lambda: world.rows("select 1 from goal where read_back = 1"))
        world.person(1, user_id="u1", plan="gold")
        world.commit(1)
        await deliver.drain()
    await world.deliver_all()
    assert sandbox.sent_attributes()[place:] == [{"external_id": "u1", "plan": "gold"}]
    assert len(sandbox.requests(EXPORT)) == 1


async def test_a_goal_that_asks_for_it_later_reads_everyone_back_once(world, sandbox):
    world.people(2)
    world.export("plan")
    await world.deliver_first(sandbox)
    sandbox.track(attributes=[{"external_id": "u1", "plan": "gold"}])
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    world.export("plan", compare_first=True, version=2)
    await world.deliver_all()
    assert sandbox.sent_attributes()[place:] == [{"external_id": "u1", "plan": "free"}]


async def test_reading_back_first_goes_before_a_comparison_that_someone_asked_for(world, sandbox):
    world.people(3)
    world.export("plan")
    await world.deliver_first(sandbox)
    sandbox.add_fault("slow", delay_ms=300, path=EXPORT)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(world.comparisons)
        world.export("plan", compare_first=True, version=2)
        await deliver.drain()
    asked, first = world.comparisons()
    assert (first.comparison.wish.is_first, counts(first)) == (True, (3, 3, 0, 0, {}))
    assert (asked.state, counts(asked)) == (RunState.SUCCEEDED, (3, 3, 0, 0, {}))


async def test_a_goal_by_hand_reads_back_before_its_first_run(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "plan": "free"}])
    sandbox.flush()
    world.people(2)
    place = len(sandbox.sent_attributes())
    world.export("plan", compare_first=True, schedule=Schedule(ByHand()))
    await world.deliver_all()
    assert sandbox.sent_attributes()[place:] == []
    world.ask(1)
    await world.deliver_all()
    assert sandbox.sent_attributes()[place:] == [{"external_id": "u2", "plan": "free"}]


async def test_a_field_that_is_mapped_meanwhile_is_read_too(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "plan": "free", "score": 1}])
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    world.people(1, score=1)
    sandbox.add_fault("slow", delay_ms=300, path=EXPORT)
    world.export("plan", compare_first=True)
    async with world.delivering() as deliver:
        await world.until(
            lambda: sandbox.requests(EXPORT) or world.rows("select 1 from goal where read_back = 1")
        )
        world.export("plan", "score", compare_first=True, version=2)
        await world.until(lambda: world.rows("select 1 from goal where read_back = 3"))
        await deliver.drain()
    assert sandbox.sent_attributes()[place:] == []


async def test_a_goal_whose_first_reading_is_cancelled_sends_nothing_until_it_is_turned_off_and_on(
    world, sandbox
):
    sandbox.track(attributes=[{"external_id": f"u{number}", "plan": "free"} for number in range(1, 71)])
    sandbox.flush()
    world.people(900)
    place = len(sandbox.sent_attributes())
    sandbox.add_fault("slow", delay_ms=150, path=EXPORT)
    world.export("plan", compare_first=True)
    async with world.delivering() as deliver:
        await world.until(lambda: any(run.comparison.people for run in world.comparisons()))
        world.directory.cancelled.add(world.runs()[0].id)
        world.directory.version += 1
        await world.until(lambda: world.rows("select 1 from goal where read_back = 2"))
        await deliver.drain()
    await world.deliver_all()
    assert world.runs()[0].state is RunState.CANCELLED
    assert sandbox.sent_attributes()[place:] == []
    sandbox.clear_faults()
    (goal,) = world.directory.wanted
    world.set_goal(msgspec.structs.replace(goal, enabled=False))
    await world.deliver_all()
    world.set_goal(goal)
    await world.deliver_all()
    assert len(sandbox.sent_attributes()[place:]) == 830


async def test_a_goal_that_no_longer_asks_for_it_sends_everything(world, sandbox):
    world.people(3)
    sandbox.add_fault("status", status=503, path=EXPORT)
    world.export("plan", compare_first=True)
    async with world.delivering() as deliver:
        await world.until(lambda: world.comparisons() and sandbox.requests(EXPORT))
        world.export("plan", version=2)
        await world.until(lambda: len(sandbox.sent_attributes()) == 3)
        await deliver.drain()
    run = world.comparisons()[0]
    assert run.state is RunState.CANCELLED


async def test_a_killed_first_reading_goes_on_where_it_was(world, sandbox):
    sandbox.add_people(4000, custom={"plan": "free"})
    held = {one["external_id"] for one in sandbox.users()}
    names = sorted(held)
    for number, name in enumerate(names, 1):
        world.person(number, user_id=name, plan="gold" if number % 1000 == 0 else "free")
    sandbox.add_fault("slow", rate=1.0, delay_ms=30, path=EXPORT)
    world.export("plan", compare_first=True)
    kills, looked_at = 0, 0

    def has_gone_on():
        found = [run for run in world.runs() if run.comparison and run.comparison.people > looked_at]
        return found and found[0].comparison.people

    for _ in range(3):
        process = world.start()
        try:
            await world.until(has_gone_on)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        looked_at = world.runs()[0].comparison.people
        kills += looked_at < 4000
    assert kills
    sandbox.clear_faults()
    await world.deliver_all()
    run = world.runs()[0]
    assert (run.state, counts(run)) == (RunState.SUCCEEDED, (4000, 3996, 4, 0, {}))
    assert sorted(one["external_id"] for one in sandbox.sent_attributes()) == sorted(names[999::1000])


async def test_a_goal_that_reads_first_waits_for_the_permission(world, strict, monkeypatch):
    monkeypatch.setattr(health, "PROBE_S", 0.1)
    strict.track(attributes=[{"external_id": "u1", "plan": "free"}])
    strict.flush()
    world.use_key(strict, "users.track")
    world.people(2)
    world.export("plan", compare_first=True)
    place = len(strict.sent_attributes())
    async with world.delivering() as deliver:
        await world.until(lambda: world.rows("select 1 from connection where state = 'limited'"))
        code, reason = world.rows("select code, reason from connection")[0]
        assert code == "activate.braze.permission"
        assert "users.export.ids" in reason
        assert strict.sent_attributes()[place:] == []
        world.use_key(strict, "users.track+users.export.ids")
        await world.until(lambda: strict.sent_attributes()[place:])
        await deliver.drain()
    assert strict.sent_attributes()[place:] == [{"external_id": "u2", "plan": "free"}]
