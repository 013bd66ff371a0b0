"""Checking what a goal says about events: its rows, and the moment from which it reads the past."""

from collections.abc import Iterator

from onefold.model.event import parse_time
from onefold.model.event_mapping import ALL_OTHERS, EventMapping
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.plugin.declare import FROM_SINCE, SINCE, START, Feed, GoalKind, Problem

ROWS_MAX = 200
"""As of profiles: a form of more rows than this cannot be read."""
PROPERTIES_MAX = 500
"""Of one row: Braze keeps 256 of an event."""


def check_event_mappings(kind: GoalKind, goal: Goal) -> list[Problem]:
    """What is wrong with the rows of a goal."""
    rows = goal.event_mappings
    if rows and kind.feed is not Feed.EVENTS:
        return [Problem("event_mappings", f"A goal {kind.name!r} sends no events.")]
    if len(rows) > ROWS_MAX:
        return [Problem("event_mappings", f"At most {ROWS_MAX} events can be mapped in one goal.")]
    problems: list[Problem] = []
    seen: set[str] = set()
    for place, row in enumerate(rows):
        path = f"event_mappings.{place}"
        if not row.event.strip():
            problems.append(Problem(f"{path}.event", "An event is needed."))
        elif row.event in seen:
            problems.append(Problem(f"{path}.event", f"{row.event!r} has an earlier row already."))
        seen.add(row.event)
        if row.event == ALL_OTHERS and row.name:
            problems.append(Problem(f"{path}.name", "The row of all other events cannot rename them."))
        problems += _check_properties(row, f"{path}.properties")
    return problems


def check_start(kind: GoalKind, goal: Goal) -> list[Problem]:
    """What is wrong with the moment from which the past is read."""
    if all(field.name != SINCE.name for field in kind.fields):
        return []
    wants = goal.settings.get(START.name) == FROM_SINCE
    since = goal.settings.get(SINCE.name)
    path = f"settings.{SINCE.name}"
    if not since:
        return [Problem(path, "Since when is needed, such as 2026-05-01.")] if wants else []
    if not wants:
        return [Problem(path, f"It is for {START.name}={FROM_SINCE}; there it says since when.")]
    try:
        since_of(since)
    except ValueError:
        return [Problem(path, "It must be a date or a time, such as 2026-05-01 or 2026-05-01T08:00:00Z.")]
    return []


def since_of(value: JsonValue) -> int:
    """The moment that a setting names; a date is its midnight in UTC.

    Raises:
        ValueError: it names none.
    """
    if not isinstance(value, str) or not value[:1].isdigit():
        raise ValueError(value)
    return parse_time(value)


def _check_properties(row: EventMapping, path: str) -> Iterator[Problem]:
    if len(row.properties) > PROPERTIES_MAX:
        yield Problem(path, f"At most {PROPERTIES_MAX} properties fit in one row.")
        return
    taken: dict[tuple[str, str], str] = {}
    for ours, theirs in row.properties.items():
        if not ours or ours.endswith(".") or ours.startswith("."):
            yield Problem(path, "A property of ours has no name.")
        elif theirs is not None and not theirs:
            yield Problem(f"{path}.{ours}", "Give it a name at the destination, or null to leave it out.")
        elif theirs is not None:
            within = ours.rpartition(".")[0]
            if (within, theirs) in taken:
                message = f"{taken[within, theirs]!r} goes as {theirs!r} already."
                yield Problem(f"{path}.{ours}", message)
            taken[within, theirs] = ours
