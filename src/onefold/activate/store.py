"""What activation needs of the stores: many at once, one transaction a cycle.

Suites for backends: `tests/backends/test_delivery.py`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from onefold.model.comparison import Difference, Wish
from onefold.model.connection import Connection
from onefold.model.delivery import Attempt, ConnectionState, GoalProgress, Held, Item, Request
from onefold.model.erasure import Erased
from onefold.model.goal import Goal
from onefold.model.goal_run import GoalClock, GoalRun, RunSample
from onefold.model.outcome import Kind

Marks = dict[str, int]
"""Field -> hash of the value that the destination holds; see `ledger.py` for the other marks."""


class Batch(NamedTuple):
    """What the worker made of the records first_offset..offset: an outcome and a profile an event."""

    offset: int
    first_offset: int
    clock: int
    outcomes: bytes
    profiles: bytes
    """int64 an event."""


class StateReader(Protocol):
    """Reads what the worker derives; every method is one query (or a few) for many rows."""

    def head(self) -> int:
        """The newest change (0: none)."""
        ...

    def head_before(self, at: int) -> int:
        """The newest change of an earlier time; where none is held, the one before the oldest held."""
        ...

    def ends(self) -> tuple[int, int]:
        """The newest change and the offset of the newest batch, of one moment (0: none)."""
        ...

    def batches_after(self, after: int, end: int, limit: int) -> list[Batch]:
        """A page of the batches that still exist with `after` < offset <= `end`, in order."""
        ...

    def batches_before(self, offset: int, limit: int) -> list[Batch]:
        """A page of the batches that still exist before an offset, the newest first."""
        ...

    def batch_before(self, at: int) -> int:
        """The offset of the last batch that was received before a time (0: none)."""
        ...

    def changes(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Stored changes with seq > `after`, in order."""
        ...

    def batches(self, offsets: Sequence[int]) -> dict[int, Batch]:
        """The batches with these offsets that still exist."""
        ...

    def profiles(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Stored profiles by id; ids that were merged away are absent."""
        ...

    def survivors(self, ids: Sequence[int]) -> dict[int, int]:
        """Where merged profiles live now; others are absent."""
        ...

    def profiles_after(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """A page of all stored profiles, by id."""
        ...

    def erasures(self, after: int) -> list[Erased]:
        """Who was erased by records behind an offset, oldest first."""
        ...

    def members_after(self, segment_id: int, after: int, limit: int) -> list[int]:
        """A page of a segment's members, by id."""
        ...

    def last_profile(self) -> int:
        """The highest id of a profile (0: none)."""
        ...

    def segment_names(self) -> dict[int, str]:
        """The name of every segment, by id."""
        ...


class Replay(NamedTuple):
    """Someone decided that a dead letter shall be sent again."""

    letter: int
    at: int


class Ask(NamedTuple):
    """Someone asked for a run of a goal. Ids sort by time."""

    id: str
    connection_id: int
    goal_id: int
    by: str
    at: int
    comparison: Wish | None = None
    """Read back what the destination holds, instead of comparing everyone with the ledger."""


class Asked(NamedTuple):
    """What people asked of runs of goals, oldest first, and the runs that they want to end."""

    runs: Sequence[Ask] = ()
    cancelled: frozenset[str] = frozenset()


class ConnectionDirectory(Protocol):
    """What the user configured; read again when `revision` has grown."""

    def revision(self) -> int:
        """Grows with every change."""
        ...

    def connections(self) -> Sequence[Connection]:
        """All connections, secrets decrypted."""
        ...

    def goals(self) -> Sequence[Goal]:
        """All goals of all connections."""
        ...

    def replays(self, since: int) -> Sequence[Replay]:
        """Dead letters of activation marked replayed at `since` or later, oldest first."""
        ...

    def asked(self) -> Asked:
        """What people asked of runs of goals."""
        ...


class NewLetter(msgspec.Struct, gc=False):
    """A dead letter before it has a number; `item` is what would be sent again, `answer` safe to show."""

    code: str
    field: str
    reason: str
    hint: str
    subject: str
    payload: bytes
    connection_id: int
    channel: str
    item: Item
    answer: str = ""


class StoredLetter(NamedTuple):
    """A dead letter whose item shall go again."""

    id: int
    connection_id: int
    channel: str
    item: Item


class Saved(NamedTuple):
    """What a restart finds."""

    requests: list[Request]
    """Not yet answered, in the order in which they were opened."""
    progress: dict[int, GoalProgress]
    next_request_id: int
    runs: list[GoalRun]
    """Those that have not ended."""
    clocks: dict[int, GoalClock]
    next_run: int
    holding: frozenset[int] = frozenset()
    """Connections of which something is held."""


class Writes:
    """What one cycle of one connection writes, all or nothing."""

    __slots__ = (
        "attempts",
        "clocks",
        "closed",
        "costs",
        "counts",
        "differences",
        "hastened",
        "held",
        "latencies",
        "ledger",
        "letters",
        "opened",
        "progress",
        "released",
        "repacked",
        "requeued",
        "runs",
        "samples",
        "saved",
        "sending",
        "spent",
        "state",
    )

    def __init__(self) -> None:
        self.opened: list[Request] = []
        self.sending: list[Request] = []
        """Their tries changed."""
        self.repacked: list[Request] = []
        """Some of their items are not to be sent after all: they lost them."""
        self.closed: list[int] = []
        self.attempts: list[Attempt] = []
        self.ledger: dict[tuple[int, int], Marks | None] = {}
        self.counts: Counter[tuple[str, Kind, str]] = Counter()
        """(subject, kind, code)."""
        self.costs: Counter[str] = Counter()
        """What was billed, by subject."""
        self.spent: Counter[tuple[int, int, str]] = Counter()
        """Likewise by (connection, goal, field)."""
        self.saved: Counter[tuple[int, int]] = Counter()
        """What comparing with the ledger saved, by (connection, goal)."""
        self.latencies: Counter[tuple[str, int]] = Counter()
        """(subject, bucket of `latency.py`)."""
        self.letters: list[NewLetter] = []
        self.progress: list[GoalProgress] = []
        self.requeued: list[int] = []
        self.held: list[Held] = []
        """To be kept until they are due; their ids are given by the store."""
        self.released: list[int] = []
        self.hastened: list[int] = []
        """Goals whose held items are due at once."""
        self.state: ConnectionState | None = None
        self.runs: list[GoalRun] = []
        """Changed or ended."""
        self.clocks: list[GoalClock] = []
        self.samples: list[RunSample] = []
        self.differences: list[Difference] = []

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in Writes.__slots__)


class DeliveryStore(Protocol):
    """Keeps what activation knows. Reads see what the last `apply` wrote."""

    def load(self) -> Saved:
        """Everything that a start needs."""
        ...

    def ledger(self, ledger_id: int, profile_ids: Sequence[int]) -> dict[int, Marks]:
        """The marks of these profiles; absent for none."""
        ...

    def has_ledger(self, ledger_id: int) -> bool:
        """Whether any profile has marks there."""
        ...

    def ledger_page(self, ledger_id: int, after: int, limit: int) -> list[int]:
        """A page of the profiles that have marks there, by id."""
        ...

    def open_runs(self) -> list[GoalRun]:
        """The runs that have not ended."""
        ...

    def held(self, connection_id: int, until: int, limit: int) -> list[Held]:
        """What is held and due by then, the first due first."""
        ...

    def next_held(self, connection_id: int) -> int:
        """When the first that is held is due; 0 for none."""
        ...

    def spent_since(self, connection_id: int, since: int) -> int:
        """What a connection has spent from a quarter of an hour on."""
        ...

    def answered_since(self, connection_id: int, at: int) -> frozenset[int]:
        """The profiles of which something was answered from a time on. May run in another thread."""
        ...

    def letters(self, ids: Sequence[int]) -> list[StoredLetter]:
        """Those of these dead letters that were not sent again yet."""
        ...

    def erased_to(self) -> int:
        """The last ERASE record that was obeyed here."""
        ...

    def erase(self, erasures: Sequence[Erased], at: int, writes: Writes) -> None:
        """Take these people out of what waits, ledgers and dead letters, and keep what shall tell of it.

        One transaction; only while nothing is under way.

        Raises:
            StorageError: nothing was written.
        """
        ...

    def apply(self, writes: Iterable[Writes], at: int) -> None:
        """Commit all of it in one transaction; durable when it returns.

        Raises:
            StorageError: nothing was written.
        """
        ...
