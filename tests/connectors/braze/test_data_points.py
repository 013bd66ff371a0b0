"""What is counted as spent is what Braze bills, field by field; what is saved is what did not travel."""

import pytest

from onefold.backends.embedded.data_points import PointsWanted
from onefold.backends.embedded.delivery_status import EmbeddedDeliveryStatus
from onefold.clock import DAY, now
from onefold.model.goal import Goal
from onefold.model.mapping import IdentifierValue, Mapping, TraitValue
from onefold.model.match import MatchKey
from onefold.model.profile import Seen


@pytest.fixture
def points(world):
    status = EmbeddedDeliveryStatus(world.path)

    def read(by):
        today = now() // DAY
        return status.data_points(1, PointsWanted(today - 1, today, by))

    yield read
    status.close()


def trait(name, field=""):
    return Mapping(TraitValue(name), field or name)


def by_field(points):
    return {row.field: row.spent for row in points("field")}


def billed(sandbox):
    sandbox.flush()
    return {field: n for field, n in sandbox.stats()["data_points"]["by_field"].items() if n}


async def test_each_field_is_counted_as_braze_bills_it(world, sandbox, points):
    size = {"size": {"chest": 90, "waist": 70}}
    world.person(1, user_id="u1", plan="pro", news="opted_in", **size)
    world.person(2, user_id="u2", plan="basic")
    rows = [trait("plan"), trait("size"), trait("news", "email_subscribe")]
    world.set_goal(Goal(1, 1, "export", "Everyone", True, mappings=rows))
    await world.deliver_all()
    assert by_field(points) == billed(sandbox) == {"plan": 2, "size": 2}
    assert [(row.goal_id, row.spent, row.saved) for row in points("goal")] == [(1, 4, 0)]


async def test_what_braze_has_already_is_saved(world, sandbox, points):
    world.person(1, user_id="u1", plan="pro", color="red", news="opted_in")
    rows = [trait("plan"), trait("color"), trait("news", "email_subscribe")]
    world.set_goal(Goal(1, 1, "export", "Everyone", True, mappings=rows))
    await world.deliver_all()
    world.person(1, user_id="u1", plan="gold", color="red", news="opted_in")
    world.commit(1)
    await world.deliver_all()
    assert [(row.spent, row.saved) for row in points("day")] == [(3, 1)], "the color"
    world.person(1, user_id="u1", plan="gold", color="red", news="opted_in", other=1)
    world.commit(1)
    await world.deliver_all()
    assert [(row.spent, row.saved) for row in points("day")] == [(3, 3)], "nothing mapped has changed"
    world.person(1, user_id="u1", color="red", news="opted_in")
    world.commit(1)
    await world.deliver_all()
    assert by_field(points) == billed(sandbox) == {"plan": 3, "color": 1}, "removing is billed, too"


async def test_the_address_itself_costs_nothing(world, points):
    profile = world.person(1, plan="pro")
    profile.identifiers = {"email": {"ann@x.org": Seen(1, 1)}}
    world.keep(profile)
    rows = [trait("plan"), Mapping(IdentifierValue("email"), "email")]
    world.set_goal(Goal(1, 1, "export", "Everyone", True, mappings=rows, match=[MatchKey("email", "email")]))
    await world.deliver_all()
    assert by_field(points) == {"plan": 1}
