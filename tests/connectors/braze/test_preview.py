"""What a preview says of a goal is what planning does: states of rows, the object, numbers of a first run."""

import msgspec
import pytest

from onefold.activate.preview import EXACT_MAX, AnswerPace, Previewer
from onefold.activate.read import Feed
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.connectors.braze import BrazeConnector
from onefold.model.goal import Goal
from onefold.model.mapping import IdentifierValue, Mapping, TextValue, TraitValue
from onefold.model.match import MatchKey
from onefold.model.profile import Seen

NOW = 1_795_000_000_000_000
PACE = AnswerPace(0.0, 16)


class Readers:
    """Of a world."""

    def __init__(self, world):
        self.state = EmbeddedStateReader(world.path)
        self.feed = Feed(self.state, world.log)
        self.ledgers = world.store


@pytest.fixture
def readers(world):
    made = Readers(world)
    yield made
    made.state.close()


def previewer(world, goal):
    connection = world.directory.connected[0]
    connector = BrazeConnector()
    return Previewer(goal, world.directory.wanted, connector, connection, connector.open(connection))


def goal_of(*rows, **more):
    return Goal(
        more.pop("id", 1), 1, "export", "Goal", more.pop("enabled", True), mappings=list(rows), **more
    )


def trait(name):
    return Mapping(TraitValue(name), name)


def states(look):
    return {row.field: row.state for row in look.rows}


async def test_rows_tell_what_becomes_of_each_field(world, readers):
    world.person(1, user_id="u1", plan="pro", color="red", size="L")
    goal = goal_of(*map(trait, ("plan", "color", "size", "mood")))
    world.set_goal(goal)
    await world.deliver_all()
    world.person(1, user_id="u1", plan="gold", size="L", email="nonsense", kind="x")
    changed = msgspec.structs.replace(
        goal, mappings=[*goal.mappings, trait("email"), trait("kind")], version=2, enabled=False
    )
    look = previewer(world, changed).look(1, readers, NOW)
    assert states(look) == {
        "plan": "changed",
        "color": "removed",
        "size": "same",
        "mood": "empty",
        "email": "refused",
        "kind": "new",
    }
    assert look.rows[4].hint
    assert [one.body for one in look.objects] == [
        {"external_id": "u1", "plan": "gold", "color": None, "kind": "x"}
    ]
    assert world.rows("select count(*) from letter") == [(0,)], "nothing is kept"


async def test_another_goal_and_the_address_are_told(world, readers):
    profile = world.person(1, segments=[3], plan="pro")
    profile.identifiers = {"email": {"ann@x.org": Seen(1, 1)}}
    world.keep(profile)
    world.set_goal(goal_of(Mapping(TextValue("vip"), "tier"), id=7, segment_id=3))
    rows = (Mapping(TextValue("plain"), "tier"), Mapping(TextValue("b@x.org"), "email"), trait("plan"))
    goal = goal_of(*rows, id=8, position=1, match=[MatchKey("email", "email")])
    look = previewer(world, goal).look(1, readers, NOW)
    assert states(look) == {"tier": "other_goal", "email": "address", "plan": "new"}
    assert look.address == "m:ann@x.org"
    assert [one.body for one in look.objects] == [{"email": "ann@x.org", "plan": "pro"}]


async def test_the_one_who_is_left_out_is_told_why(world, readers):
    world.person(1, plan="pro")
    look = previewer(world, goal_of(trait("plan"))).look(1, readers, NOW)
    assert (look.finding.code, look.objects) == ("activate.anonymous", [])
    assert look.finding.reason
    assert previewer(world, goal_of(trait("plan"))).look(99, readers, NOW) is None


def test_few_people_are_counted_exactly(world, readers):
    world.person(1, user_id="u1", plan="pro", color="red")
    world.person(2, user_id="u2", plan="pro")
    world.person(3, plan="pro")
    reach = previewer(world, goal_of(trait("plan"), trait("color"))).reach(readers, NOW, 0, PACE)
    assert (reach.is_exact, reach.people, reach.sent, reach.fields, reach.cost) == (True, 3, 2, 3, 3)
    assert (reach.requests, reach.seconds) == (1, 0.001)
    assert list(reach.reasons.values()) == [1]


def test_many_are_estimated_from_a_sample(world, readers):
    world.state.execute("begin")
    for number in range(1, 3 * EXACT_MAX + 1):
        # Early people have a user id, late ones have not.
        known = {"user_id": f"u{number}"} if number <= EXACT_MAX else {}
        world.person(number, **known, segments=[3] if number % 2 else [], plan="pro")
    world.state.execute("commit")
    rows = (trait("plan"), Mapping(IdentifierValue("user_id"), "id"))
    reach = previewer(world, goal_of(*rows)).reach(readers, NOW, 0, AnswerPace(0.5, 2))
    assert not reach.is_exact
    assert reach.people == pytest.approx(3 * EXACT_MAX, rel=0.02)
    assert reach.sent == pytest.approx(EXACT_MAX, rel=0.1)
    assert reach.fields == pytest.approx(2 * EXACT_MAX, rel=0.1)
    assert reach.requests == pytest.approx(EXACT_MAX / 75, rel=0.1)
    assert reach.seconds == pytest.approx(reach.requests * 0.25)
    members = previewer(world, goal_of(*rows, segment_id=3)).reach(readers, NOW, 3 * EXACT_MAX // 2, PACE)
    assert (members.is_exact, members.people) == (False, 3 * EXACT_MAX // 2)
    assert members.sent == pytest.approx(EXACT_MAX / 2, rel=0.1)
