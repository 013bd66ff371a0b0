"""Checks of match keys and of the people of test mode."""

import pytest

from onefold.connectors.braze import BrazeConnector
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, SegmentsValue, TraitValue
from onefold.model.match import MatchKey
from onefold.plugin.check import check_goal

BRAZE = BrazeConnector()


def problems(*match, **more):
    goal = Goal(
        1, 1, "export", "Goal", mappings=[Mapping(TraitValue("plan"), "plan")], match=list(match), **more
    )
    return [problem.path for problem in check_goal(BRAZE, goal)]


def test_keys_in_any_order_are_good():
    assert problems(MatchKey("email", "email"), MatchKey("alias", "device", "app")) == []


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (MatchKey("telepathy", "user_id"), "match.0.key"),
        (MatchKey("external_id", ""), "match.0.identifier"),
        (MatchKey("external_id", "user_id", "web"), "match.0.label"),
        (MatchKey("alias", "anonymous_id", "a\nb"), "match.0.label"),
    ],
)
def test_a_wrong_key_is_named(key, path):
    assert problems(key) == [path]


def test_a_key_is_tried_once_and_anonymous_is_a_key_then():
    key = MatchKey("email", "email")
    assert problems(key, key) == ["match.1"]
    assert problems(key, settings={"anonymous": "alias"}) == ["settings.anonymous"]
    assert problems(*(MatchKey("external_id", f"kind{number}") for number in range(11))) == ["match"]


def test_test_people_are_kinds_and_values():
    assert problems(settings={"test_people": ["email:ann@x.org"]}) == []
    assert problems(settings={"test_people": ["ann@x.org"]}) == ["settings.test_people"]
    assert problems(settings={"test_people": [f"user_id:{n}" for n in range(1001)]}) == [
        "settings.test_people"
    ]


def test_goals_may_overlap_where_their_order_decides():
    goal = Goal(1, 1, "export", "Goal", mappings=[Mapping(TraitValue("plan"), "plan")])
    other = Goal(2, 1, "export", "Other", mappings=[Mapping(TraitValue("tier"), "plan")])
    assert [one.path for one in check_goal(BRAZE, goal, [other])] == ["mappings.0.field"]
    assert check_goal(BRAZE, goal, [other], may_overlap=True) == []


def test_segments_told_by_name_must_exist():
    goal = Goal(1, 1, "export", "Goal", mappings=[Mapping(SegmentsValue([3, 9]), "segments")])
    assert [one.message for one in check_goal(BRAZE, goal, (), {3})] == ["There is no segment 9."]
