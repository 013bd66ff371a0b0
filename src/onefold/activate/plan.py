"""What goals of all kinds share in planning: whom they reach, what is packed, counted and refused.

In: a goal and a person. Out: items packed into the outbox; what was left out or refused is counted in the
cycle's writes. Nothing is sent and nothing is committed here.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from onefold.activate.contest import Contest
from onefold.activate.desk import Desk, Place
from onefold.activate.people import read_people
from onefold.activate.person import Person
from onefold.activate.put_off import put_off
from onefold.activate.run_book import make_sample
from onefold.activate.store import NewLetter
from onefold.model.delivery import Held, Item
from onefold.model.goal import EVERYONE, Goal
from onefold.model.goal_run import NO_RUN, RunSample
from onefold.model.outcome import Kind, Outcome
from onefold.plugin.check import setting
from onefold.plugin.contract import Address, Draft, Refusal
from onefold.plugin.declare import Feed as FeedKind
from onefold.plugin.declare import GoalKind

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


class Reached(NamedTuple):
    """A person whom the goal can reach, and what it is about."""

    profile_id: int
    place: Place
    address: Address
    purpose: str | None = ""
    """See `Item.purpose`."""


class GoalPlan:
    """One goal, made ready. By itself it plans nothing, as for erasures, which their own commit plans."""

    def __init__(self, goal: Goal, kind: GoalKind, contest: Contest | None = None) -> None:
        self.goal = goal
        self.feed = kind.feed
        self.is_last = kind.is_last
        self.reads_back = kind.reads_back
        self.contest_mark = contest.mark_of(goal) if contest else 0
        self.settings = {field.name: setting(kind.fields, goal.settings, field.name) for field in kind.fields}
        self.named = read_people(self.settings.get("test_people"))
        self.run = NO_RUN
        """Number of the run that is planned for; set before each plan."""

    @property
    def follows_events(self) -> bool:
        """Whether it reads events, not what became of people by them."""
        return self.feed is FeedKind.EVENTS

    @property
    def ledgers(self) -> tuple[int, ...]:
        """What it compares people with; merges are carried into them."""
        return ()

    def replan(self, desk: Desk, item: Item) -> None:
        """Plan again what was refused before it could become an object."""
        del item
        self._count(desk, Kind.FILTERED, GONE)

    def release(self, desk: Desk, held: Held, person: Person) -> str:
        """Let go what the budget had no room for; its person may be another one by now.

        Returns why it does not go, if it does not.
        """
        held.item.profile_id = person.id
        self._go(desk, held.channel, held.item)
        return ""

    def values_of(self, desk: Desk, items: Sequence[Item]) -> dict[tuple[int, int, int], bytes]:
        """The values that these items carry, as we hold them: by profile, offset and position."""
        del desk, items
        return {}

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

    def _filters(self, person: Person) -> str:
        """Why the goal is not for this person; empty if it is."""
        goal = self.goal
        if goal.segment_id != EVERYONE and not person.is_member(goal.segment_id):
            return NOT_A_MEMBER
        return NO_CONSENT if self._has_no_consent(person) else ""

    def _has_no_consent(self, person: Person) -> bool:
        purpose = self.goal.purpose
        return bool(purpose) and not person.has_consented(purpose)

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
        self._add(desk, draft.channel, item)

    def _add(self, desk: Desk, channel: str, item: Item) -> None:
        desk.runs.plan(item.run)
        self._go(desk, channel, item)

    def _go(self, desk: Desk, channel: str, item: Item) -> None:
        """Let go what was planned, or wait for room in the budget."""
        if desk.purse.is_refused(item):
            put_off(desk, self.goal.connection_id, channel, item)
            return
        if item.marks is not None:
            desk.book.sent(item)
        desk.outbox.add(channel, item, desk.now)

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

    def _count_each(self, desk: Desk, code: str, left_out: Sequence[tuple[int, str]]) -> None:
        """Left out, these (profile id, message id): the first few of a run can be looked at."""
        self._count_many(desk, code, left_out, len(left_out))

    def _count_many(self, desk: Desk, code: str, left_out: Iterable[tuple[int, str]], count: int) -> None:
        """The same, where only those few need be made."""
        for profile_id, key in islice(left_out, desk.runs.room(self.run, Kind.FILTERED, code)):
            desk.writes.samples.append(RunSample(self.run, Kind.FILTERED, code, profile_id, key, b""))
        self._count(desk, Kind.FILTERED, code, count)

    def _count(self, desk: Desk, kind: Kind, code: str, count: int = 1) -> None:
        if count:
            desk.writes.counts[self.goal.subject, kind, code] += count
            desk.runs.plan(self.run, count)
            desk.runs.count(self.run, kind, code, count)
