"""How previews show what would be sent: objects, events of a person, numbers of a day and of the past."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from onefold.activate.event_preview import DAYS, EventLook, Totals, Traffic
from onefold.activate.explain import Finding
from onefold.activate.plan import NOT_CHOSEN
from onefold.activate.preview import ObjectLook
from onefold.api.delivery_view import ReasonView, reason_views
from onefold.api.workspace import Workspace
from onefold.backends.embedded.event_totals import TotalsFilter
from onefold.clock import DAY, to_iso
from onefold.model.access import Personal
from onefold.model.json import JsonObject
from onefold.model.outcome import Kind
from onefold.plugin.contract import Connector

NO_EVENTS = Finding(
    Kind.FILTERED, NOT_CHOSEN, "None of the person's latest events is one that the goal wants."
)
NAMES_MAX = 100
"""The most frequent; further ones are in the sums."""
EVENT_NAMES_MAX = 100_000
"""Read of the totals of some days: a thousand a source and day."""


class GoalObjectView(msgspec.Struct, frozen=True):
    """One object, exactly as it would be sent."""

    channel: str
    part: str
    body: Personal[JsonObject]
    data_points: int


class EventLookView(msgspec.Struct, frozen=True):
    """One event of the person, and what the goal would make of it; `hint`: what to do where it is refused."""

    name: str
    message_id: str
    occurred_at: str
    outcome: Literal["passed", "filtered", "rejected"]
    code: str
    reason: Personal[str]
    hint: str
    objects: list[GoalObjectView]
    data_points: int


class NameView(msgspec.Struct, frozen=True):
    """Events of one name."""

    name: str
    events: float
    sent: float
    data_points: float


class TrafficView(msgspec.Struct, frozen=True):
    """Events that the goal wants, and what becomes of them; not `exact`: estimated from a sample."""

    exact: bool
    days: int
    """The mean of a day, by the last so many days; 0: the sum of all the past."""
    events: float
    sent: float
    data_points: float
    requests: int
    """If each is full: live events travel with less company."""
    seconds: float | None
    """At the destination's limit and the speed of its last answers."""
    names: list[NameView]
    """The hundred most frequent."""
    left_out: list[ReasonView]


def outcome_of(kind: Kind) -> Literal["passed", "filtered", "rejected"]:
    """As previews say it."""
    if kind is Kind.PASSED:
        return "passed"
    return "rejected" if kind is Kind.REJECTED else "filtered"


def object_views(objects: Iterable[ObjectLook]) -> list[GoalObjectView]:
    """In the order in which they would travel."""
    return [GoalObjectView(*one) for one in objects]


def event_view(look: EventLook) -> EventLookView:
    """One event."""
    finding = look.finding
    return EventLookView(
        look.name,
        look.message_id,
        to_iso(look.occurred_at),
        outcome_of(finding.kind),
        finding.code,
        finding.reason,
        look.hint,
        object_views(look.objects),
        sum(one.cost for one in look.objects),
    )


def traffic_view(traffic: Traffic, connector: Connector) -> TrafficView:
    """Numbers of a day, or of the past."""
    names = traffic.names
    return TrafficView(
        traffic.is_exact,
        traffic.days,
        _short(sum(one.events for one in names)),
        _short(sum(one.sent for one in names)),
        _short(sum(one.cost for one in names)),
        traffic.requests,
        None if traffic.seconds is None else round(traffic.seconds, 1),
        [
            NameView(one.name, _short(one.events), _short(one.sent), _short(one.cost))
            for one in names[:NAMES_MAX]
        ],
        reason_views({key: round(count) for key, count in traffic.reasons.items()}, connector),
    )


def totals_of_days(workspace: Workspace, now: int) -> Totals:
    """How often each event happened in the last whole days (UTC), or today, where that is the first."""
    today = now // DAY
    wanted = TotalsFilter(today - DAYS, today - 1)
    days = [one.day for one in workspace.totals.page(["day"], wanted, count_max=DAYS) if one.day is not None]
    if not days:
        wanted, days = TotalsFilter(today, today), [today]
    found = workspace.totals.page(["event"], wanted, count_max=EVENT_NAMES_MAX)
    return Totals(max(today - min(days), 1), {one.event or "": one.count for one in found})


def _short(number: float) -> float:
    """Whole where it is large: tenths of a thousand are no news."""
    return round(number) if number >= 100 or number == round(number) else round(number, 1)
