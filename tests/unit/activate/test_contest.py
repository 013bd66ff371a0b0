"""Who has the say about a field that several goals write."""

from onefold.activate.contest import Contest
from onefold.activate.person import decode_person
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TextValue
from onefold.model.profile import Profile, Seen, encode_profile

VIP = 3


def goal(goal_id, *fields, **more):
    rows = [Mapping(TextValue("x"), field) for field in fields]
    return Goal(goal_id, 1, "export", f"Goal {goal_id}", more.pop("enabled", True), mappings=rows, **more)


def person(*segments):
    profile = Profile(1, 0, 0, {"user_id": {"u1": Seen(0, 0)}})
    profile.set_mask(sum(1 << segment for segment in segments))
    return decode_person(encode_profile(profile))


def owners(goals, one):
    contest = Contest(goals)
    return [goal.id for goal in goals if contest.is_for(goal, "tier", one)]


def test_the_first_goal_that_has_the_person():
    goals = [goal(1, "tier", segment_id=VIP), goal(2, "tier", position=1)]
    assert owners(goals, person(VIP)) == [1]
    assert owners(goals, person()) == [2]


def test_the_first_of_all_where_none_has_the_person():
    goals = [goal(1, "tier", segment_id=VIP), goal(2, "tier", segment_id=4, position=1)]
    assert owners(goals, person()) == [1]


def test_a_goal_that_is_off_or_names_others_has_no_say():
    lower = goal(2, "tier", position=1)
    assert owners([goal(1, "tier", enabled=False), lower], person()) == [2]
    assert owners([goal(1, "tier", settings={"test_people": ["user_id:u2"]}), lower], person()) == [2]
    assert owners([goal(1, "tier", settings={"test_people": ["user_id:u1"]}), lower], person()) == [1]


def test_only_fields_of_several_goals_are_contested():
    goals = [goal(1, "tier", "plan"), goal(2, "tier", "color", enabled=False)]
    contest = Contest(goals)
    assert contest.fields == {"tier"}
    assert contest.is_written_by_another(goals[1], "plan")
    assert not contest.is_written_by_another(goals[0], "color"), "that goal is off"
    assert Contest([goals[0]]).mark_of(goals[0]) == 0


def test_the_mark_changes_with_what_decides():
    first, second = goal(1, "tier"), goal(2, "tier", position=1)
    mark = Contest([first, second]).mark_of(first)
    assert mark
    assert Contest([second, first]).mark_of(first) == mark
    assert Contest([first, goal(2, "tier", position=-1)]).mark_of(first) != mark
    assert Contest([first, goal(2, "tier", position=1, enabled=False)]).mark_of(first) != mark
    assert Contest([first, goal(2, "tier", position=1, segment_id=VIP)]).mark_of(first) != mark
    assert Contest([first, goal(2, "tier", "plan", position=1)]).mark_of(first) == mark
