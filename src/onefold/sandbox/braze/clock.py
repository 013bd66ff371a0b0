"""The time a local Braze believes in: the machine's, or one that a test holds still and moves by hand."""

from __future__ import annotations

import time


class SandboxClock:
    """Epoch seconds, running or frozen."""

    def __init__(self, frozen_at: float | None = None) -> None:
        self._frozen_at = frozen_at
        self._offset_s = 0.0

    @property
    def is_frozen(self) -> bool:
        """Whether time only moves by `advance`."""
        return self._frozen_at is not None

    def now(self) -> float:
        """Return epoch seconds."""
        if self._frozen_at is not None:
            return self._frozen_at
        return time.time() + self._offset_s

    def freeze(self, at: float) -> None:
        """Hold time still at `at`."""
        self._frozen_at = at

    def release(self) -> None:
        """Go back to the machine's time."""
        self._frozen_at = None
        self._offset_s = 0.0

    def advance(self, seconds: float) -> None:
        """Move time on, frozen or not."""
        if self._frozen_at is not None:
            self._frozen_at += seconds
        else:
            self._offset_s += seconds
