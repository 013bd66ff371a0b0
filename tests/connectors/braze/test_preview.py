"""What a preview says of a goal is what planning does: states of rows, the object, numbers of a first run."""

import msgspec
import pytest

from onefold.activate.event_preview import EventPreviewer, Totals
from onefold.activate.explain import Finding
from onefold.activate.preview import EXACT_MAX, AnswerPace, Previewer
from onefold.activate.read import Feed
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.clock import DAY
from onefold.connectors.braze import BrazeConnector
from onefold.model.goal import Goal
from onefold.model.mapping import IdentifierValue, Mapping, TextValue, TraitValue
from onefold.model.match import MatchKey
from onefold.model.outcome import Kind
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


# -- goals of events ------------------------------------------------------------------------------------

NO_TOTALS = Totals(1, {})


def event_previewer(world, event_mappings=(), **settings):
    connection, connector = world.directory.connected[0], BrazeConnector()
    goal = Goal(2, 1, "events", "Events", False, 0, [], settings, event_mappings=list(event_mappings))
    return EventPreviewer(goal, connector, connection, connector.open(connection))


def track(name, key, **properties):
    return {"type": "track", "event": name, "messageId": key, "properties": properties}


async def test_the_latest_events_of_a_person_are_shown_as_they_would_travel(world, readers):
    world.person(1, user_id="u1")
    world.person(2, user_id="u2")
    wrong = track("Bought", "m4", products=[{"price": "dear"}])
    world.commit(events=[(9, track("Seen", "m1", page="a")), (2, track("Seen", "m2"))])
    world.commit(events=[(1, track("Ignored", "m3")), (1, wrong), (1, track("Seen", "m5", page="b"))])
    world.commit(merged=[(9, 1)])
    looks = event_previewer(
        world, events=["Seen"], purchase_events=["Bought"], orders="ecommerce", shop="Shop"
    ).latest([1, 9], readers)
    assert [look.message_id for look in looks] == ["m5", "m4", "m1"]
    first, refused, _ = looks
    assert first.finding == Finding(Kind.PASSED)
    ((channel, part, body, cost),) = first.objects
    assert (channel, part, cost) == ("track", "events", 1)
    assert body["properties"]["page"] == "b"
    assert (refused.finding.kind, refused.objects, bool(refused.hint)) == (Kind.REJECTED, [], True)
    world.events(events=["Seen"])
    await world.deliver_all()
    assert world.rows("select count(*) from letter") == [(0,)], "nothing of a preview is kept"


async def test_somebody_is_found_whose_event_would_go(world, readers):
    world.person(1, user_id="u1")
    world.person(2)
    assert event_previewer(world).find_somebody(readers) == 0
    world.commit(events=[(1, track("Seen", "m1")), (2, track("Seen", "m2")), (1, track("Other", "m3"))])
    assert event_previewer(world, events=["Seen"]).find_somebody(readers) == 1


def test_a_day_is_counted_by_name_and_the_past_is_summed_up(world, readers):
    world.person(1, user_id="u1")
    world.person(2)
    seen = [(1 + n % 2, track("Seen", f"s{n}")) for n in range(40)]
    world.commit(events=[*seen, *((1, track("Paid", f"p{n}")) for n in range(6))])
    previewer = event_previewer(world, events=["Seen", "Paid"], start="beginning")
    daily = previewer.daily(readers, NOW + DAY * 3 // 2, NO_TOTALS, PACE)
    assert (daily.is_exact, daily.days) == (True, 2)
    assert [tuple(one) for one in daily.names] == [("Seen", 20, 10, 10), ("Paid", 3, 3, 3)]
    assert daily.reasons == {(Kind.FILTERED, "activate.anonymous"): 10}
    assert (daily.requests, daily.seconds) == (1, 0.001)
    past = previewer.backfill(readers, NOW + 400 * DAY, PACE)
    assert (past.is_exact, past.days) == (True, 0)
    assert [tuple(one) for one in past.names] == [("Seen", 40, 20, 20), ("Paid", 6, 6, 6)]
    assert previewer.has_past
    assert not event_previewer(world).has_past
    recent = event_previewer(world, start="beginning", age_days_max=30)
    assert recent.backfill(readers, NOW + 400 * DAY, PACE).reasons[Kind.FILTERED, "activate.too_old"] == 46


def test_many_events_are_estimated_from_a_sample_and_counted_by_their_totals(world, readers):
    world.state.execute("begin")
    world.person(1, user_id="u1")
    world.person(2)
    for number in range(60):
        # Of late, more of those who do it are known.
        known = 100 if number >= 30 else 300
        people = [1 if n > known else 2 for n in range(400)]
        name = "Paid" if number % 10 == 0 else "Seen"
        world.commit(events=[(one, track(name, f"m{number}-{n}")) for n, one in enumerate(people)])
    world.state.execute("commit")
    previewer = event_previewer(world, start="beginning")
    past = previewer.backfill(readers, NOW, PACE)
    assert not past.is_exact
    assert sum(one.events for one in past.names) == pytest.approx(24_000, rel=0.15)
    assert sum(one.sent for one in past.names) == pytest.approx(12_000, rel=0.25)
    totals = Totals(7, {"Seen": 70_000, "Paid": 700, "Rare": 7, "$identify": 9, "(other)": 9})
    daily = previewer.daily(readers, NOW + DAY, totals, PACE)
    assert (daily.is_exact, daily.days) == (False, 7)
    assert [(one.name, one.events) for one in daily.names] == [("Seen", 10_000), ("Paid", 100), ("Rare", 1)]
    assert daily.names[0].sent == pytest.approx(5_000, rel=0.25)
    assert daily.requests == pytest.approx(daily.names[0].sent / 75, rel=0.1)
