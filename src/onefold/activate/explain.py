"""Planning one event again for one goal, to tell what planning made of it: nothing is sent, nothing is kept.

In: a goal, its connector, the event's place, readers of state, log and ledger. Out: `Finding`. The very code
that plans is run, against the profile, the ledger and the goal as they are now: what has changed since then
may make a difference, which whoever shows the finding must say.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from onefold.activate.contest import Contest
from onefold.activate.courier import STOPPED
from onefold.activate.desk import Desk, Place
from onefold.activate.event_plan import EventPlan
from onefold.activate.judge import RETRIES_EXHAUSTED
from onefold.activate.ledger import LedgerBook, Ledgers
from onefold.activate.moments import CAPPED, GOAL_OFF, NO_MOVE, QUIET, MomentPlan
from onefold.activate.numbers import Numbers
from onefold.activate.outbox import Outbox
from onefold.activate.plan import (
    GONE,
    NO_CONSENT,
    NO_DELTA,
    NOT_A_MEMBER,
    NOT_CHOSEN,
    OWN_EVENT,
    TEST_MODE,
    TOO_OLD,
)
from onefold.activate.profile_plan import ProfilePlan
from onefold.activate.put_off import MERGED, PUT_OFF
from onefold.activate.read import Feed, Slice
from onefold.activate.run_book import CANCELLED, RunBook
from onefold.model.connection import Connection
from onefold.model.delivery import NO_POSITION
from onefold.model.goal import Goal
from onefold.model.outcome import Kind
from onefold.plugin.contract import Connector, Destination
from onefold.plugin.declare import Code, FieldKind
from onefold.plugin.declare import Feed as FeedKind

BEFORE_GOAL = "activate.before_goal"
ON_SCHEDULE = "activate.on_schedule"
REASONS: Mapping[str, str] = {
    NOT_CHOSEN: "The goal does not want events of this name.",
    NOT_A_MEMBER: "The person is not in the goal's segment.",
    NO_CONSENT: "The person has not consented to the purpose of the goal.",
    NO_DELTA: "No field that the goal sends differs from what the destination holds.",
    TOO_OLD: "The event is older than the goal's age_days_max, or happened before its since.",
    OWN_EVENT: "The destination told us of this event: it is not sent back there.",
    TEST_MODE: "The goal is in test mode, and the person is not among those it names.",
    GONE: "The profile, or the event itself, is no longer held.",
    CAPPED: "The person had as many as the goal's caps allow.",
    QUIET: "It was in the quiet hours of the goal, which leaves out what happens in them.",
    NO_MOVE: "Nobody entered or left the goal's segment by it, or the goal's limits left it out.",
    ON_SCHEDULE: "The goal acts at the times of its schedule, whatever happens.",
    BEFORE_GOAL: "The event came before the goal was turned on; it begins with events from then on.",
    STOPPED: "It waited when the goal was stopped.",
    GOAL_OFF: "It was held back, and the goal was off by then.",
    CANCELLED: "The run was cancelled before this was sent.",
    PUT_OFF: "The person waits for room in the budget already.",
    MERGED: "The person waited for room in the budget, and turned out to be another one who waits, too.",
    RETRIES_EXHAUSTED: "It was tried as often and as long as the settings allow.",
}


class Happened(NamedTuple):
    """An event that the worker has folded: where it stands, whose it is, when that was committed."""

    offset: int
    position: int
    profile_id: int
    batch_offset: int
    clock: int
    committed_at: int


class Finding(NamedTuple):
    """`passed`: it would be sent. `code` and `reason` say why not."""

    kind: Kind
    code: str = ""
    reason: str = ""


class Readers(Protocol):
    """Where to read; all of it read-only."""

    @property
    def feed(self) -> Feed:
        """State and log."""
        ...

    @property
    def ledgers(self) -> Ledgers:
        """What destinations hold."""
        ...


def explain(
    goal: Goal,
    connection: Connection,
    connector: Connector,
    happened: Happened,
    readers: Readers,
    *,
    goals: Iterable[Goal] = (),
) -> Finding | None:
    """What the goal would make of the event; None if its kind heeds no events, or the log has not the event.

    `goals` are all those of its connection: another one may have the say about a field.

    Raises:
        Exception: whatever the connector's code raises.
    """
    kind = connector.info.goal(goal.kind)
    if kind is None or kind.feed.is_inward or kind.feed is FeedKind.ERASURES:
        return None
    destination = connector.open(_without_secrets(connection, connector))
    # Then it was planned, so then its age was looked at.
    desk = desk_aside(connection, destination, readers, happened.committed_at)
    if kind.feed is FeedKind.MOMENTS:
        return _judge_moment(MomentPlan(goal, kind, destination), desk, happened, connector)
    if kind.feed is FeedKind.PROFILES:
        _plan_profile(ProfilePlan(goal, kind, destination, Contest(goals)), desk, happened)
        return read_finding(desk, connector)
    plan = EventPlan(goal, kind, destination, told_by=connector.info.source_kind)
    if happened.clock < goal.enabled_at and not plan.starts_at_beginning:
        return Finding(Kind.FILTERED, BEFORE_GOAL, REASONS[BEFORE_GOAL])
    return _judge_event(plan, desk, happened, connector)


def _judge_moment(plan: MomentPlan, desk: Desk, happened: Happened, connector: Connector) -> Finding | None:
    """Of moves only what was sent is known, which whoever asks has looked at before."""
    if plan.is_on_schedule:
        return Finding(Kind.FILTERED, ON_SCHEDULE, REASONS[ON_SCHEDULE])
    if plan.when != "event":
        return Finding(Kind.FILTERED, NO_MOVE, REASONS[NO_MOVE])
    if happened.clock < plan.goal.enabled_at:
        return Finding(Kind.FILTERED, BEFORE_GOAL, REASONS[BEFORE_GOAL])
    return _judge_event(plan, desk, happened, connector)


def _judge_event(
    plan: EventPlan | MomentPlan, desk: Desk, happened: Happened, connector: Connector
) -> Finding | None:
    arrival = desk.feed.find_arrival(happened.offset, happened.position, happened.profile_id)
    if arrival is None:
        return None
    plan.judge_event(desk, arrival)
    return read_finding(desk, connector)


def _plan_profile(plan: ProfilePlan, desk: Desk, happened: Happened) -> None:
    piece = Slice.empty()
    desk.feed.load_people(piece, [happened.profile_id])
    place = Place(happened.batch_offset, NO_POSITION, happened.clock)
    plan.plan_profiles(desk, [(person, place) for person in piece.people.values()])


def desk_aside(connection: Connection, destination: Destination, readers: Readers, now: int) -> Desk:
    """One on which nothing is sent and nothing is kept."""
    outbox = Outbox(connection.id, destination.channels)
    book, runs = LedgerBook(readers.ledgers), RunBook(connection, Numbers(1))
    desk = Desk(connection.id, destination, readers.feed, book, outbox, runs=runs)
    desk.has_known = readers.ledgers.has_ledger(desk.known_ledger)
    desk.now = now
    return desk


def read_finding(desk: Desk, connector: Connector) -> Finding:
    """What planning on this desk came to."""
    if desk.writes.letters:
        letter = desk.writes.letters[0]
        return Finding(Kind.REJECTED, letter.code, letter.reason)
    filtered = [code for _, outcome, code in desk.writes.counts if outcome is Kind.FILTERED]
    if filtered:
        return Finding(Kind.FILTERED, filtered[0], meaning_of(filtered[0], connector))
    if desk.outbox.planned_count or desk.writes.held:
        return Finding(Kind.PASSED)
    return Finding(Kind.FILTERED, GONE, REASONS[GONE])


def meaning_of(code: str, connector: Connector | None) -> str:
    """Why, in words: ours, or those of the connector that gave the code; empty for one that neither knows."""
    codes: Sequence[Code] = connector.info.codes if connector else ()
    return REASONS.get(code) or next((one.meaning for one in codes if one.code == code), "")


def _without_secrets(connection: Connection, connector: Connector) -> Connection:
    """Planning needs none; opening a destination may look whether they are there."""
    secrets = {field.name: "-" for field in connector.info.fields if field.kind is FieldKind.SECRET}
    return msgspec.structs.replace(connection, secrets=secrets)
