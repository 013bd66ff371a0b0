"""What a goal of events, or of calls on events, would do, before it does it: with the latest events of a
person, in a day, and with the past.

In: a goal as it is or would be, its opened destination, readers of log and state. Out: each of the latest
events with its exact objects; numbers of a day and of a backfill. The very code that plans is run, on desks
of its own: nothing is sent, nothing is kept. A long stretch of the log is judged by a sample, evenly spread.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, cast

import msgspec

from onefold.activate.desk import Desk
from onefold.activate.event_plan import EventPlan
from onefold.activate.explain import Finding, Readers, desk_aside, read_finding
from onefold.activate.moments import MomentPlan
from onefold.activate.plan import NOT_CHOSEN
from onefold.activate.preview import AnswerPace, ObjectLook, items_of, object_look, requests_of
from onefold.activate.read import Arrival, Slice
from onefold.clock import DAY
from onefold.model.connection import Connection
from onefold.model.delivery import NO_POSITION
from onefold.model.event import decode_meta, occurred_at
from onefold.model.goal import Goal
from onefold.model.outcome import Kind
from onefold.plugin.contract import Connector, Destination, MomentDestination
from onefold.plugin.declare import Feed as FeedKind

DAYS = 7
"""Of the log: a whole week, since days of the week differ."""
SHOWN = 10
"""Of a person's latest events."""
WHOLE_SLICES = 5
"""Slices, some thousand events in all, that are planned whole in tenths of a second; of more, a sample."""
WINDOWS = 10
"""Slices of a sample."""
LOOKED_MAX = 2000
"""Events that are looked through, one by one, for somebody whom the goal is for."""
OTHERS = "(other)"
"""As totals count events beyond a source's thousand names a day."""
NAMELESS = frozenset({"$identify", "$group", "$alias"})
"""As totals count events that no goal sends; views, which some do, are `$page` and `$screen` there."""


class EventLook(NamedTuple):
    """One event, and what the goal makes of it."""

    name: str
    message_id: str
    occurred_at: int
    finding: Finding
    hint: str
    objects: list[ObjectLook]


class NameCount(NamedTuple):
    """Events of one name that the goal wants, and what becomes of them."""

    name: str
    events: float
    sent: float
    cost: float


class Traffic(NamedTuple):
    """What the goal makes of a stretch of the log, or of a day of it; estimated unless `is_exact`."""

    is_exact: bool
    days: int
    """That it is the mean of; 0: it is the sum."""
    names: list[NameCount]
    """The most frequent first."""
    requests: int
    """If each is full."""
    seconds: float | None
    reasons: dict[tuple[Kind, str], float]
    """Why not the others."""


class Totals(NamedTuple):
    """How often each event happened in so many whole days, by the names that events are counted under."""

    days: int
    counts: Mapping[str, int]


class EventPreviewer:
    """A goal, made ready to be looked at."""

    def __init__(
        self, goal: Goal, connector: Connector, connection: Connection, destination: Destination
    ) -> None:
        kind = connector.info.goal(goal.kind)
        assert kind is not None  # noqa: S101 - it was checked as a goal before
        goal = msgspec.structs.replace(goal, enabled=True, connection_id=connection.id)
        self._connector = connector
        self._connection = connection
        self._destination = destination
        self._plan: EventPlan | MomentPlan
        self._shows: MomentDestination | None = None
        if kind.feed is FeedKind.MOMENTS:
            self._shows = cast(MomentDestination, destination)
            self._plan = MomentPlan(goal, kind, destination)
        else:
            self._plan = EventPlan(goal, kind, destination, told_by=connector.info.source_kind)

    @property
    def has_past(self) -> bool:
        """Whether it begins with events from before it is turned on."""
        return isinstance(self._plan, EventPlan) and self._plan.starts_at_beginning

    def find_somebody(self, readers: Readers) -> int:
        """Whose event was the last that it would send, or else the last that it wants; 0 for nobody's."""
        found = 0
        for arrival in readers.feed.newest(events_max=LOOKED_MAX):
            if self._plan.is_chosen(arrival):
                if self._look_at(arrival, readers).finding.kind is Kind.PASSED:
                    return arrival.profile_id
                found = found or arrival.profile_id
        return found

    def latest(self, profile_ids: Sequence[int], readers: Readers) -> list[EventLook]:
        """The latest events of a person, known by these ids, that the goal wants; newest first."""
        chosen = (one for one in readers.feed.newest(profile_ids) if self._plan.is_chosen(one))
        return [self._look_at(arrival, readers) for arrival in islice(chosen, SHOWN)]

    def daily(self, readers: Readers, now: int, totals: Totals, pace: AnswerPace) -> Traffic:
        """The mean of a day, by the last days that the log holds.

        Where these are too many events, how often each happened is taken from `totals`, and only what becomes
        of them from a sample.
        """
        state = readers.feed.state
        after = max(state.batch_before(now - DAYS * DAY), readers.feed.before_oldest())
        survey = _Survey(self, readers, after, state.ends()[1])
        if survey.is_exact or not totals.counts:
            days = min(DAYS, max(1, math.ceil((now - survey.first_at) / DAY))) if survey.first_at else 1
            return survey.traffic(pace, days)
        return survey.traffic(pace, totals.days, {_name_of(name): n for name, n in totals.counts.items()})

    def backfill(self, readers: Readers, now: int, pace: AnswerPace) -> Traffic:
        """All of the past that it would begin with."""
        state = readers.feed.state
        since = self._plan.since if isinstance(self._plan, EventPlan) else 0
        after = max(readers.feed.before_oldest(), state.batch_before(since))
        return _Survey(self, readers, after, state.ends()[1], now).traffic(pace)

    def plan(self, piece: Slice, readers: Readers, now: int) -> Desk:
        """What the goal makes of a slice."""
        desk = desk_aside(self._connection, self._destination, readers, now)
        self._plan.plan_events(desk, piece)
        return desk

    def chosen(self, piece: Slice) -> Iterator[tuple[tuple[int, int], str]]:
        """Of a slice that was planned, the place and name of each event that the goal wants."""
        for one in piece.arrivals or ():
            if self._plan.is_chosen(one):
                yield (one.record.offset, one.position), _name(one)

    def wants(self, name: str) -> bool:
        """Whether the goal wants events of that name."""
        return self._plan.chooses(name)

    @property
    def destination(self) -> Destination:
        """Where it would send."""
        return self._destination

    def _look_at(self, arrival: Arrival, readers: Readers) -> EventLook:
        """As if it had just come."""
        record, event = arrival.record, arrival.event
        desk = desk_aside(self._connection, self._destination, readers, record.received_at)
        self._plan.judge_event(desk, arrival)
        finding = read_finding(desk, self._connector)
        hint = desk.writes.letters[0].hint if desk.writes.letters else ""
        at = occurred_at(event, received_at=record.received_at, sent_at=decode_meta(record).sent_at)
        objects = [object_look(channel, item, self._shows) for channel, item in items_of(desk)]
        return EventLook(_name(arrival), str(event.message_id), at, finding, hint, objects)


class _Survey:
    """What a goal makes of the batches behind an offset, up to another one; of many, of a sample."""

    def __init__(
        self, previewer: EventPreviewer, readers: Readers, after: int, end: int, now: int = 0
    ) -> None:
        """Without `now`, each event is judged as of when it came."""
        self._previewer = previewer
        self._readers = readers
        self._now = now
        self.first_at = 0
        """When the first of them came; 0 for none."""
        self._events: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._costs: Counter[str] = Counter()
        self._objects: Counter[str] = Counter()
        self._reasons: Counter[tuple[Kind, str]] = Counter()
        whole = list(islice(self._slices(after, end), WHOLE_SLICES + 1))
        self.is_exact = len(whole) <= WHOLE_SLICES
        self._scale = 1.0
        if self.is_exact:
            for piece in whole:
                self._add(piece)
        else:
            self._sample(after, end)

    def traffic(self, pace: AnswerPace, days: int = 0, counts: Mapping[str, int] | None = None) -> Traffic:
        """In numbers: all of it, or the mean of a day; `counts` say better how often each name came."""
        scale = self._scale / (days or 1)
        if counts is None:
            events = {name: count * scale for name, count in self._events.items()}
        else:
            wanted = {name: count for name, count in counts.items() if self._wants(name)}
            events = {name: count / (days or 1) for name, count in wanted.items()}
        total, looked = sum(events.values()), self._events.total()
        names = [self._name_count(name, count) for name, count in events.items()]
        factor = total / looked if looked else 0.0
        requests, seconds = requests_of(self._objects, factor, self._previewer.destination.channels, pace)
        reasons = {key: count * factor for key, count in self._reasons.items()}
        names.sort(key=lambda one: (-one.events, one.name))
        return Traffic(self.is_exact, days, names, requests, seconds, reasons)

    def _name_count(self, name: str, events: float) -> NameCount:
        """Of a name that no sampled event has, what became of the others is taken."""
        looked = self._events[name]
        sent, cost = self._sent[name], self._costs[name]
        if not looked:
            looked, sent, cost = self._events.total(), self._sent.total(), self._costs.total()
        share = events / looked if looked else 0.0
        return NameCount(name, events, sent * share, cost * share)

    def _wants(self, name: str) -> bool:
        is_nameless = name == OTHERS or name in NAMELESS
        return name in self._events or (not is_nameless and self._previewer.wants(name))

    def _slices(self, after: int, end: int) -> Iterator[Slice]:
        while (piece := self._readers.feed.past_after(after, end)) is not None:
            yield piece
            after = piece.last

    def _sample(self, after: int, end: int) -> None:
        covered, last = 0, after
        for window in range(WINDOWS):
            begin = max(last, after + (end - after) * window // WINDOWS)
            piece = self._readers.feed.past_after(begin, end)
            if piece is None:
                break
            self._add(piece)
            last = piece.last
            covered += last - begin
        self._scale = (end - after) / covered if covered else 0.0

    def _add(self, piece: Slice) -> None:
        self.first_at = self.first_at or piece.changes[0].at
        desk = self._previewer.plan(piece, self._readers, self._now or piece.changes[-1].at)
        names = dict(self._previewer.chosen(piece))
        self._events.update(names.values())
        sent = set[tuple[int, int]]()
        for channel, item in items_of(desk):
            self._objects[channel] += 1
            if item.position != NO_POSITION:
                place = (item.offset, item.position)
                sent.add(place)
                self._costs[names[place]] += item.cost
        self._sent.update(names[place] for place in sent)
        for (_, kind, code), count in desk.writes.counts.items():
            if code != NOT_CHOSEN:
                self._reasons[kind, code] += count


def _name(arrival: Arrival) -> str:
    event = arrival.event
    return event.event if event.type == "track" else event.type


def _name_of(counted: str) -> str:
    return counted.removeprefix("$") if counted in ("$page", "$screen") else counted
