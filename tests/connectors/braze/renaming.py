"""People with customer numbers that change, for the tests of renames."""

from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue
from onefold.model.match import MatchKey
from onefold.model.outcome import Kind
from onefold.model.profile import Seen

CUSTOMER = MatchKey("external_id", "customer")
TAKEN = (Kind.FILTERED, "activate.braze.id_taken")
NOT_RENAMED = (Kind.FILTERED, "activate.braze.id_not_renamed")
RENAME = "/users/external_ids/rename"


def person(world, profile_id, *customers, user_id="", **traits):
    """Someone with these customer numbers, the oldest first."""
    profile = world.person(profile_id, **traits)
    if customers:
        profile.identifiers["customer"] = {one: Seen(at, 100) for at, one in enumerate(customers, 1)}
    if user_id:
        profile.identifiers["user_id"] = {user_id: Seen(50, 50)}
    world.keep(profile)


def export(world, *match, fields=("plan", "color"), goal_id=1, **settings):
    rows = [Mapping(TraitValue(field), field) for field in fields]
    keys = list(match or (CUSTOMER,))
    world.set_goal(Goal(goal_id, 1, "export", "Export", True, 0, rows, settings, match=keys))


def events(world):
    goal = Goal(2, 1, "events", "Events", True, 0, [], {"start": "beginning"}, match=[CUSTOMER])
    world.set_goal(goal)


def renames(sandbox):
    """What Braze was asked to rename: pairs of old and new."""
    sandbox.flush()
    return [
        (one["current_external_id"], one["new_external_id"])
        for entry in sandbox.requests(RENAME)
        for one in (entry["body"] or {}).get("external_id_renames", [])
    ]


def told(sandbox):
    """External id -> attributes, of everyone in Braze."""
    sandbox.flush()
    return {
        user["external_id"]: sandbox.user(user["external_id"])["custom_attributes"]
        for user in sandbox.users()
    }


async def deliver(world, *profile_ids, **commit):
    """What became of these is delivered."""
    world.commit(*profile_ids, **commit)
    await world.deliver_all()
