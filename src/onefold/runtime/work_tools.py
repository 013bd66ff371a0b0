"""What the works of runs share: the tools of their process, and the look whether to go on."""

from collections.abc import Callable
from dataclasses import dataclass, field

from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.model.erasure import Removal, Removed
from onefold.run.execute import Cancelled
from onefold.run.progress import Interrupted, Progress
from onefold.runtime.append import Append
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.log_hold import LogHold
from onefold.runtime.settings import Settings


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
