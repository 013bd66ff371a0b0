"""/api/v1/connections/{connection}/audiences, …/fields, …/goals/{goal}/import: bringing people in."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from onefold.api.goal_checks import connector_of, goal_problems, raise_problems
from onefold.api.goals import find_connection, find_goal, goals_of
from onefold.api.inward_runs import Inward, ask_by_hand
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, read_cursor, write_cursor
from onefold.api.problem import not_found
from onefold.api.right import ACTIVATE, SEE
from onefold.api.run_view import RunStanding, RunView, run_view
from onefold.api.workspace import Here, Workspace
from onefold.errors import ConnectorError, RequestError
from onefold.model.access import Personal
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.plugin.declare import Feed
from onefold.plugin.origin import Audience, OfferedField, Origin, open_origin

Answer = TypeVar("Answer")


class ImportWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`preview`: only say what it would change."""

    preview: bool = False


class ChangeView(msgspec.Struct, frozen=True):
    """One trait of one person, before and after."""

    trait: str
    before: Personal[JsonValue]
    after: Personal[JsonValue]


class SampleView(msgspec.Struct, frozen=True):
    """One row: whose it is (0: a new person), and what it changes."""

    identifiers: Personal[dict[str, JsonValue]]
    profile_id: int
    changes: list[ChangeView]


class PreviewView(msgspec.Struct, frozen=True):
    """What the first rows of an import goal would do."""

    rows: int
    matched: int
    new: int
    """People that would be created."""
    unmatched: int
    """Rows that match nobody, and are left out."""
    without_identifier: int
    rejected: int
    is_whole: bool
    """Whether these are all rows that there are."""
    changes: dict[str, int]
    """Trait -> people for whom it would change."""
    reasons: dict[str, int]
    """Why rows were rejected."""
    samples: list[SampleView]


@get("/connections/{connection:str}/audiences", opt=SEE, sync_to_thread=True)
def list_audiences(
    workspace: Here,
    connection: FromPath[str],
    search: Annotated[str, QueryParameter(max_length=200, description="A part of the name.")] = "",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> Page[Audience]:
    """What the provider can give: in Braze, its segments. Asked live."""
    found = _asked(
        workspace,
        find_connection(workspace, connection),
        lambda origin: origin.audiences(search=search.strip(), after=read_cursor(cursor), count_max=limit),
    )
    return Page(found.audiences, write_cursor(found.next) if found.next else None)


@get("/connections/{connection:str}/fields", opt=SEE, sync_to_thread=True)
def list_fields(workspace: Here, connection: FromPath[str]) -> Page[OfferedField]:
    """Which fields the rows of the provider have: standard ones and those that it knows. Asked live."""
    found = _asked(workspace, find_connection(workspace, connection), lambda origin: list(origin.fields()))
    return Page(found, None)


@post("/connections/{connection:str}/goals/{goal:str}/import", opt=ACTIVATE, sync_to_thread=True)
def import_goal(
    workspace: Here,
    connection: FromPath[str],
    goal: FromPath[str],
    data: JSONBody[ImportWish],
    request: Request[Any, Any, Any],
) -> RunView:
    """Run a goal that brings people or events in, as it now stands; with `preview` nothing is changed."""
    found = find_connection(workspace, connection)
    its_goal = find_goal(workspace, found, goal)
    return ask_import(workspace, found, its_goal, request.state.caller.name, is_preview=data.preview)


@get("/runs/{run_id:str}/preview", opt=SEE, sync_to_thread=True)
def show_preview(workspace: Here, run_id: FromPath[str]) -> PreviewView:
    """What a preview found."""
    run = workspace.runs.find([run_id]).get(run_id)
    report = run.arguments.get("preview") if run is not None else None
    if report is None:
        raise not_found("preview", run_id, hint="It is there once the run has succeeded.")
    return msgspec.json.decode(str(report), type=PreviewView)


def ask_import(
    workspace: Workspace, found: Connection, its_goal: Goal, by: str, *, is_preview: bool = False
) -> RunView:
    """Ask the tasks role to run an import goal; it as it waits.

    Raises:
        RequestError: it brings nobody in, or something that it needs has gone.
    """
    connector = connector_of(workspace, found.connector)
    kind = connector.info.goal(its_goal.kind)
    is_feedback = kind is not None and kind.feed is Feed.FEEDBACK and not is_preview
    if kind is None or not (is_feedback or its_goal.intake is not None):
        raise RequestError(
            "goal.no_intake",
            f"The goal {its_goal.name!r} brings nobody in.",
            status=409,
            hint="Only goals that import can be run so; others deliver by themselves.",
        )
    if not is_feedback:
        others = goals_of(workspace, found)
        raise_problems("goal.invalid", goal_problems(workspace, found.connector, its_goal, others))
    inward = Inward(found, connector, kind, its_goal)
    asked = ask_by_hand(workspace, inward, by, is_preview=is_preview)
    return run_view(RunStanding(workspace), asked, None)


def _asked(workspace: Workspace, connection: Connection, ask: Callable[[Origin], Answer]) -> Answer:
    """The provider's answer.

    Raises:
        RequestError: the connector brings nobody in, or the provider cannot be asked.
    """
    origin = open_origin(connector_of(workspace, connection.connector), connection)
    if origin is None:
        raise RequestError(
            "connection.no_import", f"{connection.connector} cannot bring people in.", status=409
        )
    try:
        return ask(origin)
    except ConnectorError as error:
        raise RequestError(error.code, error.message, status=502, hint=error.hint) from error
    finally:
        origin.close()


router = Router(
    "/", route_handlers=[list_audiences, list_fields, import_goal, show_preview], tags=["Connections"]
)
