"""What goals make of one event, told from the files of a data directory: see `activate/explain.py`.

In: a goal, a connection as control.db keeps it (without secrets), the event's place. Out: a `Verdict`.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from onefold.activate.explain import Finding, Happened, explain
from onefold.activate.failure import FAILED, place_of
from onefold.activate.ledger import Ledgers
from onefold.activate.read import Feed
from onefold.activate.store import Marks
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.database import is_current, json_list
from onefold.backends.embedded.delivery import GET_MARKS, read_marks
from onefold.backends.embedded.file import File
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.observe.store import Folded, Receipt, Verdict
from onefold.plugin.contract import Connector
from onefold.plugin.declare import Feed as FeedKind

Connectors = Callable[[], Mapping[str, Connector]]
UNKNOWN = Verdict(None, "", "It cannot be told: the connector or the event is no longer there.")


class _LedgerFile:
    """What destinations hold, read only."""

    def __init__(self, delivery: File) -> None:
        self._delivery = delivery

    def ledger(self, ledger_id: int, profile_ids: Sequence[int]) -> dict[int, Marks]:
        """The marks of these profiles."""
        return read_marks(self._delivery.rows(GET_MARKS, ledger_id, json_list(profile_ids)))

    def has_ledger(self, ledger_id: int) -> bool:
        """Whether any profile has marks there."""
        return bool(self._delivery.rows("select 1 from ledger where ledger_id = ? limit 1", ledger_id))

    def ledger_page(self, ledger_id: int, after: int, limit: int) -> list[int]:
        """Asked of nobody here."""
        raise NotImplementedError


class DeliveryReaders:
    """State, log and ledger, read only."""

    def __init__(self, data_dir: Path, delivery: File) -> None:
        self._state, self._log = EmbeddedStateReader(data_dir), EmbeddedLogReader(data_dir)
        self.feed = Feed(self._state, self._log)
        self.ledgers: Ledgers = _LedgerFile(delivery)

    def close(self) -> None:
        """Give the files back."""
        self._state.close()
        self._log.close()


@contextmanager
def open_readers(data_dir: Path) -> Iterator[DeliveryReaders | None]:
    """What a goal can be tried on; None where no event was ever folded."""
    if not all(is_current(data_dir, name) for name in ("state", "log")):
        yield None
        return
    with (
        closing(File(data_dir, "delivery")) as delivery,
        closing(DeliveryReaders(data_dir, delivery)) as found,
    ):
        yield found


class EmbeddedJudge:
    """Safe to share between threads. Opens its files at the first question."""

    def __init__(self, data_dir: Path, delivery: File, control: File, connectors: Connectors) -> None:
        self._data_dir = data_dir
        self._delivery = delivery
        self._control = control
        self._connectors = connectors
        self._readers: DeliveryReaders | None = None
        self._lock = threading.Lock()

    def follows_events(self, goal: Goal) -> bool:
        """Whether the goal sends events, not what they change of profiles."""
        connection = self._connection(goal)
        connector = self._connectors().get(connection.connector) if connection else None
        kind = connector.info.goal(goal.kind) if connector else None
        if kind is None:
            return False
        on_event = kind.feed is FeedKind.MOMENTS and goal.settings.get("when") == "event"
        return kind.feed is FeedKind.EVENTS or on_event

    def judge(self, goal: Goal, receipt: Receipt, folded: Folded) -> Verdict:
        """What the goal, as it is now, makes of the event."""
        connection = self._connection(goal)
        connector = self._connectors().get(connection.connector) if connection else None
        readers = self._open()
        if connection is None or connector is None or readers is None:
            return UNKNOWN
        happened = Happened(
            receipt.offset,
            receipt.position,
            folded.profile_id,
            folded.batch_offset,
            folded.clock,
            folded.committed_at,
        )
        try:
            found: Finding | None = explain(
                goal, connection, connector, happened, readers, goals=self._goals(goal.connection_id)
            )
        except Exception as error:  # a stranger's code may fail in any way; a trace tells all the rest
            reason = f"The connector failed at this event: {type(error).__name__} in {place_of(error)}."
            return Verdict(None, FAILED, reason)
        return Verdict(*found) if found else UNKNOWN

    def close(self) -> None:
        """Give the files back that it opened."""
        with self._lock:
            if self._readers is not None:
                self._readers.close()
                self._readers = None

    def _connection(self, goal: Goal) -> Connection | None:
        rows = self._control.rows("select body from connection where id = ?", goal.connection_id)
        if not rows:
            return None
        found = msgspec.json.decode(rows[0][0], type=Connection)
        return msgspec.structs.replace(found, id=goal.connection_id)

    def _goals(self, connection_id: int) -> list[Goal]:
        rows = self._control.rows("select id, body from goal where connection_id = ?", connection_id)
        return [msgspec.structs.replace(msgspec.json.decode(body, type=Goal), id=one) for one, body in rows]

    def _open(self) -> DeliveryReaders | None:
        with self._lock:
            if self._readers is None and all(is_current(self._data_dir, name) for name in ("state", "log")):
                self._readers = DeliveryReaders(self._data_dir, self._delivery)
            return self._readers
