"""The last look before a request leaves: does everyone whom it carries still consent?

In: requests that may leave, as packed when they were planned. Out: the same without what must not be sent
any more; that is counted as filtered, and the ledger is as if it had never been planned. One query for all.
A consent counts once the worker has folded it, which takes about a millisecond when it keeps up.
"""

from collections.abc import Mapping, Sequence

from onefold.activate.contest import shared_ledger
from onefold.activate.desk import Desk
from onefold.activate.outbox import Parcels
from onefold.activate.plan import NO_CONSENT, NO_DELTA
from onefold.activate.read import Slice
from onefold.activate.settle import keep, note_dropped
from onefold.model.delivery import Item
from onefold.model.goal import Goal
from onefold.model.outcome import Outcome, filtered


class Gate:
    """For one connection."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._purposes: Mapping[int, str] = {}
        self._ledgers: Mapping[int, tuple[int, ...]] = {}
        self._asks = False
        """Whether any goal names a purpose; most never do, and pay next to nothing here."""

    def set_goals(self, goals: Sequence[Goal]) -> None:
        """The goals of the connection, on or off, as they are configured now."""
        self._purposes = {goal.id: goal.purpose for goal in goals}
        self._ledgers = {goal.id: (goal.id, shared_ledger(goal.connection_id)) for goal in goals}
        self._asks = any(self._purposes.values())

    def admit(self, chosen: Sequence[Parcels]) -> list[Parcels]:
        """Those of these requests that have something to carry; the others are closed."""
        if not self._asks and not any(item.purpose != "" for one in chosen for item in one.request.items):
            return list(chosen)
        asked = {
            item.profile_id: "" for parcels in chosen for item in parcels.request.items if self._purpose(item)
        }
        piece = Slice.empty()
        if asked:
            self._desk.feed.load_people(piece, asked)
        return [parcels for parcels in chosen if self._lighten(parcels, piece)]

    def _lighten(self, parcels: Parcels, piece: Slice) -> bool:
        """Take out what must not be sent; False if nothing is left."""
        request, desk = parcels.request, self._desk
        kept: list[Item] = []
        dropped: list[tuple[Item, Outcome]] = []
        for item in request.items:
            code = self._refuses(item, piece)
            if not code:
                kept.append(item)
                continue
            dropped.append((item, filtered(code)))
            desk.book.cancel(item, desk.writes, may_be_held=request.maybe_doubled)
            if item.ledger_id == desk.known_ledger:
                # What other goals send of the person may have counted on it.
                desk.again[item.profile_id] = item
        if not dropped:
            return True
        note_dropped(desk, parcels, dropped)
        return keep(desk, parcels, kept)

    def _refuses(self, item: Item, piece: Slice) -> str:
        """Why the item must not leave; empty if it may."""
        if item.purpose is None:
            return NO_DELTA if self._takes_back_nothing(item) else ""
        purpose = self._purpose(item)
        if not purpose:
            return ""
        person = piece.people.get(piece.survivors.get(item.profile_id, item.profile_id))
        return "" if person is not None and person.has_consented(purpose) else NO_CONSENT

    def _takes_back_nothing(self, item: Item) -> bool:
        """It was planned behind what it takes back, or prepares to take back, which was held up since."""
        book = self._desk.book
        if item.ledger_id != self._desk.known_ledger:
            return book.takes_back_nothing(item)
        ledgers = self._ledgers.get(item.goal_id, (item.goal_id,))
        return not any(book.holds_any(ledger_id, item.profile_id) for ledger_id in ledgers)

    def _purpose(self, item: Item) -> str:
        """What the goal asks for now; of a goal that is gone, what it asked for then."""
        return "" if item.purpose is None else self._purposes.get(item.goal_id, item.purpose)
