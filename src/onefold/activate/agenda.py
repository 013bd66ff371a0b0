"""The goals of one connection and how far each has come: what is planned in a cycle.

In: goals as configured, their cursors. Out: items packed by the plans, cursors moved in the same writes. Each
goal gets one slice (or one page of a first comparison) a cycle, so a backlog of one never starves another.
"""

from collections.abc import Iterable, Mapping, Sequence

from onefold.activate.again import plan_again
from onefold.activate.apart import FAR, RETELL
from onefold.activate.backlog import Backlog
from onefold.activate.contest import Contest
from onefold.activate.desk import Desk, Place
from onefold.activate.event_plan import EventPlan
from onefold.activate.holds import Holds
from onefold.activate.ledger import put_off_ledger
from onefold.activate.moments import MomentPlan, release_held
from onefold.activate.person import Person
from onefold.activate.plan import GoalPlan
from onefold.activate.profile_plan import ProfilePlan
from onefold.activate.put_off import join_waiting
from onefold.activate.read import Slice
from onefold.activate.store import StoredLetter
from onefold.model.delivery import NO_POSITION, GoalProgress, Item, ReadBack
from onefold.model.goal import EVERYONE, Goal
from onefold.model.goal_run import GoalRun
from onefold.plugin.declare import ConnectorInfo, GoalKind
from onefold.plugin.declare import Feed as FeedKind

RELEASED_MAX = 200
"""Of what was held, let go in one cycle: after a night it may be very many."""
SCAN_PAGE = 500
"""Profiles compared in one cycle of a first comparison: live changes go between."""

Plan = GoalPlan | MomentPlan


class Agenda:
    """What to plan, for one connection."""

    def __init__(self, desk: Desk, info: ConnectorInfo, holds: Holds | None = None) -> None:
        self._desk = desk
        self._info = info
        self._holds = holds
        self._plans: list[Plan] = []
        self._progress: dict[int, GoalProgress] = {}
        self._review = GoalProgress(desk.known_ledger, 0, 0)
        """How far those are planned anew who had to wait for a permission; kept like a goal's progress."""
        self._held_to, self._held_until = 0, FAR
        """How far all that is held was looked at, and what of it is due first."""
        self._started: list[GoalProgress] = []
        self._backlog = Backlog(desk)
        self._letters: list[StoredLetter] = []
        self.is_done = False
        """The last plan found nothing to do."""
        self.has_more = False
        """The last plan stopped at a limit: planning goes on at once."""

    @property
    def profile_plans(self) -> list[tuple[ProfilePlan, GoalProgress]]:
        """The goals that fill fields and can be read back, in their order."""
        plans = [plan for plan in self._plans if isinstance(plan, ProfilePlan) and plan.reads_back]
        plans.sort(key=lambda plan: (plan.goal.position, plan.goal.id))
        return [(plan, self._progress[plan.goal.id]) for plan in plans]

    def set_goals(self, goals: Sequence[Goal], progress: Mapping[int, GoalProgress]) -> None:
        """The goals of the connection; a new or changed one begins by comparing everyone with the ledger."""
        current = {plan.goal.id: plan for plan in self._plans}
        contest = Contest(goals)
        if not self._plans:
            self._review = progress.get(self._desk.known_ledger, self._review)
        plans = []
        for goal in sorted(goals, key=lambda one: (one.position, one.id)):
            kind = self._info.goal(goal.kind)
            if kind is None or kind.feed.is_inward:
                continue
            if not goal.enabled:
                self._suspend(goal, self._progress.get(goal.id) or progress.get(goal.id))
                continue
            plan = current.get(goal.id)
            # Also where only another goal has changed: it may have come to write the same fields.
            is_contested = isinstance(plan, ProfilePlan) and bool(contest.fields or plan.rows.contested)
            if plan is None or plan.goal != goal or is_contested:
                plan = self._make(goal, kind, contest)
            if isinstance(plan, ProfilePlan):
                plan.rows.contest = contest
            plans.append(plan)
            self._start(plan, self._progress.get(goal.id) or progress.get(goal.id))
        # Profiles before events: a person exists with all fields when the first event comes.
        self._plans = sorted(plans, key=lambda plan: (not isinstance(plan, ProfilePlan), plan.is_last))
        self._backlog.find(plan.goal.id for plan in self._plans if plan.goal.id not in current)
        self.is_done = False

    def requeue(self, letters: Iterable[StoredLetter]) -> None:
        """Plan the items of dead letters again."""
        self._letters += letters
        self.is_done = False

    def close_channel(self) -> None:
        """Someone could not be joined: once the channel is open again, everyone known is looked at."""
        self._review.scanning, self._review.scanned_to = True, 0
        self._desk.writes.progress.append(self._review)

    @property
    def goals(self) -> list[Goal]:
        """Those that are on and known to the connector, in their order."""
        return sorted((plan.goal for plan in self._plans), key=lambda one: (one.position, one.id))

    def values_of(self, items: Sequence[Item]) -> dict[tuple[int, int, int], bytes]:
        """What these items carry, as we hold it: by profile, offset and position."""
        found: dict[tuple[int, int, int], bytes] = {}
        for plan in self._plans:
            found |= plan.values_of(self._desk, [one for one in items if one.goal_id == plan.goal.id])
        return found

    def plan_letters(self) -> None:
        """Plan what someone asked to be sent again; also while there is no room for more."""
        for letter in self._letters:
            self._plan_letter(letter)
        self._letters = []
        self._desk.writes.progress += self._started
        self._started = []

    def plan_again(self) -> None:
        """Plan people anew who are reached otherwise than was counted on; also while there is no room."""
        plan_again(self._desk, [plan for plan in self._plans if isinstance(plan, ProfilePlan)])

    def release(self) -> None:
        """Let go what was held and is due."""
        due = self._holds.take_due(self._desk.now, RELEASED_MAX) if self._holds else []
        if not due:
            return
        concerned = {one.item.goal_id for one in due}
        plans = {plan.goal.id: plan for plan in self._plans if plan.goal.id in concerned}
        for plan in plans.values():
            plan.run = self._desk.runs.hour(plan.goal, self._desk.now).number
        release_held(self._desk, plans, due)

    def send_free(self) -> None:
        """Of what was taken out of requests for want of room in the budget, what is free."""
        self._backlog.send_free(self._sending)

    def hasten(self) -> None:
        """There is room in the budget: events that were put off go at once."""
        goals = [plan.goal.id for plan in self._plans if plan.feed is FeedKind.EVENTS]
        if self._holds is not None and goals and self._holds.has_any:
            self._desk.writes.hastened += goals
            self._holds.note(self._desk.now)

    def plan(self) -> None:
        """Plan the next slice of each goal."""
        advanced = self.has_more = False
        for plan in self._plans:
            progress = self._progress[plan.goal.id]
            if progress.read_back.is_open:
                continue  # `comparer.py` goes on with it
            plan.run = self._desk.runs.hour(plan.goal, self._desk.now).number
            if progress.is_reading:
                self._read_past(plan, progress)
                advanced = self.has_more = True
                continue
            advanced = self._follow(plan, progress) or advanced
            if progress.scanning and isinstance(plan, ProfilePlan) and self._may_scan(plan):
                self._scan(plan, progress)
                self._desk.writes.progress.append(progress)
                advanced = self.has_more = True
        ready = [goal for goal in self.goals if not self._progress[goal.id].read_back.is_open]
        if run := self._desk.runs.start_next(ready, self._desk.now):
            self._scan_run(run)
            advanced = self.has_more = True
        if self._backlog.look(self._sending):
            advanced = self.has_more = True
        if self._review.scanning and self._plans and not self._desk.closed:
            self._join_page()
            advanced = self.has_more = True
        if self._plans and not self._desk.closed and self._desk.holds.next_at <= self._desk.now:
            self._look_at_held()
            advanced = self.has_more = True
        self.is_done = not advanced

    def _may_scan(self, plan: ProfilePlan) -> bool:
        """Comparing everyone costs; those who have withdrawn consent are followed by their changes."""
        return not (plan.bills and self._desk.purse.is_closed)

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
        self._progress[goal.id] = progress

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
            self._progress[goal.id] = progress
            self._started.append(progress)

    def _begin(self, plan: Plan) -> GoalProgress:
        """A goal follows from the moment it was turned on, however much later this is noticed."""
        goal, state = plan.goal, self._desk.feed.state
        if isinstance(plan, EventPlan) and plan.starts_at_beginning:
            progress = GoalProgress(goal.id, 0, 0)
            self._begin_past(progress, max(self._desk.feed.before_oldest(), state.batch_before(plan.since)))
            return progress
        return GoalProgress(
            goal.id, 0, state.head_before(goal.enabled_at) if goal.enabled_at else state.head()
        )

    def _begin_past(self, progress: GoalProgress, after: int) -> None:
        """Read the batches behind an offset first, and then follow from this moment on."""
        progress.cursor, progress.scan_end = self._desk.feed.state.ends()
        progress.scanned_to = after
        progress.scanning = progress.scan_end > after

    def _read_past(self, plan: Plan, progress: GoalProgress) -> None:
        """One slice of the past; what comes meanwhile waits, so that each person's events stay in order."""
        piece = None
        if plan.follows_events:
            piece = self._desk.feed.past_after(progress.scanned_to, progress.scan_end)
        if piece is not None and isinstance(plan, EventPlan | MomentPlan):
            plan.plan_events(self._desk, piece)
            progress.scanned_to = piece.last
        else:
            progress.scanning, progress.scanned_to, progress.scan_end = False, progress.scan_end, 0
        self._desk.writes.progress.append(progress)

    def _follow(self, plan: Plan, progress: GoalProgress) -> bool:
        desk = self._desk
        piece = desk.feed.slice_after(progress.cursor)
        if piece is None:
            return False
        if plan.follows_events and piece.has_gap and progress.scanned_to:
            # Off for longer than changes are kept: the batches still say whose each event was.
            self._begin_past(progress, progress.scanned_to)
            desk.writes.progress.append(progress)
            self.has_more = True
            return True
        self._join(plan, piece)
        if isinstance(plan, MomentPlan) and plan.is_on_schedule:
            pass  # it looks at people when it is time, not at what becomes of them
        elif isinstance(plan, MomentPlan) and not plan.follows_events:
            plan.plan_moves(desk, piece)
        elif isinstance(plan, MomentPlan | EventPlan):
            plan.plan_events(desk, piece)
            progress.scanned_to = max(progress.scanned_to, *(change.offset for change in piece.changes))
        elif isinstance(plan, ProfilePlan) and plan.goal.schedule.is_continuous:
            self._follow_profiles(plan, piece)
            if piece.has_gap and progress.cursor:
                # Off for longer than changes are kept: only comparing everyone finds what was missed.
                progress.scanning, progress.scanned_to = True, 0
        progress.cursor = piece.last
        self.has_more = self.has_more or piece.has_more
        desk.writes.progress.append(progress)
        return True

    def _follow_profiles(self, plan: ProfilePlan, piece: Slice) -> None:
        touched = piece.touched()
        self._desk.feed.load_people(piece, touched)
        places: dict[int, tuple[int, int]] = {}
        for profile_id, place in touched.items():
            places.setdefault(piece.survivors.get(profile_id, profile_id), place)
        people = [
            (piece.people[one], Place(offset, NO_POSITION, at))
            for one, (offset, at) in places.items()
            if one in piece.people
        ]
        plan.plan_profiles(self._desk, people)

    def _join(self, plan: Plan, piece: Slice) -> None:
        """Carry merges into ledgers and order. One query a ledger."""
        desk = self._desk
        merged = list(piece.merged())
        if not merged:
            return
        for old, new in merged:
            desk.outbox.join(old, new)
        ledgers = [*plan.ledgers]
        if desk.has_known:
            ledgers.append(desk.known_ledger)
        if desk.holds.is_used:
            ledgers.append(desk.holds.ledger_id)
        if plan.goal.id in desk.waiting_goals:
            ledgers.append(put_off_ledger(plan.goal.id))
        ids = {one for pair in merged for one in pair}
        for ledger_id in ledgers:
            desk.book.fetch(ledger_id, ids)
            for old, new in merged:
                if ledger_id == put_off_ledger(plan.goal.id):
                    join_waiting(desk, plan.goal, old, new)
                desk.book.join(ledger_id, old, new, desk.writes)

    def _scan_run(self, run: GoalRun) -> None:
        """One page of a run that looks at everyone because it is time for it."""
        plan = next(plan for plan in self._plans if plan.goal.id == run.goal_id)
        plan.run = run.number
        if isinstance(plan, ProfilePlan):
            self._scan(plan, run)
        elif isinstance(plan, MomentPlan) and plan.is_on_schedule:
            people = self._read_page(run, plan.goal.segment_id)
            plan.plan_people(self._desk, people, run.due_at or run.created_at)
        else:
            run.scanning = False  # it was changed since: it acts on what happens now
        self._desk.runs.scanned(run)

    def _scan(self, plan: ProfilePlan, progress: GoalProgress | GoalRun) -> None:
        """One page of comparing everyone with the ledger; changes since its start are followed beside it."""
        # Whoever left while fields are to be removed is no member: only all profiles show them.
        segment_id = EVERYONE if plan.rows.minds_leaving else plan.goal.segment_id
        place = Place(0, NO_POSITION, self._desk.now)
        people = [(person, place) for person in self._read_page(progress, segment_id)]
        plan.plan_profiles(self._desk, people)

    def _read_page(self, progress: GoalProgress | GoalRun, segment_id: int) -> list[Person]:
        """The next page of members, or of everyone; an empty one is the end."""
        feed, piece, after = self._desk.feed, Slice.empty(), progress.scanned_to
        if segment_id == EVERYONE:
            page = feed.load_page(piece, after, SCAN_PAGE)
        else:
            page = feed.state.members_after(segment_id, after, SCAN_PAGE)
            feed.load_people(piece, page)
        if page:
            progress.scanned_to = page[-1]
        else:
            progress.scanning = False
        return [piece.people[one] for one in page if one in piece.people]

    @property
    def _sending(self) -> list[ProfilePlan]:
        """The goals that fill fields, but for those that read back first."""
        plans = [plan for plan in self._plans if isinstance(plan, ProfilePlan)]
        return [plan for plan in plans if not self._progress[plan.goal.id].read_back.is_open]

    @property
    def _joining(self) -> list[GoalPlan]:
        """The goals that know how to reach people."""
        plans = (one for one in self._plans if isinstance(one, GoalPlan))
        return [
            one
            for one in plans
            if one.feed is not FeedKind.ERASURES and not self._progress[one.goal.id].read_back.is_open
        ]

    def _join_page(self) -> None:
        """One page of those about whom the connection remembers something."""
        desk, review = self._desk, self._review
        page = desk.book.page(desk.known_ledger, review.scanned_to, SCAN_PAGE)
        piece = Slice.empty()
        desk.feed.load_people(piece, page)
        desk.fetch_known(page)
        people = [piece.people[one] for one in page if one in piece.people]
        plans = self._joining
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
        page = desk.book.page(holds.ledger_id, self._held_to, SCAN_PAGE)
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
        for plan in self._joining:
            # Each is asked about everyone: one that leaves anonymous people out knows nothing of theirs.
            plan.join_known(desk, piece.people.values(), place)
            if isinstance(plan, ProfilePlan):
                plan.tell_missing(desk, [(piece.people[one], place) for one in retold if one in piece.people])
        holds.drop(desk.book, desk.writes, due, desk.now)
        self._held_until = min([self._held_until, *(at for one in page for at in marks[one].values())])

    def _plan_letter(self, letter: StoredLetter) -> None:
        desk, item = self._desk, letter.item
        desk.writes.requeued.append(letter.id)
        plan = next((one for one in self._plans if one.goal.id == item.goal_id), None)
        if plan is None:
            return
        runs = desk.runs
        continuous = plan.goal.schedule.is_continuous
        run = (runs.hour if continuous else runs.retry)(plan.goal, desk.now)
        plan.run = item.run = run.number
        if isinstance(plan, MomentPlan) and plan.replan(desk, item):
            return
        if isinstance(plan, ProfilePlan):
            plan.replan_profile(desk, item.profile_id)
        elif item.body:
            desk.book.sent(item)
            desk.outbox.add(letter.channel, item, desk.now)
            runs.plan(item.run)
        elif isinstance(plan, GoalPlan):
            plan.replan(desk, item)
