"""What a slice of changes, or a page of people, means for a goal whose feed is moments: calls to send, held
or left out.

In: a slice or a page, a goal, the ledger book. Out: items in the outbox, or held until quiet hours are over;
what was left out or refused is counted in the cycle's writes. Nothing is sent and nothing is committed here.
"""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import cast

import msgspec

from onefold.activate.courtesy import Courtesy
from onefold.activate.desk import Desk, Place
from onefold.activate.event_plan import PAYLOAD_BYTES_MAX, VIEWS
from onefold.activate.ledger import courtesy_ledger
from onefold.activate.moves import Move, MoveKind, moves_of
from onefold.activate.person import Person, decode_traits
from onefold.activate.plan import GONE, NO_CONSENT, NOT_A_MEMBER, NOT_CHOSEN, TOO_OLD, GoalPlan
from onefold.activate.read import Arrival, Slice
from onefold.activate.run_book import CANCELLED
from onefold.activate.store import NewLetter
from onefold.clock import HOUR
from onefold.model.delivery import NO_POSITION, Held, Item
from onefold.model.event import decode_meta, occurred_at
from onefold.model.goal import EVERYONE, Goal
from onefold.model.goal_run import NO_RUN
from onefold.model.json import JsonValue
from onefold.model.outcome import Kind, Outcome
from onefold.plugin.check import setting
from onefold.plugin.contract import (
    Destination,
    Happening,
    Moment,
    MomentDestination,
    MomentKind,
    Refusal,
    Subject,
)
from onefold.plugin.declare import GoalKind

CAPPED = "activate.capped"
QUIET = "activate.quiet_hours"
GOAL_OFF = "activate.goal_off"
NO_MOVE = "activate.no_move"
Noted = dict[str, int | None] | None
_encode = msgspec.json.Encoder(decimal_format="number").encode


class MomentPlan:
    """One goal, made ready."""

    def __init__(self, goal: Goal, kind: GoalKind, destination: Destination) -> None:
        self.goal = goal
        self.feed = kind.feed
        self.is_last = False
        self.contest_mark = 0
        self._writer = cast(MomentDestination, destination).moment_writer(goal)
        settings = {field.name: setting(kind.fields, goal.settings, field.name) for field in kind.fields}
        self.when: MomentKind = cast(MomentKind, settings["when"])
        self.follows_events = self.when == "event"
        self.is_on_schedule = self.when == "schedule"
        self.courtesy = Courtesy(settings)
        self._age_max = int(str(settings.get("age_hours_max") or 0)) * HOUR
        self._ledger = courtesy_ledger(goal.id)
        self.run = NO_RUN
        """Number of the run that is planned for; set before each plan."""

    @property
    def ledgers(self) -> tuple[int, ...]:
        """Where it notes when people were written to."""
        return (self._ledger,) if self.courtesy.has_caps else ()

    def judge_event(self, desk: Desk, arrival: Arrival) -> None:
        """Plan one event as if it had just come."""
        if not self.is_chosen(arrival):
            self._count(desk, Kind.FILTERED, NOT_CHOSEN)
            return
        piece = Slice.empty()
        desk.feed.load_people(piece, [arrival.profile_id])
        self._plan_event(desk, piece, arrival)

    def replan(self, desk: Desk, item: Item) -> bool:
        """Make a call of a dead letter anew, by the goal as it is now; False when that cannot be."""
        piece = Slice.empty()
        if item.position == NO_POSITION:
            if self.when == "event":
                return False
            desk.feed.load_people(piece, [item.profile_id])
            person = _person(piece, item.profile_id)
            if person is None:
                return False
            at = item.moment_at if self.is_on_schedule else item.received_at
            moment = Moment(self.when, at or item.received_at, item.key, self.goal.segment_id)
            self._offer(desk, person, moment, _place_of(item))
            return True
        arrival = desk.feed.find_arrival(item.offset, item.position, item.profile_id)
        if arrival is None or self.when != "event":
            return False
        desk.feed.load_people(piece, [item.profile_id])
        person = _person(piece, item.profile_id)
        if person is None:
            return False
        self._offer(desk, person, self._moment_of(arrival, item.key), _place_of(item))
        return True

    def note_gone(self, desk: Desk) -> None:
        """A dead letter can be made no more, and there is nothing else of it to send."""
        self._count(desk, Kind.FILTERED, GONE)

    def values_of(self, desk: Desk, items: Sequence[Item]) -> dict[tuple[int, int, int], bytes]:
        """Of events their properties, by profile, offset and position; a move carries nothing of its own."""
        found = {}
        for item in items:
            arrival = None
            if item.position != NO_POSITION:
                arrival = desk.feed.find_arrival(item.offset, item.position, item.profile_id)
            properties = bytes(arrival.event.properties) if arrival else b""
            found[item.profile_id, item.offset, item.position] = properties
        return found

    def release(self, desk: Desk, held: Held, person: Person) -> str:
        """Let go what is due, unless it is quiet again: settings may have changed meanwhile.

        Returns why it does not go, if it does not.
        """
        item = held.item
        item.profile_id = person.id
        until = self.courtesy.quiet_until(desk.now, _traits(person))
        if until and self.courtesy.drops:
            return QUIET
        if until:
            desk.runs.hold(item, QUIET)
            desk.writes.held.append(Held(0, held.connection_id, until, held.channel, item))
        else:
            desk.outbox.add(held.channel, item, desk.now)
        return ""

    # -- moves ------------------------------------------------------------------------------------------

    def plan_moves(self, desk: Desk, piece: Slice) -> None:
        """Who entered, or who left."""
        kind: MoveKind = "left" if self.when == "left" else "entered"
        segment_id = self.goal.segment_id
        found = list(zip(piece.seqs, piece.changes, strict=True))
        ids = {
            profile_id
            for _, change in found
            for segment, profile_id in (change.entered if kind == "entered" else change.left)
            if segment == segment_id
        }
        if not ids:
            return
        self._load(desk, piece, ids | {new for _, change in found for _, new in change.merged})

        def is_member(profile_id: int) -> bool:
            person = _person(piece, profile_id)
            return person is not None and person.is_member(segment_id)

        for seq, change in found:
            place = Place(change.offset, NO_POSITION, change.at)
            for move in moves_of(change, kind, segment_id, is_member):
                self._plan_move(desk, piece, move, seq, place)

    def _plan_move(self, desk: Desk, piece: Slice, move: Move, seq: int, place: Place) -> None:
        person = _person(piece, move.profile_id)
        if person is None:
            self._count(desk, Kind.FILTERED, GONE)
            return
        if self._is_old(desk, place.received_at):
            self._count(desk, Kind.FILTERED, TOO_OLD)
            return
        key = self._delivery_id(move.kind, seq, move.profile_id)
        moment = Moment(move.kind, place.received_at, key, move.segment_id)
        self._offer(desk, person, moment, place._replace(key=key))

    # -- times of a schedule ----------------------------------------------------------------------------

    def plan_people(self, desk: Desk, people: Sequence[Person], due_at: int) -> None:
        """Each of these who is a member, at a time that is due; planned again, it is the same call."""
        piece = Slice.empty()
        piece.people = {person.id: person for person in people}
        self._load(desk, piece, piece.people)
        for person in people:
            if self.goal.segment_id != EVERYONE and not person.is_member(self.goal.segment_id):
                self._count(desk, Kind.FILTERED, NOT_A_MEMBER)
                continue
            key = self._delivery_id("schedule", due_at, person.id)
            moment = Moment("schedule", due_at, key, self.goal.segment_id)
            self._offer(desk, person, moment, Place(0, NO_POSITION, desk.now, key))

    # -- events -----------------------------------------------------------------------------------------

    def plan_events(self, desk: Desk, piece: Slice) -> None:
        """The slice's events that the goal wants."""
        arrivals = desk.feed.load_arrivals(piece)
        if piece.lost:
            self._count(desk, Kind.FILTERED, GONE, piece.lost)
        chosen = [one for one in arrivals if self.is_chosen(one)]
        self._count(desk, Kind.FILTERED, NOT_CHOSEN, len(arrivals) - len(chosen))
        self._load(desk, piece, {one.profile_id for one in chosen})
        for arrival in chosen:
            self._plan_event(desk, piece, arrival)

    def is_chosen(self, arrival: Arrival) -> bool:
        """Whether the goal wants events of that name."""
        event = arrival.event
        if event.type == "track":
            return self.chooses(event.event)
        return event.type in VIEWS and self.chooses(event.type)

    def chooses(self, name: str) -> bool:
        """Likewise, of a name; `page` and `screen` are views."""
        return self._writer.choose(name)

    def _plan_event(self, desk: Desk, piece: Slice, arrival: Arrival) -> None:
        person = _person(piece, arrival.profile_id)
        if person is None:
            self._count(desk, Kind.FILTERED, GONE)
            return
        if self.goal.segment_id != EVERYONE and not person.is_member(self.goal.segment_id):
            self._count(desk, Kind.FILTERED, NOT_A_MEMBER)
            return
        record = arrival.record
        moment = self._moment_of(arrival, self._delivery_id("event", record.offset, arrival.position))
        if self._is_old(desk, moment.at):
            self._count(desk, Kind.FILTERED, TOO_OLD)
            return
        place = Place(record.offset, arrival.position, record.received_at, moment.delivery_id)
        self._offer(desk, person, moment, place)

    def _moment_of(self, arrival: Arrival, key: str) -> Moment:
        record, event = arrival.record, arrival.event
        at = occurred_at(event, received_at=record.received_at, sent_at=decode_meta(record).sent_at)
        name = event.event if event.type == "track" else event.type
        message_id = str(event.message_id)
        happening = Happening(name, event.name or "", message_id, at, record.received_at, event.properties)
        return Moment("event", at, key, self.goal.segment_id, happening)

    # -- both -------------------------------------------------------------------------------------------

    def _load(self, desk: Desk, piece: Slice, ids: Collection[int]) -> None:
        """Have these people at hand, and when they were written to."""
        desk.feed.load_people(piece, ids)
        survivors = {piece.survivors.get(one, one) for one in ids}
        for ledger_id in self.ledgers:
            desk.book.fetch(ledger_id, survivors)

    def _offer(self, desk: Desk, person: Person, moment: Moment, place: Place) -> None:
        """Send it, hold it, or leave it out."""
        purpose = self.goal.purpose
        if purpose and not person.has_consented(purpose):
            self._count(desk, Kind.FILTERED, NO_CONSENT)
            return
        traits = _traits(person)
        until = self.courtesy.quiet_until(desk.now, traits)
        if until and self.courtesy.drops:
            self._count(desk, Kind.FILTERED, QUIET)
            return
        leaves_at = until or desk.now
        marks = desk.book.expected(self._ledger, person.id) if self.courtesy.has_caps else {}
        if self.courtesy.is_over(marks, leaves_at):
            self._count(desk, Kind.FILTERED, CAPPED)
            return
        found = self._writer.write(_subject(person, traits), moment, leaves_at)
        if isinstance(found, Outcome):
            self._count(desk, found.kind, found.code)
        elif isinstance(found, Refusal):
            self._refuse(desk, person.id, place, found, moment)
        else:
            item = self._item(found.part, found.body, person.id, place, moment)
            item.cost = found.cost
            noted = self.courtesy.mark(marks, place.key[:16], leaves_at) if self.courtesy.has_caps else None
            if until:
                self._hold(desk, found.channel, item, noted, until)
            else:
                self._pack(desk, found.channel, item, noted)

    def _pack(self, desk: Desk, channel: str, item: Item, noted: Noted) -> None:
        desk.runs.plan(item.run)
        if noted is not None:
            item.ledger_id, item.marks = self._ledger, noted
            desk.book.sent(item)
        desk.outbox.add(channel, item, desk.now)

    def _hold(self, desk: Desk, channel: str, item: Item, noted: Noted, until: int) -> None:
        desk.runs.plan(item.run)
        desk.runs.hold(item, QUIET)
        if noted is not None:
            # It is under way for hours: its time counts at once.
            desk.book.note(self._ledger, item.profile_id, noted, desk.writes)
        desk.writes.held.append(Held(0, self.goal.connection_id, until, channel, item))

    def _refuse(self, desk: Desk, profile_id: int, place: Place, refusal: Refusal, moment: Moment) -> None:
        goal = self.goal
        self._count(desk, Kind.REJECTED, refusal.code)
        about: dict[str, JsonValue] = {"moment": moment.kind, "segment_id": moment.segment_id}
        payload = bytes(moment.event.properties) if moment.event else _encode(about)
        letter = NewLetter(
            *(refusal.code, refusal.field, refusal.reason, refusal.hint, goal.subject),
            payload[:PAYLOAD_BYTES_MAX],
            connection_id=goal.connection_id,
            channel="",
            item=self._item("", b"", profile_id, place, moment),
        )
        desk.writes.letters.append(letter)

    def _item(self, part: str, body: bytes, profile_id: int, place: Place, moment: Moment) -> Item:
        offset, position, received_at, key = place
        goal = self.goal
        return Item(
            *(part, body, goal.id, profile_id, offset, position, received_at),
            key=key,
            run=self.run,
            purpose=goal.purpose,
            moment_at=moment.at if self.is_on_schedule else 0,
        )

    def _delivery_id(self, kind: MomentKind, first: int, second: int) -> str:
        """The same at every try and after every restart: made of where the moment stands."""
        goal = self.goal
        text = f"{goal.created_at}/{goal.connection_id}/{goal.id}/{kind}/{first}/{second}"
        return blake2b(text.encode(), digest_size=16).hexdigest()

    def _is_old(self, desk: Desk, at: int) -> bool:
        return bool(self._age_max) and at < desk.now - self._age_max

    def _count(self, desk: Desk, kind: Kind, code: str, count: int = 1) -> None:
        if count:
            desk.writes.counts[self.goal.subject, kind, code] += count
            desk.runs.plan(self.run, count)
            desk.runs.count(self.run, kind, code, count)


def release_held(desk: Desk, plans: Mapping[int, GoalPlan | MomentPlan], due: Sequence[Held]) -> None:
    """What is due goes, or is left out where its goal is off or gone, or its run is cancelled.

    It ends in the run that planned it, or, where that is not known any more, in the run of its plan.
    """
    piece = Slice.empty()
    desk.feed.load_people(piece, {one.item.profile_id for one in due})
    for one in due:
        item = one.item
        desk.writes.released.append(one.id)
        desk.runs.let_go(item)
        plan, person = plans.get(item.goal_id), _person(piece, item.profile_id)
        if plan is not None and not desk.runs.knows(item.run):
            item.run = plan.run
            desk.runs.plan(item.run)
        if code := _release(desk, plan, one, person):
            desk.writes.counts[f"{one.connection_id}/{item.goal_id}", Kind.FILTERED, code] += 1
            desk.runs.count(item.run, Kind.FILTERED, code, 1)


def _release(desk: Desk, plan: GoalPlan | MomentPlan | None, held: Held, person: Person | None) -> str:
    """Why it does not go; empty if it does, or waits for another time."""
    if desk.runs.is_cancelled(held.item.run):
        return CANCELLED
    if plan is None:
        return GOAL_OFF
    return GONE if person is None else plan.release(desk, held, person)


def subject_of(person: Person) -> Subject:
    """A person as templates see one."""
    return _subject(person, _traits(person))


def _subject(person: Person, traits: Mapping[str, JsonValue]) -> Subject:
    identifiers = {
        kind: sorted(values, key=lambda one, seen=values: (seen[one].last, one), reverse=True)  # type: ignore[misc]
        for kind, values in person.identifiers.items()
    }
    return Subject(person.id, identifiers, traits, person.first_seen, person.last_seen)


def _traits(person: Person) -> dict[str, JsonValue]:
    found = decode_traits(person.traits)
    return {name: trait.value for name, trait in found.items() if trait.value is not None}


def _person(piece: Slice, profile_id: int) -> Person | None:
    return piece.people.get(piece.survivors.get(profile_id, profile_id))


def _place_of(item: Item) -> Place:
    return Place(item.offset, item.position, item.received_at, item.key)
