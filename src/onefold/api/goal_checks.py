"""What is wrong with a goal or a connection that someone gives, as the API answers it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from onefold.api.problem import FieldProblem, InvalidError
from onefold.api.workspace import Workspace
from onefold.config.goal import find_goal_problems
from onefold.errors import RequestError
from onefold.model.connection import Connection
from onefold.model.goal import GOALS_MAX, Goal
from onefold.model.json import JsonValue
from onefold.plugin.contract import Connector
from onefold.plugin.declare import Field, FieldKind, Problem


def too_many_goals() -> RequestError:
    """The answer to one goal more than a connection takes."""
    return RequestError(
        "api.too_many_goals",
        f"A connection has at most {GOALS_MAX} goals.",
        status=409,
        hint="Join goals of the same kind and segment into one with more mappings.",
    )


def connector_of(workspace: Workspace, name: str) -> Connector:
    """The connector of that name.

    Raises:
        InvalidError: it is not installed.
    """
    connectors = workspace.connectors().connectors
    if name not in connectors:
        known = ", ".join(sorted(connectors)) or "none"
        problem = FieldProblem("connector", f"There is no connector {name!r}; there are: {known}.", name)
        raise InvalidError("connection.unknown_connector", [problem])
    return connectors[name]


def goal_problems(
    workspace: Workspace,
    connector_name: str,
    goal: Goal,
    others: Sequence[Goal],
    prefix: str = "",
    *,
    settings: dict[str, JsonValue] | None = None,
) -> list[FieldProblem]:
    """Everything that is wrong with a goal beside these others; `settings` are those of its connection."""
    connector = connector_of(workspace, connector_name)
    segment_ids = {stored.definition.id for stored in workspace.segments.page()}
    problems = find_goal_problems(connector, goal, others, settings or {}, segment_ids)
    if any(other.name == goal.name and other.id != goal.id for other in others):
        problems.append(Problem("name", f"This connection has a goal {goal.name!r} already."))
    kind = connector.info.goal(goal.kind)
    return explain_problems(problems, goal, kind.fields if kind else (), prefix)


def explain_problems(
    problems: Sequence[Problem], checked: Connection | Goal, fields: Sequence[Field], prefix: str = ""
) -> list[FieldProblem]:
    """Each with the value that was given (never a secret) and what the field is for."""
    remedies = {field.name: field.help for field in fields}
    document = msgspec.to_builtins(checked)
    # Also where one was put among the settings by mistake.
    secret = {field.name for field in fields if field.kind is FieldKind.SECRET}

    def value_of(path: str) -> JsonValue:
        is_secret = path.startswith("secrets") or path.rpartition(".")[2] in secret
        return None if is_secret else _value_at(document, path)

    return [
        FieldProblem(
            prefix + problem.path,
            problem.message,
            value_of(problem.path),
            remedies.get(problem.path.rpartition(".")[2], ""),
        )
        for problem in problems
    ]


def raise_problems(code: str, problems: list[FieldProblem]) -> None:
    """Refuse, if there are any.

    Raises:
        InvalidError: with all of them.
    """
    if problems:
        raise InvalidError(code, problems)


def _value_at(document: Any, path: str) -> JsonValue:
    for step in path.split("."):
        if isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict):
            document = document.get(step)
        else:
            return None
    return document
