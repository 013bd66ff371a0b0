"""/api/v1/connections/{connection}/goals/try and …/send_test: the test panel of goals that make calls.

In: a goal, kept or not yet; a person, a real one or invented; for an event goal, the event. Out: the request
as it would be sent, secrets masked; sent on demand, what came back. Neither counts anywhere, nor is limited
by caps or quiet hours: whoever tests wants an answer now.
"""

import asyncio
from secrets import token_hex
from typing import Any, cast

import msgspec
from litestar import Request, Router, post
from litestar.params import FromPath, JSONBody

from onefold.activate.courtesy import Courtesy
from onefold.activate.moments import subject_of
from onefold.activate.person import decode_person
from onefold.api.caller import Caller
from onefold.api.goal_checks import connector_of, goal_problems, raise_problems
from onefold.api.goals import NewGoal, draft_goal, find_connection, find_goal, goals_of
from onefold.api.profile import find_profile, look_up_profile
from onefold.api.right import ACTIVATE, may
from onefold.api.workspace import Here, Workspace
from onefold.clock import to_iso
from onefold.errors import RequestError
from onefold.model.access import Personal, Right
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.model.outcome import Outcome
from onefold.model.profile import encode_profile
from onefold.plugin.check import setting
from onefold.plugin.contract import (
    Draft,
    Happening,
    Moment,
    MomentDestination,
    MomentKind,
    Refusal,
    RequestView,
    ResponseView,
    Subject,
)
from onefold.plugin.declare import Feed, GoalKind

TEST_S_MAX = 75.0
"""Longer than the longest wait that a goal may set."""


class TriedPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom it is about: a real person by id or by one identifier, or one that is made up."""

    profile_id: int = 0
    by: dict[str, str] = {}
    """Kind and value of an identifier of a real person."""
    identifiers: dict[str, str] = {}
    """Of a person who is made up; with a real one, in place of theirs."""
    traits: dict[str, JsonValue] = {}
    """Likewise."""


class TriedEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The event of a goal that acts on one."""

    name: str = ""
    """The goal's first event unless given."""
    properties: dict[str, JsonValue] = {}
    page: str = ""


class GoalTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to try: `goal` by id or name, or `draft` before it is kept."""

    goal: str = ""
    draft: NewGoal | None = None
    person: TriedPerson | None = None
    event: TriedEvent | None = None


class TrialProblem(msgspec.Struct, frozen=True):
    """Why there is no request: of a template, the value that is missing."""

    code: str
    field: str
    message: Personal[str]
    hint: str


class GoalTrialView(msgspec.Struct, frozen=True):
    """What came of it: the request, or why there is none; sent, what came back."""

    profile_id: int
    """0: made up."""
    request: Personal[RequestView | None]
    problem: TrialProblem | None
    response: Personal[ResponseView | None]
    notes: list[str]
    """What would be different with a real moment."""


class _Trial(msgspec.Struct):
    goal: Goal
    kind: GoalKind
    subject: Subject
    moment: Moment
    at: int


@post("/try", opt=may(Right.ACTIVATE, audited=False), status_code=200)
async def try_goal(
    workspace: Here, connection: FromPath[str], request: Request[Any, Any, Any], data: JSONBody[GoalTrial]
) -> GoalTrialView:
    """Show the request that a goal would make for a person, secrets masked. Nothing is sent."""
    return await _try(workspace, connection, request.state.caller, data, is_sent=False)


@post("/send_test", opt=ACTIVATE, status_code=200)
async def send_test(
    workspace: Here, connection: FromPath[str], request: Request[Any, Any, Any], data: JSONBody[GoalTrial]
) -> GoalTrialView:
    """Send the request that a goal would make for a person, once, and show what came back."""
    return await _try(workspace, connection, request.state.caller, data, is_sent=True)


async def _try(
    workspace: Workspace, name: str, caller: Caller, data: GoalTrial, *, is_sent: bool
) -> GoalTrialView:
    found = await asyncio.to_thread(find_connection, workspace, name)
    connector = await asyncio.to_thread(connector_of, workspace, found.connector)
    trial = await asyncio.to_thread(_prepare, workspace, found, caller, data)
    destination = cast(MomentDestination, connector.open(found))
    try:
        written = destination.moment_writer(trial.goal).write(trial.subject, trial.moment, trial.at)
        response = None
        if isinstance(written, Draft) and is_sent:
            async with asyncio.timeout(TEST_S_MAX):
                response = await destination.try_out(written)
        request = destination.show(written) if isinstance(written, Draft) else None
    finally:
        await destination.close()
    problem = None if isinstance(written, Draft) else _problem(written, connector.info.hint)
    return GoalTrialView(trial.subject.profile_id, request, problem, response, _notes(trial))


def _prepare(workspace: Workspace, connection: Connection, caller: Caller, data: GoalTrial) -> _Trial:
    goal = _goal(workspace, connection, data)
    kind = connector_of(workspace, connection.connector).info.goal(goal.kind)
    if kind is None or kind.feed is not Feed.MOMENTS:
        raise RequestError(
            "goal.makes_no_calls",
            f"A goal of the kind {goal.kind} makes no calls that could be tried one by one.",
            status=409,
            hint="What it sends is shown by the trace of an event.",
        )
    at = workspace.clock()
    when = cast(MomentKind, setting(kind.fields, goal.settings, "when"))
    event = _event(goal, data.event or TriedEvent(), at) if when == "event" else None
    moment = Moment(when, at, f"test-{token_hex(12)}", goal.segment_id, event)
    return _Trial(goal, kind, _subject(workspace, caller, data.person or TriedPerson()), moment, at)


def _goal(workspace: Workspace, connection: Connection, data: GoalTrial) -> Goal:
    if data.draft is None:
        return find_goal(workspace, connection, data.goal)
    goal = draft_goal(workspace, connection, data.draft)
    others = [one for one in goals_of(workspace, connection) if one.name != goal.name]
    raise_problems("goal.invalid", goal_problems(workspace, connection.connector, goal, others))
    return goal


def _subject(workspace: Workspace, caller: Caller, person: TriedPerson) -> Subject:
    """A real person, with what is given in place of what they have; or one of what is given alone."""
    now = workspace.clock()
    real = _find_person(workspace, caller, person)
    found = real or Subject(0, {}, {}, now, now)
    return Subject(
        found.profile_id,
        {**found.identifiers, **{kind: [value] for kind, value in person.identifiers.items()}},
        {**found.traits, **{name: value for name, value in person.traits.items() if value is not None}},
        found.first_seen,
        found.last_seen,
    )


def _find_person(workspace: Workspace, caller: Caller, person: TriedPerson) -> Subject | None:
    profile = find_profile(workspace, person.profile_id) if person.profile_id else None
    for kind, value in person.by.items():
        profile = look_up_profile(workspace, caller, kind, value)
    return subject_of(decode_person(encode_profile(profile))) if profile else None


def _event(goal: Goal, given: TriedEvent, at: int) -> Happening:
    events: Any = goal.settings.get("events") or [""]
    properties = msgspec.Raw(msgspec.json.encode(given.properties))
    return Happening(given.name or str(events[0]), given.page, f"test-{token_hex(6)}", at, at, properties)


def _problem(found: Outcome | Refusal, hint: Any) -> TrialProblem:
    if isinstance(found, Refusal):
        return TrialProblem(found.code, found.field, found.reason, found.hint)
    return TrialProblem(found.code, "", "The goal leaves this person out.", hint(found.code))


def _notes(trial: _Trial) -> list[str]:
    notes = []
    fields = trial.kind.fields
    settings = {field.name: setting(fields, trial.goal.settings, field.name) for field in fields}
    courtesy = Courtesy(settings)
    if until := courtesy.quiet_until(trial.at, trial.subject.traits):
        end = "be left out" if courtesy.drops else f"wait until {to_iso(until)}"
        notes.append(f"It is in the quiet hours now: a real call would {end}.")
    if not trial.goal.enabled:
        notes.append("The goal is off: nothing is sent but this.")
    return notes


router = Router(
    "/connections/{connection:str}/goals", route_handlers=[try_goal, send_test], tags=["Connections"]
)
