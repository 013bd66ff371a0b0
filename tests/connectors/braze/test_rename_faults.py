"""Renames while Braze refuses, fails or does not answer, and while deliver is killed."""

import msgspec
from tests.connectors.braze.renaming import NOT_RENAMED, RENAME, deliver, export, person, renames, told

from onefold.model.outcome import Kind


async def change_while_running(world, sandbox, break_it):
    """Deliver, then let something break the rename of the person."""
    person(world, 1, "c1", plan="pro", color="red")
    export(world)
    async with world.delivering():
        await world.until(lambda: world.counts(1).get((Kind.PASSED, "")))
        sandbox.flush()
        break_it()
        person(world, 1, "c1", "c2", plan="free", color="red")
        world.commit(1)
        await world.until(lambda: world.counts(1).get((Kind.PASSED, "")) == 3)
    sandbox.flush()


async def test_a_rename_whose_answer_was_lost_is_not_taken_for_a_failure(renaming, sandbox):
    def lose_the_answer():
        sandbox.add_fault("reset", when="after", next=1, path=RENAME)

    await change_while_running(renaming, sandbox, lose_the_answer)
    assert renames(sandbox) == [("c1", "c2")] * 2
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "plan": "free"}, "nothing is paid twice"
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}


async def test_a_storm_of_refusals_is_waited_out(renaming, sandbox):
    def storm():
        sandbox.add_fault("throttle", next=2, retry_after_s=1, path=RENAME)

    await change_while_running(renaming, sandbox, storm)
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}


async def test_a_request_that_is_refused_as_a_whole_holds_nobody_up(renaming, sandbox):
    for number in (1, 2):
        person(renaming, number, f"c{number}", plan="pro", color="red")
    export(renaming)
    async with renaming.delivering():
        await renaming.until(lambda: renaming.counts(1).get((Kind.PASSED, "")) == 2)
        sandbox.flush()
        sandbox.add_fault("status", status=400, path=RENAME)
        for number in (1, 2):
            person(renaming, number, f"c{number}", f"d{number}", plan="pro", color="blue")
        renaming.commit(1, 2)
        await renaming.until(lambda: renaming.counts(1).get(NOT_RENAMED) == 2)
        await renaming.until(lambda: told(sandbox).get("d2") == {"plan": "pro", "color": "blue"})
    assert told(sandbox)["d1"] == {"plan": "pro", "color": "blue"}


async def test_killed_between_the_rename_and_its_ledger_nothing_is_lost_or_paid_twice(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    # Done, and the answer held back: deliver dies before it hears of it.
    # The first request only asks whether it may.
    sandbox.add_fault("slow", delay_ms=0, next=1, path=RENAME)
    sandbox.add_fault("slow", when="after", delay_ms=10_000, path=RENAME)
    person(renaming, 1, "c1", "c2", plan="free", color="red")
    renaming.commit(1)
    process = renaming.start()
    try:
        await renaming.until(lambda: sandbox.user("c2"))
        assert renaming.rows("select 1 from sending where sent = 1")
    finally:
        process.kill()
        process.wait()
    sandbox.clear_faults()
    await renaming.deliver_all()
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "plan": "free"}
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}
    assert renaming.counts(1)[Kind.PASSED, ""] == 3


async def test_without_the_permission_people_keep_their_id_and_all_else_goes_on(renaming, strict):
    renaming.use_key(strict, "users.track+users.identify+users.export.ids")
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    strict.flush()
    person(renaming, 1, "c1", "c2", plan="free", color="red")
    renaming.commit(1)
    async with renaming.delivering():
        limited = "select reason from connection where state = 'limited'"
        await renaming.until(lambda: renaming.rows(limited))
        assert "users.external_ids.rename" in str(renaming.rows(limited))
        await renaming.until(lambda: told(strict) == {"c1": {"plan": "free", "color": "red"}})
    renaming.use_key(strict, strict.api_key)
    person(renaming, 1, "c1", "c2", plan="gold", color="red")
    await deliver(renaming, 1)
    assert told(strict) == {"c2": {"plan": "gold", "color": "red"}}


async def test_deliver_that_ends_before_the_answer_leaves_nobody_half_told(renaming, sandbox):
    sandbox.track(attributes=[{"external_id": "c2"}])
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    sandbox.add_fault("slow", delay_ms=0, next=1, path=RENAME)
    sandbox.add_fault("slow", delay_ms=300, path=RENAME)
    person(renaming, 1, "c1", "c2", plan="free", color="red")
    renaming.commit(1)
    async with renaming.delivering():
        await renaming.until(lambda: renaming.rows("select 1 from sending where sent = 1"))
    await renaming.deliver_all()
    assert told(sandbox)["c2"] == {"plan": "free", "color": "red"}


async def test_a_message_that_is_no_success_is_tried_again(renaming, sandbox):
    def deny():
        sandbox.add_fault("message", next=1, path=RENAME)

    await change_while_running(renaming, sandbox, deny)
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}


async def test_a_rename_that_one_goal_may_not_send_is_sent_for_another(renaming, sandbox):
    """Consent to the first goal's purpose is withdrawn between planning and sending."""
    person(renaming, 1, "c1", plan="pro", color="red", size="L", consents=["email"])
    export(renaming, fields=("plan",))
    (goal,) = renaming.directory.wanted
    renaming.set_goal(msgspec.structs.replace(goal, purpose="email"))
    export(renaming, fields=("color", "size"), goal_id=3)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="free", color="blue", size="L", consents=["email"])
    renaming.commit(1)
    # The first request only asks whether it may.
    sandbox.add_fault("slow", delay_ms=0, next=1, path=RENAME)
    sandbox.add_fault("status", status=503, path=RENAME)
    async with renaming.delivering():
        await renaming.until(lambda: renaming.rows("select 1 from sending where attempts > 0"))
        person(renaming, 1, "c1", "c2", plan="free", color="blue", size="L")
        sandbox.clear_faults()
        await renaming.until(lambda: told(sandbox).get("c2") == {"color": "blue", "size": "L"})
