"""People are found in Braze by the first of the goal's keys that they have; who becomes known is joined."""

import msgspec

from onefold.model.goal import Goal
from onefold.model.mapping import IdentifierValue, Mapping, TraitValue
from onefold.model.match import MatchKey
from onefold.model.profile import Seen

EMAIL = MatchKey("email", "email")
EXTERNAL_ID = MatchKey("external_id", "user_id")


def export(world, *match, fields=("plan",), version=1, **settings):
    rows = [Mapping(TraitValue(field), field) for field in fields]
    goal = Goal(1, 1, "export", "Export", True, 0, rows, settings, version=version, match=list(match))
    world.set_goal(goal)
    return goal


def person(world, profile_id, identifiers, **traits):
    profile = world.person(profile_id, **traits)
    profile.identifiers |= {
        kind: {value: Seen(at, at) for at, value in enumerate(values, 1)}
        for kind, values in identifiers.items()
    }
    world.keep(profile)
    return profile


async def test_the_first_key_that_a_person_has_is_the_address(world, sandbox):
    person(world, 1, {"user_id": ["u1"], "email": ["ann@x.org"]}, plan="pro")
    person(world, 2, {"email": ["bob@x.org"], "phone": ["+33612345678"]}, plan="pro")
    person(world, 3, {"phone": ["+33612345679"]}, plan="pro")
    person(world, 4, {"customer": ["c4"]}, plan="pro")
    person(world, 5, {"anonymous_id": ["a5"]}, plan="pro")
    person(world, 6, {"device": ["d6"]}, plan="pro")
    keys = (EXTERNAL_ID, EMAIL, MatchKey("phone", "phone"), MatchKey("external_id", "customer"))
    export(world, *keys, MatchKey("alias", "anonymous_id", "web"))
    await world.deliver_all()
    sandbox.flush()
    by_external = {user["external_id"] for user in sandbox.users()}
    assert by_external == {"u1", "c4", None}
    assert len(list(sandbox.users())) == 5
    assert [one for one in sandbox.sent_attributes() if "plan" in one] == [
        {"external_id": "u1", "plan": "pro"},
        {"email": "bob@x.org", "plan": "pro"},
        {"phone": "+33612345679", "plan": "pro"},
        {"external_id": "c4", "plan": "pro"},
        {
            "user_alias": {"alias_name": "a5", "alias_label": "web"},
            "_update_existing_only": False,
            "plan": "pro",
        },
    ]
    assert world.counts(1)[1, "activate.no_match_key"] == 1


async def test_who_was_found_by_email_is_joined_once_known(world, sandbox):
    person(world, 1, {"email": ["ann@x.org"]}, plan="pro")
    export(world, EXTERNAL_ID, EMAIL)
    await world.deliver_all()
    sandbox.flush()
    (user,) = sandbox.users()
    assert (user["external_id"], user["email"]) == (None, "ann@x.org")
    person(world, 1, {"email": ["ann@x.org"], "user_id": ["u1"]}, plan="pro")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    (user,) = sandbox.users()
    assert user["external_id"] == "u1", "no second profile"
    identify = [entry["body"] for entry in sandbox.journal() if entry["path"] == "/users/identify"]
    assert identify == [
        {
            "emails_to_identify": [
                {
                    "external_id": "u1",
                    "email": "ann@x.org",
                    "prioritization": ["unidentified", "most_recently_updated"],
                }
            ]
        }
    ]


async def test_only_updating_creates_nobody(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "plan": "free"}])
    person(world, 1, {"user_id": ["u1"]}, plan="pro")
    person(world, 2, {"user_id": ["u2"]}, plan="pro")
    person(world, 3, {"anonymous_id": ["a3"]}, plan="pro")
    export(world, EXTERNAL_ID, MatchKey("alias", "anonymous_id"), create="update_only")
    await world.deliver_all()
    sandbox.flush()
    assert [user["external_id"] for user in sandbox.users()] == ["u1"]
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro"}
    assert all(one["_update_existing_only"] is True for one in sandbox.sent_attributes()[1:])


async def test_another_external_id_gets_everything_again(world, sandbox):
    person(world, 1, {"user_id": ["u1"]}, plan="pro", color="red")
    export(world, fields=("plan", "color"))
    await world.deliver_all()
    person(world, 1, {"user_id": ["u9"]}, plan="pro", color="red")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.sent_attributes()[-1] == {"external_id": "u9", "plan": "pro", "color": "red"}
    assert sandbox.user("u9")["custom_attributes"] == sandbox.user("u1")["custom_attributes"]
    assert len(list(sandbox.users())) == 2, (
        "the old one keeps what it has: Braze cannot tell that they are one"
    )


async def test_a_merge_into_another_user_sends_everything_to_the_survivor(world, sandbox):
    person(world, 1, {"user_id": ["u1"]}, plan="pro")
    person(world, 2, {"email": ["ann@x.org"]}, color="red")
    export(world, EXTERNAL_ID, EMAIL, fields=("plan", "color"))
    await world.deliver_all()
    person(world, 1, {"user_id": ["u1"], "email": ["ann@x.org"]}, plan="pro", color="red")
    world.commit(1, merged=[(2, 1)])
    await world.deliver_all()
    sandbox.flush()
    (user,) = sandbox.users()
    assert user["external_id"] == "u1"
    assert sandbox.user("u1")["custom_attributes"] == {"plan": "pro", "color": "red"}


async def test_the_address_itself_is_no_field_of_the_object(world, sandbox):
    person(world, 1, {"email": ["ann@x.org"]}, plan="pro")
    person(world, 2, {"phone": ["+33612345678"]}, plan="pro", mail="bob@x.org")
    goal = export(world, EMAIL, MatchKey("phone", "phone"))
    rows = [
        *goal.mappings,
        Mapping(IdentifierValue("phone"), "phone"),
        Mapping(TraitValue("mail"), "email"),
    ]
    world.set_goal(msgspec.structs.replace(goal, mappings=rows, version=2))
    await world.deliver_all()
    assert sandbox.sent_attributes() == [
        {"email": "ann@x.org", "plan": "pro"},
        {"phone": "+33612345678", "plan": "pro"},
    ], "an e-mail beside the phone would be what Braze looks for"


async def test_the_latest_email_is_the_address(world, sandbox):
    person(world, 1, {"email": ["old@x.org", "new@x.org"]}, plan="pro")
    export(world, EMAIL)
    await world.deliver_all()
    assert sandbox.sent_attributes() == [{"email": "new@x.org", "plan": "pro"}]


async def test_events_are_found_by_the_same_keys(world, sandbox):
    person(world, 1, {"email": ["ann@x.org"]})
    world.commit(1, events=[(1, {"type": "track", "event": "Viewed", "messageId": "m1", "properties": {}})])
    world.set_goal(
        Goal(2, 1, "events", "Events", True, 0, [], {"start": "beginning"}, match=[EXTERNAL_ID, EMAIL])
    )
    await world.deliver_all()
    sandbox.flush()
    (user,) = sandbox.users()
    assert (user["email"], user["events"]) == ("ann@x.org", 1)


async def test_an_alias_cannot_be_named_so_that_it_reads_as_an_email(world, sandbox):
    sandbox.track(attributes=[{"email": "victim@x.org", "plan": "gold"}])
    sandbox.flush()
    person(world, 1, {"anonymous_id": ["\nemail\nvictim@x.org"]}, plan="pro")
    export(world, anonymous="alias")
    await world.deliver_all()
    person(world, 1, {"anonymous_id": ["\nemail\nvictim@x.org"], "user_id": ["thief"]}, plan="pro")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert {user["external_id"]: user["email"] for user in sandbox.users()} == {
        None: "victim@x.org",
        "thief": None,
    }
