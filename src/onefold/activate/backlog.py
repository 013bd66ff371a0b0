"""Those who wait for room in the budget: compared again once there is some, each in the run that put it off.

In: the plans of a connection's goals, who waits (`put_off.py`). Out: items packed by the plans; runs that go
on where the budget had cut them, or, cancelled, come to their end.
"""

from collections.abc import Iterable, Sequence

from onefold.activate.desk import Desk, Place
from onefold.activate.ledger import put_off_ledger
from onefold.activate.person import Person
from onefold.activate.plan import GONE
from onefold.activate.profile_plan import ProfilePlan
from onefold.activate.put_off import end, fetch, run_of, take_up, waiting_page
from onefold.activate.read import Slice
from onefold.activate.run_book import CANCELLED
from onefold.model.delivery import NO_POSITION


class Backlog:
    """Of one connection."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._dropped_to: dict[int, int] = {}
        """By goal, how far those who wait in cancelled runs were looked for."""

    def find(self, goal_ids: Iterable[int]) -> None:
        """Of goals that were just taken up, see whether anyone waits."""
        book = self._desk.book
        self._desk.waiting_goals |= {one for one in goal_ids if book.has(put_off_ledger(one))}

    def send_free(self, plans: Iterable[ProfilePlan]) -> None:
        """Of fields that were taken out of a request, those that cost nothing."""
        desk, piece = self._desk, Slice.empty()
        due, desk.due_people = desk.due_people, []
        plans = [plan for plan in plans if plan.has_free]
        if not due or not plans:
            return
        desk.feed.load_people(piece, {profile_id for _, profile_id in due})
        for plan in plans:
            goal_id = plan.goal.id
            ids = {piece.survivors.get(one, one) for found, one in due if found == goal_id}
            fetch(desk, goal_id, ids)
            for profile_id in sorted(ids & piece.people.keys()):
                self._plan(plan, run_of(desk, goal_id, profile_id), [piece.people[profile_id]])

    def look(self, plans: Iterable[ProfilePlan]) -> bool:
        """A page of those who wait, of each goal; False where there is nothing to do for them."""
        desk, advanced = self._desk, False
        if not desk.waiting_goals:
            return False
        cancelled = desk.runs.cancelled_with_put_off()
        by_goal = {plan.goal.id: plan for plan in plans}
        for goal_id in sorted(desk.waiting_goals):
            plan = by_goal.get(goal_id)
            if goal_id in cancelled:
                self._drop(goal_id)
            elif plan is not None and not desk.purse.is_closed:
                self._resume(plan)
            else:
                continue
            advanced = True
        return advanced

    def _resume(self, plan: ProfilePlan) -> None:
        desk, goal = self._desk, plan.goal
        waiting = waiting_page(desk, goal.id, 0)
        if not waiting:
            desk.waiting_goals.discard(goal.id)
            desk.runs.settle_put_off(goal.id)
            return
        piece = Slice.empty()
        desk.feed.load_people(piece, waiting)
        by_run: dict[int, list[Person]] = {}
        for profile_id in waiting:
            run = run_of(desk, goal.id, profile_id)
            if run is None:
                continue  # merged in this cycle into somebody who was taken up already
            person = piece.people.get(piece.survivors.get(profile_id, profile_id))
            if person is None:
                end(desk, (goal.connection_id, goal.id), run, profile_id, GONE)
            else:
                take_up(desk, goal.id, run, profile_id)
                by_run.setdefault(run, []).append(person)
        for run, people in by_run.items():
            self._plan(plan, run, people)

    def _plan(self, plan: ProfilePlan, run: int | None, people: Sequence[Person]) -> None:
        """In the run in which they waited; where that is not known any more, in that of this hour."""
        desk = self._desk
        if run is None or not desk.runs.knows(run):
            run = desk.runs.hour(plan.goal, desk.now).number
        plan.run = run
        place = Place(0, NO_POSITION, desk.now)
        plan.plan_profiles(desk, [(person, place) for person in people])

    def _drop(self, goal_id: int) -> None:
        """Whoever waits in a cancelled run does no longer."""
        desk = self._desk
        waiting = waiting_page(desk, goal_id, self._dropped_to.get(goal_id, 0))
        for profile_id in waiting:
            run = run_of(desk, goal_id, profile_id)
            if run is not None and desk.runs.is_cancelled(run):
                end(desk, (desk.runs.connection_id, goal_id), run, profile_id, CANCELLED)
        self._dropped_to[goal_id] = waiting[-1] if waiting else 0
        if not waiting:
            desk.runs.settle_put_off(goal_id, only_cancelled=True)
