"""The log from its end on, and what the worker made of it: the `ReceivedStore` of one data directory.

In: places. Out: pieces of at most `PIECE_RECORDS` records, a few MB each; fates by one query.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from onefold.backends.embedded.alias import find_survivors
from onefold.backends.embedded.file import File
from onefold.backends.embedded.log import RECORD, read_record
from onefold.backends.embedded.traces import LETTER, read_letter
from onefold.model.letter import Letter
from onefold.model.outcome import Kind
from onefold.model.record import Record, RecordKind
from onefold.observe.received_store import Fate, Place, RecordsBack, Spot

PIECE_RECORDS = 500
PIECE_BYTES = 4 * 1024**2
PIECE_LETTERS = 200
COUNTED_RECORDS_MAX = 100_000
"""Records that are counted for who was away: some tens of milliseconds."""

ENDS = """select (select ifnull(max(offset), 0) from record), (select ifnull(max(id), 0) from letter),
    (select ifnull(min(offset), 0) from record)"""
BACK = f"""select {RECORD} from record where offset >= ? and offset < ? and kind = ?
    and (? is null or source_id = ?) order by offset desc"""
LETTERS = f"""select {LETTER} from letter where id < ? and id >= ? and (? is null or source_id = ?)
    order by id desc limit ?"""
COUNT = f"""select ifnull(sum(count), 0) from (select count, source_id from record
    where offset >= ? and offset < ? order by offset desc limit {COUNTED_RECORDS_MAX})
    where ? is null or source_id = ?"""
COUNT_LETTERS = f"""select count(*) from (select source_id from letter where id >= ? and id < ?
    order by id desc limit {COUNTED_RECORDS_MAX}) where ? is null or source_id = ?"""
FOLDED_TO = "select ifnull((select value from meta where name = 'offset'), 0)"
BATCHES = """select first_offset, places, outcomes, profiles from batch
    where offset >= ? and first_offset <= ? order by offset"""


class EmbeddedReceived:
    """Safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._log = File(data_dir, "log")
        self._state = File(data_dir, "state")

    def newest(self) -> Place:
        """Behind all that is there."""
        rows = self._log.rows(ENDS)
        return Place(rows[0][0] + 1, 0, rows[0][1] + 1) if rows else Place(1, 0, 1)

    def records_back(self, before: int, floor: int, source_id: int | None) -> RecordsBack:
        """Records of events with `floor` <= offset < `before`, newest first; offsets have no gaps."""
        records: list[Record] = []
        size = 0
        with self._log.read() as connection:
            if connection is None:
                return RecordsBack([], floor)
            first = connection.execute(ENDS).fetchone()[2]
            start = max(floor, first, before - PIECE_RECORDS)
            values = (start, before, int(RecordKind.EVENTS), source_id, source_id)
            for row in connection.execute(BACK, values):
                records.append(read_record(row))
                size += len(records[-1].body)
                if size >= PIECE_BYTES:
                    return RecordsBack(records, records[-1].offset)
        return RecordsBack(records, start if start > first else floor)

    def letters_back(self, before: int, floor: int, source_id: int | None) -> Sequence[tuple[int, Letter]]:
        """What capture refused, newest first, with its number."""
        rows = self._log.rows(LETTERS, before, floor, source_id, source_id, PIECE_LETTERS)
        return [(row[0], read_letter("capture", row)) for row in rows]

    def count_between(self, floor: Place, before: Place, source_id: int | None) -> int:
        """Events and letters between two places; of the newest records and letters only."""
        events = self._log.rows(COUNT, floor.offset, before.offset, source_id, source_id)
        letters = self._log.rows(COUNT_LETTERS, floor.letter, before.letter, source_id, source_id)
        return int(sum(rows[0][0] for rows in (events, letters) if rows))

    def fates(self, spots: Sequence[Spot]) -> dict[Spot, Fate]:
        """What became of these, by one look at the batches they are in; merged profiles are followed."""
        if not spots:
            return {}
        with self._state.read() as connection:
            if connection is None:
                return {}
            folded_to = connection.execute(FOLDED_TO).fetchone()[0]
            rows = connection.execute(BATCHES, (min(spots).offset, max(spots).offset)).fetchall()
            found = {spot: Fate(None) for spot in spots if spot.offset <= folded_to}
            found.update(_fates_of(sorted(found), rows))
            survivors = find_survivors(connection, {one.profile_id for one in found.values()})
        return {
            spot: fate._replace(profile_id=survivors.get(fate.profile_id, fate.profile_id))
            for spot, fate in found.items()
        }

    def close(self) -> None:
        """Give both files back."""
        self._log.close()
        self._state.close()


def _fates_of(spots: Sequence[Spot], batches: Sequence[tuple[Any, ...]]) -> dict[Spot, Fate]:
    """Both in the order of the log, so one walk does."""
    found: dict[Spot, Fate] = {}
    at = 0
    for first, places, outcomes, profiles in batches:
        in_record = np.frombuffer(places, np.int32)
        of_profiles = np.frombuffer(profiles, np.int64)
        last = first + int(in_record[-1]) if len(in_record) else first - 1
        while at < len(spots) and spots[at].offset <= last:
            spot = spots[at]
            at += 1
            if spot.offset < first:
                continue
            index = int(np.searchsorted(in_record, spot.offset - first)) + spot.position
            if index < len(outcomes):
                found[spot] = Fate(Kind(outcomes[index]), int(of_profiles[index]))
    return found
