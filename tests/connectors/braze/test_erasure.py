"""Who was erased is taken out of everything that deliver keeps; what waited for them is not sent."""

from onefold.activate.settings import DeliverySettings

PATIENT = DeliverySettings(linger_ms=0, poll_ms=20, attempts_max=1000)
ERASED = (1, "activate.erased")


async def test_what_waits_for_an_erased_person_is_not_sent(world, sandbox):
    for number in range(1, 4):
        world.person(number, user_id=f"u{number}", plan="pro")
    world.export("plan")
    sandbox.add_fault("throttle", retry_after_s=1)
    async with world.delivering(PATIENT):
        await world.until(lambda: world.rows("select 1 from attempt limit 1"))
        world.erase(1, 2)
        await world.until(lambda: world.store.erased_to() == 1)
        sandbox.clear_faults()
        await world.until(lambda: world.counts(1).get((0, "")))
    sandbox.flush()
    assert [user["external_id"] for user in sandbox.users()] == ["u3"]
    assert world.counts(1) == {(0, ""): 1, ERASED: 2}
    assert world.rows("select count(*) from intent") == [(0,)]


async def test_an_erasure_while_deliver_was_away_is_obeyed_before_anything_leaves(world, sandbox):
    world.person(1, user_id="u1", plan="pro")
    world.export("plan")
    sandbox.add_fault("throttle", retry_after_s=1)
    async with world.delivering(PATIENT):
        await world.until(lambda: world.rows("select 1 from attempt limit 1"))
    world.erase(1)
    sandbox.clear_faults()
    await world.deliver_all(PATIENT)
    assert sandbox.stats()["users"] == 0
    assert world.counts(1) == {ERASED: 1}


async def test_ledger_and_dead_letters_of_an_erased_person_go(world):
    world.person(1, user_id="u1", email="nonsense", plan="secret")
    world.person(2, user_id="u2", email="nonsense", plan="free")
    world.export("email", "plan")
    await world.deliver_all()
    before = world.counts(1)
    world.erase(1)
    await world.deliver_all()
    assert world.rows("select distinct profile_id from ledger") == [(2,)]
    letters = world.rows("select payload, requeued, reason from letter order by id")
    assert letters[0] == (b"", 1, "The person was erased, and this with them.")
    assert b"nonsense" in letters[1][0]
    assert world.counts(1) == before
    world.commit(2)
    await world.deliver_all()
    assert world.counts(1) == {**before, (1, "activate.no_delta"): 1}
