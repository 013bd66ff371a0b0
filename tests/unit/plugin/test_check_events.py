"""Checks of what a goal says about events: all problems at once, each with its path."""

import pytest

from onefold.clock import from_iso
from onefold.connectors.braze import BrazeConnector
from onefold.model.event_mapping import EventMapping
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue
from onefold.plugin.check import check_goal
from onefold.plugin.check_events import ROWS_MAX, since_of

BRAZE = BrazeConnector()


def paths(*rows, **settings):
    goal = Goal(1, 1, "events", "Events", event_mappings=list(rows), settings=settings)
    return [problem.path for problem in check_goal(BRAZE, goal)]


def test_good_rows_have_no_problem():
    row = EventMapping("Signed Up", "signed_up", {"plan": "tier", "ip": None, "products.title": "name"})
    assert paths(row, EventMapping("*", properties={"ip": None})) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([EventMapping(" ")], ["event_mappings.0.event"]),
        ([EventMapping("A"), EventMapping("A")], ["event_mappings.1.event"]),
        ([EventMapping("*", "all")], ["event_mappings.0.name"]),
        ([EventMapping("A", properties={"": "b"})], ["event_mappings.0.properties"]),
        ([EventMapping("A", properties={"a.": "b"})], ["event_mappings.0.properties"]),
        ([EventMapping("A", properties={"a": ""})], ["event_mappings.0.properties.a"]),
        ([EventMapping("A", properties={"a": "x", "b": "x"})], ["event_mappings.0.properties.b"]),
        ([EventMapping("A", properties={"a": "x", "p.b": "x"})], []),
        ([EventMapping("A", properties={"a": "$x"})], ["event_mappings.0.properties.a"]),
        ([EventMapping("A", "x" * 256)], ["event_mappings.0.name"]),
        ([EventMapping("A", properties={str(n): None for n in range(501)})], ["event_mappings.0.properties"]),
        ([EventMapping(str(n)) for n in range(ROWS_MAX + 1)], ["event_mappings"]),
    ],
)
def test_a_bad_row_is_named(rows, expected):
    assert paths(*rows) == expected


def test_a_row_for_an_event_that_the_goal_does_not_send_is_refused():
    rows = [EventMapping("Viewed", "v"), EventMapping("Order Completed", "o"), EventMapping("Liked", "l")]
    assert paths(*rows, events=["Viewed"]) == ["event_mappings.2.event"]


def test_a_goal_that_sends_no_events_has_no_rows():
    mappings = [Mapping(TraitValue("plan"), "plan")]
    goal = Goal(1, 1, "export", "People", mappings=mappings, event_mappings=[EventMapping("A")])
    assert [problem.path for problem in check_goal(BRAZE, goal)] == ["event_mappings"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"start": "since", "since": "2026-05-01"}, []),
        ({"start": "since", "since": "2026-05-01T08:00:00+02:00"}, []),
        ({"start": "since"}, ["settings.since"]),
        ({"start": "since", "since": "May"}, ["settings.since"]),
        ({"start": "since", "since": "2026-13-01"}, ["settings.since"]),
        ({"start": "beginning", "since": "2026-05-01"}, ["settings.since"]),
        ({"since": "2026-05-01"}, ["settings.since"]),
        ({"orders": "some"}, ["settings.orders"]),
    ],
)
def test_since_is_a_date_and_only_where_it_is_asked_for(settings, expected):
    assert paths(**settings) == expected


def test_a_date_is_its_midnight():
    assert since_of("2026-05-01") == from_iso("2026-05-01T00:00:00Z")
