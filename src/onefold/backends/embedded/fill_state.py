"""What a segment's fill reads of `state.db`: the segment's row and the trace. Never waits for the worker."""

from pathlib import Path

from onefold.backends.embedded.database import open_reader
from onefold.pipeline.fill import SegmentProgress
from onefold.pipeline.past import TraceRow

SEGMENT = "select version, filled_to, born_after, state = 'filling' from segment where id = ?"
# Batches follow one another, so `offset` bounds `first_offset`: the first row beyond is still asked for.
TRACE = """select first_offset, offset, places, outcomes, profiles from batch
    where offset > ? order by offset limit ?"""
OFFSET = "select value from meta where name = 'offset'"


class EmbeddedFillState:
    """Reads over a connection of its own."""

    def __init__(self, data_dir: Path) -> None:
        self._connection = open_reader(data_dir, "state")

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def applied_to(self) -> int:
        """The last offset that the worker has committed."""
        row = self._connection.execute(OFFSET).fetchone()
        return int(row[0]) if row else 0

    def segment_progress(self, segment_id: int) -> SegmentProgress | None:
        """The segment's row; None when it is dropped or not yet put."""
        row = self._connection.execute(SEGMENT, (segment_id,)).fetchone()
        if row is None:
            return None
        version, filled_to, born_after, is_filling = row
        return SegmentProgress(version, filled_to, born_after, bool(is_filling))

    def trace(self, after: int, up_to: int, count_max: int) -> list[TraceRow]:
        """Rows whose `offset` > `after` and whose `first_offset` <= `up_to`, oldest first."""
        rows = self._connection.execute(TRACE, (after, count_max)).fetchall()
        return [
            TraceRow(first, last, memoryview(places).cast("i"), outcomes, memoryview(profiles).cast("q"))
            for first, last, places, outcomes, profiles in rows
            if first <= up_to
        ]
