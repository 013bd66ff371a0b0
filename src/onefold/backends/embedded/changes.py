"""What activation reads of `state.db`: changes, batches, profiles. Read-only; never waits for the worker."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from onefold.activate.store import Batch
from onefold.backends.embedded.alias import find_survivors
from onefold.backends.embedded.database import json_list, open_reader
from onefold.model.erasure import Erased

HEAD = "select seq from sqlite_sequence where name = 'change'"
HEAD_BEFORE = """select coalesce(
    (select seq from change where at < ? order by seq desc limit 1), (select min(seq) - 1 from change),
    (select seq from sqlite_sequence where name = 'change'), 0)"""
# One statement, so that no commit comes between the two.
ENDS = """select ifnull((select seq from sqlite_sequence where name = 'change'), 0),
    ifnull((select max(offset) from batch), 0)"""
CHANGES = "select seq, body from change where seq > ? order by seq limit ?"
BATCHES_AFTER = """select offset, first_offset, clock, outcomes, profiles from batch
    where offset > ? and offset <= ? order by offset limit ?"""
BATCHES_BEFORE = """select offset, first_offset, clock, outcomes, profiles from batch
    where offset < ? order by offset desc limit ?"""
BATCH_AT = "select offset, clock from batch where offset >= ? order by offset limit 1"
BATCHES = """select offset, first_offset, clock, outcomes, profiles from batch
    where offset in (select value from json_each(?))"""
PROFILES = "select id, body from profile where id in (select value from json_each(?))"
PROFILES_AFTER = "select id, body from profile where id > ? order by id limit ?"
MEMBERS_AFTER = """select profile_id from member where segment_id = ? and profile_id > ?
    order by profile_id limit ?"""


class EmbeddedStateReader:
    """The `StateReader` of one SQLite file."""

    def __init__(self, data_dir: Path) -> None:
        self._connection: sqlite3.Connection = open_reader(data_dir, "state", cache_mb=64)
        self._lock = threading.Lock()

    def head(self) -> int:
        """The newest change; known even when all rows were retired."""
        rows = self._read(HEAD)
        return int(rows[0][0]) if rows else 0

    def head_before(self, at: int) -> int:
        """The newest change of an earlier time; looks backwards, for the time is always close to now."""
        rows = self._read(HEAD_BEFORE, at)
        return int(rows[0][0]) if rows else 0

    def ends(self) -> tuple[int, int]:
        """The newest change and the newest batch."""
        head, offset = self._read(ENDS)[0]
        return int(head), int(offset)

    def batches_after(self, after: int, end: int, limit: int) -> list[Batch]:
        """Batches by offset, in order."""
        return [Batch(*row) for row in self._read(BATCHES_AFTER, after, end, limit)]

    def batches_before(self, offset: int, limit: int) -> list[Batch]:
        """Batches by offset, backwards."""
        return [Batch(*row) for row in self._read(BATCHES_BEFORE, offset, limit)]

    def batch_before(self, at: int) -> int:
        """Halves the offsets: the clock grows with them, and an index for a question a goal is too much."""
        _, end = self.ends()
        low, high = 0, end + 1
        while low < high:
            middle = (low + high) // 2
            rows = self._read(BATCH_AT, middle)
            if rows and rows[0][1] < at:
                low = int(rows[0][0]) + 1
            else:
                high = middle
        return low - 1 if low else 0

    def changes(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Stored changes after one, in order."""
        return self._read(CHANGES, after, limit)

    def batches(self, offsets: Sequence[int]) -> dict[int, Batch]:
        """Batches by offset."""
        return {row[0]: Batch(*row) for row in self._read(BATCHES, json_list(offsets))}

    def profiles(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Stored profiles by id."""
        return dict(self._read(PROFILES, json_list(sorted(ids))))

    def survivors(self, ids: Sequence[int]) -> dict[int, int]:
        """Where merged profiles live now, through any chain of merges."""
        with self._lock:
            return find_survivors(self._connection, ids)

    def profiles_after(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """A page of all profiles."""
        return self._read(PROFILES_AFTER, after, limit)

    def erasures(self, after: int) -> list[Erased]:
        """Who was erased by records behind an offset."""
        rows = self._read("select body from erasure where offset > ? order by offset", after)
        return [msgspec.json.decode(body, type=Erased) for (body,) in rows]

    def members_after(self, segment_id: int, after: int, limit: int) -> list[int]:
        """A page of a segment's members."""
        return [row[0] for row in self._read(MEMBERS_AFTER, segment_id, after, limit)]

    def last_profile(self) -> int:
        """The highest id of a profile."""
        return int(self._read("select ifnull(max(id), 0) from profile")[0][0])

    def segment_names(self) -> dict[int, str]:
        """Segments' names: some hundreds at most."""
        return dict(self._read("select id, name from segment"))

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()
