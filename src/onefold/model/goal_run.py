"""A run of a goal: what set it off, what became of each item of it, and samples to look at.

An item belongs to the run that planned it, however much later it is answered: planned = passed + filtered +
rejected + deferred, at any moment. A goal that runs continuously has a run for each hour in which it did
something.
"""

from enum import StrEnum

import msgspec

from onefold.model.comparison import Comparison
from onefold.model.outcome import Kind
from onefold.model.run import RunState

NO_RUN = 0
"""Number of the run of an item that belongs to none (it was planned before runs were kept)."""
ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED, RunState.SKIPPED})


class Trigger(StrEnum):
    """What set a run off."""

    CONTINUOUS = "continuous"
    SCHEDULE = "schedule"
    PERSON = "person"
    RETRY = "retry"
    """Dead letters were sent on their way again."""
    COMPARISON = "comparison"
    """What the destination holds is read back; items are what a repair sends."""


class Reason(msgspec.Struct, frozen=True, array_like=True):
    """So many items ended so."""

    kind: Kind
    code: str
    count: int


class GoalRun(msgspec.Struct):
    """One run. `number` is what items carry; `id` is what people and the API name it by."""

    number: int
    id: str
    connection_id: int
    goal_id: int
    trigger: Trigger
    created_at: int
    by: str = ""
    """Person or token that asked for it."""
    state: RunState = RunState.QUEUED
    due_at: int = 0
    """The time of the schedule that it stands for, or the hour that it covers."""
    missed: int = 0
    """Times of the schedule before `due_at` that passed while nothing ran."""
    started_at: int = 0
    ended_at: int = 0
    scanning: bool = False
    """It still compares people with the ledger."""
    scanned_to: int = 0
    """Profile id up to which everyone was compared."""
    cancel_asked: bool = False
    planned: int = 0
    reasons: list[Reason] = []
    code: str = ""
    message: str = ""
    connection_name: str = ""
    goal_name: str = ""
    """As they were called then: a run outlives both."""
    held: dict[str, int] = {}
    """Of what is deferred, that which is held until a time, by why: quiet hours, a spent budget."""
    put_off: int = 0
    """Of what is deferred, people who are compared again once there is room in the budget."""
    comparison: Comparison | None = None
    """Of a run that reads back what the destination holds."""

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state not in ENDED

    def total(self, kind: Kind) -> int:
        """Items that ended so, whatever the code."""
        return sum(reason.count for reason in self.reasons if reason.kind is kind)

    @property
    def deferred(self) -> int:
        """Items that wait or are under way."""
        return self.planned - sum(reason.count for reason in self.reasons)

    @property
    def is_resting(self) -> bool:
        """It looked at everyone, and nothing of it is under way: what is left waits for a time."""
        waits = self.put_off + sum(self.held.values())
        return self.state is RunState.RUNNING and not self.scanning and 0 < self.deferred <= waits


class GoalClock(msgspec.Struct):
    """How far the times of a goal, and what people asked of it, were looked at."""

    goal_id: int
    schedule: str = ""
    """The schedule that `checked_at` belongs to, as JSON; of another one, times count from now on."""
    checked_at: int = 0
    asked: str = ""
    """The last request for a run that was followed."""


class RunSample(msgspec.Struct, frozen=True):
    """One item of a run, to look at: holds personal data, and goes with its run."""

    run: int
    kind: Kind
    code: str
    profile_id: int
    key: str
    """Message id of the event that it comes from."""
    ours: bytes
    """The values as we hold them, JSON; of an item that was sent, as they were when it was answered."""
    request: bytes = b""
    """The object as it was sent; empty if it never was."""
    answer: str = ""
    """What the destination said."""
