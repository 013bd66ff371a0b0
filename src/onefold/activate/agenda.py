"""What is planned in a cycle for the goals of one connection.

In: their plans with cursors (`roster.py`), what changed. Out: items packed by the plans, cursors moved in the
same writes. Each goal gets one slice (or one page of a first comparison) a cycle, so a backlog of one never
starves another.
"""

from collections.abc import Iterable, Mapping, Sequence

from onefold.activate.again import plan_again
from onefold.activate.backlog import Backlog
from onefold.activate.desk import Desk, Place
from onefold.activate.event_plan import EventPlan
from onefold.activate.holds import Holds
from onefold.activate.ledger import put_off_ledger
from onefold.activate.moments import GOAL_OFF, MomentPlan, release_held
from onefold.activate.person import Person
from onefold.activate.plan import GoalPlan
from onefold.activate.profile_plan import ProfilePlan
from onefold.activate.put_off import join_waiting
from onefold.activate.read import Slice
from onefold.activate.review import Review
from onefold.activate.roster import Plan, Roster, begin_past
from onefold.activate.store import StoredLetter
from onefold.model.delivery import NO_POSITION, GoalProgress, Item
from onefold.model.goal import EVERYONE, Goal
from onefold.model.goal_run import GoalRun
from onefold.model.outcome import Kind
from onefold.plugin.declare import ConnectorInfo
from onefold.plugin.declare import Feed as FeedKind

RELEASED_MAX = 200
"""Of what was held, let go in one cycle: after a night it may be very many."""
SCAN_PAGE = 500
"""Profiles compared in one cycle of a first comparison: live changes go between."""


class Agenda:
    """What to plan, for one connection."""

    def __init__(self, desk: Desk, info: ConnectorInfo, holds: Holds) -> None:
        self._desk = desk
        self._holds = holds
        self._roster = Roster(desk, info)
        self._review = Review(desk, self._roster)
        self._backlog = Backlog(desk)
        self._letters: list[StoredLetter] = []
        self.is_done = False
        """The last plan found nothing to do."""
        self.has_more = False
        """The last plan stopped at a limit: planning goes on at once."""

    @property
    def profile_plans(self) -> list[tuple[ProfilePlan, GoalProgress]]:
        """The goals that fill fields and can be read back, in their order."""
        plans = [plan for plan in self._roster.of_profiles if plan.reads_back]
        plans.sort(key=lambda plan: (plan.goal.position, plan.goal.id))
        return [(plan, self._roster.progress[plan.goal.id]) for plan in plans]

    def set_goals(self, goals: Sequence[Goal], progress: Mapping[int, GoalProgress]) -> None:
        """The goals of the connection as they are now."""
        if not self._roster.plans:
            self._review.restore(progress)
        self._backlog.find(self._roster.set_goals(goals, progress))
        self.is_done = False

    def requeue(self, letters: Iterable[StoredLetter]) -> None:
        """Plan the items of dead letters again."""
        self._letters += letters
        self.is_done = False

    def close_channel(self) -> None:
        """Someone could not be joined: once the channel is open again, everyone known is looked at."""
        self._review.begin()

    @property
    def goals(self) -> list[Goal]:
        """Those that are on and known to the connector, in their order."""
        return self._roster.goals

    def values_of(self, items: Sequence[Item]) -> dict[tuple[int, int, int], bytes]:
        """What these items carry, as we hold it: by profile, offset and position."""
        found: dict[tuple[int, int, int], bytes] = {}
        for plan in self._roster.plans:
            found |= plan.values_of(self._desk, [one for one in items if one.goal_id == plan.goal.id])
        return found

    def plan_letters(self) -> None:
        """Plan what someone asked to be sent again; also while there is no room for more."""
        for letter in self._letters:
            self._plan_letter(letter)
        self._letters = []
        self._roster.keep_started()

    def plan_again(self) -> None:
        """Plan people anew who are reached otherwise than was counted on; also while there is no room."""
        plan_again(self._desk, self._roster.of_profiles)

    def release(self) -> None:
        """Let go what was held and is due."""
        due = self._holds.take_due(self._desk.now, RELEASED_MAX)
        if not due:
            return
        concerned = {one.item.goal_id for one in due}
        plans = {plan.goal.id: plan for plan in self._roster.plans if plan.goal.id in concerned}
        for plan in plans.values():
            plan.run = self._desk.runs.hour(plan.goal, self._desk.now).number
        release_held(self._desk, plans, due)

    def send_free(self) -> None:
        """Of what was taken out of requests for want of room in the budget, what is free."""
        self._backlog.send_free(self._roster.sending)

    def hasten(self) -> None:
        """There is room in the budget: events that were put off go at once."""
        goals = [plan.goal.id for plan in self._roster.plans if plan.feed is FeedKind.EVENTS]
        if goals and self._holds.has_any:
            self._desk.writes.hastened += goals
            self._holds.note(self._desk.now)

    def plan(self) -> None:
        """Plan the next slice of each goal."""
        advanced = self.has_more = False
        for plan in self._roster.plans:
            progress = self._roster.progress[plan.goal.id]
            if self._roster.reads_back(plan.goal):
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
        ready = [goal for goal in self.goals if not self._roster.reads_back(goal)]
        if run := self._desk.runs.start_next(ready, self._desk.now):
            self._scan_run(run)
            advanced = self.has_more = True
        if self._backlog.look(self._roster.sending):
            advanced = self.has_more = True
        if self._review.look():
            advanced = self.has_more = True
        self.is_done = not advanced

    def _may_scan(self, plan: ProfilePlan) -> bool:
        """Comparing everyone costs; those who have withdrawn consent are followed by their changes."""
        return not (plan.bills and self._desk.purse.is_closed)

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
            begin_past(self._desk, progress, progress.scanned_to)
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
        plan = self._roster.find(run.goal_id)
        assert plan is not None  # noqa: S101 - only goals that are on have their turn
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

    def _plan_letter(self, letter: StoredLetter) -> None:
        desk, item = self._desk, letter.item
        desk.writes.requeued.append(letter.id)
        plan = self._roster.find(item.goal_id)
        if plan is None:
            subject = f"{letter.connection_id}/{item.goal_id}"
            desk.writes.counts[subject, Kind.FILTERED, GOAL_OFF] += 1
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
        else:
            plan.note_gone(desk)
