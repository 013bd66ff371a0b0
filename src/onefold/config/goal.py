"""Everything that is wrong with a goal, whoever asks: forms and documents are held to the same rules."""

from collections.abc import Collection, Iterable, Mapping

from onefold.acquire.transform import check_intake
from onefold.activate.check import feature_problems
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.plugin.check import check_goal
from onefold.plugin.contract import Connector
from onefold.plugin.declare import OVERLAP, Problem


def find_goal_problems(
    connector: Connector,
    goal: Goal,
    others: Iterable[Goal],
    settings: Mapping[str, JsonValue],
    segment_ids: Collection[int] | None = None,
) -> list[Problem]:
    """What is wrong with a goal beside these others; `settings` are those of its connection.

    Without `segment_ids`, segments are not looked for.
    """
    may_overlap = settings.get(OVERLAP.name) == "priority"
    problems = check_goal(connector, goal, others, segment_ids, may_overlap=may_overlap)
    problems += feature_problems(goal, connector.info.goal(goal.kind))
    if goal.intake is not None:
        problems += check_intake(goal.intake)
    return problems
