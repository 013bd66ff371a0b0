"""What became of an item at a stage. Every batch of n items yields n outcomes, in order."""

from enum import IntEnum

import msgspec


class Kind(IntEnum):
    """The four ends. Stored as a byte an event; never renumber."""

    PASSED = 0
    FILTERED = 1
    REJECTED = 2
    DEFERRED = 3


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """`code` is `stage.reason` for all but passed; `detail` is safe to show.

    `answer` is what a destination said, as it came. With a dead letter it is kept masked and cut; with the
    samples of a run, which go with the run, as it is.
    """

    kind: Kind
    code: str = ""
    detail: str = ""
    retry_at: int = 0
    answer: str = ""


PASSED = Outcome(Kind.PASSED)


def filtered(code: str) -> Outcome:
    """Left out on purpose: counted by its reason, never an alarm."""
    return Outcome(Kind.FILTERED, code)


def rejected(code: str, detail: str = "", answer: str = "") -> Outcome:
    """Cannot succeed unless someone changes something: becomes a dead letter."""
    return Outcome(Kind.REJECTED, code, detail, answer=answer)


def deferred(code: str, retry_at: int) -> Outcome:
    """May succeed later, not before `retry_at`."""
    return Outcome(Kind.DEFERRED, code, retry_at=retry_at)


class Count(msgspec.Struct, frozen=True, gc=False):
    """One addition to the counters: so many items of a subject ended so at a stage."""

    stage: str
    subject: str
    kind: Kind
    code: str
    count: int
