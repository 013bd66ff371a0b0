"""What a slice of changes means for a goal of profiles: what differs from the ledger of what was sent.

In: people of a slice (or of a page of everyone), the ledger book. Out: objects packed, with what the ledger
will hold once they are accepted.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from onefold.activate.contest import Contest, shared_ledger
from onefold.activate.desk import Desk, Place
from onefold.activate.ledger import CONTENT, hash_value, plan_delta
from onefold.activate.map import NO_NAMES
from onefold.activate.meter import Meter
from onefold.activate.people import is_named
from onefold.activate.person import Person
from onefold.activate.plan import NO_CONSENT, NO_DELTA, NOT_A_MEMBER, TEST_MODE, GoalPlan, Reached
from onefold.activate.put_off import PUT_OFF, fetch, put_off_person
from onefold.activate.read import Slice
from onefold.activate.rows import Rows, part
from onefold.activate.store import Marks
from onefold.model.delivery import NO_POSITION, Item
from onefold.model.goal import EVERYONE, Goal
from onefold.model.json import JsonValue
from onefold.model.mapping import ValueType
from onefold.plugin.contract import Address, Destination, Refusal
from onefold.plugin.declare import GoalKind

People = Sequence[tuple[Person, Place]]

_encode = msgspec.json.Encoder(decimal_format="number").encode


class ProfilePlan(GoalPlan):
    """A goal that keeps fields of people up to date."""

    def __init__(
        self, goal: Goal, kind: GoalKind, destination: Destination, contest: Contest | None = None
    ) -> None:
        super().__init__(goal, kind, contest)
        self.rows = Rows(goal, self.settings, contest or Contest())
        self._meter = Meter(kind)
        self._writer = destination.profile_writer(goal)

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

    def leaves_out(self, person: Person) -> str:
        """The code with which the goal leaves a person out; empty if it is for them."""
        return self._filters(person) if is_named(person, self.named) else TEST_MODE

    def address_key(self, address: Address) -> str:
        """How the ledger names an address: another one after a resync."""
        return address.key if not self.goal.resyncs else f"{self.goal.resyncs} {address.key}"

    def plan_profiles(self, desk: Desk, people: Sequence[tuple[Person, Place]]) -> None:
        """Compare these people with the ledger and pack what differs."""
        wanted = people
        if self.named:
            wanted = [pair for pair in people if is_named(pair[0], self.named)]
            self._count_each(desk, TEST_MODE, _left_out(people, wanted))
        if not self.rows.minds_leaving:
            wanted = self._without_filtered(desk, wanted)
        ids = [person.id for person, _ in wanted]
        for ledger_id in self.ledgers:
            desk.book.fetch(ledger_id, ids)
        desk.fetch_known(ids)
        if desk.purse.is_closed:
            fetch(desk, self.goal.id, ids)
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
            desk.book.doubt(goal.id, person.id, filter(self._writer.can_remove, missing))
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
            values |= rows.after_removal(held, self._writer)
        self._send_delta(desk, person, Reached(person.id, place, address, purpose), values, content)

    def _taken_back(self, desk: Desk, person: Person, filtered: str) -> dict[str, JsonValue]:
        """What the fields that were sent become of someone for whom the goal is no more."""
        held = self.held(desk, person)
        values = self.rows.after_leaving(held, self._writer)
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

    def held(self, desk: Desk, person: Person) -> Marks:
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
        ends = [self._send_part(desk, goal.id, reached, own, content)]
        if shared:
            ends.append(self._send_part(desk, shared_ledger(goal.connection_id), reached, shared, 0))
        if "put off" in ends:
            self._put_off(desk, person.id)
        if not any(ends):
            self._count_each(desk, NO_DELTA, [(person.id, "")])

    def _send_part(
        self, desk: Desk, ledger_id: int, reached: Reached, values: Mapping[str, JsonValue], content: int
    ) -> Literal["", "sent", "put off"]:
        """Pack what differs from one ledger, if anything does; put off: what costs of it has to wait."""
        profile_id, place, address, purpose = reached
        held = desk.book.expected(ledger_id, profile_id)
        key = self.address_key(address)
        is_shared = ledger_id != self.goal.id
        delta = plan_delta(profile_id, held, values, key, content, is_shared=is_shared)
        self._meter.note_delta(desk.writes, self.goal, held, values, delta)
        if delta is None:
            return ""
        end: Literal["sent", "put off"] = "sent"
        if purpose is not None and desk.purse.is_closed and self._meter.bills_any(delta.fields):
            end = "put off"
            values = self._meter.free_of(values)
            delta = plan_delta(profile_id, held, values, key, is_shared=is_shared)
            if delta is None:
                return end
        draft = self._writer.write(address, delta.fields)
        if isinstance(draft, Refusal):
            self._refuse(desk, profile_id, place, draft, b"")
        else:
            self._pack(desk, profile_id, place, draft, (ledger_id, delta.marks), purpose=purpose)
        return end

    def _put_off(self, desk: Desk, profile_id: int) -> None:
        """Let someone wait for room in the budget; one who waits in another run goes there."""
        waits_in = put_off_person(desk, self.goal, profile_id, self.run)
        if waits_in not in (None, self.run):
            self._count_each(desk, PUT_OFF, [(profile_id, "")])

    def normalise(
        self, desk: Desk, person: Person, place: Place, raw: Sequence[JsonValue]
    ) -> dict[str, JsonValue]:
        """The values as the destination stores them; a refused one is reported once and left out."""
        writer, goal_id = self._writer, self.goal.id
        held = self.held(desk, person)
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
        return self._writer.normalise(field, value, as_type)

    def replan_profile(self, desk: Desk, profile_id: int) -> None:
        """Send what the profile holds today, refused values included: they may be right by now."""
        piece = Slice.empty()
        desk.feed.load_people(piece, [profile_id])
        for person in piece.people.values():
            for ledger_id in self.ledgers:
                desk.book.fetch(ledger_id, [person.id])
                desk.book.clear_refused(ledger_id, person.id)
            self.plan_profiles(desk, [(person, Place(0, NO_POSITION, desk.now))])

    def values_of(self, desk: Desk, items: Sequence[Item]) -> dict[tuple[int, int, int], bytes]:
        """The mapped values of what was sent, as they are now."""
        piece, found = Slice.empty(), dict[tuple[int, int, int], bytes]()
        desk.feed.load_people(piece, [one.profile_id for one in items])
        names = desk.feed.state.segment_names() if self.rows.needs_names else NO_NAMES
        for item in items:
            person = piece.people.get(piece.survivors.get(item.profile_id, item.profile_id))
            if person is None or item.ledger_id not in self.ledgers:
                continue
            values = zip(self.rows.targets, self.rows.read(person, desk.now, names), strict=True)
            marks = item.marks or {}
            sent = {field: value for (field, _), value in values if field in marks}
            found[item.profile_id, item.offset, item.position] = _encode(sent)
        return found


def _left_out(people: People, kept: People) -> list[tuple[int, str]]:
    """Those of people who are not kept; [] at no cost where all are."""
    if len(kept) == len(people):
        return []
    ids = {person.id for person, _ in kept}
    return [(person.id, "") for person, _ in people if person.id not in ids]
