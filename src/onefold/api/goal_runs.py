"""Runs of goals: asked for, told of, looked into, and when the next ones are due.

In: what deliver keeps of runs, and what was asked of it. Out: views; requests that deliver follows within a
second. Samples hold personal data and stand only in their own answer.
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from onefold.activate.check import FOLLOWING
from onefold.api.delivery_view import words_of_runs
from onefold.api.goals import find_connection, find_goal
from onefold.api.intakes import ask_import
from onefold.api.outward_runs import ask_deliver, raise_if_off
from onefold.api.problem import FieldProblem, InvalidError, not_found
from onefold.api.right import ACTIVATE, SEE, may
from onefold.api.run_view import RunSampleView, RunStanding, RunView, goal_run_view, sample_view
from onefold.api.workspace import Here, Workspace
from onefold.clock import to_iso
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.schedule import Schedule
from onefold.plugin.declare import GoalKind, is_on_schedule
from onefold.run.schedule import NEXT_MAX, find_problem, next_runs, words_of

Count = Annotated[int, QueryParameter(ge=1, le=NEXT_MAX, description="How many.")]
NEXT_DEFAULT = 5


class ScheduleView(msgspec.Struct, frozen=True):
    """A schedule in words, and the next moments at which it is due (UTC)."""

    words: str
    next_runs: list[str]


class Preview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A schedule to look at before it is set."""

    schedule: Schedule
    count: Annotated[int, msgspec.Meta(ge=1, le=NEXT_MAX)] = NEXT_DEFAULT


class RunSamples(msgspec.Struct, frozen=True):
    """Some items of a run, rejected ones first."""

    run: RunView
    items: list[RunSampleView]


@post(
    "/connections/{connection:str}/goals/{goal:str}/run", opt=ACTIVATE, sync_to_thread=True, status_code=202
)
def run_goal(
    workspace: Here, connection: FromPath[str], goal: FromPath[str], request: Request[Any, Any, Any]
) -> RunView:
    """Run a goal now: compare everyone and send what differs, call for each member, or bring its people in.

    Left out, or queued, if a run of it has not ended: as its schedule says.
    """
    found = find_connection(workspace, connection)
    wanted = find_goal(workspace, found, goal)
    kind = _kind_of(workspace, found, wanted)
    if kind is not None and kind.feed in FOLLOWING and not is_on_schedule(kind.feed, wanted.settings):
        raise RequestError(
            "goal.sends_events",
            f"The goal {wanted.name} sends events as they come: there is no one to compare.",
            status=409,
            hint="Its runs, one an hour, are listed: `onefold runs list --connection NAME --goal NAME`.",
        )
    raise_if_off(found, wanted, is_left="nothing is sent")
    if kind is not None and kind.feed.is_inward:
        return ask_import(workspace, found, wanted, request.state.caller.name)
    return ask_deliver(workspace, found, wanted, request.state.caller.name)


@get("/connections/{connection:str}/goals/{goal:str}/next-runs", opt=SEE, sync_to_thread=True)
def show_next_runs(
    workspace: Here, connection: FromPath[str], goal: FromPath[str], count: Count = NEXT_DEFAULT
) -> ScheduleView:
    """When a goal runs, in words, and the next times; none of one that runs continuously or by hand."""
    found = find_connection(workspace, connection)
    wanted = find_goal(workspace, found, goal)
    words = words_of_runs(_kind_of(workspace, found, wanted), wanted)
    return ScheduleView(words, _next(workspace, wanted.schedule, count))


@post("/schedules/preview", opt=may(Right.SEE, audited=False), sync_to_thread=True, status_code=200)
def preview_schedule(workspace: Here, data: JSONBody[Preview]) -> ScheduleView:
    """What a schedule means, before it is set."""
    if problem := find_problem(data.schedule):
        field, message = problem
        raise InvalidError("goal.bad_schedule", [FieldProblem(f"schedule.{field}", message)])
    return ScheduleView(words_of(data.schedule), _next(workspace, data.schedule, data.count))


@get("/runs/{run_id:str}/samples", opt=SEE, sync_to_thread=True)
def list_samples(workspace: Here, run_id: FromPath[str]) -> RunSamples:
    """Some items of a goal's run, up to ten a code: what we hold, what was sent, what was answered.

    This answer holds personal data.
    """
    run = workspace.goal_runs.find(run_id)
    if run is None:
        raise not_found(
            "run", run_id, hint="Only runs of goals have samples: `onefold runs list --kind goal`."
        )
    found = workspace.goal_runs.samples(run.number)
    return RunSamples(goal_run_view(RunStanding(workspace), run), [sample_view(one) for one in found])


def _next(workspace: Workspace, schedule: Schedule, count: int) -> list[str]:
    return [to_iso(at) for at in next_runs(schedule, workspace.clock(), count)]


def _kind_of(workspace: Workspace, connection: Connection, goal: Goal) -> GoalKind | None:
    connector = workspace.connectors().connectors.get(connection.connector)
    return connector.info.goal(goal.kind) if connector else None


HANDLERS = [run_goal, show_next_runs, preview_schedule, list_samples]
router = Router("/", route_handlers=HANDLERS, tags=["Runs"])
