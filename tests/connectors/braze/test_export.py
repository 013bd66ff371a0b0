"""Profiles reach the local Braze as attributes: only what changed, and what left is removed if wished."""

import msgspec

from onefold.activate.store import Replay


def tracks(sandbox):
    """Requests that carried something; what types Braze holds is asked for beside them."""
    return sum(entry["path"] == "/users/track" for entry in sandbox.journal())


async def test_a_member_arrives_with_mapped_fields(world, sandbox):
    world.person(1, user_id="u1", email="Ann@Example.com ", plan="pro", age=31)
    world.export("email", "plan", "age")
    await world.deliver_all()
    sandbox.flush()
    user = sandbox.user("u1")
    assert user["email"] == "ann@example.com"
    assert user["custom_attributes"] == {"plan": "pro", "age": 31}
    assert world.counts(1) == {(0, ""): 1}


async def test_only_the_changed_field_is_sent(world, sandbox):
    world.person(1, user_id="u1", plan="free", age=31)
    world.export("plan", "age")
    await world.deliver_all()
    world.person(1, user_id="u1", plan="pro", age=31)
    world.commit(1)
    await world.deliver_all()
    bodies = [entry["body"] for entry in sandbox.journal()]
    assert bodies[-1]["attributes"] == [{"external_id": "u1", "plan": "pro"}]


async def test_a_profile_without_delta_sends_nothing(world, sandbox):
    world.person(1, user_id="u1", plan="free")
    world.export("plan")
    await world.deliver_all()
    requests = tracks(sandbox)
    world.commit(1)
    await world.deliver_all()
    assert tracks(sandbox) == requests
    assert world.counts(1) == {(0, ""): 1, (1, "activate.no_delta"): 1}


async def test_a_removed_trait_becomes_null_only_if_it_was_set(world, sandbox):
    world.person(1, user_id="u1", plan="free")
    world.export("plan", "age")
    await world.deliver_all()
    world.person(1, user_id="u1")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.journal()[-1]["body"]["attributes"] == [{"external_id": "u1", "plan": None}]
    assert sandbox.user("u1")["custom_attributes"] == {}


async def test_leaving_the_segment_keeps_fields_by_default(world, sandbox):
    world.person(1, user_id="u1", segments=[3], plan="pro")
    world.export("plan", segment_id=3)
    await world.deliver_all()
    world.person(1, user_id="u1", plan="pro")
    world.commit(1, left=[(3, 1)])
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}


async def test_leaving_the_segment_removes_fields_if_wished(world, sandbox):
    world.person(1, user_id="u1", segments=[3], plan="pro")
    world.person(2, user_id="u2", segments=[4], plan="pro")
    world.export("plan", segment_id=3, leaving="null")
    await world.deliver_all()
    world.person(1, user_id="u1", plan="pro")
    world.commit(1, left=[(3, 1)])
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {}
    assert sandbox.user("u2") is None


async def test_many_members_fill_requests_of_75(world, sandbox):
    for number in range(1, 1201):
        world.person(number, user_id=f"u{number}", plan="pro")
    world.export("plan")
    await world.deliver_all()
    sandbox.flush()
    stats = sandbox.stats()
    assert stats["users"] == 1200
    assert stats["requests"] <= 20


async def test_a_new_mapping_compares_everyone_again(world, sandbox):
    world.person(1, user_id="u1", plan="pro", age=31)
    world.export("plan")
    await world.deliver_all()
    world.export("plan", "age", version=2)
    await world.deliver_all()
    assert sandbox.journal()[-1]["body"]["attributes"] == [{"external_id": "u1", "age": 31}]


async def test_a_wrong_value_is_reported_once_and_costs_the_others_nothing(world, sandbox):
    world.person(1, user_id="u1", email="nonsense", plan="pro")
    world.export("email", "plan")
    await world.deliver_all()
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}
    letters = world.rows("select code, field, reason, hint from letter")
    assert [letter[:2] for letter in letters] == [("activate.braze.value", "email")]
    assert letters[0][3]


async def test_a_replayed_letter_sends_what_the_profile_holds_by_then(world, sandbox):
    world.person(1, user_id="u1", email="nonsense")
    world.export("email")
    await world.deliver_all()
    world.person(1, user_id="u1", email="ann@example.com")
    world.directory.replayed = [Replay(1, 10)]
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["email"] == "ann@example.com"
    assert world.rows("select requeued from letter") == [(1,)]


async def test_what_braze_refuses_becomes_a_letter_and_is_not_sent_again(world, sandbox):
    world.person(1, user_id="blocked", plan="pro")
    world.person(2, user_id="u2", plan="pro")
    world.export("plan")
    sandbox.change_settings(blocked_external_ids=["blocked"])
    await world.deliver_all()
    requests = tracks(sandbox)
    world.commit(1)
    await world.deliver_all()
    assert tracks(sandbox) == requests
    assert world.counts(1)[2, "activate.braze.item"] == 1
    assert world.rows("select code, subject from letter") == [("activate.braze.item", "1/1")]
    sandbox.change_settings(blocked_external_ids=[])
    world.directory.replayed = [Replay(1, 10)]
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("blocked")["custom_attributes"] == {"plan": "pro"}


async def test_a_goal_that_is_off_keeps_its_cursor(world, sandbox):
    world.person(1, user_id="u1", plan="free")
    world.export("plan")
    await world.deliver_all()
    goal = world.directory.wanted[0]
    world.set_goal(msgspec.structs.replace(goal, enabled=False))
    world.person(1, user_id="u1", plan="pro")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "free"}
    world.set_goal(goal)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}
