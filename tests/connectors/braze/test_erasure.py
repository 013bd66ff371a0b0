"""Who was erased is taken out of everything that deliver keeps; what waited for them is not sent."""

import json

from onefold.activate.settings import DeliverySettings
from onefold.activate.store import Replay
from onefold.connectors.braze.address import CREATED, IDENTIFIED
from onefold.connectors.braze.deletions import DeletionsWriter
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue
from onefold.model.match import MatchKey
from onefold.model.profile import Seen

PATIENT = DeliverySettings(linger_ms=0, poll_ms=20, attempts_max=1000)
PASSED = (0, "")
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


async def test_runs_count_what_an_erasure_took_and_show_nothing_of_the_person(world, sandbox):
    world.person(1, user_id="u1", email="nonsense", plan="pro")
    world.person(2, user_id="u2", email="nonsense", plan="pro")
    world.export("email", "plan")
    sandbox.add_fault("throttle", retry_after_s=1)
    async with world.delivering(PATIENT):
        await world.until(lambda: world.rows("select 1 from attempt limit 1"))
        world.erase(1)
        await world.until(lambda: world.store.erased_to() == 1)
    sandbox.clear_faults()
    await world.deliver_all(PATIENT)
    reasons = {}
    for run in world.runs(1):
        assert run.deferred == 0
        assert {sample.profile_id for sample in world.samples(run)} == {2}
        reasons |= {(int(one.kind), one.code): one.count for one in run.reasons}
    assert reasons[ERASED] == 1
    assert reasons == world.counts(1)


async def test_deletions_are_counted_in_a_run(world):
    world.person(1, user_id="u1")
    world.person(2, anonymous_id="a2")
    world.deletions()
    await world.deliver_all()
    world.erase(1)
    world.erase(2, offset=2)
    await world.deliver_all()
    planned, reasons = 0, {}
    for run in world.runs(3):
        assert run.deferred == 0
        planned += run.planned
        reasons |= {(int(one.kind), one.code): one.count for one in run.reasons}
    assert (planned, reasons) == (2, {PASSED: 1, (1, "activate.no_match_key"): 1})
    assert reasons == world.counts(3)


def test_aliases_are_deleted_under_their_labels_and_bare_addresses_are_for_people_to_judge():
    known = {"mine": CREATED, "loyalty\ncard 7": CREATED, "joined": IDENTIFIED, "\nemail\nada@x.io": CREATED}
    *drafts, refusal = DeletionsWriter("own").write({}, known)
    assert [json.loads(draft.body) for draft in drafts] == [
        {"alias_name": "mine", "alias_label": "own"},
        {"alias_name": "card 7", "alias_label": "loyalty"},
    ]
    assert refusal.code == "activate.braze.by_address"
    assert "ada" not in str(refusal), "a dead letter outlives the erasure"


async def test_a_dead_letter_of_a_deletion_without_an_object_is_closed_when_replayed(world):
    ada = world.person(1, plan="pro")
    ada.identifiers["email"] = {"ada@x.io": Seen(1, 1)}
    world.keep(ada)
    rows = [Mapping(TraitValue("plan"), "plan")]
    match = [MatchKey("external_id", "user_id"), MatchKey("email", "email")]
    world.set_goal(Goal(1, 1, "export", "Export", True, mappings=rows, match=match))
    world.deletions()
    await world.deliver_all()
    world.erase(1)
    await world.deliver_all()
    assert world.counts(3) == {(2, "activate.braze.by_address"): 1}
    world.directory.replayed = [Replay(1, 1)]
    await world.deliver_all()
    assert world.counts(3)[1, "activate.gone"] == 1


def counted_requests(sandbox, path):
    return [entry for entry in sandbox.journal() if entry["path"] == path]


async def test_an_erasure_is_forwarded_and_confirmed(world, sandbox):
    world.person(1, user_id="u1", plan="pro")
    world.person(2, user_id="u2", plan="pro")
    world.export("plan")
    world.deletions()
    await world.deliver_all()
    world.erase(1)
    await world.deliver_all()
    sandbox.flush()
    assert [user["external_id"] for user in sandbox.users()] == ["u2"]
    assert world.counts(3) == {PASSED: 1}
    assert world.rows("select count(*) from intent") == [(0,)]
    (items,) = world.rows("select items from attempt order by id desc limit 1")[0]
    assert b"u1" not in items


async def test_an_alias_that_stands_alone_is_deleted_too(world, sandbox):
    world.person(1, anonymous_id="cookie", plan="pro")
    world.export("plan", anonymous="alias")
    world.deletions()
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.stats()["users"] == 1
    world.erase(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.stats()["users"] == 0
    assert world.counts(3) == {PASSED: 1}
    assert world.rows("select count(*) from ledger") == [(0,)]


async def test_somebody_whom_the_destination_cannot_know_is_filtered(world, sandbox):
    world.person(1, anonymous_id="cookie")
    world.deletions()
    await world.deliver_all()
    world.erase(1)
    await world.deliver_all()
    assert world.counts(3) == {(1, "activate.no_match_key"): 1}
    assert counted_requests(sandbox, "/users/delete") == []


async def test_a_deletion_waits_until_the_destination_has_confirmed_it(world, sandbox):
    world.person(1, user_id="u1", plan="pro")
    world.export("plan")
    world.deletions()
    await world.deliver_all()
    sandbox.add_fault("status", status=503, path="/users/delete")
    async with world.delivering(PATIENT):
        world.erase(1)
        await world.until(lambda: world.rows("select 1 from attempt where code != ''"))
    assert b"u1" in world.rows("select items from intent")[0][0]
    sandbox.clear_faults()
    await world.deliver_all(PATIENT)
    sandbox.flush()
    assert sandbox.stats()["users"] == 0
    assert world.rows("select count(*) from intent") == [(0,)]
    assert world.counts(3) == {PASSED: 1}


async def test_many_deletions_fill_requests_of_fifty(world, sandbox):
    for number in range(1, 121):
        world.person(number, user_id=f"u{number}", plan="pro")
    world.export("plan")
    world.deletions()
    await world.deliver_all()
    for number in range(1, 121):
        world.erase(number, offset=number)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.stats()["users"] == 0
    assert world.counts(3) == {PASSED: 120}
    assert len(counted_requests(sandbox, "/users/delete")) == 3


async def test_a_key_without_the_permission_costs_the_other_goals_nothing(world, sandbox):
    world.person(1, user_id="u1", plan="pro")
    world.person(2, user_id="u2", plan="pro")
    world.export("plan")
    world.deletions()
    await world.deliver_all()
    sandbox.add_fault("status", status=403, path="/users/delete")
    world.erase(1)
    world.person(2, user_id="u2", plan="gold")
    world.commit(2)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u2")["custom_attributes"] == {"plan": "gold"}
    assert world.counts(3) == {(2, "activate.braze.permission"): 1}
    letters = world.rows("select code, hint from letter")
    assert "users.delete" in letters[0][1]
    sandbox.clear_faults()
    world.directory.replayed = [Replay(1, 1)]
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1") is None
    assert world.counts(3)[PASSED] == 1
