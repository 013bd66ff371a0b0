"""The runs of one connection that have not ended: what each planned, what became of it, what shall be shown.

In: items as they are planned and as they end, each with the number of its run. Out: rows and samples of the
cycle's writes, so that a run's counts are committed with the outcomes that they count.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import msgspec

from onefold.activate.numbers import Numbers
from onefold.activate.store import Writes
from onefold.clock import HOUR
from onefold.model.comparison import Comparison, Wish
from onefold.model.connection import Connection
from onefold.model.delivery import Item
from onefold.model.goal import Goal
from onefold.model.goal_run import GoalRun, Reason, RunSample, Trigger
from onefold.model.outcome import Kind
from onefold.model.run import RunState

SAMPLES_MAX = 10
"""Of each outcome code of a run: enough to see what is the matter."""
CODES_MAX = 50
"""Codes of a run that have samples: a connector that puts values into codes must not fill the disk."""
PAYLOAD_BYTES_MAX = 20_000
"""Of each payload of a sample; what is longer is cut."""
OVERLAP = "activate.run_overlap"
MISSED = "activate.run_missed"
CANCELLED = "activate.run_cancelled"


class RunBook:
    """Belongs to one courier."""

    def __init__(self, connection: Connection, numbers: Numbers, runs: Iterable[GoalRun] = ()) -> None:
        self._connection = connection
        self._numbers = numbers
        self._open = {run.number: run for run in runs if run.connection_id == connection.id}
        self._changed: dict[int, GoalRun] = {}
        self._hours: dict[int, GoalRun] = {}
        """The run of an hour of each goal, as it was last asked for: hours may stay open for days."""
        self._tallies: dict[int, dict[tuple[Kind, str], int]] = {
            run.number: {(one.kind, one.code): one.count for one in run.reasons}
            for run in self._open.values()
        }
        """Of the open runs, what stands in their `reasons` once a cycle ends: it is added to an item."""

    @property
    def connection_id(self) -> int:
        """Whose runs these are."""
        return self._connection.id

    # -- counting ---------------------------------------------------------------------------------------

    def plan(self, number: int, count: int = 1) -> None:
        """Items of a run were packed (or, negative, are taken back)."""
        run = self._open.get(number)
        if run is not None:
            run.planned += count
            self._changed[number] = run

    def count(self, number: int, kind: Kind, code: str, count: int) -> None:
        """Items that were packed before have ended so."""
        tally = self._tallies.get(number)
        if tally is not None:
            tally[kind, code] = tally.get((kind, code), 0) + count
            self._changed[number] = self._open[number]

    def hold(self, item: Item, code: str) -> None:
        """An item that was planned is held until a time."""
        item.held_for = code
        self._note_held(item, 1)

    def let_go(self, item: Item) -> None:
        """It is held no longer, whatever becomes of it."""
        if item.held_for:
            self._note_held(item, -1)
            item.held_for = ""

    def _note_held(self, item: Item, count: int) -> None:
        run, code = self._open.get(item.run), item.held_for
        if run is not None:
            run.held[code] = run.held.get(code, 0) + count
            if not run.held[code]:
                del run.held[code]
            self._changed[run.number] = run

    def put_off(self, number: int, count: int) -> None:
        """People who were planned wait for room in the budget (or, negative, do no longer)."""
        run = self._open.get(number)
        if run is not None:
            run.put_off += count
            self._changed[number] = run

    def knows(self, number: int) -> bool:
        """Whether it is a run that has not ended."""
        return number in self._open

    def is_cancelled(self, number: int) -> bool:
        """Whether what has not left of it shall not leave."""
        run = self._open.get(number)
        return run is not None and run.cancel_asked

    def cancelled_with_put_off(self) -> set[int]:
        """Goals of cancelled runs in which people still wait for room in the budget."""
        return {run.goal_id for run in self._open.values() if run.cancel_asked and run.put_off > 0}

    def settle_put_off(self, goal_id: int, *, only_cancelled: bool = False) -> None:
        """Nobody of a goal is left who waits: its runs count no one as waiting, and can end."""
        for run in self._open.values():
            if run.goal_id == goal_id and run.put_off and (run.cancel_asked or not only_cancelled):
                run.planned -= run.put_off
                run.put_off = 0
                self._changed[run.number] = run

    def end_put_off(self, code: str) -> Counter[int]:
        """Nobody who waits for room in the budget will ever go; how many these are, by goal."""
        ended: Counter[int] = Counter()
        for run in self._open.values():
            if run.put_off:
                ended[run.goal_id] += run.put_off
                self.count(run.number, Kind.FILTERED, code, run.put_off)
                run.put_off = 0
        return ended

    def goals_with_put_off(self) -> set[int]:
        """Goals of runs in which people wait for room in the budget."""
        return {run.goal_id for run in self._open.values() if run.put_off > 0}

    def goals_of(self, numbers: Iterable[int]) -> set[int]:
        """The goals of these runs, those that have not ended."""
        return {self._open[number].goal_id for number in numbers if number in self._open}

    def room(self, number: int, kind: Kind, code: str) -> int:
        """How many more samples of this end are wanted."""
        tally = self._tallies.get(number)
        if tally is None:
            return 0
        found = tally.get((kind, code))
        if found is None:
            return SAMPLES_MAX if len(tally) < CODES_MAX else 0
        return max(0, SAMPLES_MAX - found)

    # -- runs -------------------------------------------------------------------------------------------

    def hour(self, goal: Goal, now: int) -> GoalRun:
        """The run of this hour of a goal; kept only once something is counted in it."""
        hour = now - now % HOUR
        last = self._hours.get(goal.id)
        if last is None or last.due_at != hour or last.cancel_asked or not self.knows(last.number):
            last = self._find_hour(goal.id, hour)
        if last is None:
            last = self._make(goal, Trigger.CONTINUOUS, now)
            last.due_at, last.state, last.started_at = hour, RunState.RUNNING, now
        self._hours[goal.id] = last
        return last

    def _find_hour(self, goal_id: int, hour: int) -> GoalRun | None:
        for run in self._open.values():
            is_hour = run.trigger is Trigger.CONTINUOUS and run.due_at == hour
            if is_hour and run.goal_id == goal_id and not run.cancel_asked:
                return run
        return None

    def queue(self, goal: Goal, trigger: Trigger, now: int, *, run_id: str = "", by: str = "") -> GoalRun:
        """A new run that waits for its turn, or is left out because of one before it."""
        # One that only waits for a time is in nobody's way: it sends what is left by itself.
        before = [one for one in self.waiting_or_running(goal.id) if not one.is_resting]
        run = self._make(goal, trigger, now, run_id)
        run.by = by
        self._changed[run.number] = run
        is_full = any(one.state is RunState.QUEUED for one in before)
        if before and (goal.schedule.overlap == "skip" or is_full):
            held_up = "waits" if is_full else "has not ended"
            self.skip(run, OVERLAP, f"Left out: the run {before[-1].id} of this goal {held_up}.", now)
        return run

    def compare(self, goal: Goal, wish: Wish, now: int, *, run_id: str = "", by: str = "") -> GoalRun:
        """A new run that reads back what the destination holds; left out while another of the goal does."""
        before = [run for run in self.comparisons if run.goal_id == goal.id and not run.is_resting]
        run = self._make(goal, Trigger.COMPARISON, now, run_id)
        run.by, run.comparison = by, Comparison(wish)
        self._changed[run.number] = run
        if wish.is_first:
            # It never waits in a queue: the goal itself waits for it.
            self.begin(run, now)
        elif before:
            self.skip(run, OVERLAP, f"Left out: the comparison {before[-1].id} has not ended.", now)
        return run

    @property
    def comparisons(self) -> list[GoalRun]:
        """Those that have not ended, oldest first."""
        return [run for run in self._open.values() if run.trigger is Trigger.COMPARISON]

    def begin(self, run: GoalRun, now: int) -> None:
        """A run that compares everyone begins."""
        run.state, run.started_at, run.scanning = RunState.RUNNING, now, True
        self._changed[run.number] = run

    def retry(self, goal: Goal, now: int) -> GoalRun:
        """The run of dead letters that go again, of a goal that does not run continuously."""
        for run in self._open.values():
            if run.goal_id == goal.id and run.trigger is Trigger.RETRY:
                return run
        run = self._make(goal, Trigger.RETRY, now)
        run.state, run.started_at = RunState.RUNNING, now
        return run

    def waiting_or_running(self, goal_id: int) -> list[GoalRun]:
        """The runs of a goal that look at everyone and have not ended, oldest first."""
        wanted = (Trigger.SCHEDULE, Trigger.PERSON)
        return [run for run in self._open.values() if run.goal_id == goal_id and run.trigger in wanted]

    def has_waiting(self, goals: Sequence[Goal]) -> bool:
        """Whether a run of these goals has yet to begin."""
        known = {goal.id for goal in goals}
        return any(run.state is RunState.QUEUED and run.goal_id in known for run in self._open.values())

    def start_next(self, goals: Sequence[Goal], now: int) -> GoalRun | None:
        """The run that looks at everyone now: one at a time, goals in their order; None for none."""
        found = [run for goal in goals for run in self.waiting_or_running(goal.id) if not run.is_resting]
        running = [run for run in found if run.state is RunState.RUNNING]
        if running or not found:
            return next((run for run in running if run.scanning), None)
        run = found[0]
        self.begin(run, now)
        return run

    def scanned(self, run: GoalRun) -> None:
        """It came further."""
        self._changed[run.number] = run

    def cancel(self, run_ids: Iterable[str], now: int) -> set[int]:
        """Let these runs compare no one further; the numbers of those whose items shall not leave."""
        found = set()
        for run in list(self._open.values()):
            if run.id in run_ids and not run.cancel_asked and run.trigger is not Trigger.CONTINUOUS:
                run.cancel_asked, run.scanning = True, False
                self._changed[run.number] = run
                found.add(run.number)
                if run.state is RunState.QUEUED:
                    self._end(run, RunState.CANCELLED, "Cancelled before it began.", now)
        return found

    def cancel_gone(self, goal_ids: Iterable[int], now: int) -> set[int]:
        """Runs of goals that are no more, or stopped, compare no one; what is under way is finished.

        Returns their goals.
        """
        known = set(goal_ids)
        gone = [run for run in self._open.values() if run.goal_id not in known and not run.cancel_asked]
        self._stop(gone, now)
        return {run.goal_id for run in gone}

    def cancel_before(self, goal_id: int, at: int) -> None:
        """Likewise of a goal that was stopped and turned on again, then, while nobody looked."""
        self._stop([run for run in self._open.values() if run.goal_id == goal_id and run.created_at < at], at)

    def _stop(self, runs: Iterable[GoalRun], now: int) -> None:
        for run in runs:
            run.scanning, run.cancel_asked = False, True
            self._changed[run.number] = run
            if run.state is RunState.QUEUED:
                self._end(run, RunState.CANCELLED, "Its goal was stopped or deleted before it began.", now)

    def skip(self, run: GoalRun, code: str, message: str, now: int) -> None:
        """It will not run at all."""
        run.code = code
        self._end(run, RunState.SKIPPED, message, now)

    def close(self, message: str, now: int) -> None:
        """End all of them: nobody will go on with them."""
        self._sum_up()
        for run in list(self._open.values()):
            run.scanning = False
            self._end(run, RunState.CANCELLED, message, now)

    def end_done(self, now: int, on: Collection[int]) -> None:
        """End the runs whose last item has ended; an hour also when its goal is not `on` any more."""
        self._sum_up()
        for run in list(self._open.values()):
            if run.state is not RunState.RUNNING or run.scanning or run.deferred:
                continue
            if run.trigger is Trigger.CONTINUOUS and now < run.due_at + HOUR and run.goal_id in on:
                continue
            if not run.planned and run.trigger is Trigger.CONTINUOUS:
                del self._open[run.number], self._tallies[run.number]
                self._changed.pop(run.number, None)
            else:
                self._end(run, *_verdict(run), now)

    def flush(self, writes: Writes) -> None:
        """Put what changed into the cycle's writes."""
        self._sum_up()
        writes.runs += self._changed.values()
        self._changed = {}

    def _sum_up(self) -> None:
        for number, run in self._changed.items():
            tally = self._tallies.get(number)
            if tally is not None:
                run.reasons = [Reason(*key, count) for key, count in tally.items()]

    def _make(self, goal: Goal, trigger: Trigger, now: int, run_id: str = "") -> GoalRun:
        number = self._numbers.take(1)
        run = GoalRun(
            number,
            run_id or f"run-{now // 1000:014d}-{number}",
            self._connection.id,
            goal.id,
            trigger,
            now,
            connection_name=self._connection.name,
            goal_name=goal.name,
        )
        self._open[number] = run
        self._tallies[number] = {}
        return run

    def _end(self, run: GoalRun, state: RunState, message: str, now: int) -> None:
        run.state, run.message, run.ended_at = state, message, now
        self._open.pop(run.number, None)
        self._tallies.pop(run.number, None)
        self._changed[run.number] = run


def make_sample(sample: RunSample) -> RunSample:
    """Cut to what is kept."""
    return msgspec.structs.replace(
        sample,
        ours=sample.ours[:PAYLOAD_BYTES_MAX],
        request=sample.request[:PAYLOAD_BYTES_MAX],
        answer=sample.answer[:PAYLOAD_BYTES_MAX],
    )


def _verdict(run: GoalRun) -> tuple[RunState, str]:
    if run.comparison is not None:
        return _verdict_of_comparison(run, run.comparison)
    passed, filtered = run.total(Kind.PASSED), run.total(Kind.FILTERED)
    rejected = run.total(Kind.REJECTED)
    words = f"{run.planned:,} planned: {passed:,} passed, {filtered:,} filtered, {rejected:,} rejected."
    if run.missed:
        words += f" It stands for {run.missed + 1:,} times that passed while nothing ran."
    if run.cancel_asked:
        return RunState.CANCELLED, f"Cancelled; what was sent stays sent. {words}"
    if rejected and not passed:
        return RunState.FAILED, f"Nothing passed. {words}"
    return RunState.SUCCEEDED, words


def _verdict_of_comparison(run: GoalRun, found: Comparison) -> tuple[RunState, str]:
    sent = f" {run.total(Kind.PASSED):,} were sent what differs." if run.planned else ""
    if found.fault:
        return RunState.FAILED, f"{found.fault} Until then: {found.words}{sent}"
    if run.cancel_asked:
        return RunState.CANCELLED, f"Cancelled; what was found is kept. {found.words}{sent}"
    return RunState.SUCCEEDED, f"{found.words}{sent}"
