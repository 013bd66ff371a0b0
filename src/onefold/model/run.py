"""A run: one execution of long work, with its progress, counts and end."""

from enum import StrEnum

import msgspec


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    """Left out: the run before had not ended, or its time had passed."""


class RunKind(StrEnum):
    """What a run does."""

    IMPORT = "import"
    SEGMENT_FILL = "segment_fill"
    REPLAY = "replay"
    BACKUP = "backup"
    RETENTION = "retention"
    GOAL = "goal"
    INTAKE = "intake"
    """An import goal brings people in."""
    INTAKE_PREVIEW = "intake_preview"
    """What an import goal would change, without changing it."""
    ERASURE = "erasure"
    FEEDBACK = "feedback"
    """A goal reads what a destination tells of."""
    COMPARISON = "comparison"
    """What a destination really holds of a goal's people is read back."""


INWARD = frozenset({RunKind.INTAKE, RunKind.FEEDBACK})
"""Runs of goals that bring something in; people are told of their ends as of those of other goals."""


class Run(msgspec.Struct, frozen=True):
    """One run. `done` of `total` is its progress in `unit`; total 0 = unknown."""

    id: str
    kind: RunKind
    subject: str
    state: RunState
    created_at: int
    started_at: int = 0
    ended_at: int = 0
    unit: str = ""
    done: int = 0
    total: int = 0
    passed: int = 0
    filtered: int = 0
    rejected: int = 0
    deferred: int = 0
    cancel_asked: bool = False
    message: str = ""
    """What a person reads of its end: result, or what failed and what to do."""
    arguments: dict[str, str | int | bool] = {}
