"""…/goals/preview and …/goals/{goal}/preview: what a goal would do, before it does it.

For one person: each value here and there, or the latest events, and what would be sent, exactly. For
everyone: people, fields, or events a day, what it costs and how long it takes. Nothing is sent; the
destination is asked what types it holds, if the key may.
"""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from onefold.activate.call_preview import CallPreviewer
from onefold.activate.event_preview import EventPreviewer
from onefold.activate.preview import AnswerPace, Look, Previewer, Reach
from onefold.api.caller import Caller
from onefold.api.delivery_view import ReasonView, reason_views
from onefold.api.event_preview import (
    NO_EVENTS,
    EventLookView,
    GoalObjectView,
    TrafficView,
    event_view,
    object_views,
    outcome_of,
    totals_of_days,
    traffic_view,
)
from onefold.api.goal_checks import connector_of, goal_problems, raise_problems
from onefold.api.goals import NewGoal, draft_goal, find_connection, find_goal, goals_of, in_place_of
from onefold.api.problem import not_found
from onefold.api.profile import find_profile, look_up_profile
from onefold.api.right import may
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.judge import DeliveryReaders, open_readers
from onefold.errors import ConnectorError, RequestError
from onefold.model.access import Personal, Right
from onefold.model.connection import Connection
from onefold.model.goal import EVERYONE, Goal
from onefold.model.json import JsonValue
from onefold.plugin.contract import Connector, Destination
from onefold.plugin.declare import WHEN, Feed, GoalKind, is_on_schedule

LEARN_S_MAX = 10.0
"""A destination that does not tell its types within so long is previewed without them."""

Text = Annotated[str, Meta(min_length=1, max_length=1000)]


class PreviewWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom: an identifier, or a profile; without either, someone whom the goal is for."""

    kind: str = ""
    value: str = ""
    profile_id: int = 0
    reach: bool = True
    """Also count what a first run would come to."""


class NewPreview(PreviewWish, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of a goal that is not kept yet, or of one that is to be changed."""

    goal: NewGoal
    instead_of: str = ""
    """Id or name of the kept goal that it would be in place of."""


class GoalRowView(msgspec.Struct, frozen=True):
    """One mapping row: `value` here, `sent` there (as the destination stores it)."""

    field: str
    value: Personal[JsonValue]
    sent: Personal[JsonValue]
    state: Literal["new", "changed", "same", "removed", "empty", "refused", "other_goal", "address"]
    code: str
    reason: Personal[str]
    hint: str


class GoalReachView(msgspec.Struct, frozen=True):
    """A first run in numbers; not `exact`: estimated from 2,000 people spread over all."""

    exact: bool
    people: int
    sent: int
    fields: int
    data_points: int
    requests: int
    seconds: float | None
    """At the destination's limit and the speed of its last answers."""
    left_out: list[ReasonView]
    """People who would not be sent, or not in full."""


class GoalPreviewView(msgspec.Struct, frozen=True):
    """What the goal makes of one person, and of everyone; of one that sends events, of the latest of them."""

    profile_id: int
    outcome: Literal["passed", "filtered", "rejected"]
    code: str
    reason: Personal[str]
    address: Personal[str]
    """How the destination knows the person: e: external id, a: alias, m: e-mail, p: phone, b: Braze id."""
    rows: list[GoalRowView]
    objects: list[GoalObjectView]
    reach: GoalReachView | None
    events: list[EventLookView] = []
    """Of a goal that sends events: the person's latest ones that it wants, newest first, up to ten."""
    daily: TrafficView | None = None
    """Likewise: a day of everyone's, the mean of the last days."""
    backfill: TrafficView | None = None
    """Of one that begins with the past, and has not begun: all of it."""


@post("/preview", opt=may(Right.ACTIVATE, audited=False), status_code=200)
async def preview_new_goal(
    workspace: Here, connection: FromPath[str], request: Request[Any, Any, Any], data: JSONBody[NewPreview]
) -> GoalPreviewView:
    """Try a goal before it is kept, or a change of one before it is made."""
    found = await asyncio.to_thread(find_connection, workspace, connection)
    goal = await asyncio.to_thread(draft_goal, workspace, found, data.goal)
    if data.instead_of:
        kept = await asyncio.to_thread(find_goal, workspace, found, data.instead_of)
        goal = in_place_of(kept, goal)
    others = await asyncio.to_thread(goals_of, workspace, found)
    problems = await asyncio.to_thread(
        goal_problems, workspace, found.connector, goal, others, "goal.", settings=found.settings
    )
    raise_problems("goal.invalid", problems)
    profile_id = await asyncio.to_thread(_named, workspace, request.state.caller, data)
    return await preview_of(workspace, found, goal, others, profile_id, is_counted=data.reach)


@post("/{goal:str}/preview", opt=may(Right.ACTIVATE, audited=False), status_code=200)
async def preview_goal(
    workspace: Here,
    connection: FromPath[str],
    goal: FromPath[str],
    request: Request[Any, Any, Any],
    data: JSONBody[PreviewWish | None] = None,
) -> GoalPreviewView:
    """Try a goal as it is, whether it is on or off."""
    found = await asyncio.to_thread(find_connection, workspace, connection)
    kept = await asyncio.to_thread(find_goal, workspace, found, goal)
    others = await asyncio.to_thread(goals_of, workspace, found)
    wish = data or PreviewWish()
    profile_id = await asyncio.to_thread(_named, workspace, request.state.caller, wish)
    return await preview_of(workspace, found, kept, others, profile_id, is_counted=wish.reach)


async def preview_of(
    workspace: Workspace,
    connection: Connection,
    goal: Goal,
    others: list[Goal],
    profile_id: int,
    *,
    is_counted: bool,
) -> GoalPreviewView:
    """The answer, for a goal and a connection that need not be kept; profile 0: of anybody.

    Raises:
        RequestError: there is nobody whom it is for, or its kind has no preview.
    """
    connector = await asyncio.to_thread(connector_of, workspace, connection.connector)
    kind = connector.info.goal(goal.kind)
    follows_events = kind is not None and (kind.feed is Feed.EVENTS or _calls_on_events(kind, goal))
    on_schedule = kind is not None and is_on_schedule(kind.feed, goal.settings)
    if kind is None or not (follows_events or on_schedule or kind.feed is Feed.PROFILES):
        raise RequestError(
            "goal.no_preview",
            "Only a goal that keeps profiles up to date, sends events, or calls on events or a schedule, can "
            "be previewed.",
            status=409,
            hint="For other calls, `onefold connections goals try` shows the request for someone.",
        )
    destination = connector.open(connection)
    try:
        await _learn(destination, goal)
        pace = AnswerPace(workspace.delivery.answer_s(connection.id), destination.concurrency)
        if follows_events:
            events = EventPreviewer(goal, connector, connection, destination)
            return await asyncio.to_thread(
                _look_at_events,
                workspace,
                goal,
                events,
                pace,
                profile_id,
                connector=connector,
                is_counted=is_counted,
            )
        previewer: Previewer | CallPreviewer
        if on_schedule:
            previewer = CallPreviewer(goal, connector, connection, destination)
        else:
            previewer = Previewer(goal, others, connector, connection, destination)
        return await asyncio.to_thread(
            _look, workspace, goal, previewer, pace, profile_id, connector=connector, is_counted=is_counted
        )
    finally:
        await destination.close()


def _calls_on_events(kind: GoalKind, goal: Goal) -> bool:
    return kind.feed is Feed.MOMENTS and goal.settings.get(WHEN.name) == "event"


async def _learn(destination: Destination, goal: Goal) -> None:
    try:
        async with asyncio.timeout(LEARN_S_MAX):
            await destination.learn([goal])
    except (ConnectorError, TimeoutError):
        return


def _look(
    workspace: Workspace,
    goal: Goal,
    previewer: Previewer | CallPreviewer,
    pace: AnswerPace,
    profile_id: int,
    *,
    connector: Connector,
    is_counted: bool,
) -> GoalPreviewView:
    now = workspace.clock()
    with open_readers(workspace.data_dir) as readers:
        profile_id = profile_id or _anybody(readers, goal)
        look = previewer.look(profile_id, readers, now) if readers else None
        if readers is None or look is None:
            raise not_found("profile", str(profile_id), hint="`onefold profiles search` finds people.")
        reach = None
        if is_counted:
            segment = workspace.people.segments().get(goal.segment_id)
            members = segment.people if segment else 0
            reach = _reach_view(previewer.reach(readers, now, members, pace), connector)
    return _view(profile_id, look, reach)


def _look_at_events(
    workspace: Workspace,
    goal: Goal,
    previewer: EventPreviewer,
    pace: AnswerPace,
    profile_id: int,
    *,
    connector: Connector,
    is_counted: bool,
) -> GoalPreviewView:
    now = workspace.clock()
    with open_readers(workspace.data_dir) as readers:
        profile_id = profile_id or (previewer.find_somebody(readers) if readers else 0)
        if readers is None or not profile_id:
            raise _nobody("Name a person by kind and value, or wait for the first event.")
        ids = [profile_id, *workspace.people.merged_into(profile_id)]
        latest = previewer.latest(ids, readers)
        daily = backfill = None
        if is_counted:
            totals = totals_of_days(workspace, now)
            daily = traffic_view(previewer.daily(readers, now, totals, pace), connector)
            if previewer.has_past and goal.id not in workspace.delivery.progress():
                backfill = traffic_view(previewer.backfill(readers, now, pace), connector)
    finding = latest[0].finding if latest else NO_EVENTS
    return GoalPreviewView(
        profile_id,
        outcome_of(finding.kind),
        finding.code,
        finding.reason,
        "",
        [],
        object_views(latest[0].objects) if latest else [],
        None,
        [event_view(one) for one in latest],
        daily,
        backfill,
    )


def _named(workspace: Workspace, caller: Caller, wish: PreviewWish) -> int:
    """The profile that was asked for; 0 where anybody will do.

    Raises:
        RequestError: there is none.
    """
    if wish.profile_id:
        return find_profile(workspace, wish.profile_id).id
    return look_up_profile(workspace, caller, wish.kind, wish.value).id if wish.kind else 0


def _anybody(readers: DeliveryReaders | None, goal: Goal) -> int:
    """Someone whom the goal is for.

    Raises:
        RequestError: there is nobody.
    """
    if readers is not None:
        state = readers.feed.state
        if goal.segment_id != EVERYONE:
            ids = state.members_after(goal.segment_id, 0, 1)
        else:
            ids = [profile_id for profile_id, _ in state.profiles_after(0, 1)]
        if ids:
            return ids[0]
    raise _nobody("Name a person by kind and value, or fill the segment first.")


def _nobody(hint: str) -> RequestError:
    return RequestError("goal.nobody", "There is nobody yet whom the goal is for.", status=404, hint=hint)


def _view(profile_id: int, look: Look, reach: GoalReachView | None) -> GoalPreviewView:
    finding = look.finding
    return GoalPreviewView(
        profile_id,
        outcome_of(finding.kind),
        finding.code,
        finding.reason,
        look.address.replace("\n", " "),
        [GoalRowView(*row) for row in look.rows],  # type: ignore[arg-type]
        object_views(look.objects),
        reach,
    )


def _reach_view(reach: Reach, connector: Connector) -> GoalReachView:
    seconds = None if reach.seconds is None else round(reach.seconds, 1)
    return GoalReachView(
        reach.is_exact,
        reach.people,
        reach.sent,
        reach.fields,
        reach.cost,
        reach.requests,
        seconds,
        reason_views(reach.reasons, connector),
    )


router = Router(
    "/connections/{connection:str}/goals",
    route_handlers=[preview_new_goal, preview_goal],
    tags=["Connections"],
)
