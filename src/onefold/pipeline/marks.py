"""The dedupe window on the log: from which offset on an earlier event with the same id still counts.

In: the clock and offset of every record, in order. Out: the boundary offset at a clock. Minutes of the
fold's clock stand for offsets, so the answer depends on the log alone, not on batches or on time of day.
"""

from bisect import bisect_left

from onefold.clock import HOUR, MINUTE


class Marks:
    """The first offset of each minute of the window."""

    __slots__ = ("_boundary", "_minute", "_minutes", "_offsets", "_window", "added")

    def __init__(self, dedupe_hours: int, marks: list[tuple[int, int]]) -> None:
        self._window = dedupe_hours * HOUR // MINUTE
        self._minutes = [minute for minute, _ in marks]
        self._offsets = [offset for _, offset in marks]
        self._minute = -1
        self._boundary = 0
        self.added: list[tuple[int, int]] = []
        """Marks not yet committed."""

    @property
    def start(self) -> int:
        """The boundary at the last record asked about; 0 before the first."""
        return self._boundary

    def boundary(self, clock: int, offset: int) -> int:
        """The oldest offset that still counts for a record at this clock and offset."""
        minute = clock // MINUTE
        if minute != self._minute:
            self._enter(minute, offset)
        return self._boundary

    def _enter(self, minute: int, offset: int) -> None:
        if not self._minutes or minute > self._minutes[-1]:
            self._minutes.append(minute)
            self._offsets.append(offset)
            self.added.append((minute, offset))
        expired = bisect_left(self._minutes, minute - self._window)
        if expired:
            del self._minutes[:expired]
            del self._offsets[:expired]
        self._minute = minute
        self._boundary = self._offsets[0]
