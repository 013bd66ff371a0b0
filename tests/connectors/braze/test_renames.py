"""An external id that changes is renamed in Braze: no second user comes to be, and no field is sent twice."""

import msgspec
from tests.connectors.braze.renaming import (
    CUSTOMER,
    NOT_RENAMED,
    TAKEN,
    deliver,
    events,
    export,
    person,
    renames,
    told,
)

from onefold.model.match import MatchKey
from onefold.model.outcome import Kind
from onefold.model.profile import Seen

TRACK = {"type": "track", "event": "Viewed"}


async def test_the_user_is_renamed_and_nothing_is_told_again(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    spent = sandbox.stats()["data_points"]["total"]
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    await deliver(renaming, 1)
    assert renames(sandbox) == [("c1", "c2")]
    assert told(sandbox) == {"c2": {"plan": "pro", "color": "red"}}
    assert sandbox.stats()["data_points"]["total"] == spent
    person(renaming, 1, "c1", "c2", plan="pro", color="blue")
    await deliver(renaming, 1)
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "color": "blue"}
    assert len(renames(sandbox)) == 1


async def test_a_change_of_a_field_travels_behind_the_rename(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="free", color="red")
    await deliver(renaming, 1)
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "plan": "free"}


async def test_without_the_setting_the_oldest_id_stays(world, sandbox):
    person(world, 1, "c1", plan="pro")
    export(world)
    await world.deliver_all()
    person(world, 1, "c1", "c2", plan="free")
    await deliver(world, 1)
    assert renames(sandbox) == []
    assert told(sandbox) == {"c1": {"plan": "free"}}


async def test_events_go_to_the_same_user(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro")
    export(renaming)
    events(renaming)
    await deliver(renaming, 1, events=[(1, {**TRACK, "messageId": "m1"})])
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="pro")
    await deliver(renaming, 1, events=[(1, {**TRACK, "messageId": "m2"})])
    assert renames(sandbox) == [("c1", "c2")]
    assert [(user["external_id"], user["events"]) for user in sandbox.users()] == [("c2", 2)]


async def test_a_goal_of_events_alone_renames_too(renaming, sandbox):
    person(renaming, 1, "c1")
    events(renaming)
    await deliver(renaming, 1, events=[(1, {**TRACK, "messageId": "m1"})])
    sandbox.flush()
    person(renaming, 1, "c1", "c2")
    await deliver(renaming, 1, events=[(1, {**TRACK, "messageId": "m2"})])
    sandbox.flush()
    assert [(user["external_id"], user["events"]) for user in sandbox.users()] == [("c2", 2)]


async def test_an_id_may_change_again_and_a_former_one_is_not_asked_for(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    for last in (2, 3):
        sandbox.flush()
        person(renaming, 1, *(f"c{number}" for number in range(1, last + 1)), plan="pro", color="red")
        await deliver(renaming, 1)
    assert renames(sandbox) == [("c1", "c2"), ("c2", "c3")]
    # The last one left the person: what is left leads to the same user.
    person(renaming, 1, "c1", "c2", plan="pro", color="blue")
    await deliver(renaming, 1)
    assert len(renames(sandbox)) == 2
    assert told(sandbox) == {"c3": {"plan": "pro", "color": "blue"}}
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "color": "blue"}


async def test_a_key_higher_in_the_list_is_another_id_of_the_same_person(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming, MatchKey("external_id", "user_id"), CUSTOMER)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", user_id="u1", plan="pro", color="red")
    await deliver(renaming, 1)
    assert renames(sandbox) == [("c1", "u1")]
    assert told(sandbox) == {"u1": {"plan": "pro", "color": "red"}}


async def test_goals_that_know_the_person_by_different_ids_do_not_quarrel(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming, MatchKey("external_id", "user_id"), CUSTOMER, fields=("plan",))
    export(renaming, CUSTOMER, fields=("color",), goal_id=3)
    await renaming.deliver_all()
    for color in ("blue", "green"):
        sandbox.flush()
        person(renaming, 1, "c1", user_id="u1", plan="pro", color=color)
        await deliver(renaming, 1)
    assert renames(sandbox) == [("c1", "u1")]
    assert told(sandbox) == {"u1": {"plan": "pro", "color": "green"}}


async def test_an_id_that_another_user_has_gets_everything_and_is_counted(renaming, sandbox):
    sandbox.track(attributes=[{"external_id": "c2", "plan": "free"}])
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="pro", color="blue")
    await deliver(renaming, 1)
    assert told(sandbox) == {
        "c1": {"plan": "pro", "color": "red"},
        "c2": {"plan": "pro", "color": "blue"},
    }
    assert renaming.counts(1)[TAKEN] == 1
    assert not renaming.rows("select 1 from letter")
    person(renaming, 1, "c1", "c2", plan="pro", color="green")
    await deliver(renaming, 1)
    assert len(renames(sandbox)) == 1
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "color": "green"}
    person(renaming, 1, "c1", "c2", "c3", plan="pro", color="green")
    await deliver(renaming, 1)
    assert renames(sandbox)[1:] == [("c2", "c3")]
    assert told(sandbox)["c3"] == {"plan": "pro", "color": "green"}


async def test_an_id_that_braze_never_had_is_no_obstacle(renaming, sandbox):
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    assert renames(sandbox) == [("c1", "c2")]
    assert told(sandbox) == {"c2": {"plan": "pro", "color": "red"}}
    assert renaming.counts(1)[NOT_RENAMED] == 1
    assert not renaming.rows("select 1 from letter")


async def test_whom_braze_has_lost_is_told_everything_under_the_new_id(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    sandbox.call("/users/delete", {"external_ids": ["c1"]})
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="free", color="red")
    await deliver(renaming, 1)
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}


async def test_a_run_that_is_scheduled_ends_with_everything_told(renaming, sandbox):
    sandbox.track(attributes=[{"external_id": "c2"}])
    person(renaming, 1, "c1", plan="pro", color="red")
    renaming.export("plan", "color")
    (goal,) = renaming.directory.wanted
    by_hand = msgspec.json.decode(b'{"rule": {"kind": "by_hand"}}', type=type(goal.schedule))
    renaming.set_goal(msgspec.structs.replace(goal, schedule=by_hand, match=[CUSTOMER]))
    renaming.ask(1)
    await renaming.deliver_all()
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    renaming.ask(1)
    await renaming.deliver_all()
    assert told(sandbox)["c2"] == {"plan": "pro", "color": "red"}
    run = renaming.runs()[-1]
    assert run.planned == sum(run.total(kind) for kind in Kind)


async def test_what_is_taken_back_without_consent_is_taken_from_the_same_user(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red", consents=["email"])
    export(renaming, leaving="null")
    (goal,) = renaming.directory.wanted
    renaming.set_goal(msgspec.structs.replace(goal, purpose="email"))
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    await deliver(renaming, 1)
    assert told(sandbox) == {"c2": {}}
    person(renaming, 2, "d1", "d2", plan="pro", color="red")
    await deliver(renaming, 2)
    assert renames(sandbox) == [("c1", "c2")], "of who has not consented nothing is said"


async def test_two_people_who_turn_out_to_be_one(renaming, sandbox):
    """Both stand in Braze: the id that came last is the address, and holds all that the person has."""
    person(renaming, 1, "c1", plan="pro")
    profile = renaming.person(2, color="red")
    profile.identifiers["customer"] = {"c2": Seen(2, 2)}
    renaming.keep(profile)
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    await deliver(renaming, 1, merged=[(2, 1)])
    assert told(sandbox)["c2"] == {"plan": "pro", "color": "red"}


async def test_a_merge_keeps_the_current_id(renaming, sandbox):
    (there,) = renaming.directory.connected
    settings = {**there.settings, "merges": "merge", "merge_hold_minutes": 0}
    renaming.directory.connected = [msgspec.structs.replace(there, settings=settings)]
    alias = MatchKey("alias", "anonymous_id")
    renaming.person(1, anonymous_id="a1", plan="pro")
    renaming.person(2, anonymous_id="a2", color="red")
    export(renaming, CUSTOMER, alias)
    await renaming.deliver_all()
    for customers in (("c1",), ("c1", "c2")):
        sandbox.flush()
        profile = renaming.person(1, anonymous_id="a1", plan="pro")
        profile.identifiers["customer"] = {one: Seen(at, 100) for at, one in enumerate(customers, 1)}
        renaming.keep(profile)
        await deliver(renaming, 1)
    sandbox.flush()
    profile = renaming.person(1, anonymous_id=["a1", "a2"], plan="pro", color="red")
    profile.identifiers["customer"] = {one: Seen(at, 100) for at, one in enumerate(("c1", "c2"), 1)}
    renaming.keep(profile)
    await deliver(renaming, 1, merged=[(2, 1)])
    merges = [one["body"] for one in sandbox.journal() if one["path"] == "/users/merge"]
    assert [one["merge_updates"][0]["identifier_to_keep"] for one in merges] == [{"external_id": "c2"}]
    assert told(sandbox) == {"c2": {"plan": "pro", "color": "red"}}
