"""Those of whom a connection remembers something: looked at again once they can be joined to who they are.

In: the plans that know how to reach people. Out: what joins them, packed; how far all of them were looked at,
kept like a goal's progress.
"""

from collections.abc import Mapping

from onefold.activate.apart import FAR, RETELL
from onefold.activate.desk import Desk, Place
from onefold.activate.profile_plan import ProfilePlan
from onefold.activate.read import Slice
from onefold.activate.roster import Roster
from onefold.model.delivery import NO_POSITION, GoalProgress

PAGE = 500
"""People looked at in one cycle: live changes go between."""


class Review:
    """Of one connection."""

    def __init__(self, desk: Desk, roster: Roster) -> None:
        self._desk = desk
        self._roster = roster
        self._progress = GoalProgress(desk.known_ledger, 0, 0)
        """How far those are planned anew who had to wait for a permission."""
        self._held_to, self._held_until = 0, FAR
        """How far all that is held was looked at, and what of it is due first."""

    def restore(self, progress: Mapping[int, GoalProgress]) -> None:
        """Go on where it was kept."""
        self._progress = progress.get(self._desk.known_ledger, self._progress)

    def begin(self) -> None:
        """Someone could not be joined: once the channel is open again, everyone known is looked at."""
        self._progress.scanning, self._progress.scanned_to = True, 0
        self._desk.writes.progress.append(self._progress)

    def look(self) -> bool:
        """A page of each that is due; False where nothing is."""
        desk, advanced = self._desk, False
        if desk.closed or not self._roster.plans:
            return False
        if self._progress.scanning:
            self._join_page()
            advanced = True
        if desk.holds.next_at <= desk.now:
            self._look_at_held()
            advanced = True
        return advanced

    def _join_page(self) -> None:
        """One page of those about whom the connection remembers something."""
        desk, review = self._desk, self._progress
        page = desk.book.page(desk.known_ledger, review.scanned_to, PAGE)
        piece = Slice.empty()
        desk.feed.load_people(piece, page)
        desk.fetch_known(page)
        people = [piece.people[one] for one in page if one in piece.people]
        plans = self._roster.joining
        if not plans:
            review.scanning = False
            return
        for plan in plans:
            # Whoever does not consent to what one goal is for may consent to another's purpose.
            people = plan.join_known(desk, people, Place(0, NO_POSITION, desk.now))
        if page:
            review.scanned_to = page[-1]
        else:
            review.scanning = False
        desk.writes.progress.append(review)

    def _look_at_held(self) -> None:
        """One page of those of whom something stands apart: what was held long enough is joined."""
        desk, holds = self._desk, self._desk.holds
        page = desk.book.page(holds.ledger_id, self._held_to, PAGE)
        if not page:
            holds.rest(self._held_until, desk.now)
            self._held_to, self._held_until = 0, FAR
            return
        holds.is_used = True
        self._held_to = page[-1]
        desk.book.fetch(holds.ledger_id, page)
        marks = {one: desk.book.expected(holds.ledger_id, one) for one in page}
        due = [one for one in page if min(marks[one].values(), default=FAR) <= desk.now]
        retold = [one for one in due if marks[one].get(RETELL, FAR) <= desk.now]
        piece = Slice.empty()
        desk.feed.load_people(piece, due)
        desk.fetch_known(due)
        place = Place(0, NO_POSITION, desk.now)
        for plan in self._roster.joining:
            # Each is asked about everyone: one that leaves anonymous people out knows nothing of theirs.
            plan.join_known(desk, piece.people.values(), place)
            if isinstance(plan, ProfilePlan):
                plan.tell_missing(desk, [(piece.people[one], place) for one in retold if one in piece.people])
        holds.drop(desk.book, desk.writes, due, desk.now)
        self._held_until = min([self._held_until, *(at for one in page for at in marks[one].values())])
