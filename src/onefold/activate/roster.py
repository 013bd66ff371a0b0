"""The goals of one connection that are on, made ready to be planned, and how far each has come.

In: goals as configured, progress as it was kept. Out: plans in the order in which they plan, each with its
progress; what of it is new or was set back waits to be kept with the next writes.
"""

from collections.abc import Mapping, Sequence

from onefold.activate.contest import Contest
from onefold.activate.desk import Desk
from onefold.activate.event_plan import EventPlan
from onefold.activate.moments import MomentPlan
from onefold.activate.plan import GoalPlan
from onefold.activate.profile_plan import ProfilePlan
from onefold.model.delivery import GoalProgress, ReadBack
from onefold.model.goal import Goal
from onefold.plugin.declare import ConnectorInfo, GoalKind
from onefold.plugin.declare import Feed as FeedKind

Plan = GoalPlan | MomentPlan


class Roster:
    """Of one connection."""

    def __init__(self, desk: Desk, info: ConnectorInfo) -> None:
        self._desk = desk
        self._info = info
        self._started: list[GoalProgress] = []
        self.plans: list[Plan] = []
        """Those of profiles first: a person exists with all fields when the first event comes."""
        self.progress: dict[int, GoalProgress] = {}

    def set_goals(self, goals: Sequence[Goal], progress: Mapping[int, GoalProgress]) -> list[int]:
        """The goals as they are now; a new or changed one begins by comparing everyone with the ledger.

        Returns the ids of those that were not on before.
        """
        current = {plan.goal.id: plan for plan in self.plans}
        contest = Contest(goals)
        plans = []
        for goal in sorted(goals, key=_place):
            kind = self._info.goal(goal.kind)
            if kind is None or kind.feed.is_inward:
                continue
            known = self.progress.get(goal.id) or progress.get(goal.id)
            if not goal.enabled:
                self._suspend(goal, known)
                continue
            plan = current.get(goal.id)
            # Also where only another goal has changed: it may have come to write the same fields.
            is_contested = isinstance(plan, ProfilePlan) and bool(contest.fields or plan.rows.contested)
            if plan is None or plan.goal != goal or is_contested:
                plan = self._make(goal, kind, contest)
            if isinstance(plan, ProfilePlan):
                plan.rows.contest = contest
            plans.append(plan)
            self._start(plan, known)
        self.plans = sorted(plans, key=lambda plan: (not isinstance(plan, ProfilePlan), plan.is_last))
        return [plan.goal.id for plan in self.plans if plan.goal.id not in current]

    def keep_started(self) -> None:
        """Have the writes keep what is new or was set back."""
        self._desk.writes.progress += self._started
        self._started = []

    @property
    def goals(self) -> list[Goal]:
        """Those that are on and known to the connector, in their order."""
        return sorted((plan.goal for plan in self.plans), key=_place)

    @property
    def of_profiles(self) -> list[ProfilePlan]:
        """The goals that fill fields."""
        return [plan for plan in self.plans if isinstance(plan, ProfilePlan)]

    @property
    def sending(self) -> list[ProfilePlan]:
        """The goals that fill fields, but for those that read back first."""
        return [plan for plan in self.of_profiles if not self.reads_back(plan.goal)]

    @property
    def joining(self) -> list[GoalPlan]:
        """The goals that know how to reach people."""
        plans = (one for one in self.plans if isinstance(one, GoalPlan))
        return [one for one in plans if one.feed is not FeedKind.ERASURES and not self.reads_back(one.goal)]

    def find(self, goal_id: int) -> Plan | None:
        """The plan of a goal; None if it is off or gone."""
        return next((plan for plan in self.plans if plan.goal.id == goal_id), None)

    def reads_back(self, goal: Goal) -> bool:
        """Whether the goal still reads what the destination holds, and sends nothing before."""
        return self.progress[goal.id].read_back.is_open

    def _start(self, plan: Plan, progress: GoalProgress | None) -> None:
        goal = plan.goal
        if progress is None:
            progress = self._begin(plan)
        if progress.begun_at != goal.enabled_at:
            if progress.begun_at:
                # Stopped between: what was due then is dropped.
                progress.cursor = self._desk.feed.state.head_before(goal.enabled_at)
                progress.scanning, progress.scan_end = False, 0
                self._desk.runs.cancel_before(goal.id, goal.enabled_at)
            progress.begun_at = goal.enabled_at
            self._started.append(progress)
        if progress.version != goal.version or progress.contest != plan.contest_mark:
            progress.version, progress.contest = goal.version, plan.contest_mark
            if isinstance(plan, ProfilePlan):
                progress.scanning, progress.scanned_to = goal.schedule.is_continuous, 0
            self._started.append(progress)
        self._read_back_first(plan, progress)
        self.progress[goal.id] = progress

    def _read_back_first(self, plan: Plan, progress: GoalProgress) -> None:
        """Once, from when the goal asks for it, before it sends anything more."""
        is_asked = plan.goal.compare_first and isinstance(plan, GoalPlan) and plan.reads_back
        before = progress.read_back
        if not is_asked:
            progress.read_back = ReadBack.NEVER
        elif before is ReadBack.NEVER:
            progress.read_back = ReadBack.WANTED
        if progress.read_back is not before:
            # All that was compared before is compared again, with what is read.
            progress.scanned_to = 0
            self._started.append(progress)

    def _make(self, goal: Goal, kind: GoalKind, contest: Contest) -> Plan:
        if kind.feed is FeedKind.MOMENTS:
            return MomentPlan(goal, kind, self._desk.destination)
        if kind.feed is FeedKind.PROFILES:
            return ProfilePlan(goal, kind, self._desk.destination, contest)
        if kind.feed is FeedKind.EVENTS:
            told_by = self._info.source_kind
            return EventPlan(goal, kind, self._desk.destination, contest, told_by=told_by)
        return GoalPlan(goal, kind, contest)

    def _suspend(self, goal: Goal, progress: GoalProgress | None) -> None:
        """Others write the fields of a goal that is off: once it is back, it compares everyone."""
        if progress is None:
            return
        is_halted = progress.read_back is ReadBack.HALTED
        if progress.contest or is_halted:
            progress.contest = 0
            progress.read_back = ReadBack.WANTED if is_halted else progress.read_back
            self.progress[goal.id] = progress
            self._started.append(progress)

    def _begin(self, plan: Plan) -> GoalProgress:
        """A goal follows from the moment it was turned on, however much later this is noticed."""
        goal, state = plan.goal, self._desk.feed.state
        if isinstance(plan, EventPlan) and plan.starts_at_beginning:
            progress = GoalProgress(goal.id, 0, 0)
            begin_past(
                self._desk, progress, max(self._desk.feed.before_oldest(), state.batch_before(plan.since))
            )
            return progress
        return GoalProgress(
            goal.id, 0, state.head_before(goal.enabled_at) if goal.enabled_at else state.head()
        )


def begin_past(desk: Desk, progress: GoalProgress, after: int) -> None:
    """Read the batches behind an offset first, and then follow from this moment on."""
    progress.cursor, progress.scan_end = desk.feed.state.ends()
    progress.scanned_to = after
    progress.scanning = progress.scan_end > after


def _place(goal: Goal) -> tuple[int, int]:
    return goal.position, goal.id
