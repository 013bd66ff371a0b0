"""How runs are shown: those of the tasks role, and those of goals, in one form."""

from collections import Counter
from functools import cached_property
from typing import Any, Literal

import msgspec

from onefold.activate.purse import SPENT, WARNED
from onefold.api.workspace import Workspace
from onefold.backends.embedded.control.decisions import RunRequest
from onefold.clock import to_iso
from onefold.model.access import Personal
from onefold.model.comparison import Comparison
from onefold.model.goal import Goal
from onefold.model.goal_run import GoalRun, RunSample, Trigger
from onefold.model.json import JsonValue
from onefold.model.outcome import Kind
from onefold.model.run import Run, RunKind, RunState
from onefold.run.wish import read_wish

UNIT = "profiles"
WAITING = "activate.waiting"
"""Planned or under way, and nothing is the matter."""


class ReasonCount(msgspec.Struct, frozen=True):
    """So many items of a run ended so, or wait; a code for each reason, none for passed."""

    outcome: Literal["passed", "filtered", "rejected", "deferred"]
    code: str
    count: int


class RunView(msgspec.Struct, frozen=True):
    """A run. `done` of `total` is its progress in `unit`; total 0: unknown."""

    id: str
    kind: RunKind
    subject: str
    state: RunState
    created_at: str
    started_at: str | None
    ended_at: str | None
    by: str
    unit: str
    done: int
    total: int
    passed: int
    filtered: int
    rejected: int
    deferred: int
    cancel_asked: bool
    message: str
    """What a person reads of its end."""
    planned: int = 0
    """Of a goal: passed + filtered + rejected + deferred."""
    reasons: list[ReasonCount] = []
    trigger: Trigger | None = None
    """Of a goal: what set it off."""
    connection_id: int | None = None
    connection: str = ""
    goal_id: int | None = None
    goal: str = ""
    due_at: str | None = None
    """The time of the schedule, or the hour, that it stands for."""
    missed: int = 0
    """Times of the schedule that passed before it while nothing ran."""
    code: str = ""
    """Why it was left out."""
    segment: str = ""
    """Of a fill: what its segment is called now; empty once that is deleted."""


class RunSampleView(msgspec.Struct, frozen=True):
    """One item of a run with its three payloads; each JSON where it is some, else text, null for none."""

    outcome: Literal["passed", "filtered", "rejected"]
    code: str
    profile_id: int
    message_id: str
    ours: Personal[JsonValue]
    request: Personal[JsonValue]
    answer: Personal[str]


class RunStanding:
    """What runs are shown with beside themselves: read once for an answer, if any run asks for it."""

    def __init__(self, workspace: Workspace) -> None:
        self._delivery = workspace.delivery
        self._segments = workspace.segments

    @cached_property
    def profile_id_max(self) -> int:
        """Where a run that compares everyone ends."""
        return self._delivery.ends().profile_id

    @cached_property
    def codes(self) -> dict[int, str]:
        """Connection id -> the code of how it fares."""
        return {state.connection_id: state.code for state in self._delivery.states()}

    @cached_property
    def segments(self) -> dict[int, str]:
        """Names of segments, by id."""
        return {one.definition.id: one.definition.name for one in self._segments.page()}


def run_view(standing: RunStanding, request: RunRequest, run: Run | None) -> RunView:
    """A run of the tasks role."""
    run = run or Run(request.id, request.kind, request.subject, RunState.QUEUED, request.created_at)
    return RunView(
        id=run.id,
        kind=run.kind,
        subject=run.subject,
        state=run.state,
        created_at=to_iso(run.created_at),
        started_at=_time(run.started_at),
        ended_at=_time(run.ended_at),
        by=request.by,
        unit=run.unit,
        done=run.done,
        total=run.total,
        passed=run.passed,
        filtered=run.filtered,
        rejected=run.rejected,
        deferred=run.deferred,
        cancel_asked=request.cancel_asked,
        message=run.message,
        segment=_segment_of(standing, request),
        **_goal_of(request),
    )


def _segment_of(standing: RunStanding, request: RunRequest) -> str:
    if request.kind is not RunKind.SEGMENT_FILL:
        return ""
    return standing.segments.get(int(request.arguments["segment_id"]), "")


def _goal_of(request: RunRequest) -> dict[str, Any]:
    """Of a run of a goal that brings something in, what set it off; nothing of other work."""
    arguments = request.arguments
    if "trigger" not in arguments:
        return {}
    goal = msgspec.json.decode(str(arguments["goal"]), type=Goal)
    return {
        "trigger": Trigger(str(arguments["trigger"])),
        "connection_id": goal.connection_id,
        "connection": str(arguments.get("connection", "")),
        "goal_id": goal.id,
        "goal": goal.name,
        "due_at": _time(int(arguments.get("due_at", 0))),
        "missed": int(arguments.get("missed", 0)),
        "code": str(arguments.get("code", "")),
    }


def waiting_view(standing: RunStanding, request: RunRequest) -> RunView:
    """A run of a goal that deliver has not seen yet."""
    connection_id, goal_id = int(request.arguments["connection_id"]), int(request.arguments["goal_id"])
    wish = read_wish(request.arguments)
    trigger = Trigger.PERSON if wish is None else Trigger.COMPARISON
    run = GoalRun(0, request.id, connection_id, goal_id, trigger, request.created_at, by=request.by)
    run.comparison = None if wish is None else Comparison(wish)
    return goal_run_view(standing, run)


def goal_run_view(standing: RunStanding, run: GoalRun) -> RunView:
    """A run of a goal."""
    return RunView(
        id=run.id,
        kind=RunKind.GOAL if run.comparison is None else RunKind.COMPARISON,
        subject=f"{run.connection_id}/{run.goal_id}",
        state=run.state,
        created_at=to_iso(run.created_at),
        started_at=_time(run.started_at),
        ended_at=_time(run.ended_at),
        by=run.by,
        unit=UNIT if run.scanning or run.scanned_to else "",
        done=run.scanned_to,
        total=max(standing.profile_id_max, run.scanned_to) if run.scanning else run.scanned_to,
        passed=run.total(Kind.PASSED),
        filtered=run.total(Kind.FILTERED),
        rejected=run.total(Kind.REJECTED),
        deferred=run.deferred,
        cancel_asked=run.cancel_asked,
        message=run.message,
        planned=run.planned,
        reasons=_reasons(standing, run),
        trigger=run.trigger,
        connection_id=run.connection_id,
        connection=run.connection_name,
        goal_id=run.goal_id,
        goal=run.goal_name,
        due_at=_time(run.due_at),
        missed=run.missed,
        code=run.code,
    )


def _reasons(standing: RunStanding, run: GoalRun) -> list[ReasonCount]:
    found = [
        ReasonCount(_outcome(one.kind), one.code, one.count)
        for one in sorted(run.reasons, key=lambda one: (one.kind, -one.count))
    ]
    waits = Counter(run.held)
    waits[SPENT] += run.put_off
    if others := run.deferred - waits.total():
        # Why the others wait is how the connection fares: it is no fact about any one item.
        code = standing.codes.get(run.connection_id) or WAITING
        waits[WAITING if code in (SPENT, WARNED) else code] += others
    return found + [ReasonCount("deferred", code, count) for code, count in waits.items() if count]


def sample_view(sample: RunSample) -> RunSampleView:
    """An item to look at."""
    return RunSampleView(
        _outcome(sample.kind),
        sample.code,
        sample.profile_id,
        sample.key,
        _payload(sample.ours),
        _payload(sample.request),
        sample.answer,
    )


def _outcome(kind: Kind) -> Literal["passed", "filtered", "rejected"]:
    match kind:
        case Kind.PASSED:
            return "passed"
        case Kind.FILTERED:
            return "filtered"
    return "rejected"


def _payload(body: bytes) -> Any:
    if not body:
        return None
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "backslashreplace")  # what was cut is no JSON any more


def _time(at: int) -> str | None:
    return to_iso(at) if at else None
