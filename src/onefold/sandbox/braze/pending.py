"""Accepted work that is not applied yet: Braze answers first and applies later.

Each request's work is due after a delay with jitter. Without reordering the due times never go back, so
requests are applied as they were accepted; with it each keeps its own time and a later one may overtake.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable

Work = Callable[[], None]


class Pending:
    """A queue of work ordered by due time."""

    def __init__(self, seed: int) -> None:
        self._heap: list[tuple[float, int, Work]] = []
        self._rng = random.Random(seed)
        self._seq = 0
        self._last_due = 0.0

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_due(self) -> float | None:
        """When the first work is due, or None."""
        return self._heap[0][0] if self._heap else None

    def submit(self, work: Work, now: float, delay_ms: float, jitter_ms: float, reorder: bool) -> None:
        """Queue one request's work."""
        due = now + max(0.0, delay_ms + self._rng.uniform(-jitter_ms, jitter_ms)) / 1000
        if not reorder:
            due = self._last_due = max(due, self._last_due)
        self._seq += 1
        heapq.heappush(self._heap, (due, self._seq, work))

    def apply_due(self, now: float) -> int:
        """Apply what is due; returns how many requests' work that was."""
        count = 0
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
            count += 1
        return count

    def flush(self) -> int:
        """Apply everything now, in due order."""
        count = self.apply_due(float("inf"))
        self._last_due = 0.0
        return count
