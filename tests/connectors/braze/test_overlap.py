"""Goals that write one field: of those that have the person, the first in their order does."""

import msgspec
import pytest

from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TextValue, TraitValue
from onefold.model.match import MatchKey
from onefold.model.profile import Seen

VIP, GOLD = 3, 4


@pytest.fixture
def goals(world):
    """The first is for VIPs, the second for everyone; both say a tier, the second a plan too."""
    first = Goal(1, 1, "export", "VIP", True, VIP, [Mapping(TextValue("vip"), "tier")], position=0)
    rows = [Mapping(TextValue("plain"), "tier"), Mapping(TraitValue("plan"), "plan")]
    second = Goal(2, 1, "export", "All", True, 0, rows, position=1)
    world.set_goal(first)
    world.set_goal(second)
    return first, second


def tier(sandbox, user_id):
    sandbox.flush()
    return sandbox.user(user_id)["custom_attributes"]["tier"]


@pytest.mark.usefixtures("goals")
async def test_the_first_goal_that_has_the_person_writes(world, sandbox):
    world.person(1, user_id="u1", segments=[VIP], plan="pro")
    world.person(2, user_id="u2", plan="pro")
    await world.deliver_all()
    assert (tier(sandbox, "u1"), tier(sandbox, "u2")) == ("vip", "plain")
    assert sandbox.user("u1")["custom_attributes"]["plan"] == "pro", "what is its own, each writes"
    world.commit(1, 2)
    objects = len(sandbox.sent_attributes())
    await world.deliver_all()
    assert len(sandbox.sent_attributes()) == objects, "nothing goes to and fro"


@pytest.mark.usefixtures("goals")
async def test_the_lower_goal_takes_over_when_the_person_leaves_and_gives_back(world, sandbox):
    world.person(1, user_id="u1", segments=[VIP], plan="pro")
    await world.deliver_all()
    for segments, expected in (([], "plain"), ([VIP], "vip"), ([], "plain"), ([VIP], "vip")):
        world.person(1, user_id="u1", segments=segments, plan="pro")
        world.commit(1)
        await world.deliver_all()
        assert tier(sandbox, "u1") == expected
        assert sandbox.sent_attributes()[-1] == {"external_id": "u1", "tier": expected}


async def test_the_lower_goal_takes_over_when_the_higher_is_off(world, sandbox, goals):
    first, _ = goals
    world.person(1, user_id="u1", segments=[VIP], plan="pro")
    await world.deliver_all()
    for enabled, expected in ((False, "plain"), (True, "vip"), (False, "plain"), (True, "vip")):
        world.set_goal(msgspec.structs.replace(first, enabled=enabled))
        await world.deliver_all()
        assert tier(sandbox, "u1") == expected


async def test_another_order_is_followed(world, sandbox, goals):
    first, _ = goals
    world.person(1, user_id="u1", segments=[VIP], plan="pro")
    await world.deliver_all()
    world.set_goal(msgspec.structs.replace(first, position=5))
    await world.deliver_all()
    assert tier(sandbox, "u1") == "plain"


async def test_removing_on_leaving_does_not_touch_what_another_goal_writes(world, sandbox, goals):
    first, _ = goals
    world.set_goal(msgspec.structs.replace(first, settings={"leaving": "null"}))
    world.person(1, user_id="u1", segments=[VIP], plan="pro")
    await world.deliver_all()
    world.person(1, user_id="u1", plan="pro")
    world.commit(1, left=[(VIP, 1)])
    await world.deliver_all()
    assert tier(sandbox, "u1") == "plain"
    assert all(one.get("tier") is not None for one in sandbox.sent_attributes() if "tier" in one)


async def test_leaving_the_only_goal_that_had_the_person_removes(world, sandbox, goals):
    first, second = goals
    world.set_goal(msgspec.structs.replace(first, settings={"leaving": "null"}))
    world.set_goal(msgspec.structs.replace(second, segment_id=GOLD))
    world.person(1, user_id="u1", segments=[VIP])
    await world.deliver_all()
    world.person(1, user_id="u1")
    world.commit(1, left=[(VIP, 1)])
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {}


async def test_a_goal_in_test_mode_takes_nothing_from_the_others(world, sandbox, goals):
    first, _ = goals
    world.set_goal(msgspec.structs.replace(first, settings={"test_people": ["user_id:u1"]}))
    world.person(1, user_id="u1", segments=[VIP])
    world.person(2, user_id="u2", segments=[VIP])
    await world.deliver_all()
    assert (tier(sandbox, "u1"), tier(sandbox, "u2")) == ("vip", "plain")


async def test_an_overlap_that_ends_leaves_nothing_stale(world, sandbox, goals):
    _, second = goals
    world.person(1, user_id="u1", segments=[VIP], plan="pro")
    await world.deliver_all()
    world.directory.wanted = [second]
    world.directory.version += 1
    await world.deliver_all()
    assert tier(sandbox, "u1") == "plain"


async def test_goals_that_find_people_in_other_ways_do_not_send_to_and_fro(world, sandbox, goals):
    first, second = goals
    third = Goal(3, 1, "export", "Plans", True, GOLD, [Mapping(TextValue("gold"), "plan")], position=0)
    by_email = [MatchKey("email", "email")]
    world.set_goal(msgspec.structs.replace(first, match=by_email))
    world.set_goal(third)
    world.set_goal(second)
    profile = world.person(1, user_id="u1", segments=[VIP, GOLD], plan="pro")
    profile.identifiers["email"] = {"ann@x.org": Seen(1, 1)}
    world.keep(profile)
    await world.deliver_all()
    objects = len(sandbox.sent_attributes())
    for _ in range(3):
        world.commit(1)
        await world.deliver_all()
    assert len(sandbox.sent_attributes()) == objects == 2
