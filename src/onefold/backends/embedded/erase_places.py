"""Where in the log a person's events stand, by what the worker wrote down of each event.

In: the state's batch rows, ids of profiles. Out: places: offset of the record -> positions in it. One pass
over the rows, which hold some 24 bytes an event.
"""

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from onefold.backends.embedded.database import is_current, open_reader
from onefold.model.erasure import Erased
from onefold.model.outcome import Kind

BATCHES = "select first_offset, places, hashes, outcomes, profiles from batch order by offset"
Places = dict[int, list[int]]


class Found(NamedTuple):
    """Where to look."""

    own: Places
    """Events that were folded into the profiles, and resends of them."""
    refused: Places
    """Events that were refused: whose they are, only their content tells."""


def find_erased(data_dir: Path, run_id: str) -> Erased | None:
    """What the fold made of the record that this run appended; None until it was folded."""
    connection = open_reader(data_dir, "state")
    try:
        row = connection.execute("select body from erasure where run_id = ?", (run_id,)).fetchone()
    finally:
        connection.close()
    return msgspec.json.decode(row[0], type=Erased) if row else None


def find_places(data_dir: Path, profile_ids: list[int]) -> Found:
    """Every place in the log that is still held."""
    own: Places = defaultdict(list)
    refused: Places = defaultdict(list)
    hashes_of_own: set[int] = set()
    connection = open_reader(data_dir, "state")
    try:
        for first, places, hashes, outcomes, profiles in connection.execute(BATCHES):
            offsets = np.frombuffer(places, np.int32).astype(np.int64) + first
            positions = _positions(offsets)
            hash_of = np.frombuffer(hashes, np.int64)
            kinds = np.frombuffer(outcomes, np.uint8)
            mine = np.isin(np.frombuffer(profiles, np.int64), profile_ids).copy()
            hashes_of_own.update(hash_of[mine].tolist())
            # A resend comes behind what it repeats, so one pass finds all.
            for index in np.flatnonzero(kinds == int(Kind.FILTERED)).tolist():
                mine[index] = int(hash_of[index]) in hashes_of_own
            for index in np.flatnonzero(mine).tolist():
                own[int(offsets[index])].append(int(positions[index]))
            for index in np.flatnonzero(kinds == int(Kind.REJECTED)).tolist():
                refused[int(offsets[index])].append(int(positions[index]))
    finally:
        connection.close()
    return Found(dict(own), dict(refused))


def erased_to(data_dir: Path) -> int:
    """The last ERASE record that deliver obeyed; 0 also while it has no file."""
    if not is_current(data_dir, "delivery"):
        return 0
    connection = open_reader(data_dir, "delivery")
    try:
        row = connection.execute("select value from meta where name = 'erased_to'").fetchone()
    finally:
        connection.close()
    return int(row[0]) if row else 0


def _positions(offsets: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> list[int]:
    """Of each event, how many of its record stand before it."""
    if not len(offsets):
        return []
    starts = np.flatnonzero(np.concatenate(([True], offsets[1:] != offsets[:-1])))
    first = starts[np.searchsorted(starts, np.arange(len(offsets)), side="right") - 1]
    return [int(one) for one in np.arange(len(offsets)) - first]
