"""What observing needs of the stores: looks at each role's file, every one taken in one transaction.

Suites: `tests/unit/observe/`. A file that its role has not made yet gives an empty look.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from onefold.model.delivery import Attempt, ConnectionState, GoalProgress
from onefold.model.goal import Goal
from onefold.model.letter import Letter
from onefold.model.outcome import Count, Kind
from onefold.model.record import Record

STAGES = ("capture", "unify", "segment", "activate")
"""In the order of an event's way."""
DATA_POINTS = "data_points"
"""The stage under which deliver counts what Braze bills; no stage of an event's way."""


class RoleStatus(Protocol):
    """How a role is, as its role file says."""

    @property
    def role(self) -> str:
        """Its name."""
        ...

    @property
    def status(self) -> str:
        """`running`, `starting` or `down`."""
        ...

    @property
    def since(self) -> int:
        """Microseconds; 0 = it never ran."""
        ...


class MinuteCount(msgspec.Struct, frozen=True, gc=False):
    """A counter of one minute."""

    minute: int
    stage: str
    subject: str
    kind: Kind
    code: str
    count: int


class Counters(NamedTuple):
    """What one file counted from a minute on.

    `settled`: sums of the minutes before `settled_to`, which will not change any more; `recent`: the rest.
    `is_whole`: the sums go back to the beginning, whatever was asked for: forget those before.
    """

    settled: Sequence[Count] = ()
    settled_to: int = 0
    recent: Sequence[MinuteCount] = ()
    is_whole: bool = False


class SegmentSize(NamedTuple):
    """A segment as the worker has it."""

    id: int
    name: str
    state: str
    people: int


class WorkerLook(msgspec.Struct, frozen=True):
    """state.db: what is counted, how far the log is folded."""

    counters: Counters = Counters()
    offset: int = 0
    clock: int = 0
    """The fold's."""
    segments: Sequence[SegmentSize] = ()
    last_change: int = 0
    """The number of the newest change to people."""
    rules_from: int = 0
    """The record from which the rules of identity hold; 0 where the server's settings alone decide."""


class LogLook(msgspec.Struct, frozen=True):
    """log.db: what is counted, what waits for the worker, how full it is."""

    counters: Counters = Counters()
    end: int = 0
    waiting_events: int | None = 0
    """Events behind the worker; None = too many to count one by one."""
    waiting_since: int = 0
    """When the oldest record that waits was received (0: nothing waits)."""
    used_bytes: int = 0
    disk_free_bytes: int = 0


class DeliveryLook(msgspec.Struct, frozen=True):
    """delivery.db: what is counted, what waits, how long it took, how the connections fare."""

    counters: Counters = Counters()
    waiting: Mapping[int, int] = {}
    """Items by connection, with people who wait for room in its budget."""
    for_budget: Mapping[int, int] = {}
    """Of them, those that wait for room in its budget: people, and what is held."""
    latencies: Mapping[float, int] = {}
    """Longest time of a bucket in milliseconds -> items, of the last minutes."""
    states: Mapping[int, ConnectionState] = {}
    cursors: Mapping[int, int] = {}
    """Goal -> the last change it has planned."""
    runs_mark: int = 0
    """Another number once a run of a goal began, went on or ended."""


class SourceName(NamedTuple):
    """A source, as far as observing cares."""

    id: int
    name: str
    kind: str
    enabled: bool


class ConnectionName(NamedTuple):
    """A connection without its settings."""

    id: int
    name: str
    connector: str
    enabled: bool


class Config(msgspec.Struct, frozen=True):
    """control.db: names of what the user defined."""

    sources: Sequence[SourceName] = ()
    segments: Mapping[int, str] = {}
    connections: Sequence[ConnectionName] = ()
    goals: Sequence[Goal] = ()
    mark: int = 0
    """Another number with each change, and each entry of the audit trail."""


class People(NamedTuple):
    """Profiles, and those of them with any identifier besides anonymous ids."""

    total: int = 0
    known: int = 0


class FlowStore(Protocol):
    """Looks for the flow. `since` is the minute up to which the caller holds sums already."""

    def look_at_delivery(self, since: int, latency_since: int) -> DeliveryLook:
        """A few queries; their cost does not grow with what was ever counted."""
        ...

    def look_at_worker(self, since: int) -> WorkerLook:
        """The same of state.db."""
        ...

    def look_at_log(self, since: int, folded_to: int) -> LogLook:
        """The same of log.db; what waits is what stands behind the offset `folded_to`."""
        ...

    def config(self) -> Config:
        """Read again only when something was changed."""
        ...

    def people(self) -> People:
        """How many there are; the worker keeps count."""
        ...

    def change_after(self, seq: int) -> int:
        """When the first change behind this one was made (0: there is none)."""
        ...

    def capture_minutes(self, since: int) -> Mapping[int, set[int]]:
        """Source -> the minutes from `since` on in which it sent something."""
        ...

    def history(self, first: int, last: int) -> Sequence[tuple[int, str, Kind, int]]:
        """(minute, stage, kind, count) of these minutes, both included."""
        ...

    def tasks_mark(self) -> int:
        """Another number once the tasks role wrote anything: a run began, went on or ended, a mail."""
        ...

    def open_letters(self) -> Mapping[str, int]:
        """Dead letters by stage that nobody has decided about."""
        ...


class Receipt(NamedTuple):
    """One place in the log where an event with the wanted message id stands."""

    source_id: int
    offset: int
    position: int


class Folded(NamedTuple):
    """What the worker made of the event at a place."""

    batch_offset: int
    kind: Kind
    profile_id: int
    survivor_id: int
    clock: int
    committed_at: int


class Evidence(NamedTuple):
    """A row of identity evidence that the event brought about."""

    rule: str
    decision: str
    reason: str
    first: str
    second: str
    profile_id: int
    other_profile_id: int


class Transition(NamedTuple):
    """A profile entered (or left) a segment at a record."""

    segment_id: int
    profile_id: int
    at: int
    entered: bool


class Waiting(NamedTuple):
    """A request that carries the event and is not answered yet."""

    request_id: int
    connection_id: int
    goal_id: int
    part: str
    attempts: int
    maybe_doubled: bool
    retry_at: int


class GoalLetter(NamedTuple):
    """A dead letter of one goal about an event, or about what it changed of its profile; `answer` with it."""

    goal_id: int
    letter: Letter
    answer: str


class Verdict(NamedTuple):
    """What a goal, as it is now, makes of an event: `passed` means that it would be sent.

    `kind` is None when it cannot be told; `reason` then says why.
    """

    kind: Kind | None
    code: str = ""
    reason: str = ""


class TraceStore(Protocol):
    """Look-ups for a trace: nothing is kept an event, so each is a search in what the roles keep anyway."""

    def find(self, source_ids: Sequence[int], message_id: str) -> list[Receipt]:
        """Where events with this id stand, oldest first: resends too, as far as they are searched for."""
        ...

    def record(self, offset: int) -> Record | None:
        """A record that the log still holds."""
        ...

    def folded(self, receipt: Receipt) -> Folded | None:
        """None: the worker has not come there, or it is too long ago."""
        ...

    def evidence(self, offset: int, position: int) -> list[Evidence]:
        """What identity learnt from the event."""
        ...

    def transitions(self, offset: int, profile_ids: Sequence[int]) -> list[Transition]:
        """Who of these entered or left what at this record."""
        ...

    def attempts(self, receipt: Receipt, folded: Folded) -> list[Attempt]:
        """Tries that carried the event, or what it changed of its profile, cut to those; oldest first."""
        ...

    def waiting(self, receipt: Receipt, folded: Folded) -> list[Waiting]:
        """The same, of requests not answered yet."""
        ...

    def change_of(self, folded: Folded) -> int:
        """The change row that the event's batch made (0: none, or gone)."""
        ...

    def progress(self) -> Mapping[int, GoalProgress]:
        """Goal -> how far it has planned."""
        ...

    def letters(self, message_id: str) -> list[Letter]:
        """Dead letters of capture and unify with this message id, oldest first."""
        ...

    def goal_letters(self, receipt: Receipt, folded: Folded) -> list[GoalLetter]:
        """Dead letters of activation that were not sent again; of a profile's only the first of each goal."""
        ...

    def tried_since(self) -> int:
        """When the oldest try that is still kept was answered (0: none is)."""
        ...

    def states(self) -> Mapping[int, ConnectionState]:
        """How connections fare."""
        ...

    def follows_events(self, goal: Goal) -> bool:
        """Whether the goal sends events, not what they change of profiles."""
        ...

    def judge(self, goal: Goal, receipt: Receipt, folded: Folded) -> Verdict:
        """What the goal, as it is now, makes of the event. Costs what planning one event costs."""
        ...

    def config(self) -> Config:
        """Names of sources, segments, connections and goals."""
        ...
