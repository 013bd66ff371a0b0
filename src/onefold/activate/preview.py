"""What a goal would do, before it does it: for one person in full, for everyone in numbers.

In: a goal as it is or would be, its opened destination, readers. Out: a `Look` at one person and a `Reach`.
The very code that plans is run on a desk of its own: nothing is sent, nothing is kept.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from onefold.activate.contest import Contest
from onefold.activate.desk import Desk, Place
from onefold.activate.explain import Finding, Readers, desk_aside, read_finding
from onefold.activate.ledger import NOT_FIELDS
from onefold.activate.map import NO_NAMES
from onefold.activate.person import Person
from onefold.activate.profile_plan import ProfilePlan
from onefold.activate.read import Slice
from onefold.model.connection import Connection
from onefold.model.delivery import NO_POSITION, Item
from onefold.model.goal import EVERYONE, Goal
from onefold.model.json import JsonObject, JsonValue
from onefold.model.outcome import Kind
from onefold.plugin.contract import Address, Connector, Destination, Draft, MomentDestination, Refusal
from onefold.plugin.declare import Channel

EXACT_MAX = 2000
"""So many people are all planned, in about a second; of more, a sample."""
WINDOWS = 20
WINDOW_PEOPLE = 100
"""Of a sample: evenly spread over all ids, for early people differ from late ones."""


class RowLook(NamedTuple):
    """One mapping row for one person: the value here, the value there, and what becomes of the field."""

    field: str
    value: JsonValue
    sent: JsonValue
    state: str
    """new, changed, same, removed, empty, refused, other_goal (it writes the field) or address."""
    code: str = ""
    reason: str = ""
    hint: str = ""


class ObjectLook(NamedTuple):
    """One object that would travel, exactly."""

    channel: str
    part: str
    body: JsonObject
    cost: int


class Look(NamedTuple):
    """What the goal makes of one person."""

    finding: Finding
    address: str
    rows: list[RowLook]
    objects: list[ObjectLook]


class Reach(NamedTuple):
    """A first run, in numbers; estimated from a sample unless `is_exact`."""

    is_exact: bool
    people: int
    """Whom the goal is for."""
    sent: int
    """Of them, those for whom something would be sent now."""
    fields: int
    cost: int
    requests: int
    seconds: float | None
    """At the destination's documented limit and the speed of its last answers; None if neither is known."""
    reasons: dict[tuple[Kind, str], int]
    """Why not the others."""


class AnswerPace(NamedTuple):
    """How fast the connection's last answers came; 0 if there were none."""

    answer_s: float
    concurrency: int


class Previewer:
    """A goal beside the others of its connection, made ready to be looked at."""

    def __init__(
        self,
        goal: Goal,
        others: Iterable[Goal],
        connector: Connector,
        connection: Connection,
        destination: Destination,
    ) -> None:
        kind = connector.info.goal(goal.kind)
        assert kind is not None  # noqa: S101 - it was checked as a goal before
        goal = msgspec.structs.replace(goal, enabled=True, connection_id=connection.id)
        contest = Contest([*(one for one in others if one.id != goal.id), goal])
        self._goal = goal
        self._connector = connector
        self._connection = connection
        self._destination = destination
        self._plan = ProfilePlan(goal, kind, destination, contest)

    def look(self, profile_id: int, readers: Readers, now: int) -> Look | None:
        """One person; None if there is no such profile."""
        desk = desk_aside(self._connection, self._destination, readers, now)
        piece = Slice.empty()
        desk.feed.load_people(piece, [profile_id])
        person = next(iter(piece.people.values()), None)
        if person is None:
            return None
        plan = self._plan
        for ledger_id in plan.ledgers:
            desk.book.fetch(ledger_id, [person.id])
        held = frozenset(field for ledger in plan.ledgers for field in desk.book.expected(ledger, person.id))
        desk.fetch_known([person.id])
        address = self._destination.address(self._goal, person.identifiers, desk.known(person.id))
        names = desk.feed.state.segment_names() if plan.rows.needs_names else NO_NAMES
        raw = plan.rows.read(person, now, names)
        plan.plan_profiles(desk, [(person, Place(0, NO_POSITION, now))])
        finding = read_finding(desk, self._connector)
        items = items_of(desk)
        planned = _marks(plan, [item for _, item in items])
        taken = address.taken if isinstance(address, Address) else {}
        return Look(
            finding,
            address.key if isinstance(address, Address) else "",
            [
                self._row(person, place, value, held=held, planned=planned, taken=frozenset(taken))
                for place, value in enumerate(raw)
            ],
            [object_look(channel, item) for channel, item in items],
        )

    def reach(self, readers: Readers, now: int, members: int, pace: AnswerPace) -> Reach:
        """Everyone whom the goal is for; `members` of its segment, as the worker counts them."""
        sample = Sample(self._goal.segment_id, readers)
        desk = desk_aside(self._connection, self._destination, readers, now)
        place = Place(0, NO_POSITION, now)
        self._plan.plan_profiles(desk, [(person, place) for person in sample.people])
        items = items_of(desk)
        people = sample.total(members)
        scale = people / len(sample.people) if sample.people else 0.0
        own = [item for _, item in items if item.ledger_id in self._plan.ledgers]
        objects = Counter(channel for channel, _ in items)
        requests, seconds = requests_of(objects, scale, self._destination.channels, pace)
        return Reach(
            sample.is_exact,
            people,
            round(len({item.profile_id for item in own}) * scale),
            round(sum(len(set(item.marks or ()) - NOT_FIELDS) for item in own) * scale),
            round(sum(item.cost for _, item in items) * scale),
            requests,
            seconds,
            {
                (outcome, code): round(count * scale)
                for (_, outcome, code), count in desk.writes.counts.items()
            },
        )

    def _row(
        self,
        person: Person,
        place: int,
        value: JsonValue,
        *,
        held: frozenset[str],
        planned: dict[str, int | None],
        taken: frozenset[str],
    ) -> RowLook:
        field, as_type = self._plan.rows.targets[place]
        found = self._plan.fit(field, value, as_type)
        shown = None if isinstance(value, Refusal) else value
        if isinstance(found, Refusal):
            return RowLook(field, shown, None, "refused", found.code, found.reason, found.hint)
        if field in planned:
            gone, known = planned[field] is None, field in held
            state = "removed" if gone else "changed" if known else "new"
        elif not self._plan.rows.is_mine(field, person):
            state = "other_goal"
        elif field in taken:
            state = "address"
        else:
            state = "empty" if found is None else "same"
        return RowLook(field, shown, found, state)


class Sample:
    """The people that stand for all whom a goal is for."""

    def __init__(self, segment_id: int, readers: Readers) -> None:
        self._segment_id = segment_id
        self._feed = readers.feed
        ids = self._page(0, EXACT_MAX + 1)
        self.is_exact = len(ids) <= EXACT_MAX
        self._density = 0.0
        if not self.is_exact:
            ids = self._spread()
        piece = Slice.empty()
        self._feed.load_people(piece, ids)
        self.people = [piece.people[one] for one in ids if one in piece.people]

    def total(self, members: int) -> int:
        """How many there are in all."""
        if self.is_exact:
            return len(self.people)
        return members if self._segment_id != EVERYONE else round(self._density * self._last())

    def _spread(self) -> list[int]:
        last, found, looked = self._last(), set[int](), 0
        for window in range(WINDOWS):
            after = last * window // WINDOWS
            page = [one for one in self._page(after, WINDOW_PEOPLE) if one not in found]
            found.update(page)
            looked += page[-1] - after if page else 0
        self._density = len(found) / looked if looked else 0.0
        return sorted(found)

    def _last(self) -> int:
        return self._feed.state.last_profile()

    def _page(self, after: int, limit: int) -> list[int]:
        if self._segment_id != EVERYONE:
            return self._feed.state.members_after(self._segment_id, after, limit)
        return [profile_id for profile_id, _ in self._feed.state.profiles_after(after, limit)]


def items_of(desk: Desk) -> list[tuple[str, Item]]:
    """Everything planned, with its channel, in the order in which it would travel; what is held is last."""
    packed = [(request.channel, item) for request in desk.outbox.seal(1) for item in request.items]
    return packed + [(one.channel, one.item) for one in desk.writes.held]


def object_look(channel: str, item: Item, shows: MomentDestination | None = None) -> ObjectLook:
    """An object as it would travel; of a call the request, secrets masked, as its destination shows it."""
    if shows is None:
        return ObjectLook(channel, item.part, msgspec.json.decode(item.body), item.cost)
    request = shows.show(Draft(channel, item.part, item.body))
    return ObjectLook(channel, item.part, msgspec.to_builtins(request), item.cost)


def _marks(plan: ProfilePlan, items: Iterable[Item]) -> dict[str, int | None]:
    return {
        field: mark
        for item in items
        if item.ledger_id in plan.ledgers
        for field, mark in (item.marks or {}).items()
    }


def requests_of(
    objects: Mapping[str, float], scale: float, channels: Mapping[str, Channel], pace: AnswerPace
) -> tuple[int, float | None]:
    """Full requests for so many times these objects by channel, and how long they take.

    That is the slower of what the destination allows and how fast it answers; None if neither is known.
    """
    requests = sum(math.ceil(count * scale / channels[name].items_max) for name, count in objects.items())
    waits = [
        requests * limit.period_s / limit.requests_max for name in objects for limit in channels[name].limits
    ]
    if pace.answer_s:
        waits.append(requests * pace.answer_s / pace.concurrency)
    return requests, max(waits) if waits else None
