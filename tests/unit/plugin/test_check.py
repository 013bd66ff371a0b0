"""Checks of connections and goals: all problems at once, each with its path."""

import pytest

from onefold.connectors.braze import BrazeConnector
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.mapping import (
    CounterValue,
    InteractionsValue,
    InteractionValue,
    Mapping,
    SegmentValue,
    TraitValue,
)
from onefold.plugin.check import check_connection, check_goal

BRAZE = BrazeConnector()
GOOD = {"endpoint": "https://rest.fra-01.braze.eu"}


def connection(settings=None, secrets=None, name="Braze"):
    return Connection(
        1, name, "braze", settings=GOOD if settings is None else settings, secrets=secrets or {"api_key": "k"}
    )


def goal(*mappings, kind="export", **more):
    return Goal(1, 1, kind, more.pop("name", "Goal"), mappings=list(mappings), **more)


def row(field, trait="plan"):
    return Mapping(TraitValue(trait), field)


def paths(problems):
    return [problem.path for problem in problems]


def test_a_good_connection_and_goal_have_no_problem():
    assert check_connection(BRAZE, connection()) == []
    assert check_goal(BRAZE, goal(row("plan"), row("email", "mail"))) == []


def test_all_problems_come_at_once():
    wrong = connection(
        {"endpoint": "braze.com", "batch_limit": "80", "concurrency": 99, "other": 1},
        {"api_key": ""},
        name=" ",
    )
    assert paths(check_connection(BRAZE, wrong)) == [
        "name",
        "settings.other",
        "settings.endpoint",
        "settings.batch_limit",
        "settings.concurrency",
        "secrets.api_key",
    ]


def test_an_endpoint_has_no_path():
    assert paths(
        check_connection(BRAZE, connection({"endpoint": "https://rest.iad-01.braze.com/users"}))
    ) == ["settings.endpoint"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "ftp://rest.example.com",
        "https://",
        "https:///users",
        "https://rest example.com",
        "https://rest.example.com:99999",
        "https://rest.example.com:port",
        "https://me:secret@rest.example.com",
        "https://rest.example.com?key=1",
        "https://rest.example.com#top",
        "https://rest.example.com\n",
        "https://[::1",
    ],
)
def test_an_address_is_one_that_can_be_asked_and_shown(endpoint):
    assert paths(check_connection(BRAZE, connection({"endpoint": endpoint}))) == ["settings.endpoint"]


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:8401", "https://rest.iad-01.braze.com/", "http://[::1]:1"]
)
def test_any_host_will_do(endpoint):
    assert check_connection(BRAZE, connection({"endpoint": endpoint})) == []


def test_a_secret_with_its_line_end_is_refused_without_being_shown():
    wrong = connection(secrets={"api_key": "key-1\nX-Other: 1"})
    (problem,) = check_connection(BRAZE, wrong)
    assert problem.path == "secrets.api_key"
    assert "line breaks" in problem.message
    assert "key-1" not in problem.message


def test_an_unknown_kind_names_those_that_exist():
    (problem,) = check_goal(BRAZE, goal(kind="catalog"))
    assert "export, events" in problem.message


def test_mappings_are_needed_known_and_single():
    assert paths(check_goal(BRAZE, goal())) == ["mappings"]
    assert paths(check_goal(BRAZE, goal(row("plan"), row("plan", "other")))) == ["mappings.1.field"]
    assert paths(check_goal(BRAZE, goal(row(""), row("a", "")))) == [
        "mappings.0.field",
        "mappings.1.source.trait",
    ]


def test_reserved_names_are_refused():
    problems = check_goal(BRAZE, goal(row("external_id"), row("purchases"), row("$set"), row("push_tokens")))
    assert paths(problems) == [f"mappings.{place}.field" for place in range(4)]


def test_two_goals_never_write_one_field():
    other = Goal(2, 1, "export", "Other", mappings=[row("plan")])
    (problem,) = check_goal(BRAZE, goal(row("plan")), [other])
    assert "Other" in problem.message
    elsewhere = Goal(2, 9, "export", "Other", mappings=[row("plan")])
    assert check_goal(BRAZE, goal(row("plan")), [elsewhere]) == []


def test_segments_must_exist():
    found = check_goal(BRAZE, goal(Mapping(SegmentValue(8), "vip"), segment_id=7), segment_ids={1})
    assert paths(found) == ["segment_id", "mappings.0.source.segment_id"]


def test_revenue_needs_its_currency():
    source = CounterValue("Order Completed", "revenue", days=-1)
    assert paths(check_goal(BRAZE, goal(Mapping(source, "spent")))) == ["mappings.0.source.days"]


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (InteractionsValue(days=-1), "days"),
        (InteractionsValue(limit=0), "limit"),
        (InteractionsValue(limit=501), "limit"),
        (InteractionValue(), "interaction_id"),
        (InteractionValue("c1", "Welcome"), "interaction_id"),
        (InteractionValue("c1", days=-1), "days"),
    ],
)
def test_what_is_told_of_interactions_must_make_sense(source, field):
    found = check_goal(BRAZE, goal(Mapping(source, "seen")))
    assert paths(found) == [f"mappings.0.source.{field}"]
    assert not check_goal(BRAZE, goal(Mapping(InteractionsValue("email", 30, "ids", 500), "seen")))
    assert not check_goal(BRAZE, goal(Mapping(InteractionValue(name="Welcome"), "saw")))


def test_events_goals_have_no_mappings_and_a_real_currency():
    assert paths(check_goal(BRAZE, goal(row("plan"), kind="events"))) == ["mappings"]
    assert paths(check_goal(BRAZE, goal(kind="events", settings={"currency": "EURO"}))) == [
        "settings.currency"
    ]
    assert paths(check_goal(BRAZE, goal(kind="events", settings={"events": [""], "start": "later"}))) == [
        "settings.events",
        "settings.start",
    ]


def test_secrets_never_show():
    shown = connection(secrets={"api_key": "very-secret"})
    assert "very-secret" not in repr(shown)
