"""Fills a new segment with the people of the past, beside the running worker.

In: the definition, the log up to the record that put it (`put_offset`), the state's trace of who each
event belonged to. Out: records of kind SEGMENT_FILL, range after range of profile ids, which the worker
folds in like everything else; so the state stays a function of the log alone.

Killed at any moment it starts again: what the worker has taken (`filled_to`) is skipped, and a range
that was appended twice is ignored by the worker. The events are read by the very `Reader` of the worker,
so the past is counted as the present is. Memory is bounded: when the aggregates of all people are too
many at once, the log is read again for the people left out.
"""

from collections.abc import Callable, Iterator
from typing import Literal, Protocol

import msgspec

from onefold.log.log import LogReader
from onefold.model.record import Record, RecordKind
from onefold.model.segment import SegmentDefinition, SegmentDrop, SegmentFill, encode_fill
from onefold.pipeline.past import Past, TraceReader
from onefold.segment.features import features_of
from onefold.unify.read import Reader

RANGE_PROFILES = 1000
"""People a record: as much work for the worker as a batch of events, so that live events do not wait."""
BUCKETS_MAX = 2_000_000
"""Buckets held at once: about 400 MB at worst; more people take another reading of the log."""
READ_ROWS = 100
"""Rows of the trace between two reports of progress."""


class SegmentProgress(msgspec.Struct, frozen=True):
    """What the worker knows of a segment: the row `segment` of its state."""

    version: int
    filled_to: int
    born_after: int
    """The highest profile id when the segment was put: later ones need no fill."""
    is_filling: bool = True


class FillState(TraceReader, Protocol):
    """What a fill reads of the worker's state; any backend gives it."""

    def segment_progress(self, segment_id: int) -> SegmentProgress | None:
        """The segment's row; None when it is dropped or not yet put."""
        ...


class FillProgress(msgspec.Struct, frozen=True):
    """How far it is: first the log is read (`records`), then people are filled in (`people`)."""

    unit: Literal["records", "people"]
    done: int
    total: int
    end: Literal["", "filled", "cancelled", "restored", "superseded", "stopped"] = ""
    """How it ended; on all but the last report empty."""
    first_offset: int = 0
    """The oldest record that could be counted; older ones fell to retention."""


def fill_segment(
    definition: SegmentDefinition,
    put_offset: int,
    *,
    log: LogReader,
    state: FillState,
    reader: Reader,
    append: Callable[[Record], int],
    wait_applied: Callable[[int], bool],
    is_cancelled: Callable[[], bool],
) -> Iterator[FillProgress]:
    """Fill the segment; reports progress as it goes, its last report says how it ended.

    Args:
        reader: reads events by the workspace's rules; for this fill alone, since it is told what to want.
        append: gives a record to the log's owner and returns its offset, durable.
        wait_applied: blocks until the worker has committed that offset; False when the caller must stop.
        is_cancelled: asked between ranges; true takes the version back (`cancel_fill`).
    """
    # What an earlier run of this fill appended must be seen in `filled_to` before more is appended.
    if not wait_applied(max(put_offset, log.end())):
        yield FillProgress("people", 0, 0, "stopped")
        return
    past = Past(
        features_of(definition),
        put_offset,
        log,
        state,
        reader,
        buckets_max=BUCKETS_MAX,
        rows_max=READ_ROWS,
    )
    while True:
        progress = state.segment_progress(definition.id)
        if progress is None or progress.version != definition.version:
            yield FillProgress("people", 0, 0, "superseded")
            return
        first, born_after = progress.filled_to + 1, progress.born_after
        if is_cancelled():
            yield from cancel_fill(
                definition.id, definition.version, state=state, append=append, wait_applied=wait_applied
            )
            return
        for read in past.read_for(first, born_after):
            yield FillProgress("records", read.done, read.total)
        last = min(first + RANGE_PROFILES - 1, past.up_to, born_after)
        is_done = last >= born_after
        taken = past.take(first, last)
        fill = SegmentFill(definition.id, definition.version, first, last, is_done, taken, past.counts_since)
        applied = wait_applied(append(_fill_record(fill)))
        end: Literal["", "filled", "stopped"] = "stopped" if not applied else "filled" if is_done else ""
        yield FillProgress("people", last, born_after, end, past.first_offset)
        if end:
            return


def cancel_fill(
    segment_id: int,
    version: int,
    *,
    state: FillState,
    append: Callable[[Record], int],
    wait_applied: Callable[[int], bool],
) -> Iterator[FillProgress]:
    """Take a version back: the one before is decided anew for everyone, or a new segment is dropped.

    No event is read for that, since what the version before counts went on. Safe to repeat.
    """
    drop = SegmentDrop(segment_id, "cancelled", version)
    applied = wait_applied(append(Record(RecordKind.SEGMENT_DROP, 0, 0, 0, msgspec.json.encode(drop))))
    last = born_after = 0
    while applied and (progress := state.segment_progress(segment_id)) is not None:
        last, born_after = progress.filled_to, progress.born_after
        if progress.version >= version:
            end: Literal["filled", "superseded"] = "filled" if progress.version == version else "superseded"
            yield FillProgress("people", last, born_after, end)
            return
        if not progress.is_filling:
            yield FillProgress("people", last, born_after, "restored")
            return
        first, last = last + 1, min(last + RANGE_PROFILES, born_after)
        fill = SegmentFill(segment_id, progress.version, first, last, last >= born_after)
        applied = wait_applied(append(_fill_record(fill)))
        yield FillProgress("people", last, born_after)
    yield FillProgress("people", last, born_after, "cancelled" if applied else "stopped")


def _fill_record(fill: SegmentFill) -> Record:
    return Record(RecordKind.SEGMENT_FILL, 0, 0, 0, encode_fill(fill))
