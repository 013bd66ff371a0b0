"""Who reads which place, so that no two runs read the same files at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from onefold.errors import OnefoldError


class PlaceHold:
    """One a process that runs works."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[str] = set()

    @contextmanager
    def reading(self, place: str) -> Iterator[None]:
        """The place is this run's meanwhile.

        Raises:
            OnefoldError: another run reads it.
        """
        with self._lock:
            if place in self._held:
                raise OnefoldError(
                    "acquire.busy",
                    "Another run reads the same files.",
                    hint="Wait for its end; what it reads need not be read again.",
                )
            self._held.add(place)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(place)
