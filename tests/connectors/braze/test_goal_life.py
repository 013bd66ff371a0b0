"""What becomes of fields when people leave, rows go, goals stop, start again or are sent anew."""

import msgspec

from onefold.activate.settings import DeliverySettings
from onefold.model.delta import UNKNOWN
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, SegmentsValue, SegmentValue, TemplateValue, TraitValue


def export(world, *rows, segment_id=0, goal_id=1, version=1, **more):
    settings = more.pop("settings", {})
    goal = Goal(
        goal_id,
        1,
        "export",
        f"Export {goal_id}",
        True,
        segment_id,
        list(rows),
        settings,
        version=version,
        **more,
    )
    world.set_goal(goal)
    return goal


def trait(name, **more):
    return Mapping(TraitValue(name), name, **more)


async def test_a_row_says_what_its_field_becomes_on_leaving(world, sandbox):
    world.person(1, user_id="u1", segments=[3], plan="pro", color="red", size="L")
    export(
        world,
        Mapping(SegmentValue(3), "is_vip", leaving=False),
        trait("plan", leaving=None),
        trait("color", leaving="none"),
        trait("size"),
        segment_id=3,
    )
    world.person(2, user_id="u2", plan="pro")
    await world.deliver_all()
    world.person(1, user_id="u1", plan="pro", color="red", size="L")
    world.commit(1, left=[(3, 1)])
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"is_vip": False, "color": "none", "size": "L"}
    assert sandbox.user("u2") is None
    world.commit(1)
    await world.deliver_all()
    assert len(sandbox.sent_attributes()) == 2, "said once"
    world.person(1, user_id="u1", segments=[3], plan="pro", color="red", size="L")
    world.commit(1)
    await world.deliver_all()
    assert sandbox.sent_attributes()[-1] == {
        "external_id": "u1",
        "is_vip": True,
        "plan": "pro",
        "color": "red",
    }


async def test_a_row_that_is_taken_out_leaves_its_field(world, sandbox):
    world.person(1, user_id="u1", plan="pro", color="red")
    export(world, trait("plan"), trait("color"))
    await world.deliver_all()
    export(world, trait("plan"), version=2)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro", "color": "red"}


async def test_a_row_that_is_taken_out_removes_its_field_if_wished(world, sandbox):
    world.person(1, user_id="u1", segments=[3], plan="pro", color="red")
    world.person(2, user_id="u2", segments=[3], plan="pro", color="red")
    export(world, trait("plan"), trait("color"), segment_id=3)
    await world.deliver_all()
    world.person(2, user_id="u2", plan="pro", color="red")
    export(world, trait("plan"), version=2, segment_id=3, settings={"removed": "null"})
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}
    assert sandbox.user("u2")["custom_attributes"] == {"plan": "pro"}, "who has left since, too"


async def test_a_removed_row_that_another_goal_took_over_stays(world, sandbox):
    world.person(1, user_id="u1", plan="pro", color="red")
    export(world, trait("plan"), trait("color"))
    await world.deliver_all()
    export(world, trait("plan"), version=2, settings={"removed": "null"})
    export(world, trait("color"), goal_id=2, position=1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro", "color": "red"}


async def test_a_renamed_field_is_sent_under_its_new_name(world, sandbox):
    world.person(1, user_id="u1", plan="pro")
    export(world, trait("plan"))
    await world.deliver_all()
    row = Mapping(TraitValue("plan"), "tier")
    export(world, row, version=2, settings={"removed": "null"})
    await world.deliver_all()
    assert sandbox.sent_attributes()[-1] == {"external_id": "u1", "tier": "pro", "plan": None}


async def test_a_resync_sends_everything_once_more(world, sandbox):
    world.person(1, user_id="u1", plan="pro", color="red")
    goal = export(world, trait("plan"), trait("color"))
    await world.deliver_all()
    world.set_goal(msgspec.structs.replace(goal, version=2, resyncs=1))
    await world.deliver_all()
    assert sandbox.sent_attributes() == [{"external_id": "u1", "plan": "pro", "color": "red"}] * 2
    world.commit(1)
    await world.deliver_all()
    assert len(sandbox.sent_attributes()) == 2


async def test_what_was_due_is_dropped_by_a_stop(world, sandbox):
    world.person(1, user_id="u1", plan="free")
    goal = msgspec.structs.replace(export(world, trait("plan")), enabled_at=1)
    world.set_goal(goal)
    await world.deliver_all()
    world.set_goal(msgspec.structs.replace(goal, enabled=False, stopped=True))
    world.person(1, user_id="u1", plan="pro")
    world.commit(1)
    await world.deliver_all()
    world.set_goal(msgspec.structs.replace(goal, enabled=True, enabled_at=world.later()))
    await world.deliver_all()
    assert len(sandbox.sent_attributes()) == 1, "the change of the time between is not made up for"
    world.person(1, user_id="u1", plan="gold")
    world.commit(1)
    await world.deliver_all()
    assert sandbox.sent_attributes()[-1] == {"external_id": "u1", "plan": "gold"}


async def test_what_waits_of_a_stopped_goal_does_not_leave(world, sandbox):
    for number in range(1, 4):
        world.person(number, user_id=f"u{number}", plan="pro", color="red")
    stopped = export(world, trait("plan"))
    export(world, trait("color"), goal_id=2, position=1)
    sandbox.add_fault("throttle", next=2, path="/users/track", retry_after_s=1)
    settings = DeliverySettings(linger_ms=0, poll_ms=20)
    async with world.delivering(settings):
        await world.until(lambda: world.rows("select 1 from attempt"))
        world.set_goal(msgspec.structs.replace(stopped, enabled=False, stopped=True))
    await world.deliver_all(settings)
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"color": "red"}
    counts = world.counts(1)
    assert counts[1, "activate.stopped"] == 3
    assert world.rows("select count(*) from intent") == [(0,)]
    assert world.rows("select 1 from ledger where ledger_id = 1") == []


async def test_what_a_stopped_goal_sent_without_an_answer_may_be_held(world, sandbox):
    world.person(1, user_id="u1", plan="pro")
    stopped = export(world, trait("plan"))
    sandbox.add_fault("reset", next=2, path="/users/track", when="after")
    async with world.delivering():
        await world.until(lambda: world.rows("select 1 from attempt"))
        world.set_goal(msgspec.structs.replace(stopped, enabled=False, stopped=True))
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}
    assert world.counts(1) == {(1, "activate.stopped"): 1}
    ((marks,),) = world.rows("select body from ledger where ledger_id = 1")
    assert msgspec.msgpack.decode(marks) == {"plan": UNKNOWN}


async def test_the_alias_that_another_goal_counts_on_is_made_though_its_goal_is_stopped(world, sandbox):
    world.person(1, anonymous_id="a1", plan="pro")
    viewed = {"type": "track", "event": "Viewed", "messageId": "m1", "properties": {}}
    world.commit(1, events=[(1, viewed)])
    stopped = export(world, trait("plan"), settings={"anonymous": "alias"})
    world.events(anonymous="alias")
    sandbox.add_fault("status", status=503, next=1, path="/users/track")
    settings = DeliverySettings(linger_ms=0, poll_ms=20)
    async with world.delivering(settings):
        await world.until(lambda: world.rows("select 1 from attempt"))
        world.set_goal(msgspec.structs.replace(stopped, enabled=False, stopped=True))
    await world.deliver_all(settings)
    sandbox.flush()
    (user,) = sandbox.users()
    assert (user["aliases"], user["events"]) == ({"onefold_id": "a1"}, 1)


async def test_only_named_people_are_sent_in_test_mode(world, sandbox):
    world.person(1, user_id="u1", plan="pro")
    world.person(2, user_id="u2", plan="pro")
    goal = export(world, trait("plan"), settings={"test_people": ["user_id:u2"]})
    await world.deliver_all()
    assert sandbox.sent_attributes() == [{"external_id": "u2", "plan": "pro"}]
    assert world.counts(1) == {(0, ""): 1, (1, "activate.test_mode"): 1}
    world.set_goal(msgspec.structs.replace(goal, settings={}, version=2))
    await world.deliver_all()
    assert sandbox.sent_attributes()[1:] == [{"external_id": "u1", "plan": "pro"}], "u2 costs nothing more"


async def test_events_of_others_are_left_out_in_test_mode(world):
    event = {"type": "track", "event": "Viewed", "properties": {}}
    for number in (1, 2):
        world.person(number, user_id=f"u{number}")
        world.commit(number, events=[(number, {**event, "messageId": f"m{number}"})])
    world.events(test_people=["user_id:u2"])
    await world.deliver_all()
    assert world.counts(2) == {(0, ""): 1, (1, "activate.test_mode"): 1}


async def test_names_of_segments_and_templates_are_values(world, sandbox):
    world.name_segments({3: "VIP", 5: "Gold buyers", 6: "Others"})
    world.person(1, user_id="u1", segments=[5, 3], first="ann", last="Lee")
    world.person(2, user_id="u2", first="bob")
    full = TemplateValue("{{ traits.first | title }} {{ traits.last }}")
    export(
        world,
        Mapping(SegmentsValue(), "segments"),
        Mapping(SegmentsValue([5, 6]), "buyer_of"),
        Mapping(full, "full_name"),
    )
    await world.deliver_all()
    assert sandbox.sent_attributes() == [
        {
            "external_id": "u1",
            "segments": ["VIP", "Gold buyers"],
            "buyer_of": ["Gold buyers"],
            "full_name": "Ann Lee",
        },
        {"external_id": "u2", "segments": [], "buyer_of": []},
    ]


async def test_a_template_that_fails_is_reported_once(world, sandbox):
    world.person(1, user_id="u1", plan="pro", age="old")
    export(world, trait("plan"), Mapping(TemplateValue("{{ traits.age + 1 }}"), "next_age"))
    await world.deliver_all()
    world.commit(1)
    await world.deliver_all()
    assert sandbox.sent_attributes() == [{"external_id": "u1", "plan": "pro"}]
    assert world.rows("select code, field from letter") == [("activate.template", "next_age")]


async def test_objects_can_be_merged_into_what_braze_holds(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "home": {"zip": "1"}}])
    sandbox.flush()
    world.person(1, user_id="u1", home={"city": "Rome"})
    export(world, trait("home"), settings={"merge_objects": True})
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"home": {"zip": "1", "city": "Rome"}}
