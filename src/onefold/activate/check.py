"""What is wrong with a goal beyond its connector's declaration: its templates and its schedule.

In: a goal and its kind. Out: problems with a path each, for the API and for documents alike.
"""

from onefold.activate.map import VARIABLES
from onefold.model.goal import Goal
from onefold.model.mapping import TemplateValue
from onefold.plugin.declare import Feed, GoalKind, Problem, is_on_schedule
from onefold.plugin.template import check_template
from onefold.run.schedule import find_problem

FOLLOWING = frozenset({Feed.EVENTS, Feed.MOMENTS})


def feature_problems(goal: Goal, kind: GoalKind | None) -> list[Problem]:
    """Of templates, of the schedule, and of what is to be read back first."""
    return [*_template_problems(goal), *_schedule_problems(goal, kind), *_read_back_problems(goal, kind)]


def _read_back_problems(goal: Goal, kind: GoalKind | None) -> list[Problem]:
    if not goal.compare_first or kind is None or kind.reads_back:
        return []
    return [Problem("compare_first", "What the destination holds cannot be read back for such a goal.")]


def _template_problems(goal: Goal) -> list[Problem]:
    return [
        Problem(f"mappings.{place}.source.template", problem)
        for place, mapping in enumerate(goal.mappings)
        if isinstance(mapping.source, TemplateValue)
        and (problem := check_template(mapping.source.template, VARIABLES))
    ]


def _schedule_problems(goal: Goal, kind: GoalKind | None) -> list[Problem]:
    on_schedule = kind is not None and is_on_schedule(kind.feed, goal.settings)
    if on_schedule and goal.schedule.is_continuous:
        message = "A goal on a schedule needs one: times, or by hand for when someone asks."
        return [Problem("schedule.rule", message)]
    follows = kind is not None and kind.feed in FOLLOWING and not on_schedule
    if follows and not goal.schedule.is_continuous:
        return [Problem("schedule.rule", "It follows what happens: such a goal runs continuously.")]
    if kind is not None and kind.feed is Feed.ERASURES and not goal.schedule.is_continuous:
        return [Problem("schedule.rule", "Erasures go as they happen: such a goal runs continuously.")]
    found = find_problem(goal.schedule)
    return [Problem(f"schedule.{found[0]}", found[1])] if found else []
