"""What the worker counts of each segment and day, out of `state.db`. Read-only."""

from pathlib import Path

from onefold.backends.embedded.file import File
from onefold.observe.segment_growth import SegmentDays, SegmentMoves

SEGMENT = """select people, (select min(day) from segment_day where segment_id = segment.id)
    from segment where id = ?"""
MOVES = """select day, entered_count, left_count from segment_day
    where segment_id = ? and day >= ? order by day"""


class EmbeddedSegmentDays:
    """Answers of one SQLite file; safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._file = File(data_dir, "state")

    def of(self, segment_id: int, first: int) -> SegmentDays | None:
        """How many are in the segment and its days from `first` on; None while the worker knows none.

        Costs a row a day on which anybody entered or left.
        """
        with self._file.read() as connection:
            row = connection.execute(SEGMENT, (segment_id,)).fetchone() if connection else None
            if connection is None or row is None:
                return None
            people, since = row
            moves = connection.execute(MOVES, (segment_id, first)).fetchall()
        return SegmentDays(people, since, [SegmentMoves(*one) for one in moves])

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
