"""One connection's delivery: settles, plans, commits, sends; for ever, beside the others.

One cycle: settle what was answered, plan what changed, choose what may leave; commit all of it in one
transaction; then send. So an item is an intent on disk before it leaves, and its outcome, its marks in the
ledger and its counters are written together. What stands as sent but not as answered after a kill may double.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from onefold.activate.agenda import Agenda
from onefold.activate.apart import FAR
from onefold.activate.commit import Committer
from onefold.activate.comparer import Comparer
from onefold.activate.consent import Gate
from onefold.activate.desk import Desk
from onefold.activate.health import Health
from onefold.activate.holds import Holds
from onefold.activate.judge import Judge
from onefold.activate.ledger import LedgerBook
from onefold.activate.numbers import Numbers
from onefold.activate.outbox import Outbox, Parcels
from onefold.activate.pace import Pace
from onefold.activate.purse import Purse
from onefold.activate.put_off import pay_for
from onefold.activate.read import Feed
from onefold.activate.run_book import CANCELLED, RunBook, make_sample
from onefold.activate.settings import DeliverySettings
from onefold.activate.settle import Answer, Reply, drop, drop_goals, take_back
from onefold.activate.store import Asked, DeliveryStore, Saved, StoredLetter, Writes
from onefold.activate.timetable import Timetable
from onefold.clock import SECOND, Clock
from onefold.errors import ConnectorError, StorageError
from onefold.model.connection import Connection
from onefold.model.delivery import ConnectionState, Request
from onefold.model.goal import Goal
from onefold.model.goal_run import GoalClock, RunSample
from onefold.model.outcome import filtered
from onefold.plugin.contract import Connector

RESCUE_S = 60.0
"""After a fault, answers under way are awaited for so long: twice what a client waits for one."""
STOPPED = "activate.stopped"


class Depot(NamedTuple):
    """What all couriers share."""

    feed: Feed
    store: DeliveryStore
    committer: Committer
    settings: DeliverySettings
    clock: Clock
    numbers: Numbers
    run_numbers: Numbers


class Courier:
    """Delivers for one connection. Belongs to one event loop."""

    def __init__(
        self,
        connection: Connection,
        connector: Connector,
        depot: Depot,
        failed: ConnectionState | None = None,
    ) -> None:
        """`failed` is shown until it has proved to work again."""
        self.connection = connection
        self._depot = depot
        self._settings = depot.settings
        self._clock = depot.clock
        self._destination = connector.open(connection)
        self._pace = Pace(self._destination.channels)
        self._book = LedgerBook(depot.store)
        gap = depot.settings.gap_ms * 1000
        self._outbox = Outbox(connection.id, self._destination.channels, gap)
        self._runs = RunBook(connection, depot.run_numbers, depot.store.open_runs())
        self._desk = Desk(
            connection.id, self._destination, depot.feed, self._book, self._outbox, runs=self._runs
        )
        self._desk.has_known = depot.store.has_ledger(self._desk.known_ledger)
        self._desk.waiting_goals = self._runs.goals_with_put_off()
        self._desk.holds.is_used = depot.store.has_ledger(self._desk.holds.ledger_id)
        self._desk.purse = Purse(connection.id, connection.budget, depot.store)
        self._was_closed = True
        self._holds = Holds(connection.id, depot.store)
        self._agenda = Agenda(self._desk, connector.info, self._holds)
        self._health = Health(connection.id, self._desk, depot.clock, failed)
        self._judge = Judge(
            self._desk, connector.info, self._agenda, self._health, depot.numbers, depot.settings
        )
        self._gate = Gate(self._desk)
        self._wake = asyncio.Event()
        self._comparer = Comparer(self._desk, self._agenda, depot.store, self._clock, self._wake.set)
        self._timetable = Timetable({})
        self._begun: list[GoalClock] = []
        self._known_goals: frozenset[int] | None = None
        self._cancelled: frozenset[str] = frozenset()
        self._answers: list[Answer] = []
        self._settling: list[Answer] = []
        """Taken from `_answers`, and not committed yet."""
        self._sending: set[asyncio.Task[None]] = set()
        self._fault: Exception | None = None
        self._stopping = self._is_off = False
        self._planned_at = 0
        self._goals: Sequence[Goal] = ()
        self._stopped: frozenset[int] = frozenset()

    @property
    def is_idle(self) -> bool:
        """Nothing new, nothing waiting, nothing under way."""
        has_runs = self._timetable.has_asks or self._runs.has_waiting(self._agenda.goals)
        has_runs = has_runs or self._comparer.is_busy
        has_more = has_runs or not self._agenda.is_done
        return not (has_more or self._outbox.open_count or self._sending)

    @property
    def is_well(self) -> bool:
        """Not, or no longer, under suspicion of failing again."""
        return self._health.is_well

    def wake(self) -> None:
        """Something may have changed."""
        self._agenda.is_done = False
        self._wake.set()

    def stop(self, *, is_off: bool = False) -> None:
        """Plan and send no more; `run` ends once what is under way was answered.

        `is_off`: it was turned off, so the hour ends here too.
        """
        self._stopping, self._is_off = True, is_off
        self._wake.set()

    def restore(self, requests: Iterable[Request], survivors: Mapping[int, int]) -> None:
        """Take up what was open at the last end; what had been sent may double now."""
        requests = list(requests)
        for request in requests:
            request.maybe_doubled = request.maybe_doubled or request.sent
            for item in request.items:
                item.profile_id = survivors.get(item.profile_id, item.profile_id)
                self._book.sent(item)
        self._outbox.restore(requests)

    def requeue(self, letters: Iterable[StoredLetter]) -> None:
        """Send the items of dead letters again."""
        self._agenda.requeue(letters)
        self._wake.set()

    def set_goals(self, goals: Sequence[Goal], saved: Saved) -> None:
        """The goals as they are now: those on are planned, of those stopped nothing goes out.

        Those that are merely off still ask for consent.
        """
        self._stopped = frozenset(goal.id for goal in goals if goal.stopped and not goal.enabled)
        if self._known_goals is None:
            self._timetable = Timetable(saved.clocks)
        self._gate.set_goals(goals)
        self._agenda.set_goals(goals, saved.progress)
        self._begun += self._timetable.set_goals(self._agenda.goals, self._clock())
        if goals != self._goals:
            self._goals = goals
            self._health.learn_anew()
        self._wake.set()

    def follow_runs(self, asked: Asked, known_goals: frozenset[int]) -> None:
        """What people asked of runs, and the goals that exist, also those that are off."""
        self._timetable.ask(asked.runs)
        self._cancelled, self._known_goals = asked.cancelled, known_goals
        self._wake.set()

    async def run(self) -> None:
        """Deliver until stopped.

        Raises:
            StorageError: nothing more can be kept; take everything up again from what is stored.
            Exception: a fault of the connector, or of ours; likewise.
        """
        try:
            await self._work()
        except StorageError:
            raise
        except Exception:
            await self._rescue()
            raise
        finally:
            await self._comparer.close()
            for task in self._sending:
                task.cancel()
            await self._destination.close()

    async def _work(self) -> None:
        while True:
            if self._fault is not None:
                raise self._fault
            for parcels in await self._cycle():
                task = asyncio.create_task(self._send(parcels))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
            if self._stopping and not self._sending and not self._answers:
                return
            await self._rest()

    async def _rescue(self) -> None:
        """After a fault, keep what was answered: it would go a second time with the next courier."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=RESCUE_S)
        desk = self._desk
        # Planning may have stopped half-way: what it noted in its book is not to be kept.
        desk.book = LedgerBook(self._depot.store)
        desk.runs = RunBook(self.connection, self._depot.run_numbers, self._depot.store.open_runs())
        desk.writes, desk.now, desk.sampled = Writes(), self._clock(), []
        answers = [one for one in (*self._settling, *self._answers) if isinstance(one.reply, list)]
        items = [item for answer in answers for item in answer.parcels.request.items]
        survivors = self._depot.feed.state.survivors(sorted({item.profile_id for item in items}))
        for item in items:
            item.profile_id = survivors.get(item.profile_id, item.profile_id)
            desk.book.sent(item)
        for answer in answers:
            self._judge.settle(answer)
        desk.runs.flush(desk.writes)
        if desk.writes:
            await self._depot.committer.commit(desk.writes)

    async def _cycle(self) -> list[Parcels]:
        desk = self._desk
        desk.writes = writes = Writes()
        desk.now = self._clock()
        self._settling, self._answers = self._answers, []
        desk.purse.look(desk.now)
        for answer in self._settling:
            self._judge.settle(answer)
        self._agenda.plan_again()
        chosen: list[Parcels] = []
        if self._stopping:
            self._seal()
        else:
            await self._health.probe(len(self._sending))
            await self._health.learn(self._agenda.goals)
            self._follow_runs()
            self._comparer.look(has_room=self._has_room)
            self._plan()
            chosen = self._choose()
            self._agenda.send_free()
        if self._stopping:
            self._health.note_off()
        else:
            is_done = not self._health.is_well and self.is_idle
            self._health.note_state(self._comparer.refused, is_done=is_done)
        self._note_samples()
        self._runs.end_done(desk.now, () if self._is_off else {goal.id for goal in self._agenda.goals})
        self._runs.flush(writes)
        if writes:
            await self._depot.committer.commit(writes)
        self._settling = []
        self._book.forget_settled()
        self._outbox.forget_gaps(desk.now)
        return chosen

    @property
    def _room(self) -> int:
        """Requests that may leave now, beside those under way."""
        return 0 if self._stopping else self._health.room(len(self._sending))

    async def _rest(self) -> None:
        """Sleep until woken, or until something that was put off is due."""
        if not self._answers and not (self._agenda.has_more and self._has_room):
            wait_s = min(self._settings.poll_ms / 1000, (self._next_at() - self._clock()) / SECOND)
            try:
                async with asyncio.timeout(max(0.001, wait_s)):
                    await self._wake.wait()
            except TimeoutError:
                pass
        self._wake.clear()
        # Others get their turn even when this connection always has work.
        await asyncio.sleep(0)

    def _next_at(self) -> int:
        """When there is something to do that nobody wakes it for.

        What is due but may not leave yet is none of it: this would turn round and round beside the others.
        """
        if self._stopping:
            return FAR
        times = self._health.times(len(self._sending))
        if self._room and (due := self._outbox.next_at()):
            times.append(due)
        if not self._agenda.is_done and self._has_room:
            times.append(self._planned_at + self._settings.linger_ms * 1000)
        return min(times, default=FAR)

    def _follow_runs(self) -> None:
        """Let runs begin that are due, and end those that nobody wants any more."""
        desk = self._desk
        desk.writes.clocks += self._begun
        self._begun = []
        self._timetable.look(self._runs, desk.writes, desk.now)
        numbers = self._runs.cancel(self._cancelled, desk.now)
        concerned = self._runs.goals_of(numbers)
        if self._known_goals is not None:
            # What is stopped shall not go on once it is on again, as what is only off does.
            concerned |= self._runs.cancel_gone(self._known_goals - self._stopped, desk.now)
        if concerned and self._holds.has_any:
            # What is held of them is not waited for.
            desk.writes.hastened += concerned
            self._holds.note(desk.now)
        if numbers:
            drop(desk, numbers, filtered(CANCELLED))

    def _note_samples(self) -> None:
        """Keep what of the ended items shall be shown, with the values that they carried."""
        desk, sampled = self._desk, self._desk.sampled
        if not sampled:
            return
        desk.sampled = []
        values = self._agenda.values_of([item for item, _ in sampled])
        for item, outcome in sampled:
            ours = values.get((item.profile_id, item.offset, item.position), b"")
            sample = RunSample(
                *(item.run, outcome.kind, outcome.code, item.profile_id, item.key),
                *(ours, item.body, outcome.answer),
            )
            desk.writes.samples.append(make_sample(sample))

    def _plan(self) -> None:
        """Plan what changed, if there is room and it is time."""
        self._agenda.plan_letters()
        if self._was_closed and not self._desk.purse.is_closed:
            self._agenda.hasten()
        self._was_closed = self._desk.purse.is_closed
        if self._has_room:
            self._agenda.release()
        if self._may_plan():
            self._agenda.plan()
            if not self._agenda.is_done:
                self._planned_at = self._desk.now
        self._seal()
        for one in self._desk.writes.held:
            self._holds.note(one.due_at)

    def _seal(self) -> None:
        """Number what was planned, and keep it."""
        if self._outbox.planned_count:
            requests = self._outbox.seal(self._depot.numbers.next)
            self._depot.numbers.take(len(requests))
            self._desk.writes.opened += requests

    @property
    def _has_room(self) -> bool:
        """Twice what may be under way is planned ahead, no more: what waits here is not yet on its way."""
        may_add = not (self._health.is_paused or self._stopping)
        return may_add and self._outbox.open_count < 2 * self._destination.concurrency

    def _may_plan(self) -> bool:
        if not self._has_room:
            return False
        # What comes alone goes at once; a stream gathers between two plans: fuller requests cost all less.
        lingered = self._desk.now - self._planned_at >= self._settings.linger_ms * 1000
        return lingered or self._agenda.has_more

    def _choose(self) -> list[Parcels]:
        """What may leave now; noted as sent in the same commit."""
        now, room = self._desk.now, self._room
        chosen: list[Parcels] = []
        held: list[Parcels] = []
        while len(chosen) < room:
            parcels = self._outbox.pop_ready(now)
            if parcels is None:
                break
            if not parcels.request.items:
                take_back(self._desk, parcels)
                continue
            channel = parcels.request.channel
            if self._destination.wait_s(channel) > 0 or self._pace.wait_s(channel, now) > 0:
                held.append(parcels)
                continue
            if channel in self._desk.closed:
                take_back(self._desk, parcels)
                continue
            if self._stopped and not drop_goals(self._desk, parcels, self._stopped, STOPPED):
                continue
            self._pace.note(channel, now)
            chosen.append(parcels)
        for parcels in reversed(held):
            self._outbox.put_back(parcels)
        admitted = pay_for(self._desk, self._gate.admit(chosen))
        for parcels in admitted:
            request = parcels.request
            request.sent = True
            request.attempts += 1
            request.first_at = request.first_at or now
            self._desk.writes.sending.append(request)
        if len(admitted) < len(chosen):
            self._wake.set()  # there is room for others, and some may have waited for these
        return admitted

    async def _send(self, parcels: Parcels) -> None:
        request = parcels.request
        sent_at = self._clock()
        reply: Reply
        try:
            reply = await self._destination.send(request.channel, request.items)
            if len(reply) != len(request.items):
                raise ValueError(f"{len(reply)} outcomes for {len(request.items)} items")
        except ConnectorError as error:
            reply = error
        except Exception as error:  # a fault of the connector: `run` ends with it
            self._fault = error
            self._wake.set()
            return
        self._answers.append(Answer(parcels, sent_at, reply))
        self._wake.set()
