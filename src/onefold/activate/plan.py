"""What a slice of changes means for one goal: objects to send, with what the ledger will hold once accepted.

In: a slice (or a page of everyone), a goal, the ledger book. Out: items packed into the outbox; what was left
out or refused is counted in the cycle's writes. Nothing is sent and nothing is committed here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from onefold.activate.apart import Holds
from onefold.activate.contest import Contest, shared_ledger
from onefold.activate.ledger import CONTENT, LedgerBook, hash_value, known_ledger, plan_delta
from onefold.activate.map import NO_NAMES
from onefold.activate.meter import Meter
from onefold.activate.outbox import Outbox
from onefold.activate.people import is_named, read_people
from onefold.activate.person import Person
from onefold.activate.purse import Purse, put_off
from onefold.activate.read import Arrival, Feed, Slice
from onefold.activate.rows import Rows, part
from onefold.activate.run_book import RunBook, make_sample
from onefold.activate.store import Marks, NewLetter, Writes
from onefold.clock import DAY
from onefold.errors import SetupError
from onefold.model.budget import Budget
from onefold.model.delivery import NO_POSITION, Item
from onefold.model.event import decode_meta, occurred_at
from onefold.model.goal import EVERYONE, Goal
from onefold.model.goal_run import NO_RUN, RunSample
from onefold.model.json import JsonValue
from onefold.model.mapping import ValueType
from onefold.model.outcome import Kind, Outcome
from onefold.plugin.check import setting
from onefold.plugin.check_events import since_of
from onefold.plugin.contract import (
    Address,
    Destination,
    Draft,
    EventWriter,
    Happening,
    ProfileWriter,
    Refusal,
)
from onefold.plugin.declare import FROM_BEGINNING, FROM_SINCE, SINCE, START, GoalKind
from onefold.plugin.declare import Feed as FeedKind

VIEWS = frozenset({"page", "screen"})
NOT_CHOSEN = "activate.not_chosen"
NOT_A_MEMBER = "activate.not_a_member"
NO_DELTA = "activate.no_delta"
NO_CONSENT = "activate.no_consent"
TOO_OLD = "activate.too_old"
TEST_MODE = "activate.test_mode"
OWN_EVENT = "activate.own_event"
"""The destination itself told of the event: sent there, it would come back for ever."""
GONE = "activate.gone"
"""The profile, or the event itself, is no longer held."""
NAMES_KEPT_MAX = 10_000
"""Names whose choice is remembered: a sender that puts ids into names must not fill the memory."""
PAYLOAD_BYTES_MAX = 100_000
"""Of a refused event kept with its dead letter."""


_encode = msgspec.json.Encoder(decimal_format="number").encode


class Place(NamedTuple):
    """Where an object comes from: offset, position in the record, when it was received, its message id."""

    offset: int
    position: int
    received_at: int
    key: str = ""


class Reached(NamedTuple):
    """A person whom the goal can reach, and what it is about."""

    profile_id: int
    place: Place
    address: Address
    purpose: str | None = ""
    """See `Item.purpose`."""


People = Sequence[tuple[Person, Place]]


class Desk:
    """What planning works with, for one connection and one cycle."""

    __slots__ = (
        "book",
        "closed",
        "destination",
        "due_goals",
        "due_people",
        "feed",
        "has_known",
        "holds",
        "known_ledger",
        "now",
        "outbox",
        "purse",
        "runs",
        "sampled",
        "writes",
    )

    def __init__(
        self,
        connection_id: int,
        destination: Destination,
        feed: Feed,
        book: LedgerBook,
        outbox: Outbox,
        *,
        runs: RunBook,
    ) -> None:
        self.destination = destination
        self.feed = feed
        self.book = book
        self.outbox = outbox
        self.runs = runs
        self.purse = Purse(connection_id, Budget(), None)
        self.due_goals: set[int] = set()
        """Goals that compare everyone again, since something of them was put off."""
        self.due_people: list[tuple[int, int]] = []
        """(goal, profile) of fields that were taken out of a request; what of them is free goes at once."""
        self.sampled: list[tuple[Item, Outcome]] = []
        """Items that have ended and shall be shown; their values are read together."""
        self.known_ledger = known_ledger(connection_id)
        self.has_known = False
        """Whether this connection ever remembered anything about anyone; most never do."""
        self.closed: dict[str, SetupError] = {}
        """Optional channels whose permission is missing: nothing is planned for them."""
        self.holds = Holds(connection_id)
        self.writes = Writes()
        self.now = 0

    def known(self, profile_id: int) -> Marks:
        """What the connection remembers of a person; fetched before by `fetch_known`."""
        return self.book.expected(self.known_ledger, profile_id) if self.has_known else {}

    def fetch_known(self, ids: Iterable[int]) -> None:
        """One query for many people, or none when nothing was ever remembered."""
        if self.has_known:
            ids = list(ids)
            self.book.fetch(self.known_ledger, ids)
            if self.holds.is_used:
                self.book.fetch(self.holds.ledger_id, ids)


class GoalPlan:
    """One goal, made ready: its writer, its mappings compiled."""

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
        self.goal = goal
        self._told_by = told_by
        self.feed = kind.feed
        self.follows_events = kind.feed is FeedKind.EVENTS
        self._meter = Meter(kind)
        self.is_last = kind.is_last
        self.contest_mark = contest.mark_of(goal) if contest else 0
        self._profiles: ProfileWriter | None = None
        self._events: EventWriter | None = None
        if kind.feed is FeedKind.PROFILES:
            self._profiles = destination.profile_writer(goal)
        elif kind.feed is FeedKind.EVENTS:
            self._events = destination.event_writer(goal)
        settings = {field.name: setting(kind.fields, goal.settings, field.name) for field in kind.fields}
        start = settings.get(START.name)
        self.starts_at_beginning = start in (FROM_BEGINNING, FROM_SINCE)
        self.since = since_of(settings.get(SINCE.name)) if start == FROM_SINCE else 0
        """Events that happened before it are not sent."""
        self.rows = Rows(goal, settings, contest or Contest())
        self._named = read_people(settings.get("test_people"))
        self._age_max = int(settings.get("age_days_max") or 0) * DAY
        self._chosen: dict[str, bool] = {}
        self.run = NO_RUN
        """Number of the run that is planned for; set before each plan."""

    @property
    def bills(self) -> bool:
        """Whether a field that it fills is billed."""
        return self._meter.bills_any(field for field, _ in self.rows.targets)

    @property
    def has_free(self) -> bool:
        """Whether a field that it fills is not billed, where others are."""
        return bool(self._meter.free_of({field: None for field, _ in self.rows.targets}))

    @property
    def ledgers(self) -> tuple[int, ...]:
        """The ledgers that the goal compares profiles with."""
        shared = (shared_ledger(self.goal.connection_id),) if self.rows.contested else ()
        return (self.goal.id, *shared)

    # -- profiles ---------------------------------------------------------------------------------------

    def plan_profiles(self, desk: Desk, people: Sequence[tuple[Person, Place]]) -> None:
        """Compare these people with the ledger and pack what differs."""
        wanted = people
        if self._named:
            wanted = [pair for pair in people if is_named(pair[0], self._named)]
            self._count_each(desk, TEST_MODE, _left_out(people, wanted))
        if not self.rows.minds_leaving:
            wanted = self._without_filtered(desk, wanted)
        ids = [person.id for person, _ in wanted]
        for ledger_id in self.ledgers:
            desk.book.fetch(ledger_id, ids)
        desk.fetch_known(ids)
        names = desk.feed.state.segment_names() if self.rows.needs_names and wanted else NO_NAMES
        for person, place in wanted:
            self._plan_profile(desk, person, place, names)

    def tell_missing(self, desk: Desk, people: Sequence[tuple[Person, Place]]) -> None:
        """Remove fields without a value once more: a merge at the destination may have filled them in."""
        goal = self.goal
        desk.book.fetch(goal.id, [person.id for person, _ in people])
        wanted = [
            (person, place)
            for person, place in people
            if self.rows.minds_leaving or goal.segment_id == EVERYONE or person.is_member(goal.segment_id)
        ]
        for person, _ in wanted:
            held = desk.book.expected(goal.id, person.id)
            # What several goals write is told by whichever has the say.
            known = {*held, *self.rows.contested}
            missing = [field for field, _ in self.rows.targets if field not in known]
            desk.book.doubt(goal.id, person.id, filter(self._profile_writer.can_remove, missing))
        self.plan_profiles(desk, wanted)

    def _plan_profile(self, desk: Desk, person: Person, place: Place, names: Mapping[int, str]) -> None:
        goal, rows = self.goal, self.rows
        held = desk.book.expected(goal.id, person.id)
        # Whoever withdraws consent is as one who left the segment.
        filtered = self._filters(person)
        taken_back = self._taken_back(desk, person, filtered) if filtered else {}
        if filtered and not taken_back:
            self._count_each(desk, filtered, [(person.id, "")])
            return
        purpose = None if filtered else goal.purpose
        address = self._address(desk, person, place, purpose=purpose)
        if address is None:
            return
        content = 0
        values = taken_back
        if not filtered:
            raw = rows.read(person, place.received_at, names)
            # What another goal does to a shared field shows in no value of this one.
            content = 0 if rows.contested else hash_value([goal.version, address.key, raw])
            if content and held.get(CONTENT) == content:
                self._count_each(desk, NO_DELTA, [(person.id, "")])
                self._meter.note_same(desk.writes, goal, held)
                return
            values = self.normalise(desk, person, place, raw)
            values |= rows.after_removal(held, self._profile_writer)
        self._send_delta(desk, person, Reached(person.id, place, address, purpose), values, content)

    def _taken_back(self, desk: Desk, person: Person, filtered: str) -> dict[str, JsonValue]:
        """What the fields that were sent become of someone for whom the goal is no more."""
        held = self._held(desk, person)
        values = self.rows.after_leaving(held, self._profile_writer)
        if filtered == NO_CONSENT:
            # Without consent not even the address goes out unless something has to be undone.
            values = {
                field: value
                for field, value in values.items()
                if value is None or field in self.rows.contested or abs(held[field]) != hash_value(value)
            }
        return values

    def _without_filtered(self, desk: Desk, people: People) -> People:
        """Those for whom the goal is; the others are counted."""
        if not self._has_filters:
            return people
        codes = [self._filters(person) for person, _ in people]
        for code in (NOT_A_MEMBER, NO_CONSENT):
            left_out = [(pair[0].id, "") for pair, found in zip(people, codes, strict=True) if found == code]
            self._count_each(desk, code, left_out)
        return [pair for pair, code in zip(people, codes, strict=True) if not code]

    @property
    def _has_filters(self) -> bool:
        return self.goal.segment_id != EVERYONE or bool(self.goal.purpose)

    def _filters(self, person: Person) -> str:
        """Why the goal is not for this person; empty if it is."""
        goal = self.goal
        if goal.segment_id != EVERYONE and not person.is_member(goal.segment_id):
            return NOT_A_MEMBER
        return NO_CONSENT if self._has_no_consent(person) else ""

    def _has_no_consent(self, person: Person) -> bool:
        purpose = self.goal.purpose
        return bool(purpose) and not person.has_consented(purpose)

    def _held(self, desk: Desk, person: Person) -> Marks:
        """The fields that the goal's ledgers know of a person."""
        own = desk.book.expected(self.goal.id, person.id)
        if not self.rows.contested:
            return own
        return own | desk.book.expected(self.ledgers[-1], person.id)

    def _send_delta(
        self, desk: Desk, person: Person, reached: Reached, values: dict[str, JsonValue], content: int
    ) -> None:
        goal, taken = self.goal, reached.address.taken
        if taken or self.rows.contested:
            values = {
                field: value
                for field, value in values.items()
                if self.rows.is_mine(field, person) and (field not in taken or value == taken[field])
            }
        own, shared = part(values, self.rows.contested)
        if self.rows.contested:
            desk.book.forget(goal.id, person.id, self.rows.contested, desk.writes)
        sent = self._send_part(desk, goal.id, reached, own, content)
        if shared:
            sent = self._send_part(desk, shared_ledger(goal.connection_id), reached, shared, 0) or sent
        if not sent:
            self._count_each(desk, NO_DELTA, [(person.id, "")])

    def _send_part(
        self, desk: Desk, ledger_id: int, reached: Reached, values: Mapping[str, JsonValue], content: int
    ) -> bool:
        """Pack what differs from one ledger; False if nothing does."""
        profile_id, place, address, purpose = reached
        held = desk.book.expected(ledger_id, profile_id)
        key = address.key if not self.goal.resyncs else f"{self.goal.resyncs} {address.key}"
        is_shared = ledger_id != self.goal.id
        delta = plan_delta(profile_id, held, values, key, content, is_shared=is_shared)
        self._meter.note_delta(desk.writes, self.goal, held, values, delta)
        if delta is None:
            return False
        if purpose is not None and desk.purse.is_closed and self._meter.bills_any(delta.fields):
            desk.due_goals.add(self.goal.id)
            values = self._meter.free_of(values)
            delta = plan_delta(profile_id, held, values, key, is_shared=is_shared)
            if delta is None:
                return True
        draft = self._profile_writer.write(address, delta.fields)
        if isinstance(draft, Refusal):
            self._refuse(desk, profile_id, place, draft, b"")
        else:
            self._pack(desk, profile_id, place, draft, (ledger_id, delta.marks), purpose=purpose)
        return True

    def normalise(
        self, desk: Desk, person: Person, place: Place, raw: Sequence[JsonValue]
    ) -> dict[str, JsonValue]:
        """The values as the destination stores them; a refused one is reported once and left out."""
        writer, goal_id = self._profile_writer, self.goal.id
        held = self._held(desk, person)
        values: dict[str, JsonValue] = {}
        for (field, as_type), value in zip(self.rows.targets, raw, strict=True):
            if not self.rows.is_mine(field, person):
                continue
            found = self.fit(field, value, as_type)
            if isinstance(found, Refusal):
                mark = hash_value(value)
                ledger_id = self.ledgers[-1] if field in self.rows.contested else goal_id
                if held.get(field) != -mark:
                    payload = _encode({field: None if isinstance(value, Refusal) else value})
                    self._refuse(desk, person.id, place, found, payload)
                    desk.book.refuse(ledger_id, person.id, field, mark, desk.writes)
            elif found is not None or (field in held and writer.can_remove(field)):
                values[field] = found
        return values

    def fit(self, field: str, value: JsonValue, as_type: ValueType) -> JsonValue | Refusal:
        """A value as the destination stores it in a field."""
        if isinstance(value, Refusal):
            return msgspec.structs.replace(value, field=field)
        return self._profile_writer.normalise(field, value, as_type)

    @property
    def _profile_writer(self) -> ProfileWriter:
        assert self._profiles is not None  # noqa: S101 - by the goal's kind
        return self._profiles

    # -- events -----------------------------------------------------------------------------------------

    def plan_events(self, desk: Desk, piece: Slice) -> None:
        """Pack the slice's events that the goal wants."""
        arrivals = desk.feed.load_arrivals(piece)
        if piece.lost:
            self._count(desk, Kind.FILTERED, GONE, piece.lost)
        chosen = [one for one in arrivals if self._is_chosen(one)]
        if len(chosen) < len(arrivals):
            self._count_not_chosen(desk, arrivals)
        ids = {one.profile_id for one in (arrivals if desk.has_known else chosen)}
        desk.feed.load_people(piece, ids)
        desk.fetch_known(set(piece.people))
        addresses: dict[int, Address | None] = {}
        self._identify(desk, piece, ids, addresses)
        for arrival in chosen:
            self._plan_event(desk, piece, arrival, addresses)

    def join_known(self, desk: Desk, people: Iterable[Person], place: Place) -> list[Person]:
        """Join these to who they turned out to be, where that has not been done.

        Returns those who have not consented to what the goal is for.
        """
        left = []
        for person in people:
            if self._has_no_consent(person):
                left.append(person)
            elif desk.known(person.id):
                self._address(desk, person, place, counted=False, purpose=self.goal.purpose)
        return left

    def replan_event(self, desk: Desk, item: Item) -> None:
        """Pack one event again that was refused before it could become an object."""
        piece = Slice.empty()
        is_event = item.position != NO_POSITION
        arrival = desk.feed.find_arrival(item.offset, item.position, item.profile_id) if is_event else None
        if arrival is None:
            self._count(desk, Kind.FILTERED, GONE)
            return
        desk.feed.load_people(piece, [item.profile_id])
        desk.fetch_known(piece.people)
        self._plan_event(desk, piece, arrival, {})

    def judge_event(self, desk: Desk, arrival: Arrival) -> None:
        """Plan one event as if it had just come."""
        if not self._is_chosen(arrival):
            self._count(desk, Kind.FILTERED, NOT_CHOSEN)
            return
        piece = Slice.empty()
        desk.feed.load_people(piece, [arrival.profile_id])
        desk.fetch_known(piece.people)
        self._plan_event(desk, piece, arrival, {})

    def _is_chosen(self, arrival: Arrival) -> bool:
        event = arrival.event
        name = event.event if event.type == "track" else event.type
        chosen = self._chosen.get(name)
        if chosen is None:
            writer = self._events
            possible = event.type == "track" or name in VIEWS
            chosen = possible and writer is not None and writer.choose(name)
            if len(self._chosen) > NAMES_KEPT_MAX:
                self._chosen.clear()
            # A track event may be called like a view: only its type tells them apart.
            if event.type == "track" and name in VIEWS:
                return chosen
            self._chosen[name] = chosen
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
        if not is_named(person, self._named):
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
        writer = self._events
        assert writer is not None  # noqa: S101 - by the goal's kind
        for draft in writer.write(address, happening, desk.now):
            if isinstance(draft, Refusal):
                payload = bytes(event.properties)[:PAYLOAD_BYTES_MAX]
                self._refuse(desk, profile_id, place, draft, payload)
            else:
                self._pack(desk, profile_id, place, draft, purpose=purpose)

    # -- both -------------------------------------------------------------------------------------------

    def _address(
        self,
        desk: Desk,
        person: Person,
        place: Place,
        *,
        counted: bool = True,
        purpose: str | None,
    ) -> Address | None:
        """Where to reach the person; packs what must go before. None when nothing can be sent."""
        found = desk.destination.address(self.goal, person.identifiers, desk.known(person.id))
        if isinstance(found, Address):
            for draft in (*found.before, *self._joining(desk, person, found)):
                if draft.channel in desk.closed:
                    continue
                desk.has_known = desk.has_known or draft.known is not None
                known = (desk.known_ledger, draft.known)
                self._pack(desk, person.id, place, draft, known, purpose=purpose)
            return found
        if counted:
            self._note(desk, person.id, place, found)
        return None

    def _joining(self, desk: Desk, person: Person, address: Address) -> Sequence[Draft]:
        """What joins to the address that which stood apart for long enough."""
        apart = [one for one in address.apart if one.draft.channel not in desk.closed]
        return desk.holds.take(desk.book, desk.writes, person.id, apart, desk.now) if apart else ()

    def _count_unaddressed(self, desk: Desk, person: Person) -> None:
        found = desk.destination.address(self.goal, person.identifiers, desk.known(person.id))
        if isinstance(found, Outcome):
            self._count(desk, found.kind, found.code)
        elif isinstance(found, Refusal):
            self._count(desk, Kind.REJECTED, found.code)

    def _note(self, desk: Desk, profile_id: int, place: Place, found: Outcome | Refusal) -> None:
        if isinstance(found, Refusal):
            self._refuse(desk, profile_id, place, found, b"")
        elif found.kind is Kind.FILTERED:
            self._count_each(desk, found.code, [(profile_id, place.key)])
        else:
            self._count(desk, found.kind, found.code)

    def _pack(
        self,
        desk: Desk,
        profile_id: int,
        place: Place,
        draft: Draft,
        ledger: tuple[int, dict[str, int | None] | None] = (0, None),
        *,
        purpose: str | None,
    ) -> None:
        item = Item(
            draft.part,
            draft.body,
            self.goal.id,
            profile_id,
            place.offset,
            place.position,
            place.received_at,
            *ledger,
            place.key,
            draft.cost,
            self.run,
            purpose,
            draft.costs,
        )
        if desk.purse.is_refused(item):
            put_off(desk.purse, desk.writes, desk.due_goals, self.goal.connection_id, draft.channel, item)
            return
        desk.runs.plan(self.run)
        if item.marks is not None:
            desk.book.sent(item)
        desk.outbox.add(draft.channel, item, desk.now)

    def _refuse(self, desk: Desk, profile_id: int, place: Place, refusal: Refusal, payload: bytes) -> None:
        goal = self.goal
        if desk.runs.room(self.run, Kind.REJECTED, refusal.code):
            sample = RunSample(self.run, Kind.REJECTED, refusal.code, profile_id, place.key, payload)
            desk.writes.samples.append(make_sample(sample))
        self._count(desk, Kind.REJECTED, refusal.code)
        item = Item(
            *("", b"", goal.id, profile_id, place.offset, place.position, place.received_at),
            key=place.key,
            run=self.run,
        )
        letter = NewLetter(
            *(refusal.code, refusal.field, refusal.reason, refusal.hint, goal.subject, payload),
            connection_id=goal.connection_id,
            channel="",
            item=item,
        )
        desk.writes.letters.append(letter)

    def _count_not_chosen(self, desk: Desk, arrivals: Iterable[Arrival]) -> None:
        left_out = [one for one in arrivals if not self._is_chosen(one)]
        self._count_each(desk, NOT_CHOSEN, [(one.profile_id, str(one.event.message_id)) for one in left_out])

    def _count_each(self, desk: Desk, code: str, left_out: Sequence[tuple[int, str]]) -> None:
        """Left out, these (profile id, message id): the first few of a run can be looked at."""
        for profile_id, key in left_out[: desk.runs.room(self.run, Kind.FILTERED, code)]:
            desk.writes.samples.append(RunSample(self.run, Kind.FILTERED, code, profile_id, key, b""))
        self._count(desk, Kind.FILTERED, code, len(left_out))

    def _count(self, desk: Desk, kind: Kind, code: str, count: int = 1) -> None:
        if count:
            desk.writes.counts[self.goal.subject, kind, code] += count
            desk.runs.plan(self.run, count)
            desk.runs.count(self.run, kind, code, count)

    def values_of(self, desk: Desk, items: Sequence[Item]) -> dict[tuple[int, int, int], bytes]:
        """The values that these items carry, as we hold them: by profile, offset and position.

        Of events their properties; of profiles the mapped values of what was sent, as they are now.
        """
        piece, found = Slice.empty(), dict[tuple[int, int, int], bytes]()
        desk.feed.load_people(piece, [one.profile_id for one in items])
        for item in items:
            key = (item.profile_id, item.offset, item.position)
            if item.position != NO_POSITION:
                arrival = desk.feed.find_arrival(item.offset, item.position, item.profile_id)
                found[key] = bytes(arrival.event.properties) if arrival else b""
                continue
            person = piece.people.get(piece.survivors.get(item.profile_id, item.profile_id))
            if person is not None and item.ledger_id in self.ledgers:
                names = desk.feed.state.segment_names() if self.rows.needs_names else NO_NAMES
                values = zip(self.rows.targets, self.rows.read(person, desk.now, names), strict=True)
                marks = item.marks or {}
                found[key] = _encode({field: value for (field, _), value in values if field in marks})
        return found


def _left_out(people: People, kept: People) -> list[tuple[int, str]]:
    """Those of people who are not kept; [] at no cost where all are."""
    if len(kept) == len(people):
        return []
    ids = {person.id for person, _ in kept}
    return [(person.id, "") for person, _ in people if person.id not in ids]
