"""The comparisons of one connection, between the cycles of its courier: page by page, one at a time.

In: runs of comparisons in the book, goals that shall read back first. Out: counts, samples, true marks and
the cursor in the cycle's writes, so that all of a page is kept or none. A page is read in the background and
settled in a cycle. Whoever has something under way, had a moment ago, or changed meanwhile is left out: what
was read of them may be older than what the ledger says.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from onefold.activate.agenda import Agenda
from onefold.activate.comparison import (
    FieldLook,
    look_at,
    marks_of_nobody,
    show,
    true_marks,
    wanted_of,
)
from onefold.activate.contest import shared_ledger
from onefold.activate.desk import Desk, Place
from onefold.activate.ledger import hash_value
from onefold.activate.map import NO_NAMES
from onefold.activate.pace import Pace
from onefold.activate.page_read import PageRead, pace_of
from onefold.activate.person import Person
from onefold.activate.plan import GONE
from onefold.activate.population import IdPage, next_page
from onefold.activate.profile_plan import ProfilePlan
from onefold.activate.read import Slice
from onefold.activate.store import DeliveryStore, Marks
from onefold.clock import SECOND
from onefold.errors import ConnectorError, SetupError
from onefold.model.comparison import Comparison, Difference, FieldCounts, Wish
from onefold.model.delivery import NO_POSITION, ReadBack
from onefold.model.goal_run import GoalRun
from onefold.model.outcome import Outcome
from onefold.plugin.contract import Address, Refusal
from onefold.plugin.read_back import ProfileReader, ReadsBack, There

UNDER_WAY = "activate.under_way"
SAMPLES_MAX = 20
"""People of a comparison that are kept to look at."""
FIRST = Wish(repairs=True, is_first=True)
RETRY_S = 60
"""How often a goal that waits for it asks whether someone has set it right at the destination."""


class _Candidate(NamedTuple):
    """Someone who is read back, as they were when they were asked for."""

    profile_id: int
    address: Address
    held: Marks


class _Page(NamedTuple):
    """A page that is being read, of a run and a version of its goal."""

    run: GoalRun
    version: int
    ids: IdPage
    candidates: list[_Candidate]
    left_out: list[str]
    read: PageRead


class Comparer:
    """Belongs to one courier."""

    def __init__(
        self,
        desk: Desk,
        agenda: Agenda,
        store: DeliveryStore,
        clock: Callable[[], int],
        wake: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._agenda = agenda
        self._store = store
        self._clock = clock
        self._wake = wake
        self._page: _Page | None = None
        self._readers: dict[tuple[int, int], ProfileReader] = {}
        self._pace: Pace | None = None
        self._retry_at = 0
        self.refused: SetupError | None = None
        """What someone must set right before a goal can go on that waits for what is read back."""

    @property
    def is_busy(self) -> bool:
        """Something is being read, or waits for its turn."""
        is_wanted = any(one.read_back is ReadBack.WANTED for _, one in self._agenda.profile_plans)
        waiting = [run for run in self._desk.runs.comparisons if not run.is_resting]
        return is_wanted or any(self._plan_of(run) for run in waiting)

    def look(self, *, has_room: bool) -> None:
        """Go on by one step; a page is begun only while there is room for what it may plan."""
        self._begin_first()
        run = self._turn()
        page = self._page
        if page is not None and (run is None or not self._is_of(page, run)):
            page.read.cancel()
            self._page = page = None
        if page is not None and page.read.is_done:
            self._page = None
            self._settle(page)
        may_begin = self._page is None and has_room and self._desk.now >= self._retry_at
        if may_begin and run is not None and run.scanning:
            self._begin(run)

    async def close(self) -> None:
        """Read no further; what was not settled is read again by whoever comes next."""
        if self._page is not None:
            await self._page.read.end()

    # -- whose turn it is -------------------------------------------------------------------------------

    def _begin_first(self) -> None:
        """Goals that read back before anything else: each has a run of its own for it."""
        runs = {run.goal_id: run for run in self._desk.runs.comparisons if _asked(run).wish.is_first}
        for plan, progress in self._agenda.profile_plans:
            run = runs.get(plan.goal.id)
            if run is not None and run.cancel_asked and progress.read_back is ReadBack.WANTED:
                progress.read_back = ReadBack.HALTED
                self._desk.writes.progress.append(progress)
            elif run is not None and not progress.read_back.is_open:
                run.cancel_asked, run.scanning = True, False
                self._desk.runs.scanned(run)
            elif run is None and progress.read_back is ReadBack.WANTED:
                run = self._desk.runs.compare(plan.goal, FIRST, self._desk.now)
                _asked(run).version = plan.goal.version
                progress.scanned_to = 0

    def _turn(self) -> GoalRun | None:
        """The run that goes on now: first ones first, goals in their order."""
        order = {plan.goal.id: place for place, (plan, _) in enumerate(self._agenda.profile_plans)}
        found = [run for run in self._desk.runs.comparisons if run.goal_id in order and not run.cancel_asked]
        found.sort(key=lambda run: (not _asked(run).wish.is_first, order[run.goal_id], run.number))
        run = next((one for one in found if one.scanning or not one.started_at), None)
        if run is None:
            self.refused = None
            return None
        plan = self._plan_of(run)
        assert plan is not None  # noqa: S101 - `order` knows it
        if not run.started_at:
            self._desk.runs.begin(run, self._desk.now)
            _asked(run).version = plan.goal.version
        elif _asked(run).wish.is_first and _asked(run).version != plan.goal.version:
            # Fields that were mapped since are read, too.
            run.comparison = Comparison(FIRST, version=plan.goal.version)
            run.scanned_to = 0
            self._desk.runs.scanned(run)
        return run

    def _plan_of(self, run: GoalRun) -> ProfilePlan | None:
        return next((plan for plan, _ in self._agenda.profile_plans if plan.goal.id == run.goal_id), None)

    def _is_of(self, page: _Page, run: GoalRun) -> bool:
        plan = self._plan_of(run)
        return page.run is run and plan is not None and page.version == plan.goal.version

    # -- a page -----------------------------------------------------------------------------------------

    def _begin(self, run: GoalRun) -> None:
        plan, desk = self._plan_of(run), self._desk
        assert plan is not None  # noqa: S101 - it is its turn
        reader = self._reader(plan)
        asked = _asked(run)
        asked.unread = [field for field, _ in plan.rows.targets if not reader.can_read(field)]
        ids = next_page(asked, desk, plan, run.scanned_to)
        piece = self._load(plan, ids.ids)
        candidates: list[_Candidate] = []
        left_out: list[str] = []
        for profile_id in ids.ids:
            found = self._approach(plan, piece, profile_id)
            if isinstance(found, str):
                left_out.append(found)
            else:
                candidates.append(found)
        self._pace = self._pace or pace_of(reader)
        addresses = [one.address for one in candidates]
        read = PageRead(reader, addresses, self._pace, self._clock, self._wake)
        self._page = _Page(run, plan.goal.version, ids, candidates, left_out, read)
        read.begin(self._store, plan.goal.connection_id)

    def _load(self, plan: ProfilePlan, ids: list[int]) -> Slice:
        """The people with their marks: a few queries a page."""
        piece = Slice.empty()
        self._desk.feed.load_people(piece, ids)
        for ledger_id in plan.ledgers:
            self._desk.book.fetch(ledger_id, ids)
        self._desk.fetch_known(ids)
        return piece

    def _approach(self, plan: ProfilePlan, piece: Slice, profile_id: int) -> _Candidate | str:
        """How to ask for someone, or the code why not."""
        desk = self._desk
        person = piece.people.get(profile_id)
        if person is None:
            return GONE
        if code := plan.leaves_out(person):
            return code
        ledgers = (*plan.ledgers, desk.known_ledger)
        if any(desk.book.is_under_way(ledger_id, profile_id) for ledger_id in ledgers):
            return UNDER_WAY
        found = desk.destination.address(plan.goal, person.identifiers, desk.known(profile_id))
        if isinstance(found, Outcome | Refusal):
            return found.code
        return _Candidate(profile_id, found, dict(plan.held(desk, person)))

    def _settle(self, page: _Page) -> None:
        """All of a page at once: counts, samples, marks, cursor; and what a repair sends."""
        run, asked = page.run, _asked(page.run)
        try:
            answers = page.read.result()
        except ConnectorError as error:
            self._fail(run, error)
            return
        self.refused = None
        plan = self._plan_of(run)
        assert plan is not None  # noqa: S101 - it is its turn
        for code in page.left_out:
            asked.leave_out(code)
        due = list(self._compare(page, plan, answers))
        if due and not asked.wish.is_first:
            plan.run = run.number
            place = Place(0, NO_POSITION, self._desk.now)
            plan.plan_profiles(self._desk, [(person, place) for person in due])
        self._advance(run, page.ids)

    def _compare(self, page: _Page, plan: ProfilePlan, answers: list[There]) -> Iterator[Person]:
        """Count and keep what was found; those of whom a repair has something to send."""
        desk, asked = self._desk, _asked(page.run)
        piece = self._load(plan, [one.profile_id for one in page.candidates])
        names = desk.feed.state.segment_names() if plan.rows.needs_names else NO_NAMES
        reader = self._reader(plan)
        for candidate, there in zip(page.candidates, answers, strict=True):
            now = self._approach(plan, piece, candidate.profile_id)
            may_be_stale = candidate.held and candidate.profile_id in page.read.recent
            if isinstance(now, str):
                asked.leave_out(now)
                continue
            if may_be_stale or now.held != candidate.held or now.address.key != candidate.address.key:
                asked.leave_out(UNDER_WAY)
                continue
            if isinstance(there, Outcome):
                asked.leave_out(there.code)
                continue
            person = piece.people[candidate.profile_id]
            wanted = wanted_of(plan, person, now.address, plan.rows.read(person, desk.now, names))
            key = plan.address_key(now.address)
            shared = dict.fromkeys(plan.rows.contested, key)
            looks = look_at(wanted, there, now.held, reader, shared)
            is_due = self._note(page.run, candidate.profile_id, looks, is_there=there is not None)
            if asked.wish.repairs:
                self._keep(plan, candidate.profile_id, looks, key, is_there=there is not None)
                if is_due:
                    yield person

    def _note(self, run: GoalRun, profile_id: int, looks: list[FieldLook], *, is_there: bool) -> bool:
        """Count one person; whether the goal has something to say to them."""
        asked = _asked(run)
        is_due = any(look.is_due for look in looks)
        asked.people += 1
        if not is_there:
            asked.missing += 1
        elif is_due:
            asked.differing += 1
        else:
            asked.same += 1
        for look in looks:
            asked.fields.setdefault(look.field, FieldCounts()).add(look.state, drifted=look.is_drifted)
        is_shown = is_due or not is_there or any(look.is_drifted for look in looks)
        if is_shown and asked.samples < SAMPLES_MAX:
            asked.samples += 1
            self._desk.writes.differences.append(Difference(run.number, profile_id, show(looks)))
        return is_due or not is_there

    def _keep(
        self, plan: ProfilePlan, profile_id: int, looks: list[FieldLook], key: str, *, is_there: bool
    ) -> None:
        """Have the ledgers tell what is there."""
        desk, goal, contested = self._desk, plan.goal, plan.rows.contested
        held = desk.book.expected(goal.id, profile_id)
        own = [look for look in looks if look.field not in contested]
        changes = true_marks(own, held, hash_value(key)) if is_there else marks_of_nobody(held)
        if changes:
            desk.book.note(goal.id, profile_id, changes, desk.writes)
        if not contested:
            return
        ledger_id = shared_ledger(goal.connection_id)
        held = desk.book.expected(ledger_id, profile_id)
        mine = [look for look in looks if look.field in contested]
        fields = [look.field for look in mine]
        changes = true_marks(mine, held, None) if is_there else marks_of_nobody(held, fields)
        if changes:
            desk.book.note(ledger_id, profile_id, changes, desk.writes)

    def _advance(self, run: GoalRun, ids: IdPage) -> None:
        desk, asked = self._desk, _asked(run)
        run.scanned_to, asked.windows_done = max(run.scanned_to, ids.to), ids.windows
        run.scanning = not ids.is_last
        desk.runs.scanned(run)
        if not asked.wish.is_first:
            return
        progress = next(
            progress for plan, progress in self._agenda.profile_plans if plan.goal.id == run.goal_id
        )
        progress.scanned_to = run.scanned_to
        if ids.is_last:
            progress.read_back, progress.scanned_to = ReadBack.DONE, 0
            self._agenda.is_done = False
        desk.writes.progress.append(progress)

    # -- what cannot be read ----------------------------------------------------------------------------

    def _fail(self, run: GoalRun, error: ConnectorError) -> None:
        """A report ends; a goal that must not send before waits until someone has set it right."""
        asked = _asked(run)
        if asked.wish.is_first:
            if not isinstance(error, SetupError):
                error = SetupError(error.code, error.message, hint=error.hint)
            self.refused = error
            self._retry_at = self._desk.now + RETRY_S * SECOND
            return
        run.code, asked.fault = error.code, f"{error.message} {error.hint}".strip()
        run.scanning = False
        self._desk.runs.scanned(run)

    def _reader(self, plan: ProfilePlan) -> ProfileReader:
        """The reader of a goal as it is now."""
        key = plan.goal.id, plan.goal.version
        if key not in self._readers:
            destination = self._desk.destination
            assert isinstance(destination, ReadsBack)  # noqa: S101 - its connector says so
            self._readers = {known: one for known, one in self._readers.items() if known[0] != plan.goal.id}
            self._readers[key] = destination.profile_reader(plan.goal)
        return self._readers[key]


def _asked(run: GoalRun) -> Comparison:
    assert run.comparison is not None  # noqa: S101 - by its trigger
    return run.comparison
