"""How connections and goals are shown: as they are defined, how they fare, what they have delivered.

In: definitions, and what deliver has written. Out: the answers of /connections and /goals. Secrets are shown
as set or unset, whoever asks.
"""

from collections import Counter
from typing import Literal

import msgspec

from onefold.activate.explain import meaning_of
from onefold.api.workspace import Workspace
from onefold.clock import to_iso
from onefold.log.log import LogReader
from onefold.model.budget import Budget
from onefold.model.connection import Connection, Notices
from onefold.model.delivery import ReadBack
from onefold.model.event_mapping import EventMapping
from onefold.model.goal import Goal
from onefold.model.intake import Intake
from onefold.model.json import JsonValue
from onefold.model.mapping import Mapping
from onefold.model.match import MatchKey
from onefold.model.outcome import Kind
from onefold.model.schedule import Schedule
from onefold.plugin.check import setting
from onefold.plugin.check_events import since_of
from onefold.plugin.contract import Connector
from onefold.plugin.declare import (
    EVERY_MINUTES,
    FROM_BEGINNING,
    FROM_SINCE,
    SINCE,
    START,
    Feed,
    FieldKind,
    GoalKind,
)
from onefold.run.schedule import find_problem, next_runs, words_of

STAGE = "activate"
State = Literal["ok", "limited", "paused", "failing", "failed", "off"]
STATES: dict[str, State] = {
    "running": "ok",
    "limited": "limited",
    "waiting": "failing",
    "paused": "paused",
    "failed": "failed",
    "off": "off",
}


class ConnectionStatus(msgspec.Struct, frozen=True):
    """How a connection, and with it each of its goals, fares; `hint` says what to do."""

    state: State
    code: str = ""
    message: str = ""
    hint: str = ""
    since: str | None = None


GOAL_OFF = ConnectionStatus("off", message="This goal is off: what is due is kept for when it is on again.")
GOAL_STOPPED = ConnectionStatus("off", message="This goal is stopped: what was due is dropped.")


class ReasonView(msgspec.Struct, frozen=True):
    """Why so many did not pass."""

    outcome: Literal["filtered", "rejected"]
    code: str
    count: int
    meaning: str
    """In words; empty for a code that neither we nor the connector explain."""


class GoalCounts(msgspec.Struct, frozen=True):
    """Items since the goal began: planned = passed + filtered + rejected + deferred."""

    planned: int
    passed: int
    filtered: int
    rejected: int
    deferred: int
    """Waiting or under way now."""
    reasons: list[ReasonView]


ProgressState = Literal[
    "off", "starting", "reading_back", "halted", "comparing", "reading", "live", "waiting"
]


class ProgressView(msgspec.Struct, frozen=True):
    """How far a goal is: `comparing` is the first look at everyone, `reading` that at past events.

    `reading_back` asks the destination first what it holds; `halted`: someone cancelled that, and nothing is
    sent until the goal is turned off and on again, or no longer asks for it.

    `behind` are changes not planned yet. `waiting` is a goal that runs at its times, or when someone asks:
    see its runs.
    """

    state: ProgressState
    done: int
    """Of `total`: profiles compared or read back, by id, or records of the log read; 0 of 0 where none is."""
    total: int
    behind: int


class GoalView(msgspec.Struct, frozen=True):
    """A goal, how far it is and what it has delivered."""

    id: int
    connection_id: int
    kind: str
    name: str
    enabled: bool
    segment_id: int
    """0: everyone."""
    segment: str
    mappings: list[Mapping]
    settings: dict[str, JsonValue]
    intake: Intake | None
    """Of a goal that brings people in: how it reads them."""
    event_mappings: list[EventMapping]
    """Of a goal that sends events: those that go under another name, or with other properties."""
    match: list[MatchKey]
    stopped: bool
    purpose: str
    """To what people must have consented; empty: to nothing."""
    compare_first: bool
    """Before it sends anything, it reads back what the destination holds of its people."""
    hint: str
    """What to think of before the goal sends for the first time; empty if there is nothing."""
    position: int
    version: int
    created_at: str
    starts_at: str | None
    """Of a goal that sends events: those received before are not sent, for it begins with now or the log no
    longer holds them; null where nothing is left out, and once the past has been read."""
    status: ConnectionStatus
    """How its connection fares; off when the goal is."""
    progress: ProgressView
    counts: GoalCounts
    schedule: Schedule
    runs: str
    """When it runs, in words."""
    next_run: str | None
    """When it is due the next time; null without a schedule, and while it is off."""


class ConnectionView(msgspec.Struct, frozen=True):
    """A connection with its goals. Of secrets only whether they are set."""

    id: int
    name: str
    connector: str
    enabled: bool
    settings: dict[str, JsonValue]
    secrets: dict[str, Literal["set", "unset"]]
    description: str
    labels: list[str]
    favourite: bool
    owner: str
    version: int
    created_at: str
    status: ConnectionStatus
    waiting: int
    """Items that wait or are under way, and people who wait for room in the budget."""
    goals: list[GoalView]
    notices: Notices
    """Who hears of its runs by e-mail."""
    budget: Budget
    waiting_for_budget: int
    """Of what waits: people and events for which there is no room in the budget now."""


class Standing:
    """What deliver and the worker have written, read once for an answer."""

    def __init__(self, workspace: Workspace) -> None:
        look = workspace.observatory.look()
        self.now = workspace.clock()
        self.connectors = workspace.connectors().connectors
        self.states = look.delivery.states
        self.waiting = look.delivery.waiting
        self.for_budget = look.delivery.for_budget
        self.progress = workspace.delivery.progress()
        self.waiting_by_goal = workspace.delivery.waiting()
        self.ends = workspace.delivery.ends()
        self.log_starts_at = _log_starts_at(workspace.log)
        self.segments = {stored.definition.id: stored.definition.name for stored in workspace.segments.page()}
        self.counts: dict[str, Counter[tuple[Kind, str]]] = {}
        for (stage, subject, kind, code), count in look.sums.items():
            if stage == STAGE:
                self.counts.setdefault(subject, Counter())[kind, code] += count


def connection_view(connection: Connection, goals: list[Goal], standing: Standing) -> ConnectionView:
    """A connection as callers see it."""
    return ConnectionView(
        id=connection.id,
        name=connection.name,
        connector=connection.connector,
        enabled=connection.enabled,
        settings=connection.settings,
        secrets=_secrets(connection, standing),
        description=connection.description,
        labels=connection.labels,
        favourite=connection.favourite,
        owner=connection.owner,
        version=connection.version,
        created_at=to_iso(connection.created_at),
        status=_status(connection, standing),
        waiting=standing.waiting.get(connection.id, 0),
        goals=[
            goal_view(connection, goal, standing) for goal in goals if goal.connection_id == connection.id
        ],
        notices=connection.notices,
        budget=connection.budget,
        waiting_for_budget=standing.for_budget.get(connection.id, 0),
    )


def goal_view(connection: Connection, goal: Goal, standing: Standing) -> GoalView:
    """A goal as callers see it."""
    return GoalView(
        id=goal.id,
        connection_id=goal.connection_id,
        kind=goal.kind,
        name=goal.name,
        enabled=goal.enabled,
        segment_id=goal.segment_id,
        segment=standing.segments.get(goal.segment_id, ""),
        mappings=goal.mappings,
        settings=goal.settings,
        intake=goal.intake,
        event_mappings=goal.event_mappings,
        match=goal.match,
        stopped=goal.stopped,
        purpose=goal.purpose,
        compare_first=goal.compare_first,
        hint=_hint(connection, goal, standing),
        position=goal.position,
        version=goal.version,
        created_at=to_iso(goal.created_at),
        starts_at=_starts_at(connection, goal, standing),
        status=_goal_status(connection, goal, standing),
        progress=_progress(connection, goal, standing),
        counts=_counts(connection, goal, standing),
        schedule=goal.schedule,
        runs=words_of_runs(_kind_of(connection, goal, standing), goal),
        next_run=_next_run(connection, goal, standing),
    )


def _hint(connection: Connection, goal: Goal, standing: Standing) -> str:
    """Whoever connects a destination that has data already need not pay for it again."""
    kind = _kind_of(connection, goal, standing)
    if kind is None or not kind.reads_back or goal.compare_first or goal.id in standing.progress:
        return ""
    prefix = f"{connection.id}/"
    if any(
        subject.startswith(prefix) and any(ended is Kind.PASSED for ended, _ in counts)
        for subject, counts in standing.counts.items()
    ):
        return ""
    return (
        f"This connection has never sent anything. If the destination holds these people already, let the "
        f"goal compare first, so that only what differs is sent: "
        f"onefold connections goals on {connection.id} {goal.id} --compare-first"
    )


def _goal_status(connection: Connection, goal: Goal, standing: Standing) -> ConnectionStatus:
    if goal.enabled:
        return _status(connection, standing)
    return GOAL_STOPPED if goal.stopped else GOAL_OFF


def words_of_runs(kind: GoalKind | None, goal: Goal) -> str:
    """When a goal of this kind runs, in words."""
    if goal.intake is not None and goal.schedule.is_continuous:
        return "by hand"
    if kind is None or kind.feed is not Feed.FEEDBACK or not goal.schedule.is_continuous:
        return words_of(goal.schedule)
    minutes = int(setting(kind.fields, goal.settings, EVERY_MINUTES.name))
    return f"every {minutes} minutes" if minutes else "by hand"


def _next_run(connection: Connection, goal: Goal, standing: Standing) -> str | None:
    if not (connection.enabled and goal.enabled) or find_problem(goal.schedule):
        return None
    found = next_runs(goal.schedule, standing.now, 1)
    return to_iso(found[0]) if found else None


def _secrets(connection: Connection, standing: Standing) -> dict[str, Literal["set", "unset"]]:
    connector = standing.connectors.get(connection.connector)
    names = (
        [field.name for field in connector.info.fields if field.kind is FieldKind.SECRET] if connector else []
    )
    return {
        name: "set" if connection.secrets.get(name) else "unset"
        for name in dict.fromkeys([*names, *connection.secrets])
    }


def _status(connection: Connection, standing: Standing) -> ConnectionStatus:
    if not connection.enabled:
        return ConnectionStatus("off", message="This connection is off: nothing is sent.")
    if connection.connector not in standing.connectors:
        return ConnectionStatus(
            "failing",
            "connection.unknown_connector",
            f"The connector {connection.connector!r} is not installed.",
            "Install its package and restart.",
        )
    found = standing.states.get(connection.id)
    if found is None or found.state == "off":
        return ConnectionStatus("ok")  # just made, or just turned on: deliver takes it up within a second
    return ConnectionStatus(STATES[found.state], found.code, found.reason, found.hint, to_iso(found.at))


def _progress(connection: Connection, goal: Goal, standing: Standing) -> ProgressView:
    found = standing.progress.get(goal.id)
    behind = max(0, standing.ends.change - found.cursor) if found else 0
    if not (connection.enabled and goal.enabled):
        return ProgressView("off", 0, 0, behind)
    kind = _kind_of(connection, goal, standing)
    if kind is not None and kind.feed.is_inward:
        is_looking = kind.feed is Feed.FEEDBACK and goal.schedule.is_continuous
        return ProgressView("live" if is_looking else "waiting", 0, 0, 0)
    if found is None or found.version != goal.version:
        return ProgressView("starting", 0, 0, behind)
    if found.read_back.is_open:
        state: ProgressState = "halted" if found.read_back is ReadBack.HALTED else "reading_back"
        return ProgressView(state, found.scanned_to, max(standing.ends.profile_id, found.scanned_to), behind)
    if not goal.schedule.is_continuous:
        return ProgressView("waiting", 0, 0, 0)
    if found.is_reading:
        return ProgressView("reading", found.scanned_to, found.scan_end, behind)
    if found.scanning:
        total = max(standing.ends.profile_id, found.scanned_to)
        return ProgressView("comparing", found.scanned_to, total, behind)
    return ProgressView("live", 0, 0, behind)


def _log_starts_at(log: LogReader) -> int:
    """When the oldest record was received; 0 while nothing has been removed."""
    first = log.first()
    record = log.get([first]).get(first) if first > 1 else None
    return record.received_at if record else 0


def _starts_at(connection: Connection, goal: Goal, standing: Standing) -> str | None:
    kind = _kind_of(connection, goal, standing)
    if kind is None or kind.feed is not Feed.EVENTS:
        return None
    start = setting(kind.fields, goal.settings, START.name)
    if start not in (FROM_BEGINNING, FROM_SINCE):
        at = goal.enabled_at
    else:
        progress = standing.progress.get(goal.id)
        at = standing.log_starts_at if progress is None or progress.is_reading else 0
        if start == FROM_SINCE:
            at = max(at, since_of(goal.settings.get(SINCE.name)))
    return to_iso(at) if at else None


def _kind_of(connection: Connection, goal: Goal, standing: Standing) -> GoalKind | None:
    connector = standing.connectors.get(connection.connector)
    return connector.info.goal(goal.kind) if connector else None


def _counts(connection: Connection, goal: Goal, standing: Standing) -> GoalCounts:
    counts = standing.counts.get(goal.subject, Counter())
    by_kind: Counter[Kind] = Counter()
    for (kind, _), count in counts.items():
        by_kind[kind] += count
    deferred = standing.waiting_by_goal[goal.id]
    passed, filtered, rejected = by_kind[Kind.PASSED], by_kind[Kind.FILTERED], by_kind[Kind.REJECTED]
    return GoalCounts(
        planned=passed + filtered + rejected + deferred,
        passed=passed,
        filtered=filtered,
        rejected=rejected,
        deferred=deferred,
        reasons=reason_views(counts, standing.connectors.get(connection.connector)),
    )


def reason_views(counts: dict[tuple[Kind, str], int], connector: Connector | None) -> list[ReasonView]:
    """Of counts by kind and code, those of what did not pass; the most first."""
    outcomes: dict[Kind, Literal["filtered", "rejected"]] = {
        Kind.FILTERED: "filtered",
        Kind.REJECTED: "rejected",
    }
    reasons = [
        ReasonView(outcomes[kind], code, count, meaning_of(code, connector))
        for (kind, code), count in counts.items()
        if kind in outcomes
    ]
    return sorted(reasons, key=lambda reason: -reason.count)
