"""The worker role: folds the log into the state, and wakes delivery after every commit."""

import os
from collections.abc import Callable

import structlog

from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.backends.embedded.state import EmbeddedState
from onefold.errors import StorageError
from onefold.log.wake import Sleeper, Waker
from onefold.pipeline.store import StateStore, Writes
from onefold.pipeline.worker import Worker
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.role import Role
from onefold.runtime.settings import Settings
from onefold.segment.evaluator import compile_segments

RETRY_S = 1.0
"""After a commit that failed: a worker on a full disk costs next to nothing and is soon back."""

logger = structlog.get_logger(__name__)


def run_worker(role: Role) -> None:
    """Fold until told to stop, then what the log still holds."""
    role.wait_for_database("log")
    sleeper = Sleeper(role.directory.wake_socket("worker"))
    with WorkerParts(role.directory, role.settings) as parts:
        # Not before: starting imports and migrates, which a busy machine would draw out.
        os.nice(role.settings.server.worker_niceness)
        role.ready()
        _fold(role, parts, sleeper)
    sleeper.close()


def _fold(role: Role, parts: "WorkerParts", sleeper: Sleeper) -> None:
    """Fold; what the disk refuses is tried again, since the log holds it."""
    while True:
        try:
            parts.worker.run(role.stop.is_set, sleeper)
            parts.drain()
        except StorageError as error:
            logger.warning(error.code, message=error.message)
            if role.stop.wait(RETRY_S):
                return
        else:
            return


class WorkerParts:
    """A worker on its own files; the CLI uses it, too, when no server runs."""

    def __init__(self, directory: DataDirectory, settings: Settings) -> None:
        self._log = EmbeddedLogReader(directory.root)
        self._state = EmbeddedState(
            directory.root, cache_mb=settings.server.worker_cache_mb, kept=settings.retention
        )
        self._waker = Waker(directory.wake_socket("deliver"))
        store: StateStore = WakingState(self._state, self._waker)
        self.worker = Worker(
            self._log, store, compile_segments, unify=settings.unify, settings=settings.worker
        )

    def __enter__(self) -> "WorkerParts":
        return self

    def __exit__(self, *_: object) -> None:
        self._state.close()
        self._log.close()
        self._waker.close()

    def drain(self) -> None:
        """Fold until nothing is left."""
        while self.worker.step():
            pass


class WakingState:
    """A state store that wakes delivery when it has committed."""

    def __init__(self, state: EmbeddedState, waker: Waker) -> None:
        self._state = state
        self._waker = waker
        self.load = state.load
        self.identity = state.identity
        self.seen = state.seen
        self.identifiers = state.identifiers
        self.profiles = state.profiles
        self.profiles_between = state.profiles_between
        self.survivors = state.survivors
        self.due = state.due
        self.members = state.members
        self.has_erased = state.has_erased
        self.merged_into = state.merged_into
        self.refused_because_of = state.refused_because_of
        self.count_links = state.count_links
        self.letters_of = state.letters_of
        self.retire = state.retire

    def commit(self, writes: Writes, meanwhile: Callable[[], None] | None = None) -> None:
        """Commit, then wake."""
        self._state.commit(writes, meanwhile)
        self._waker.wake()
