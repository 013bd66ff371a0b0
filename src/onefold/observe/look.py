"""One look at the whole workspace: what the flow, the metrics and what needs attention are made of.

In: a store of looks, the role files. Out: `Look`, a few milliseconds whatever was ever counted. The files are
read from the end of the way to its beginning, so that no stage seems to have received what the one before it
had not handed on.
"""

import threading
from collections.abc import Callable, Mapping, Sequence

import msgspec

from onefold.clock import MINUTE, Clock, now
from onefold.model.outcome import Kind
from onefold.observe.store import (
    STAGES,
    Config,
    DeliveryLook,
    FlowStore,
    LogLook,
    MinuteCount,
    People,
    RoleStatus,
    WorkerLook,
)
from onefold.observe.totals import Key, StageTotals, Totals, sum_stages

LATENCY_MINUTES = 5
QUIET_MINUTES = 15
"""A busy source that sends nothing for so long deserves a look."""
BUSY_MINUTES = 60
"""What is busy: events in three of four of the minutes before."""
Roles = Callable[[], Sequence[RoleStatus]]


class Look(msgspec.Struct, frozen=True):
    """The workspace at one moment."""

    at: int
    roles: Sequence[RoleStatus]
    stages: Mapping[str, StageTotals]
    sums: Mapping[Key, int]
    waiting: Mapping[str, int]
    """Items that wait before a stage."""
    recent: Sequence[MinuteCount]
    worker: WorkerLook
    log: LogLook
    delivery: DeliveryLook
    planned_since: int
    """When the oldest change was made that activation has not planned (0: none)."""
    people: People
    letters: Mapping[str, int]
    config: Config
    quiet_sources: Sequence[int]
    tasks_mark: int = 0
    """Another number once the tasks role wrote anything."""
    clock_step: int = 0
    """By how much the machine's clock was set, while nobody follows it."""


class Observer:
    """Looks, and remembers sums between looks. Safe to share between threads.

    The first look adds up all counters: about a microsecond a counter and minute, so seconds after months.
    """

    def __init__(
        self,
        store: FlowStore,
        roles: Roles,
        *,
        clock: Clock = now,
        clock_step: Callable[[], int] = lambda: 0,
    ) -> None:
        self._store = store
        self._roles = roles
        self._clock_step = clock_step
        self._clock = clock
        self._lock = threading.Lock()
        self._log, self._worker, self._delivery = Totals(), Totals(), Totals()
        self._quiet: Sequence[int] = ()
        self._quiet_minute = -1

    def look(self) -> Look:
        """The workspace now.

        Raises:
            StorageError: a file cannot be read.
        """
        with self._lock:
            return self._look()

    def probe(self) -> LogLook:
        """Read a little of every file; cheap even before the first look. Gives how full the log is.

        Raises:
            StorageError: a file cannot be read.
        """
        minute = self._clock() // MINUTE
        self._store.config()
        self._store.look_at_delivery(minute, minute)
        folded_to = self._store.look_at_worker(minute).offset
        return self._store.look_at_log(minute, folded_to)

    def history(self, minutes: int) -> tuple[int, Sequence[tuple[int, str, Kind, int]]]:
        """The minute before this one, and what the `minutes` up to it counted."""
        last = self._clock() // MINUTE - 1
        return last, self._store.history(last - minutes + 1, last)

    def _look(self) -> Look:
        at = self._clock()
        store = self._store
        config = store.config()
        delivery = store.look_at_delivery(self._delivery.since, at // MINUTE - LATENCY_MINUTES)
        self._delivery.advance(delivery.counters)
        worker = store.look_at_worker(self._worker.since)
        self._worker.advance(worker.counters)
        log = store.look_at_log(self._log.since, worker.offset)
        self._log.advance(log.counters)
        totals = (self._log, self._worker, self._delivery)
        stages = sum_stages(one.sums for one in totals)
        return Look(
            at=at,
            roles=self._roles(),
            stages={name: stages.get(name) or StageTotals() for name in STAGES},
            sums={key: count for one in totals for key, count in one.sums.items()},
            waiting={
                "unify": _backlog(log, stages),
                "activate": sum(delivery.waiting.values()),
            },
            recent=[row for one in totals for row in one.recent],
            worker=worker,
            log=log,
            delivery=delivery,
            planned_since=self._planned_since(config, delivery),
            people=store.people(),
            letters=store.open_letters(),
            config=config,
            quiet_sources=self._find_quiet(config, at // MINUTE),
            tasks_mark=store.tasks_mark(),
            clock_step=self._clock_step(),
        )

    def _planned_since(self, config: Config, delivery: DeliveryLook) -> int:
        running = {one.id for one in config.connections if one.enabled and not _is_paused(delivery, one.id)}
        cursors = [
            delivery.cursors[goal.id]
            for goal in config.goals
            if goal.enabled and goal.connection_id in running and goal.id in delivery.cursors
        ]
        return self._store.change_after(min(cursors)) if cursors else 0

    def _find_quiet(self, config: Config, minute: int) -> Sequence[int]:
        """Busy sources that fell silent; looked for once a minute."""
        if minute != self._quiet_minute:
            self._quiet_minute = minute
            edge = minute - QUIET_MINUTES
            sent = self._store.capture_minutes(edge - BUSY_MINUTES)
            live = {source.id for source in config.sources if source.enabled and source.kind == "http"}
            self._quiet = sorted(
                source_id
                for source_id, minutes in sent.items()
                if source_id in live
                and max(minutes) < edge
                and sum(edge - BUSY_MINUTES <= one < edge for one in minutes) * 4 >= BUSY_MINUTES * 3
            )
        return self._quiet


def _is_paused(delivery: DeliveryLook, connection_id: int) -> bool:
    state = delivery.states.get(connection_id)
    return state is not None and state.state in ("paused", "failed", "off")


def _backlog(log: LogLook, stages: Mapping[str, StageTotals]) -> int:
    """Events behind the worker: counted one by one, or, if they are many, what the counters leave."""
    if log.waiting_events is not None:
        return log.waiting_events
    captured = stages["capture"].by_kind[Kind.PASSED] if "capture" in stages else 0
    folded = sum(stages["unify"].by_kind.values()) if "unify" in stages else 0
    return max(captured - folded, 0)
