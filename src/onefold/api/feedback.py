"""Asking for runs of the goals that read what a destination tells: by hand, every so often, or at times.

The tasks role runs them. A goal is not asked for again while its last run waits or goes on.
"""

import msgspec
import structlog

from onefold.api.workspace import Workspace
from onefold.backends.embedded.control.decisions import Arguments, RunRequest
from onefold.clock import MINUTE
from onefold.errors import OnefoldError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.run import RunKind
from onefold.plugin.check import setting
from onefold.plugin.contract import Connector
from onefold.plugin.declare import EVERY_MINUTES, Feed
from onefold.run.schedule import next_runs

SOURCE_CHARS_MAX = 100
REQUESTS_MAX = 1000
"""Newest runs among which a goal's last one is looked for; older than these it is due by any interval."""
BY = "onefold"

logger = structlog.get_logger(__name__)


def ask_feedback(
    workspace: Workspace, connection: Connection, connector: Connector, goal: Goal, by: str
) -> RunRequest:
    """Ask for a run of a goal as it now stands."""
    arguments: Arguments = {
        "connection_id": connection.id,
        "goal_id": goal.id,
        "goal": msgspec.json.encode(goal).decode(),
        "source_id": _source_of(workspace, connection, connector.info.source_kind),
        "source_kind": connector.info.source_kind,
    }
    subject, at = f"{connection.name}, {goal.name}", workspace.clock()
    asked = workspace.run_requests.ask(RunKind.FEEDBACK, subject, arguments, by=by, at=at)
    workspace.wake("tasks")
    return asked


def ask_due_feedback(workspace: Workspace) -> None:
    """Ask for a run of every goal that is on and due. Call it each minute."""
    goals = [goal for goal in workspace.connections.goals() if goal.enabled]
    if not goals:
        return
    connections = {one.id: one for one in workspace.connections.page() if one.enabled}
    last: dict[object, RunRequest] | None = None
    for goal in goals:
        connection = connections.get(goal.connection_id)
        connector = workspace.connectors().connectors.get(connection.connector) if connection else None
        if connection is None or connector is None or not _is_feedback(connector, goal):
            continue
        last = _last_runs(workspace) if last is None else last
        try:
            if _is_due(workspace, connector, goal, last.get(goal.id)):
                ask_feedback(workspace, connection, connector, goal, BY)
        except OnefoldError as error:
            logger.warning(error.code, goal=goal.subject, message=error.message)


def _is_feedback(connector: Connector, goal: Goal) -> bool:
    kind = connector.info.goal(goal.kind)
    return kind is not None and kind.feed is Feed.FEEDBACK


def _last_runs(workspace: Workspace) -> dict[object, RunRequest]:
    """Goal id -> its newest run."""
    last: dict[object, RunRequest] = {}
    for request in workspace.run_requests.page(count_max=REQUESTS_MAX, kind=RunKind.FEEDBACK):
        last.setdefault(request.arguments["goal_id"], request)
    return last


def _is_due(workspace: Workspace, connector: Connector, goal: Goal, last: RunRequest | None) -> bool:
    """By its schedule; one that is continuous looks every so many minutes."""
    if last is not None:
        run = workspace.runs.find([last.id]).get(last.id)
        if run is None or not run.ended_at:
            return False
    at, since = workspace.clock(), last.created_at if last is not None else 0
    if goal.schedule.is_continuous:
        kind = connector.info.goal(goal.kind)
        fields = kind.fields if kind is not None else ()
        minutes = int(setting(fields, goal.settings, EVERY_MINUTES.name))
        return minutes > 0 and at - since >= minutes * MINUTE
    # A time that passed while nothing ran counts once, or is left out: a tick comes each minute.
    since = max(since, goal.enabled_at) if goal.schedule.missed == "once" else at - MINUTE
    due = next_runs(goal.schedule, since, 1)
    return bool(due) and due[0] <= at


def _source_of(workspace: Workspace, connection: Connection, kind: str) -> int:
    """The source of what the connection tells: always the same, whatever either is called by now."""
    known = workspace.runs.feedback_source(connection.id)
    if known:
        return known
    source = workspace.sources.ensure(
        f"currents:{connection.name}"[:SOURCE_CHARS_MAX], workspace.clock(), kind=kind
    )
    workspace.sources_changed()
    return source.id
