"""What a slice of changes means for a goal of events: one object, or some, for each event that it wants.

In: the events of a slice, the people whose they are. Out: objects packed in the order of the log.
"""

from collections.abc import Iterable, Sequence

from onefold.activate.contest import Contest
from onefold.activate.desk import Desk, Place
from onefold.activate.people import is_named
from onefold.activate.person import Person
from onefold.activate.plan import GONE, NOT_CHOSEN, OWN_EVENT, TEST_MODE, TOO_OLD, GoalPlan, Reached
from onefold.activate.read import Arrival, Slice
from onefold.clock import DAY
from onefold.model.delivery import NO_POSITION, Item
from onefold.model.event import decode_meta, occurred_at
from onefold.model.goal import Goal
from onefold.model.outcome import Kind, Outcome
from onefold.plugin.check_events import since_of
from onefold.plugin.contract import Address, Destination, Happening, Refusal
from onefold.plugin.declare import FROM_BEGINNING, FROM_SINCE, SINCE, START, GoalKind

VIEWS = frozenset({"page", "screen"})
NAMES_KEPT_MAX = 10_000
"""Names whose choice is remembered: a sender that puts ids into names must not fill the memory."""
PAYLOAD_BYTES_MAX = 100_000
"""Of a refused event kept with its dead letter."""


class EventPlan(GoalPlan):
    """A goal that sends events."""

    def __init__(
        self,
        goal: Goal,
        kind: GoalKind,
        destination: Destination,
        contest: Contest | None = None,
        *,
        told_by: str = "",
    ) -> None:
        """`told_by`: the kind of the sources by which the destination tells its own events."""
        super().__init__(goal, kind, contest)
        self._told_by = told_by
        self._writer = destination.event_writer(goal)
        start = self.settings.get(START.name)
        self.starts_at_beginning = start in (FROM_BEGINNING, FROM_SINCE)
        self.since = since_of(self.settings.get(SINCE.name)) if start == FROM_SINCE else 0
        """Events that happened before it are not sent."""
        self._age_max = int(self.settings.get("age_days_max") or 0) * DAY
        self._chosen: dict[str, bool] = {}

    def plan_events(self, desk: Desk, piece: Slice) -> None:
        """Pack the slice's events that the goal wants."""
        arrivals = desk.feed.load_arrivals(piece)
        if piece.lost:
            self._count(desk, Kind.FILTERED, GONE, piece.lost)
        chosen = [one for one in arrivals if self.is_chosen(one)]
        if len(chosen) < len(arrivals):
            left_out = (
                (one.profile_id, str(one.event.message_id)) for one in arrivals if not self.is_chosen(one)
            )
            self._count_many(desk, NOT_CHOSEN, left_out, len(arrivals) - len(chosen))
        ids = {one.profile_id for one in (arrivals if desk.has_known else chosen)}
        desk.feed.load_people(piece, ids)
        desk.fetch_known(set(piece.people))
        addresses: dict[int, Address | None] = {}
        self._identify(desk, piece, ids, addresses)
        for arrival in chosen:
            self._plan_event(desk, piece, arrival, addresses)

    def replan(self, desk: Desk, item: Item) -> None:
        """Pack one event again that was refused before it could become an object."""
        is_event = item.position != NO_POSITION
        arrival = desk.feed.find_arrival(item.offset, item.position, item.profile_id) if is_event else None
        if arrival is None:
            self._count(desk, Kind.FILTERED, GONE)
            return
        self._plan_alone(desk, arrival)

    def judge_event(self, desk: Desk, arrival: Arrival) -> None:
        """Plan one event as if it had just come."""
        if not self.is_chosen(arrival):
            self._count(desk, Kind.FILTERED, NOT_CHOSEN)
            return
        self._plan_alone(desk, arrival)

    def _plan_alone(self, desk: Desk, arrival: Arrival) -> None:
        piece = Slice.empty()
        desk.feed.load_people(piece, [arrival.profile_id])
        desk.fetch_known(piece.people)
        self._plan_event(desk, piece, arrival, {})

    def is_chosen(self, arrival: Arrival) -> bool:
        """Whether the goal wants events of that name."""
        event = arrival.event
        if event.type == "track":
            return self.chooses(event.event)
        return event.type in VIEWS and self.chooses(event.type)

    def chooses(self, name: str) -> bool:
        """Likewise, of a name; `page` and `screen` are views."""
        chosen = self._chosen.get(name)
        if chosen is None:
            if len(self._chosen) > NAMES_KEPT_MAX:
                self._chosen.clear()
            chosen = self._chosen[name] = self._writer.choose(name)
        return chosen

    def _identify(
        self, desk: Desk, piece: Slice, ids: Iterable[int], addresses: dict[int, Address | None]
    ) -> None:
        """Join what is known of people to who they turned out to be, even without an event to send."""
        if not desk.has_known:
            return
        for profile_id in sorted(ids):
            person = piece.people.get(piece.survivors.get(profile_id, profile_id))
            if person is None or person.id in addresses or self._has_no_consent(person):
                continue
            if desk.known(person.id):
                place = Place(piece.changes[-1].offset, NO_POSITION, piece.changes[0].at)
                addresses[person.id] = self._address(
                    desk, person, place, counted=False, purpose=self.goal.purpose
                )

    def _plan_event(
        self, desk: Desk, piece: Slice, arrival: Arrival, addresses: dict[int, Address | None]
    ) -> None:
        record, event = arrival.record, arrival.event
        person = piece.people.get(piece.survivors.get(arrival.profile_id, arrival.profile_id))
        if person is None:
            self._count(desk, Kind.FILTERED, GONE)
            return
        key = str(event.message_id)
        if not is_named(person, self.named):
            self._count_each(desk, TEST_MODE, [(person.id, key)])
            return
        filtered = self._filters(person)
        if filtered:
            self._count_each(desk, filtered, [(person.id, key)])
            return
        meta = decode_meta(record)
        if meta.source_kind and meta.source_kind == self._told_by:
            self._count_each(desk, OWN_EVENT, [(person.id, key)])
            return
        at = occurred_at(event, received_at=record.received_at, sent_at=meta.sent_at)
        if at < self.since or (self._age_max and at < desk.now - self._age_max):
            self._count_each(desk, TOO_OLD, [(person.id, key)])
            return
        place = Place(record.offset, arrival.position, record.received_at, key)
        if person.id in addresses:
            address = addresses[person.id]
            if address is None:
                self._count_unaddressed(desk, person)
                return
        else:
            address = addresses[person.id] = self._address(desk, person, place, purpose=self.goal.purpose)
            if address is None:
                return
        self._write_event(desk, Reached(person.id, place, address, self.goal.purpose), arrival, at)

    def _write_event(self, desk: Desk, reached: Reached, arrival: Arrival, at: int) -> None:
        profile_id, place, address, purpose = reached
        event = arrival.event
        name = event.event if event.type == "track" else event.type
        happening = Happening(name, event.name or "", place.key, at, place.received_at, event.properties)
        for draft in self._writer.write(address, happening, desk.now):
            if isinstance(draft, Refusal):
                payload = bytes(event.properties)[:PAYLOAD_BYTES_MAX]
                self._refuse(desk, profile_id, place, draft, payload)
            else:
                self._pack(desk, profile_id, place, draft, purpose=purpose)

    def _count_unaddressed(self, desk: Desk, person: Person) -> None:
        found = desk.destination.address(self.goal, person.identifiers, desk.known(person.id))
        if isinstance(found, Outcome):
            self._count(desk, found.kind, found.code)
        elif isinstance(found, Refusal):
            self._count(desk, Kind.REJECTED, found.code)

    def values_of(self, desk: Desk, items: Sequence[Item]) -> dict[tuple[int, int, int], bytes]:
        """The properties of the events that became these items."""
        found = dict[tuple[int, int, int], bytes]()
        for item in items:
            if item.position != NO_POSITION:
                arrival = desk.feed.find_arrival(item.offset, item.position, item.profile_id)
                properties = bytes(arrival.event.properties) if arrival else b""
                found[item.profile_id, item.offset, item.position] = properties
        return found
