"""Who reads the log as a whole, so that retention does not shorten it under them.

In: works of one process that fold the log again, or copy it. Out: retention gets through only while there is
none of them, and they wait for it, which takes moments.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class LogHold:
    """One a process that runs works: no other process shortens the log."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._readers = 0
        self._is_shortening = False

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The log keeps its beginning meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_shortening)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1

    @contextmanager
    def shortening(self) -> Iterator[bool]:
        """True: nobody reads the log as a whole until this ends. False: somebody does; try again later."""
        with self._changed:
            is_free = not self._readers and not self._is_shortening
            self._is_shortening = self._is_shortening or is_free
        try:
            yield is_free
        finally:
            if is_free:
                with self._changed:
                    self._is_shortening = False
                    self._changed.notify_all()
