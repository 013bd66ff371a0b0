"""What a preview says of goals of calls is what planning does, with secrets masked; nothing is called."""

import msgspec
import pytest

from onefold.activate.call_preview import CallPreviewer
from onefold.activate.event_preview import EventPreviewer, Totals
from onefold.activate.preview import AnswerPace
from onefold.activate.read import Feed
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.connectors.http import HttpConnector
from onefold.model.outcome import Kind
from onefold.model.schedule import ByHand, Schedule

PACE = AnswerPace(0.5, 8)
KEY = "sk-very-secret"


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


def previewer(world, goal, kind):
    connection, connector = world.directory.connected[0], HttpConnector()
    return kind(goal, connector, connection, connector.open(connection))


async def test_a_time_of_a_schedule_is_shown_for_one_and_counted_for_all(world, readers):
    goal = world.goal(
        when="schedule",
        schedule=Schedule(ByHand()),
        requires=["identifiers.user_id"],
        headers={"X-Key": "{{ secrets.api_key }}"},
        body='{"plan": {{ profile.traits.plan }}}',
    )
    world.person(1, member=True, user_id="ada", plan="pro")
    world.person(2, member=True, user_id="bob")
    world.person(3, member=True)
    world.person(4, user_id="eve", plan="pro")
    shown = previewer(world, goal, CallPreviewer)
    look = shown.look(1, readers, world.at)
    (made,) = look.objects
    assert (look.finding.kind, made.body["method"]) == (Kind.PASSED, "POST")
    assert msgspec.json.decode(made.body["body"]) == {"plan": "pro"}
    assert KEY not in str(made.body)
    refused = shown.look(2, readers, world.at)
    assert (refused.finding.code, refused.objects) == ("activate.call.template", [])
    assert shown.look(99, readers, world.at) is None
    reach = shown.reach(readers, world.at, 3, PACE)
    assert (reach.is_exact, reach.people, reach.sent, reach.requests, reach.seconds) == (
        True,
        3,
        1,
        1,
        0.0625,
    )
    assert reach.reasons == {
        (Kind.REJECTED, "activate.call.template"): 1,
        (Kind.FILTERED, "activate.call.requirement"): 1,
    }
    await world.deliver_all()
    assert (world.api.calls, world.letters()) == ([], [])


def test_calls_on_events_are_shown_for_the_latest_and_counted_a_day(world, readers):
    goal = world.goal(
        when="event",
        events=["Order Completed"],
        body='{"total": {{ event.properties.total }}}',
        quiet_from="00:00",
        quiet_until="23:59",
    )
    world.person(1, user_id="ada")
    orders = [
        {"type": "track", "event": "Order Completed", "messageId": f"m{n}", "properties": {"total": n}}
        for n in range(4)
    ]
    seen = {"type": "track", "event": "Seen", "messageId": "m9"}
    broken = {"type": "track", "event": "Order Completed", "messageId": "m8", "properties": {}}
    world.commit(events=[*((1, order) for order in orders), (1, seen), (1, broken)])
    shown = previewer(world, goal, EventPreviewer)
    assert shown.find_somebody(readers) == 1
    first, second, *_ = shown.latest([1], readers)
    assert (first.finding.kind, first.hint != "", first.objects) == (Kind.REJECTED, True, [])
    assert msgspec.json.decode(second.objects[0].body["body"]) == {"total": 3}
    daily = shown.daily(readers, world.at, Totals(1, {}), PACE)
    assert [tuple(one) for one in daily.names] == [("Order Completed", 5, 4, 0)]
    assert (daily.days, daily.requests, daily.reasons) == (
        1,
        4,
        {(Kind.REJECTED, "activate.call.template"): 1},
    )
    assert not shown.has_past
