"""The flow: what every stage received and what became of it, who runs, what needs attention.

In: a `Look`. Out: `Flow`, the answer of GET /api/v1/flow, of its stream and of `onefold status`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from onefold.clock import MINUTE, to_iso
from onefold.log.settings import LogSettings
from onefold.model.outcome import Kind
from onefold.observe.attention import THROTTLED, Attention, find_attention, waiting_words
from onefold.observe.balance import check_balance
from onefold.observe.look import Look
from onefold.observe.marks import Marks, build_marks
from onefold.observe.store import DATA_POINTS, STAGES, ConnectionName

BUDGET_SPENT = "activate.budget_spent"
_KIND_NAMES: Mapping[Kind, Literal["passed", "filtered", "rejected", "deferred"]] = {
    Kind.PASSED: "passed",
    Kind.FILTERED: "filtered",
    Kind.REJECTED: "rejected",
    Kind.DEFERRED: "deferred",
}


Status = Literal["ok", "limited", "paused", "failing", "failed"]
STATUSES: Mapping[str, Status] = {
    "limited": "limited",
    "paused": "paused",
    "waiting": "failing",
    "failed": "failed",
}
"""States of delivery that are not well, as they are shown."""
DOWN = frozenset({"paused", "waiting", "failed"})
"""States in which nothing is delivered."""


class RoleFlow(msgspec.Struct, frozen=True):
    """How a role is."""

    role: str
    status: str
    since: str


class Reason(msgspec.Struct, frozen=True):
    """Why so many did not pass."""

    outcome: str
    code: str
    count: int


class StageFlow(msgspec.Struct, frozen=True):
    """A stage: totals since the workspace began, and what waits now (deferred)."""

    stage: str
    received: int
    passed: int
    filtered: int
    rejected: int
    deferred: int
    reasons: list[Reason]


class LatencyFlow(msgspec.Struct, frozen=True):
    """From receipt to acceptance by the destination, in milliseconds."""

    p50: float
    p99: float
    count: int


class PeopleFlow(msgspec.Struct, frozen=True):
    """Profiles, and those known by more than an anonymous id."""

    total: int
    known: int


class SegmentFlow(msgspec.Struct, frozen=True):
    """A segment and its size."""

    id: int
    name: str
    state: str
    people: int


class ConnectionFlow(msgspec.Struct, frozen=True):
    """A connection and what it delivered."""

    id: int
    name: str
    connector: str
    enabled: bool
    status: Status
    message: str | None
    delivered: int
    data_points: int
    waiting_for_budget: int = 0
    """People and events for which there is no room in its budget now."""


class Flow(msgspec.Struct, frozen=True):
    """Everything that flows, at one moment."""

    at: str
    status: Literal["ok", "degraded", "down"]
    roles: list[RoleFlow]
    stages: list[StageFlow]
    latency_ms: LatencyFlow | None
    people: PeopleFlow
    segments: list[SegmentFlow]
    connections: list[ConnectionFlow]
    balance: list[str]
    """What one stage handed on and the next has not received: nothing, as long as nothing got lost."""
    attention: list[Attention]
    marks: Marks
    """What moved since the snapshot before: whoever shows it asks again."""


class StageMinute(msgspec.Struct, frozen=True):
    """What a stage received in a minute."""

    received: int = 0
    passed: int = 0
    filtered: int = 0
    rejected: int = 0


class HistoryMinute(msgspec.Struct, frozen=True):
    """One minute of all stages."""

    minute: str
    stages: dict[str, StageMinute]


class FlowHistory(msgspec.Struct, frozen=True):
    """Minutes, oldest first, without gaps; none before anything was counted."""

    minutes: list[HistoryMinute]


def build_flow(look: Look, log_settings: LogSettings) -> Flow:
    """The flow of a look. Pure."""
    attention = find_attention(look, log_settings)
    delivered, points = _deliveries(look)
    return Flow(
        at=to_iso(look.at),
        status=_status(look, attention),
        roles=[RoleFlow(one.role, one.status, to_iso(one.since)) for one in look.roles],
        stages=[_stage(name, look) for name in STAGES],
        latency_ms=_latency(look.delivery.latencies),
        people=PeopleFlow(*look.people),
        segments=_segments(look),
        connections=[
            _connection(one, look, delivered.get(one.id, 0), points.get(one.id, 0))
            for one in look.config.connections
        ],
        balance=check_balance(look),
        attention=attention,
        marks=build_marks(look),
    )


def build_history(
    last: int, minutes: int, counts: Iterable[tuple[int, str, Kind, int]], *, is_new: bool
) -> FlowHistory:
    """The `minutes` up to the minute `last`; none for a workspace without any count."""
    if is_new:
        return FlowHistory([])
    by_minute: dict[int, dict[str, dict[Kind, int]]] = {}
    for minute, stage, kind, count in counts:
        kinds = by_minute.setdefault(minute, {}).setdefault(stage, {})
        kinds[kind] = kinds.get(kind, 0) + count
    return FlowHistory(
        [
            HistoryMinute(
                to_iso(minute * MINUTE)[:19] + "Z",
                {stage: _minute(by_minute.get(minute, {}).get(stage, {})) for stage in STAGES},
            )
            for minute in range(last - minutes + 1, last + 1)
        ]
    )


def percentile(counts: Mapping[float, int], share: float) -> float:
    """The longest time of the bucket under which `share` of the items stayed; 0 without any."""
    wanted = share * sum(counts.values())
    longest = 0.0
    for longest in sorted(counts):
        wanted -= counts[longest]
        if wanted <= 0:
            break
    return longest


def _stage(name: str, look: Look) -> StageFlow:
    totals, deferred = look.stages[name], look.waiting.get(name, 0)
    kinds = totals.by_kind
    passed, filtered, rejected = kinds[Kind.PASSED], kinds[Kind.FILTERED], kinds[Kind.REJECTED]
    reasons = [Reason(_KIND_NAMES[kind], code, count) for (kind, code), count in totals.reasons.items()]
    for_budget = sum(look.delivery.for_budget.values()) if name == "activate" else 0
    if for_budget:
        reasons.append(Reason("deferred", BUDGET_SPENT, for_budget))
    if deferred > for_budget:
        reasons.append(Reason("deferred", f"{name}.waiting", deferred - for_budget))
    reasons.sort(key=lambda reason: (-reason.count, reason.code))
    return StageFlow(
        name, passed + filtered + rejected + deferred, passed, filtered, rejected, deferred, reasons
    )


def _minute(kinds: Mapping[Kind, int]) -> StageMinute:
    passed, filtered, rejected = (kinds.get(kind, 0) for kind in (Kind.PASSED, Kind.FILTERED, Kind.REJECTED))
    return StageMinute(passed + filtered + rejected, passed, filtered, rejected)


def _latency(counts: Mapping[float, int]) -> LatencyFlow | None:
    total = sum(counts.values())
    if not total:
        return None
    return LatencyFlow(round(percentile(counts, 0.5), 1), round(percentile(counts, 0.99), 1), total)


def _segments(look: Look) -> list[SegmentFlow]:
    """Those that the user has; one that the worker has not met yet is filling."""
    known = {one.id: one for one in look.worker.segments}
    found = []
    for segment_id, name in look.config.segments.items():
        one = known.get(segment_id)
        state, people = (one.state, one.people) if one else ("filling", 0)
        found.append(SegmentFlow(segment_id, name, state, people))
    return found


def _deliveries(look: Look) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """By connection: items accepted, data points spent."""
    delivered: dict[int, int] = {}
    points: dict[int, int] = {}
    for (stage, subject, kind, _), count in look.sums.items():
        target = delivered if stage == "activate" else points if stage == DATA_POINTS else None
        if target is not None and kind is Kind.PASSED:
            connection_id = int(subject.partition("/")[0] or 0)
            target[connection_id] = target.get(connection_id, 0) + count
    return delivered, points


def _connection(one: ConnectionName, look: Look, delivered: int, points: int) -> ConnectionFlow:
    status: Status = "ok"
    message = None
    state = look.delivery.states.get(one.id)
    if not one.enabled:
        status = "paused"
    elif state is not None and state.state in STATUSES:
        # A destination that asks to slow down is well: it goes on by itself within seconds.
        status = "ok" if state.code == THROTTLED else STATUSES[state.state]
        message = f"{state.reason}{waiting_words(look, one.id)}" or None
    for_budget = look.delivery.for_budget.get(one.id, 0)
    return ConnectionFlow(
        one.id, one.name, one.connector, one.enabled, status, message, delivered, points, for_budget
    )


def _status(look: Look, attention: Sequence[Attention]) -> Literal["ok", "degraded", "down"]:
    if any(one.status == "down" and one.role in ("web", "worker") for one in look.roles):
        return "down"
    return "degraded" if attention else "ok"
