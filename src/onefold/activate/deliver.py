"""The deliver role: one courier a connection, started and ended as the user configures them.

In: changes of the state, records of the log, connections and goals. Out: requests to destinations, and
everything about them in the delivery store. A connection that hangs, fails or is wrongly set up never slows
another: each courier is a task of its own, and they share only the disk. The same holds for a connector whose
code is at fault: its connection is shown as failed, and tried again with growing pauses.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence

import structlog

from onefold.activate.commit import Committer
from onefold.activate.courier import Courier, Depot
from onefold.activate.deletions import Deletions, Whom
from onefold.activate.failure import Failure, retry_in_s, without_words
from onefold.activate.numbers import Numbers
from onefold.activate.read import Feed
from onefold.activate.run_book import RunBook
from onefold.activate.settings import DeliverySettings
from onefold.activate.store import ConnectionDirectory, DeliveryStore, Saved, StateReader, Writes
from onefold.clock import Clock, now
from onefold.errors import StorageError
from onefold.log.log import LogReader
from onefold.log.wake import Sleeper
from onefold.model.connection import Connection
from onefold.model.erasure import Erased
from onefold.model.goal import Goal
from onefold.model.outcome import Kind
from onefold.plugin.contract import Connector

RESTART_S = 1.0
"""After a fault of the disk, before a courier is taken up again from what is stored."""
DRAIN_POLL_S = 0.01
FOREVER = 2**62
ORPHANS_MAX = 100_000
"""Held items of a deleted connection that go at once; any further go at the next change or start."""
CONNECTION_GONE = "activate.connection_gone"

logger = structlog.get_logger(__name__)


class Deliver:
    """Runs the couriers. Belongs to one event loop."""

    def __init__(  # noqa: PLR0917 - the parts of the role, as its owner lists them
        self,
        store: DeliveryStore,
        directory: ConnectionDirectory,
        state: StateReader,
        log: LogReader,
        connectors: Mapping[str, Connector],
        clock: Clock = now,
        *,
        settings: DeliverySettings | None = None,
        sleeper: Sleeper | None = None,
        whom: Whom = lambda _: (),
    ) -> None:
        self._store = store
        self._directory = directory
        self._connectors = connectors
        self._clock = clock
        self._settings = settings or DeliverySettings()
        self._sleeper = sleeper
        self._feed = Feed(state, log)
        self._couriers: dict[int, Courier] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._restart_at: dict[int, float] = {}
        self._failures: dict[int, Failure] = {}
        self._revision = -1
        self._requeued: set[int] = set()
        self._erased_to = store.erased_to()
        self._deletions = Deletions(store, directory, connectors, whom)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop`; then answers under way are awaited, and the rest stays for the next start."""
        loop = asyncio.get_running_loop()
        saved = self._store.load()
        self._depot = Depot(
            self._feed,
            self._store,
            Committer(self._store, self._clock),
            self._settings,
            self._clock,
            Numbers(saved.next_request_id),
            Numbers(saved.next_run),
        )
        if self._sleeper is not None:
            loop.add_reader(self._sleeper.fileno(), self._woken)
        try:
            while not stop.is_set():
                await self._supervise()
                await _wait(stop, self._settings.poll_ms / 1000)
        finally:
            if self._sleeper is not None:
                loop.remove_reader(self._sleeper.fileno())
            await self._end(list(self._couriers))
            await self._depot.committer.close()

    async def drain(self) -> None:
        """Return once every connection has sent and heard of all there is. Only while `run` runs."""
        while True:
            for courier in self._couriers.values():
                courier.wake()
            await asyncio.sleep(DRAIN_POLL_S)
            if self._revision >= 0 and all(courier.is_idle for courier in self._couriers.values()):
                return

    def _woken(self) -> None:
        if self._sleeper is not None:
            self._sleeper.wait(0)
        for courier in self._couriers.values():
            courier.wake()

    async def _supervise(self) -> None:
        """Obey erasures, follow the configuration, take up ended couriers, hand out replayed dead letters."""
        if erasures := self._feed.state.erasures(self._erased_to):
            await self._erase(erasures)
        revision = self._directory.revision()
        ended = [one for one, task in self._tasks.items() if task.done() and one in self._couriers]
        for connection_id in ended:
            await self._end([connection_id])
        moment = asyncio.get_running_loop().time()
        is_due = any(at <= moment for at in self._restart_at.values())
        if revision != self._revision or is_due or ended:
            await self._configure()
            self._revision = revision
        self._replay_letters()

    async def _erase(self, erasures: Sequence[Erased]) -> None:
        """Let what is under way end, then take these people out of all that waits; couriers begin anew."""
        await self._end(list(self._couriers))
        at = self._clock()
        depot = self._depot
        plans = self._deletions.plan(erasures, depot.numbers, depot.run_numbers, at)
        self._store.erase(erasures, at, plans)
        self._feed.forget()
        self._erased_to = erasures[-1].offset
        self._revision = -1

    async def _configure(self) -> None:
        known = {one.id: one for one in self._directory.connections()}
        connections = {one.id: one for one in known.values() if one.enabled}
        changed = [
            connection_id
            for connection_id, courier in self._couriers.items()
            if connections.get(connection_id) != courier.connection
        ]
        await self._end(changed, off=set(changed) - connections.keys())
        all_goals = self._directory.goals()
        goals = _by_connection(all_goals)
        self._forget_failures(connections, goals)
        moment = asyncio.get_running_loop().time()
        missing = [
            connection
            for connection_id, connection in connections.items()
            if connection_id not in self._couriers and self._restart_at.get(connection_id, 0) <= moment
        ]
        saved = self._store.load()
        await self._drop_orphans(saved, set(known))
        for connection in missing:
            self._restart_at.pop(connection.id, None)
            await self._start(connection, saved)
        on = {goal.id for one in connections for goal in goals.get(one, []) if goal.enabled}
        await self._stop_clocks(saved, on)
        for connection_id in list(self._couriers):
            await self._set_goals(connections[connection_id], goals.get(connection_id, []), saved)
        asked, known_goals = self._directory.asked(), frozenset(goal.id for goal in all_goals)
        for connection_id, courier in self._couriers.items():
            courier.follow_runs(asked, known_goals)
            if connection_id not in self._tasks:
                self._tasks[connection_id] = asyncio.create_task(courier.run())

    def _forget_failures(
        self, connections: Mapping[int, Connection], goals: Mapping[int, Sequence[Goal]]
    ) -> None:
        """What was changed, turned off or removed since it failed starts afresh."""
        for connection_id, failure in list(self._failures.items()):
            now_set = connections.get(connection_id), goals.get(connection_id, [])
            if failure.settled != now_set:
                failure.count = 0
                self._restart_at.pop(connection_id, None)
        for connection_id in self._restart_at.keys() - connections.keys():
            del self._restart_at[connection_id]
        self._failures = {one: failure for one, failure in self._failures.items() if one in connections}

    async def _stop_clocks(self, saved: Saved, on: set[int]) -> None:
        """What is off misses nothing: turned on again, a goal waits for its next time."""
        stopped = [clock for clock in saved.clocks.values() if clock.checked_at and clock.goal_id not in on]
        if stopped:
            writes = Writes()
            for clock in stopped:
                clock.checked_at = 0
            writes.clocks = stopped
            await self._depot.committer.commit(writes)

    async def _drop_orphans(self, saved: Saved, known: set[int]) -> None:
        """Close what waits for connections that were deleted: nobody will ever send it."""
        orphans = [request for request in saved.requests if request.connection_id not in known]
        lost = {run.connection_id for run in saved.runs} - known
        held = [
            one
            for connection_id in saved.holding - known
            for one in self._store.held(connection_id, FOREVER, ORPHANS_MAX)
        ]
        if not orphans and not held and not lost:
            return
        writes = Writes()
        books = {one: RunBook(Connection(one, "", ""), self._depot.run_numbers, saved.runs) for one in lost}
        for one in held:
            writes.released.append(one.id)
            writes.counts[f"{one.connection_id}/{one.item.goal_id}", Kind.FILTERED, CONNECTION_GONE] += 1
            if one.connection_id in books:
                books[one.connection_id].let_go(one.item)
                books[one.connection_id].count(one.item.run, Kind.FILTERED, CONNECTION_GONE, 1)
        for request in orphans:
            writes.closed.append(request.id)
            for item in request.items:
                subject = f"{request.connection_id}/{item.goal_id}"
                writes.counts[subject, Kind.FILTERED, CONNECTION_GONE] += 1
                if request.connection_id in books:
                    books[request.connection_id].count(item.run, Kind.FILTERED, CONNECTION_GONE, 1)
        for connection_id, book in books.items():
            for goal_id, count in book.end_put_off(CONNECTION_GONE).items():
                writes.counts[f"{connection_id}/{goal_id}", Kind.FILTERED, CONNECTION_GONE] += count
            book.close("Its connection was deleted.", self._clock())
            book.flush(writes)
        await self._depot.committer.commit(writes)

    async def _start(self, connection: Connection, saved: Saved) -> None:
        connector = self._connectors.get(connection.connector)
        if connector is None:
            logger.warning(
                "delivery.no_connector", connection_id=connection.id, connector=connection.connector
            )
            return
        failure = self._failures.get(connection.id)
        try:
            courier = Courier(connection, connector, self._depot, failure.state if failure else None)
        except Exception as error:  # a stranger's code may fail in any way
            await self._fail(connection, error)
            return
        requests = [one for one in saved.requests if one.connection_id == connection.id]
        ids = {item.profile_id for request in requests for item in request.items}
        courier.restore(requests, self._feed.state.survivors(sorted(ids)) if ids else {})
        self._couriers[connection.id] = courier

    async def _set_goals(self, connection: Connection, goals: Sequence[Goal], saved: Saved) -> None:
        courier = self._couriers[connection.id]
        try:
            courier.set_goals(goals, saved)
        except Exception as error:  # likewise
            await self._end([connection.id])
            await self._fail(connection, error)

    async def _end(self, connection_ids: list[int], off: Collection[int] = ()) -> None:
        """Let couriers finish what is under way; one that has ended by itself is taken up again later."""
        ended = {connection_id: self._couriers.pop(connection_id) for connection_id in connection_ids}
        for connection_id, courier in ended.items():
            courier.stop(is_off=connection_id in off)
        for connection_id, courier in ended.items():
            task = self._tasks.pop(connection_id, None)
            if task is None:
                continue
            await asyncio.gather(task, return_exceptions=True)
            error = None if task.cancelled() else task.exception()
            if courier.is_well and connection_id in self._failures:
                self._failures[connection_id].end()
            if isinstance(error, StorageError):
                logger.error("delivery.courier_ended", connection_id=connection_id, code=error.code)
                self._restart_at[connection_id] = asyncio.get_running_loop().time() + RESTART_S
            elif error is not None:
                await self._fail(courier.connection, error)

    async def _fail(self, connection: Connection, error: BaseException) -> None:
        """Show it, tell the operator, and try again later."""
        failure = self._failures.setdefault(connection.id, Failure())
        goals = _by_connection(self._directory.goals()).get(connection.id, [])
        is_new = failure.note(connection, goals, error, self._clock())
        wait = retry_in_s(failure.count)
        self._restart_at[connection.id] = asyncio.get_running_loop().time() + wait
        logger.error(
            "delivery.courier_failed",
            connection_id=connection.id,
            connector=connection.connector,
            error=type(error).__name__,
            failures=failure.count,
            retry_in_s=round(wait, 1),
            # Once a fault: the same traceback every few minutes would bury everything else.
            **({"exc_info": without_words(error)} if is_new else {}),
        )
        writes = Writes()
        writes.state = failure.state
        try:
            await self._depot.committer.commit(writes)
        except StorageError as fault:
            logger.error("delivery.courier_ended", connection_id=connection.id, code=fault.code)

    def _replay_letters(self) -> None:
        """Hand each dead letter over once; those of a connection that is off wait until it is on."""
        wanted = {replay.letter for replay in self._directory.replays(0)} - self._requeued
        if not wanted:
            return
        letters = self._store.letters(sorted(wanted))
        for connection_id, courier in self._couriers.items():
            mine = [letter for letter in letters if letter.connection_id == connection_id]
            if mine:
                courier.requeue(mine)
        waiting = {letter.id for letter in letters if letter.connection_id not in self._couriers}
        self._requeued |= wanted - waiting


def _by_connection(goals: Sequence[Goal]) -> dict[int, list[Goal]]:
    """The goals of each connection, on or off."""
    found: dict[int, list[Goal]] = {}
    for goal in goals:
        found.setdefault(goal.connection_id, []).append(goal)
    return found


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
