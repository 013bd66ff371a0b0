"""Folds the log again, into a fresh state: what proves that the live state is what the log says.

In: a log reader, an empty state (or one opened on a base snapshot), the offset to stop at. Out: that state,
folded. Same code, same records, same order: any difference from the live state is a fault.
"""

from collections.abc import Callable

import msgspec

from onefold.errors import StorageError
from onefold.log.log import LogReader
from onefold.pipeline.segments import Compile
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.store import Position, StateStore
from onefold.pipeline.worker import Worker
from onefold.unify.settings import UnifySettings


class ReplayProgress(msgspec.Struct, frozen=True):
    """How far a replay is, in offsets of the log."""

    offset: int
    until: int
    events: int


def replay(
    log: LogReader,
    store: StateStore,
    compile_segments: Compile,
    *,
    until: int,
    unify: UnifySettings,
    settings: WorkerSettings | None = None,
    progress: Callable[[ReplayProgress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Position:
    """Fold the log up to the offset `until`; returns where it stopped (short of it when cancelled).

    Raises:
        StorageError: the log no longer reaches back to where the state begins; start from a base snapshot.
    """
    worker = Worker(log, store, compile_segments, unify=unify, settings=settings)
    first = log.first()
    if first > worker.position.offset + 1:
        raise StorageError(
            "replay.log_too_short",
            f"The log begins at {first}, but the state to start from ends at {worker.position.offset}.",
            hint="Give the base snapshot that retention wrote before it removed the older records.",
        )
    events = 0
    while worker.position.offset < until and not is_cancelled():
        done = worker.step(until)
        if not done:
            break
        events += done
        progress(ReplayProgress(worker.position.offset, until, events))
    return worker.position
