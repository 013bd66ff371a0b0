"""Anonymous people live in Braze under an alias and are joined to their external_id once it is known."""


def track(name, message_id, **properties):
    return {"type": "track", "event": name, "messageId": message_id, "properties": properties}


async def test_an_alias_is_created_and_identified(world, sandbox):
    world.person(1, anonymous_id="a1")
    world.commit(1, events=[(1, track("Viewed", "m1"))])
    world.events(anonymous="alias")
    await world.deliver_all()
    sandbox.flush()
    (user,) = sandbox.users()
    assert (user["external_id"], user["aliases"], user["events"]) == (None, {"onefold_id": "a1"}, 1)
    world.person(1, user_id="u1", anonymous_id="a1")
    world.commit(1, events=[(1, track("Liked", "m2"))])
    await world.deliver_all()
    sandbox.flush()
    (user,) = sandbox.users()
    assert (user["external_id"], user["events"]) == ("u1", 2)


async def test_identify_happens_without_an_event_to_send(world, sandbox):
    world.person(1, anonymous_id="a1")
    world.commit(1, events=[(1, track("Viewed", "m1"))])
    world.events(anonymous="alias")
    await world.deliver_all()
    world.person(1, user_id="u1", anonymous_id="a1")
    world.commit(1, events=[(1, {"type": "identify", "messageId": "m2"})])
    await world.deliver_all()
    sandbox.flush()
    assert [user["external_id"] for user in sandbox.users()] == ["u1"]


async def test_the_alias_of_a_merged_profile_is_identified_with_the_survivor(world, sandbox):
    world.person(1, user_id="u1", plan="pro")
    world.person(2, anonymous_id="a2", color="red")
    world.export("plan", "color", anonymous="alias")
    await world.deliver_all()
    sandbox.flush()
    assert len(list(sandbox.users())) == 2
    world.person(1, user_id="u1", anonymous_id="a2", plan="pro", color="red")
    world.commit(1, merged=[(2, 1)])
    await world.deliver_all()
    sandbox.flush()
    (user,) = sandbox.users()
    assert user["external_id"] == "u1"
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro", "color": "red"}


async def test_after_identification_every_field_is_told_once_more(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "plan": "other"}])
    sandbox.flush()
    world.person(1, anonymous_id="a1", plan="pro", color="red")
    world.export("plan", "color", anonymous="alias")
    await world.deliver_all()
    sandbox.flush()
    world.person(1, user_id="u1", anonymous_id="a1", plan="pro")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}


async def test_people_without_any_match_key_are_counted(world):
    world.person(1, plan="pro")
    world.export("plan", anonymous="alias")
    await world.deliver_all()
    assert world.counts(1) == {(1, "activate.no_match_key"): 1}
