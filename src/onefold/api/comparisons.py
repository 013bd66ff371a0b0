"""Comparisons of goals: what a destination holds of people, beside the ledger and what a goal would send.

In: a wish, which deliver follows within a second as a run. Out: what was found, by person and by field.
Samples of people hold personal data and stand only in the answer about one comparison.
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, JSONBody

from onefold.api.goal_checks import connector_of
from onefold.api.goals import find_connection, find_goal
from onefold.api.outward_runs import ask_deliver, raise_if_off
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_cursor
from onefold.api.problem import not_found
from onefold.api.right import ACTIVATE, SEE
from onefold.api.run_view import RunStanding, RunView, goal_run_view
from onefold.api.workspace import Here, Workspace
from onefold.errors import RequestError
from onefold.model.access import Personal
from onefold.model.comparison import SAMPLE_DEFAULT, SAMPLE_MAX, Comparison, Difference, FieldState, Wish
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.goal_run import GoalRun
from onefold.model.json import JsonValue


class NewComparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to compare: a sample of people, evenly spread over all whom the goal has sent, or all of them."""

    sample: Annotated[int | None, msgspec.Meta(description="So many people; 1,000 unless `all` is true.")] = (
        None
    )
    all: bool = False
    repair: bool = False
    """What the destination holds becomes the truth of the ledger, and what differs is sent."""


class CodeCount(msgspec.Struct, frozen=True):
    """So many people were left out for a reason."""

    code: str
    count: int


class FieldView(msgspec.Struct, frozen=True):
    """How a field stands: people by how what is there stands to what the goal would send."""

    field: str
    same: int
    differs: int
    missing: int
    """Ours has a value, theirs has none."""
    unexpected: int
    """Theirs has a value, ours has none."""
    refused: int
    """Our value cannot be sent, or was refused."""
    drifted: int
    """Of those that are not the same: the ledger says otherwise, so somebody else changed it there."""


class ComparisonView(msgspec.Struct, frozen=True):
    """A comparison: people = same + differing + missing + left out. Items of `run` are what a repair sent."""

    run: RunView
    sample: int
    """So many people at most; 0: everyone, also where there were no more than were asked for."""
    repair: bool
    first: bool
    """Before the goal compared people with the ledger for the first time."""
    people: int
    same: int
    differing: int
    missing: int
    """The destination does not know them."""
    left_out: list[CodeCount]
    fields: list[FieldView]
    unread: list[str]
    """Mapped fields that the destination does not tell."""


class FieldDifference(msgspec.Struct, frozen=True):
    """One field of one person: our value as it would be sent, and theirs."""

    field: str
    state: FieldState
    ours: Personal[JsonValue]
    theirs: Personal[JsonValue]


class PersonDifference(msgspec.Struct, frozen=True):
    """The fields of one person that are not as they should be."""

    profile_id: int
    fields: list[FieldDifference]


class ComparisonReport(msgspec.Struct, frozen=True):
    """A comparison with some of the people who differ, or are not there."""

    comparison: ComparisonView
    samples: list[PersonDifference]


@post(
    "/connections/{connection:str}/goals/{goal:str}/comparisons",
    opt=ACTIVATE,
    sync_to_thread=True,
    status_code=202,
)
def compare_goal(
    workspace: Here,
    connection: FromPath[str],
    goal: FromPath[str],
    data: JSONBody[NewComparison],
    request: Request[Any, Any, Any],
) -> RunView:
    """Read back what the destination holds of a goal's people, and compare. Only a repair sends anything."""
    found = find_connection(workspace, connection)
    wanted = find_goal(workspace, found, goal)
    _check(workspace, found, wanted)
    return ask_deliver(workspace, found, wanted, request.state.caller.name, _wish(data))


@get("/connections/{connection:str}/goals/{goal:str}/comparisons", opt=SEE, sync_to_thread=True)
def list_comparisons(
    workspace: Here,
    connection: FromPath[str],
    goal: FromPath[str],
    *,
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> Page[ComparisonView]:
    """The comparisons of a goal that have begun, newest first."""
    found = find_connection(workspace, connection)
    wanted = find_goal(workspace, found, goal)
    before = read_cursor(cursor) or "~"
    runs = workspace.goal_runs.page(before=before, count_max=limit + 1, goal_id=wanted.id, is_comparison=True)
    standing = RunStanding(workspace)
    return page_of(runs, limit, lambda run: run.id, lambda run: _view(standing, run))


@get("/runs/{run_id:str}/comparison", opt=SEE, sync_to_thread=True)
def show_comparison(workspace: Here, run_id: FromPath[str]) -> ComparisonReport:
    """What a comparison has found so far, with some people: ours and theirs.

    This answer holds personal data.
    """
    run = workspace.goal_runs.find(run_id)
    if run is None or run.comparison is None:
        hint = "`onefold runs list --kind comparison` shows those that have begun."
        raise not_found("comparison", run_id, hint=hint)
    samples = [_sample(one) for one in workspace.goal_runs.differences(run.number)]
    return ComparisonReport(_view(RunStanding(workspace), run), samples)


def _check(workspace: Workspace, connection: Connection, goal: Goal) -> None:
    kind = connector_of(workspace, connection.connector).info.goal(goal.kind)
    if kind is None or not kind.reads_back:
        raise RequestError(
            "goal.no_comparison",
            f"What the destination holds cannot be read back for the goal {goal.name}.",
            status=409,
            hint="That needs a goal that keeps profiles up to date, such as `export` of Braze.",
        )
    raise_if_off(connection, goal, is_left="nothing is asked")


def _wish(data: NewComparison) -> Wish:
    if data.all and data.sample is not None:
        raise RequestError("api.bad_request", "Either a sample, or all.", field="sample")
    sample = SAMPLE_DEFAULT if data.sample is None else data.sample
    if not 1 <= sample <= SAMPLE_MAX:
        raise RequestError(
            "api.bad_request",
            f"A sample has 1 to {SAMPLE_MAX:,} people.",
            field="sample",
            hint="Compare all instead.",
        )
    return Wish(sample=0 if data.all else sample, repairs=data.repair)


def _view(standing: RunStanding, run: GoalRun) -> ComparisonView:
    found = run.comparison or Comparison()
    return ComparisonView(
        run=goal_run_view(standing, run),
        sample=found.wish.sample if found.is_sample else 0,
        repair=found.wish.repairs and not found.wish.is_first,
        first=found.wish.is_first,
        people=found.people,
        same=found.same,
        differing=found.differing,
        missing=found.missing,
        left_out=[CodeCount(code, count) for code, count in sorted(found.left_out.items())],
        fields=[FieldView(field, *msgspec.structs.astuple(one)) for field, one in found.fields.items()],
        unread=found.unread,
    )


def _sample(one: Difference) -> PersonDifference:
    return PersonDifference(one.profile_id, msgspec.json.decode(one.body, type=list[FieldDifference]))


HANDLERS = [compare_goal, list_comparisons, show_comparison]
router = Router("/", route_handlers=HANDLERS, tags=["Runs"])
