"""The deliver role: one courier a connection, started and ended as the user configures them.

In: changes of the state, records of the log, connections and goals. Out: requests to destinations, and
everything about them in the delivery store. A connection that hangs, fails or is wrongly set up never slows
another: each courier is a task of its own, and they share only the disk.
"""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from onefold.activate.commit import Committer
from onefold.activate.courier import Courier, Depot
from onefold.activate.deletions import Deletions, Whom
from onefold.activate.read import Feed
from onefold.activate.settings import DeliverySettings
from onefold.activate.settle import Numbers
from onefold.activate.store import ConnectionDirectory, DeliveryStore, Saved, StateReader, Writes
from onefold.clock import Clock, now
from onefold.errors import OnefoldError
from onefold.log.log import LogReader
from onefold.log.wake import Sleeper
from onefold.model.connection import Connection
from onefold.model.erasure import Erased
from onefold.model.outcome import Kind
from onefold.plugin.contract import Connector

RESTART_S = 1.0
"""After a fault of a courier or of the disk, before it is taken up again from what is stored."""
DRAIN_POLL_S = 0.01
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
        self._revision = -1
        self._requeued: set[int] = set()
        self._erased_to = store.erased_to()
        self._deletions = Deletions(store, directory, connectors, whom)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop`; then answers under way are awaited, and the rest stays for the next start."""
        loop = asyncio.get_running_loop()
        self._depot = Depot(
            self._feed,
            self._store,
            Committer(self._store, self._clock),
            self._settings,
            self._clock,
            Numbers(self._store.load().next_request_id),
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
        if revision != self._revision or self._has_ended():
            await self._configure()
            self._revision = revision
        self._replay_letters()

    async def _erase(self, erasures: Sequence[Erased]) -> None:
        """Let what is under way end, then take these people out of all that waits; couriers begin anew."""
        await self._end(list(self._couriers))
        at = self._clock()
        self._store.erase(erasures, at, self._deletions.plan(erasures, self._depot.numbers, at))
        self._feed.forget()
        self._erased_to = erasures[-1].offset
        self._revision = -1

    def _has_ended(self) -> bool:
        moment = asyncio.get_running_loop().time()
        for connection_id, task in self._tasks.items():
            if task.done() and connection_id in self._couriers:
                self._report(connection_id, task)
                del self._couriers[connection_id]
                self._restart_at[connection_id] = moment + RESTART_S
        return any(at <= moment for at in self._restart_at.values())

    async def _configure(self) -> None:
        connections = {one.id: one for one in self._directory.connections() if one.enabled}
        changed = [
            connection_id
            for connection_id, courier in self._couriers.items()
            if connections.get(connection_id) != courier.connection
        ]
        await self._end(changed)
        moment = asyncio.get_running_loop().time()
        missing = [
            connection
            for connection_id, connection in connections.items()
            if connection_id not in self._couriers and self._restart_at.get(connection_id, 0) <= moment
        ]
        saved = self._store.load()
        await self._drop_orphans(saved, {one.id for one in self._directory.connections()})
        for connection in missing:
            self._restart_at.pop(connection.id, None)
            self._start(connection, saved)
        goals = self._directory.goals()
        for connection_id, courier in self._couriers.items():
            mine = [goal for goal in goals if goal.connection_id == connection_id]
            courier.set_goals(mine, saved.progress)
        for connection in missing:
            if connection.id in self._couriers:
                courier = self._couriers[connection.id]
                self._tasks[connection.id] = asyncio.create_task(courier.run())

    async def _drop_orphans(self, saved: Saved, known: set[int]) -> None:
        """Close what waits for connections that were deleted: nobody will ever send it."""
        orphans = [request for request in saved.requests if request.connection_id not in known]
        if not orphans:
            return
        writes = Writes()
        for request in orphans:
            writes.closed.append(request.id)
            for item in request.items:
                subject = f"{request.connection_id}/{item.goal_id}"
                writes.counts[subject, Kind.FILTERED, CONNECTION_GONE] += 1
        await self._depot.committer.commit(writes)

    def _start(self, connection: Connection, saved: Saved) -> None:
        connector = self._connectors.get(connection.connector)
        if connector is None:
            logger.warning(
                "delivery.no_connector", connection_id=connection.id, connector=connection.connector
            )
            return
        try:
            courier = Courier(connection, connector, self._depot)
        except (KeyError, TypeError, ValueError) as error:
            logger.error(
                "delivery.unusable_settings", connection_id=connection.id, error=type(error).__name__
            )
            return
        requests = [one for one in saved.requests if one.connection_id == connection.id]
        ids = {item.profile_id for request in requests for item in request.items}
        courier.restore(requests, self._feed.state.survivors(sorted(ids)) if ids else {})
        self._couriers[connection.id] = courier

    async def _end(self, connection_ids: list[int]) -> None:
        """Let couriers finish what is under way."""
        for connection_id in connection_ids:
            self._couriers.pop(connection_id).stop()
        for connection_id in connection_ids:
            task = self._tasks.pop(connection_id, None)
            if task is not None:
                await asyncio.gather(task, return_exceptions=True)
                self._report(connection_id, task)

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

    def _report(self, connection_id: int, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, OnefoldError):
            logger.error("delivery.courier_ended", connection_id=connection_id, code=error.code)
        elif error is not None:
            logger.error("delivery.courier_failed", connection_id=connection_id, exc_info=error)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
