"""Asking for runs of the goals that bring something in: by hand, at their times, or every so many minutes.

In: goals, the runs of them that have not ended, the time. Out: requests for the tasks role, which runs those
of one goal one after the other. That a time was looked at and that its run is asked for are one commit: a
time runs once, whatever is killed when. Other goals keep their own times (`activate/timetable.py`).
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import structlog

from onefold.api.workspace import Workspace
from onefold.backends.embedded.control.decisions import Arguments, RunRequest, RunWish
from onefold.clock import MINUTE
from onefold.errors import OnefoldError, StorageError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.goal_run import Trigger
from onefold.model.run import Run, RunKind
from onefold.plugin.check import setting
from onefold.plugin.contract import Connector
from onefold.plugin.declare import EVERY_MINUTES, Feed, GoalKind
from onefold.run.schedule import LATE, Due, find_due, find_problem, why_missed

SOURCE_CHARS_MAX = 100
REQUESTS_MAX = 1000
"""Newest runs of a kind among which those of a goal are looked for."""
OVERLAP = "acquire.run_overlap"
MISSED = "acquire.run_missed"
BY = "onefold"

logger = structlog.get_logger(__name__)


class Inward(NamedTuple):
    """A goal that brings something in, with what belongs to it."""

    connection: Connection
    connector: Connector
    kind: GoalKind
    goal: Goal

    @property
    def run_kind(self) -> RunKind:
        """What its runs are."""
        return RunKind.FEEDBACK if self.kind.feed is Feed.FEEDBACK else RunKind.INTAKE


def ask_by_hand(workspace: Workspace, inward: Inward, by: str, *, is_preview: bool = False) -> RunRequest:
    """Ask for a run of a goal as it now stands; left out or queued if one of it has not ended.

    A preview changes nothing, so it runs beside others.
    """
    kind = RunKind.INTAKE_PREVIEW if is_preview else inward.run_kind
    wish = _wish(workspace, inward, kind, by, trigger=Trigger.PERSON)
    if not is_preview:
        wish = _held_up(inward, wish, _Runs(workspace))
    (asked,) = workspace.run_requests.ask_all([wish], at=workspace.clock())
    workspace.wake("tasks")
    return asked


def ask_due(workspace: Workspace) -> None:
    """Ask for a run of every goal that is on and due. Call it at each full minute."""
    found = list(_inward_goals(workspace))
    if not found:
        return
    at, looked_at = workspace.clock(), workspace.run_requests.looked_at()
    runs = _Runs(workspace)
    wishes = []
    for inward in found:
        try:
            wishes += _due(workspace, inward, runs, looked_at, at)
        except StorageError:
            raise  # nothing was looked at: the next look finds the same
        except OnefoldError as error:
            logger.warning(error.code, goal=inward.goal.subject, message=error.message)
    # Also while all of them are off: what passes meanwhile is not missed.
    if wishes or any(one.goal.schedule.has_times for one in found):
        workspace.run_requests.ask_all(wishes, at=at, looked_at=_later(looked_at, at))
    if wishes:
        workspace.wake("tasks")


def _later(looked_at: int, at: int) -> int:
    """A clock that is set back a little must not make a time come twice."""
    return at if looked_at - at > LATE else max(looked_at, at)


def _inward_goals(workspace: Workspace) -> Iterator[Inward]:
    """All of them, also those that are off."""
    goals = workspace.connections.goals()
    if not goals:
        return
    connectors = workspace.connectors().connectors
    connections = {one.id: one for one in workspace.connections.page()}
    for goal in goals:
        connection = connections.get(goal.connection_id)
        connector = connectors.get(connection.connector) if connection else None
        kind = connector.info.goal(goal.kind) if connector else None
        if connection is not None and connector is not None and kind is not None and kind.feed.is_inward:
            yield Inward(connection, connector, kind, goal)


class _Runs:
    """The runs of goals, read for one look, if any goal asks for them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by_goal: dict[RunKind, dict[object, list[RunRequest]]] = {}
        self._begun: dict[str, Run] = {}

    def last_of(self, inward: Inward) -> RunRequest | None:
        """The newest run of a goal."""
        return next(iter(self._of(inward)), None)

    def open_of(self, inward: Inward) -> list[RunRequest]:
        """Those of a goal that wait or go on, newest first."""
        return [one for one in self._of(inward) if "left_out" not in one.arguments and not self._is_over(one)]

    def is_waiting(self, request: RunRequest) -> bool:
        """Whether it has not begun."""
        return request.id not in self._begun

    def _is_over(self, request: RunRequest) -> bool:
        run = self._begun.get(request.id)
        return run is not None and run.ended_at > 0

    def _of(self, inward: Inward) -> list[RunRequest]:
        kind = inward.run_kind
        if kind not in self._by_goal:
            requests = self._workspace.run_requests.page(count_max=REQUESTS_MAX, kind=kind)
            self._begun |= self._workspace.runs.find([one.id for one in requests])
            found: dict[object, list[RunRequest]] = {}
            for request in requests:
                found.setdefault(request.arguments["goal_id"], []).append(request)
            self._by_goal[kind] = found
        return self._by_goal[kind].get(inward.goal.id, [])


def _due(workspace: Workspace, inward: Inward, runs: _Runs, looked_at: int, at: int) -> list[RunWish]:
    """The run that is due of a goal, if there is one."""
    goal = inward.goal
    if not (inward.connection.enabled and goal.enabled):
        return []
    if goal.schedule.is_continuous:
        if not _is_interval_over(inward, runs, at):
            return []
        return [_wish(workspace, inward, inward.run_kind, BY, trigger=Trigger.SCHEDULE)]
    if not goal.schedule.has_times or find_problem(goal.schedule):
        return []
    # What is new or changed has the times behind that moment.
    since = max(looked_at, goal.created_at, goal.enabled_at, goal.changed_at)
    due = find_due(goal.schedule, since, at)
    if due is None:
        return []
    wish = _wish(workspace, inward, inward.run_kind, BY, trigger=Trigger.SCHEDULE, due=due)
    if why := why_missed(goal.schedule, due, at):
        return [_left_out(wish, MISSED, why)]
    return [_held_up(inward, wish, runs)]


def _is_interval_over(inward: Inward, runs: _Runs, at: int) -> bool:
    """Of a goal that looks every so many minutes, but not while its last run waits or goes on."""
    if inward.kind.feed is not Feed.FEEDBACK:
        return False
    minutes = int(setting(inward.kind.fields, inward.goal.settings, EVERY_MINUTES.name))
    if minutes <= 0 or runs.open_of(inward):
        return False
    last = runs.last_of(inward)
    return last is None or at - last.created_at >= minutes * MINUTE


def _wish(
    workspace: Workspace, inward: Inward, kind: RunKind, by: str, *, trigger: Trigger, due: Due | None = None
) -> RunWish:
    connection, connector, _, goal = inward
    arguments: Arguments = {
        "connection_id": connection.id,
        "connection": connection.name,
        "goal_id": goal.id,
        "goal": msgspec.json.encode(goal).decode(),
        "trigger": str(trigger),
    }
    if kind is RunKind.FEEDBACK:
        arguments["source_id"] = _feedback_source(workspace, connection, connector.info.source_kind)
        arguments["source_kind"] = connector.info.source_kind
    else:
        arguments["source_id"] = _source(workspace, f"import:{connection.name}", "import")
    if due is not None:
        arguments |= {"due_at": due.at, "missed": due.missed}
    return RunWish(kind, f"{connection.name}, {goal.name}", arguments, by)


def _held_up(inward: Inward, wish: RunWish, runs: _Runs) -> RunWish:
    """The run that is wished for, left out because of those before it as the goal's schedule says.

    One at most waits: a second one would find nothing more to do.
    """
    before = runs.open_of(inward)
    is_full = any(map(runs.is_waiting, before))
    if not before or (inward.goal.schedule.overlap == "queue" and not is_full):
        return wish
    held_up = "waits" if is_full else "has not ended"
    return _left_out(wish, OVERLAP, f"Left out: the run {before[0].id} of this goal {held_up}.")


def _left_out(wish: RunWish, code: str, why: str) -> RunWish:
    """It is kept in the list of runs, and does nothing."""
    return wish._replace(arguments={**wish.arguments, "left_out": why, "code": code})


def _feedback_source(workspace: Workspace, connection: Connection, kind: str) -> int:
    """The source of what the connection tells: always the same, whatever either is called by now."""
    known = workspace.runs.feedback_source(connection.id)
    return known or _source(workspace, f"currents:{connection.name}", kind)


def _source(workspace: Workspace, name: str, kind: str) -> int:
    source = workspace.sources.ensure(name[:SOURCE_CHARS_MAX], workspace.clock(), kind=kind)
    workspace.sources_changed()
    return source.id
