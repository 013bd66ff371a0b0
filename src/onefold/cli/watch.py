"""Following a run that this very process works on, since no server runs: a bar, and Ctrl-C that cancels.

In: the run as it goes on. Out: the bar on stderr, and whether Ctrl-C was pressed.
"""

import signal
import threading
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING, Any

from onefold.cli.show import note

if TYPE_CHECKING:
    from onefold.cli.bar import Bar
    from onefold.model.run import Run


class TerminalWatch:
    """The first Ctrl-C ends the run in good order; a second one ends the command."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._bar: Bar | None = None
        self._is_cancelled = False

    def begin(self, run: "Run") -> None:
        """Show a bar, and take Ctrl-C."""
        from onefold.cli.bar import make_bar

        self._is_cancelled = False
        self._bar = self._stack.enter_context(make_bar(f"{run.kind} {run.subject}".replace("_", " ")))
        if threading.current_thread() is threading.main_thread():
            before = signal.signal(signal.SIGINT, self._interrupt)
            self._stack.callback(signal.signal, signal.SIGINT, before)

    def show(self, run: "Run") -> None:
        """Move the bar."""
        if self._bar is not None:
            shown: dict[str, Any] = {
                "state": str(run.state),
                "done": run.done,
                "total": run.total,
                "unit": run.unit,
            }
            self._bar.show(shown)

    def is_cancelled(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._is_cancelled

    def end(self) -> None:
        """Take the bar away, and give Ctrl-C back."""
        self._bar = None
        self._stack.close()

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_cancelled:
            raise KeyboardInterrupt
        self._is_cancelled = True
        note("\nCancelling. Ctrl-C again leaves without waiting.")
