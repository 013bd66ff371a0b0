"""A courier that ended with a fault of its connector: what is shown of it, when it is tried again.

In: the exception. Out: a `ConnectionState` in plain words, and growing pauses. A fault of code seldom goes by
itself, but often with the data or the answer that brought it about, so it is tried for as long as it takes.
"""

import random
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from onefold.model.connection import Connection
from onefold.model.delivery import ConnectionState
from onefold.model.goal import Goal

RETRY_S = 1.0
"""The first pause: a fault that one answer brought about is over by then."""
RETRY_S_MAX = 300.0
"""The longest: five minutes cost next to nothing, and a mended destination is noticed over a coffee."""
JITTER = 0.5
"""A pause is cut by up to half, so that connections that failed together do not come back together."""
DOUBLINGS_MAX = 10
"""2 to the power of 10 seconds is beyond the longest pause."""
SEEN_MAX = 100
"""Faults told apart for one connection; with more, their places are no help to anyone."""
FAILED = "activate.connector_failed"
HINT = (
    "This is a fault in code, not in your data or settings. Nothing is lost: it is tried again with growing "
    "pauses of at most 5 minutes, and at once when the connection or a goal is changed. The diagnostics of "
    "the role deliver hold the traceback: report it to the author of the connector, or install a mended "
    "version and restart."
)


class Failure:
    """One connection that fails: how often in a row, and which faults were told already."""

    def __init__(self) -> None:
        self.count = 0
        self.state: ConnectionState | None = None
        """None once it works again."""
        self.settled: tuple[Connection, Sequence[Goal]] | None = None
        """What was configured when it failed last: a change is a reason to try at once."""
        self._seen: set[str] = set()

    def end(self) -> None:
        """It works again. What was told stays told: the next fault of the same kind is no news."""
        self.count, self.state = 0, None

    def note(self, connection: Connection, goals: Sequence[Goal], error: BaseException, at: int) -> bool:
        """It failed (again). True: in a way that was not told yet."""
        self.count += 1
        self.settled = connection, goals
        place = place_of(error)
        kind = type(error).__name__
        reason = f"The connector {connection.connector} failed: {kind} in {place}."
        self.state = ConnectionState(connection.id, "failed", FAILED, reason, HINT, at)
        is_new = reason not in self._seen
        if len(self._seen) < SEEN_MAX:
            self._seen.add(reason)
        return is_new


def retry_in_s(failures: int) -> float:
    """How long to wait after so many failures in a row."""
    wait = min(RETRY_S * 2 ** min(failures - 1, DOUBLINGS_MAX), RETRY_S_MAX)
    return float(wait * random.uniform(JITTER, 1.0))


class WordlessError(Exception):
    """Stands in the diagnostics for an exception whose words may hold personal data."""


def without_words(error: BaseException) -> tuple[type[WordlessError], WordlessError, TracebackType | None]:
    """The traceback as `exc_info`, with the exception's kind in place of what it says."""
    told = WordlessError(f"{type(error).__name__}; its words are left out: they may hold personal data")
    return WordlessError, told, error.__traceback__


def place_of(error: BaseException) -> str:
    """File and line in which it was raised: unlike an exception's words, never personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "an unknown place"
