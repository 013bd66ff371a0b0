"""Which runs of a connection's goals are due: by their schedules, and because someone asked.

In: goals that are on, the clocks of each as they were kept, requests, the time. Out: runs in the book, clocks
in the cycle's writes. A run and the clock that says so are committed together: a time runs once, whatever is
killed when.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from onefold.activate.run_book import MISSED, RunBook
from onefold.activate.store import Ask, Writes
from onefold.model.goal import Goal
from onefold.model.goal_run import GoalClock, Trigger
from onefold.run.schedule import find_due, find_problem, next_runs, why_missed


class Timetable:
    """Belongs to one courier."""

    def __init__(self, clocks: Mapping[int, GoalClock]) -> None:
        self._clocks = dict(clocks)
        self._goals: dict[int, Goal] = {}
        self._next: dict[int, int] = {}
        self._asks: list[Ask] = []

    def set_goals(self, goals: Sequence[Goal], now: int) -> list[GoalClock]:
        """The goals that are on and run at times or by hand; the clocks that begin anew."""
        self._goals = {goal.id: goal for goal in goals}
        self._next, begun = {}, []
        for goal_id, clock in self._clocks.items():
            if goal_id not in self._goals:
                clock.checked_at = 0  # what is off misses nothing
        for goal in goals:
            if not goal.schedule.has_times or find_problem(goal.schedule):
                continue
            clock = self._clock(goal.id)
            said = msgspec.json.encode(goal.schedule).decode()
            if clock.schedule != said or not clock.checked_at:
                clock.schedule, clock.checked_at = said, now
                begun.append(clock)
            self._note_next(goal, clock)
        return begun

    def ask(self, asks: Iterable[Ask]) -> None:
        """Runs that people asked for; those followed before are known."""
        self._asks = [
            ask for ask in asks if ask.goal_id in self._goals and ask.id > self._clock(ask.goal_id).asked
        ]

    @property
    def has_asks(self) -> bool:
        """Whether someone waits."""
        return bool(self._asks)

    def look(self, book: RunBook, writes: Writes, now: int) -> None:
        """Put what is due into the book."""
        for ask in self._asks:
            goal, clock = self._goals.get(ask.goal_id), self._clock(ask.goal_id)
            if goal is None or ask.id <= clock.asked:
                continue
            clock.asked = ask.id
            if ask.comparison is not None:
                book.compare(goal, ask.comparison, now, run_id=ask.id, by=ask.by)
            else:
                book.queue(goal, Trigger.PERSON, now, run_id=ask.id, by=ask.by)
            writes.clocks.append(clock)
        self._asks = []
        for goal_id, at in list(self._next.items()):
            if at <= now:
                self._fire(self._goals[goal_id], book, writes, now)

    def _fire(self, goal: Goal, book: RunBook, writes: Writes, now: int) -> None:
        """One run for all the times that have come, however many these are."""
        clock = self._clock(goal.id)
        due = find_due(goal.schedule, clock.checked_at, now)
        clock.checked_at = now
        writes.clocks.append(clock)
        self._note_next(goal, clock)
        if due is None:
            return
        run = book.queue(goal, Trigger.SCHEDULE, now)
        run.due_at, run.missed = due
        if run.is_open and (why := why_missed(goal.schedule, due, now)):
            book.skip(run, MISSED, why, now)

    def _note_next(self, goal: Goal, clock: GoalClock) -> None:
        found = next_runs(goal.schedule, clock.checked_at, 1)
        if found:
            self._next[goal.id] = found[0]
        else:
            self._next.pop(goal.id, None)

    def _clock(self, goal_id: int) -> GoalClock:
        return self._clocks.setdefault(goal_id, GoalClock(goal_id))
