"""What the works of runs share: the tools of their process, and the look whether to go on."""

import os
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from onefold.acquire.gather import GatheredBatch
from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.connections import ConnectionStore
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.errors import OnefoldError
from onefold.model.connection import Connection
from onefold.model.erasure import Removal, Removed
from onefold.model.identity_rules import IdentityRules
from onefold.model.mark import Mark
from onefold.pipeline.store import IdentityRow
from onefold.plugin.contract import Connector
from onefold.plugin.discover import find_connectors
from onefold.plugin.feedback import FeedbackOrigin
from onefold.plugin.origin import Origin
from onefold.run.execute import Cancelled
from onefold.run.progress import Interrupted, Progress
from onefold.runtime.append import Append
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.log_hold import LogHold
from onefold.runtime.place_hold import PlaceHold
from onefold.runtime.secret_key import load_cipher
from onefold.runtime.settings import Settings

Opened = TypeVar("Opened", Origin, FeedbackOrigin)


@dataclass(frozen=True, slots=True)
class Tools:
    """What the works need of their process."""

    directory: DataDirectory
    settings: Settings
    runs: EmbeddedRuns
    append: Append
    trim: Callable[[int], int]
    """Asks the log's owner to delete the records before an offset; returns how many went."""
    erase: Callable[[Removal], Removed]
    """Asks the log's owner to take a person's events and dead letters out."""
    deliver: Callable[[], None]
    """Lets deliver obey erasures: by waiting for it, or by doing it here when no server runs."""
    fold: Callable[[], None]
    """Lets the worker come on: by waiting for it, or by folding here when no server runs."""
    hold: LogHold = field(default_factory=LogHold)
    """Keeps retention from those who read the log as a whole."""
    places: PlaceHold = field(default_factory=PlaceHold)
    """Lets one run at a time read a place."""

    def rules(self) -> "RulesInTime":
        """The rules of identity, now and of before."""
        people = EmbeddedPeople(self.directory.root)
        try:
            return RulesInTime(people.identity_history(), self.settings.unify)
        finally:
            people.close()


class RulesInTime:
    """By which rules of identity the events of the log were read."""

    def __init__(self, history: Sequence[IdentityRow], server: IdentityRules) -> None:
        """`server`: of the settings, which decide while no record does."""
        self._history = history
        self._server = server

    @property
    def now(self) -> IdentityRules:
        """Those that hold."""
        return self.at(sys.maxsize)

    def at(self, offset: int) -> IdentityRules:
        """Those that held for the record at an offset."""
        place = bisect_right(self._history, offset, key=lambda row: row.offset)
        return self._history[place - 1].rules if place else self._server


def append_batch(batch: GatheredBatch, mark_name: str, progress: Progress, tools: Tools) -> None:
    """Append the batch with the mark behind it, in one commit, and report."""
    if batch.records or batch.letters or batch.counts:
        after = progress.position
        for count in batch.counts:
            progress.count(count.kind, count.count)
        run = progress.run
        mark = Mark(mark_name, run.id, after, batch.position, run.passed, run.rejected)
        tools.append(batch.records, batch.counts, batch.letters, mark)
        progress.position = batch.position
    progress.report(batch.done, batch.total, batch.unit)


def mark_of(tools: Tools, name: str) -> Mark | None:
    """How far the log says that something has come."""
    log = EmbeddedLogReader(tools.directory.root)
    try:
        return log.find_mark(name)
    finally:
        log.close()


@contextmanager
def opened(
    tools: Tools, connection_id: int, opener: Callable[[Connector | None, Connection], Opened | None]
) -> Iterator[Opened]:
    """A connection as it now stands, opened to bring in from it; closed behind.

    Raises:
        OnefoldError: it or its connector is gone.
    """
    connection = _connection_of(tools, connection_id)
    origin = opener(find_connectors().connectors.get(connection.connector), connection)
    if origin is None:
        raise OnefoldError("acquire.no_connector", f"{connection.connector} cannot bring people in.")
    with closing(origin):
        yield origin


def _connection_of(tools: Tools, connection_id: int) -> Connection:
    root = tools.directory.root
    control = ControlDatabase.reader(root)
    try:
        found = ConnectionStore(control, load_cipher(root, os.environ)).find(str(connection_id))
    finally:
        control.close()
    if found is None:
        raise OnefoldError("acquire.no_connection", "The connection of this import is gone.")
    return found


def check(progress: Progress) -> None:
    """Go on, or raise.

    Raises:
        Cancelled: someone asked to end the run.
        Interrupted: the role stops.
    """
    if progress.is_cancelled():
        raise Cancelled
    if progress.is_stopping():
        raise Interrupted
