"""The log in one SQLite file: a row a request body, offsets without gaps, durable at each commit.

In: records, counts, dead letters and marks. Out: the same, by offset. One connection writes,
behind a lock; every reader opens its own, read-only. In WAL mode a reader sees a commit only after
its fsync, so what is read is durable.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from onefold.backends.embedded import erase_log
from onefold.backends.embedded.counters import fold_counters
from onefold.backends.embedded.database import database_path, fold_in, json_list, open_reader, open_writer
from onefold.clock import MINUTE, Clock, now
from onefold.errors import StorageError
from onefold.log.log import READ_RECORDS_MAX
from onefold.log.settings import LogSettings
from onefold.model.letter import Letter
from onefold.model.mark import Mark
from onefold.model.outcome import Count, Kind
from onefold.model.record import Record, RecordKind

READ_BYTES_MAX = 32 * 1024**2
"""Bytes of bodies a read returns before it stops: imported events may be 4 MiB each."""
TRIM_RECORDS = 500
"""Records deleted a transaction: capture waits for no more than that."""

RECORD = "offset, kind, source_id, received_at, count, meta, body"
"""The columns that `read_record` takes."""
READ = f"select {RECORD} from record where offset > ? order by offset limit ?"
GET = f"select {RECORD} from record where offset in (select value from json_each(?))"
INSERT = f"insert into record ({RECORD}) values "
ROW = "(?, ?, ?, ?, ?, ?, ?)"
ROWS_MAX = 256
"""Rows a statement. Every statement gives the interpreter's lock away and has to win it back from the event
loop, so a row each would cost a group of 64 as many waits; measured: half of the throughput."""
CHECK_BYTES = 1024**2
"""Bytes appended between two looks at the limits; at most a sixteenth of the log's own limit."""
OWN_ROOM_CHECKS = 4
"""Free pages of the log's own file count as room when they last for so many looks at the limits."""
CHECK_US = 1_000_000
"""Somebody else may fill the disk, so it is looked at once a second, too."""
COUNT = """insert into counter values (?, ?, ?, ?, ?, ?)
    on conflict do update set count = count + excluded.count"""
REFUSE = """insert into letter (code, field, reason, hint, at, source_id, subject, payload)
    values (?, ?, ?, ?, ?, ?, ?, ?)"""
TRIMMED_TO = "trimmed_to"
MARK_COLUMNS = "name, run_id, after, position, passed, rejected, at"
MARK = f"insert or replace into mark ({MARK_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?)"
FORGET_MARKS = """delete from mark where name in
    (select name from mark order by at desc, name desc limit -1 offset ?)"""
MARKS_MAX = 100_000
"""Newest marks kept: an import an hour for eleven years, some 15 MB."""


class EmbeddedLogReader:
    """Reads `log.db` over a connection of its own; safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._connection = open_reader(data_dir, "log")
        self._lock = threading.Lock()

    def read(
        self, after: int, *, records_max: int = READ_RECORDS_MAX, events_max: int = 1000
    ) -> list[Record]:
        """Records with offset > `after`, oldest first; stops once they hold `events_max` events or 32 MiB."""
        with self._lock:
            cursor = self._connection.execute(READ, (after, records_max))
            try:
                return list(_until(cursor, events_max))
            finally:
                cursor.close()

    def get(self, offsets: Sequence[int]) -> dict[int, Record]:
        """The records at these offsets that still exist. One query."""
        with self._lock:
            rows = self._connection.execute(GET, (json_list(offsets),)).fetchall()
        return {row[0]: read_record(row) for row in rows}

    def first(self) -> int:
        """The oldest offset still held (0: empty)."""
        return self._number("select min(offset) from record")

    def end(self) -> int:
        """The newest durable offset (0: empty)."""
        return self._number("select max(offset) from record")

    def find_mark(self, name: str) -> Mark | None:
        """How far long work has come."""
        found = self._marks("name = ?", name)
        return found[0] if found else None

    def marks_of(self, prefix: str) -> list[Mark]:
        """The marks whose names begin so, newest first."""
        return self._marks("substr(name, 1, length(?1)) = ?1 and name >= ?1", prefix)

    def offset_at(self, at: int) -> int:
        """The first offset received at `at` or later (end + 1: none). For retention; about 30 lookups.

        Receipt is in order of the log up to the clock's own jumps, which retention need not see.
        """
        low, high = self.first(), self.end() + 1
        while low < high:
            middle = (low + high) // 2
            if self._number("select received_at from record where offset = ?", middle) < at:
                low = middle + 1
            else:
                high = middle
        return low

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def _marks(self, condition: str, value: str) -> list[Mark]:
        query = f"select {MARK_COLUMNS} from mark where {condition} order by at desc"
        with self._lock:
            return [Mark(*row) for row in self._connection.execute(query, (value,))]

    def _number(self, query: str, *values: int) -> int:
        with self._lock:
            row = self._connection.execute(query, values).fetchone()
        return int(row[0]) if row and row[0] is not None else 0


class EmbeddedLog(EmbeddedLogReader):
    """The one writer of `log.db`."""

    def __init__(self, data_dir: Path, settings: LogSettings | None = None, *, clock: Clock = now) -> None:
        self._directory = data_dir
        self._wal = Path(f"{database_path(data_dir, 'log')}-wal")
        self._settings = settings or LogSettings()
        self._clock = clock
        self._writer = open_writer(data_dir, "log")
        self._page_bytes = int(self._writer.execute("pragma page_size").fetchone()[0])
        self._write_lock = threading.Lock()
        super().__init__(data_dir)
        self._end = max(self.end(), self._trimmed_to())
        self._check_bytes = min(CHECK_BYTES, self._settings.bytes_max // 16 or CHECK_BYTES)
        self._unchecked_bytes = 0
        self._checked_at = 0

    def append(
        self,
        records: Sequence[Record],
        *,
        counts: Sequence[Count] = (),
        letters: Sequence[Letter] = (),
        marks: Sequence[Mark] = (),
    ) -> int:
        """Append all or none, with what was counted, refused and marked; returns the last offset.

        Raises:
            StorageError: `log.full`, `log.disk_full` or `log.write_failed`; nothing was written.
        """
        with self._write_lock:
            self._check_room()
            end = self._end
            with self._transaction() as connection:
                if records:
                    end = self._insert(connection, records, end)
                if counts:
                    connection.executemany(COUNT, _totals(counts, self._clock() // MINUTE))
                if letters:
                    connection.executemany(REFUSE, map(_letter_row, letters))
                for mark in marks:
                    self._put_mark(connection, mark)
            self._end = end
            return end

    def trim(self, before_offset: int) -> int:
        """Delete the records before an offset, the newest never; returns how many. Readers see no gap.

        The file does not shrink: its pages are used again. Capture goes on between transactions.
        """
        removed = 0
        before_offset = min(before_offset, self._end)
        while (start := self.first()) and start < before_offset:
            stop = min(start + TRIM_RECORDS, before_offset)
            with self._write_lock, self._transaction() as connection:
                connection.execute("insert or replace into meta values (?, ?)", (TRIMMED_TO, stop - 1))
                removed += connection.execute("delete from record where offset < ?", (stop,)).rowcount
        return removed

    def erase_events(self, places: Mapping[int, Sequence[int]]) -> int:
        """Put a placeholder where these events stood (offset -> positions); returns how many it replaced.

        Offsets and positions of all others stay. Safe to repeat. Raises StorageError: nothing was written.
        """
        with self._write_lock, self._transaction() as connection, erase_log.overwriting(connection):
            return erase_log.blank_events(connection, places)

    def erase_letters(self, names: Callable[[bytes], bool]) -> list[int]:
        """Delete the dead letters whose payload names somebody; returns their numbers."""
        with self._lock:
            found = erase_log.find_letters(self._connection, names)
        with self._write_lock, self._transaction() as connection, erase_log.overwriting(connection):
            connection.execute(
                "delete from letter where id in (select value from json_each(?))", (json_list(found),)
            )
        with self._write_lock:
            fold_in(self._writer)
        return found

    def trim_letters(self) -> int:
        """Delete the dead letters over the settings' number or age, oldest first; returns how many."""
        keep = self._settings.letters_max
        oldest = self._clock() - self._settings.letter_days * 24 * 60 * MINUTE
        with self._write_lock, self._transaction() as connection:
            cursor = connection.execute(
                "delete from letter where id <= (select max(id) from letter) - ? or at < ?", (keep, oldest)
            )
            return cursor.rowcount

    def fold_counters(self, days: int) -> int:
        """Add up the counters older than so many days by the day; returns how many rows went into it."""
        folded = piece = -1
        while piece:
            with self._write_lock, self._transaction() as connection:
                piece = fold_counters(connection, self._clock(), days)
            folded += piece
        return folded + 1

    def size_bytes(self) -> int:
        """Bytes in use: pages that hold something, and what waits in the write-ahead file."""
        with self._write_lock:
            return self._used_bytes() + (self._wal.stat().st_size if self._wal.exists() else 0)

    def close(self) -> None:
        """Close both connections; the write-ahead file is folded in."""
        super().close()
        with self._write_lock:
            self._writer.close()

    def _insert(self, connection: sqlite3.Connection, records: Sequence[Record], end: int) -> int:
        start, left = 0, len(records)
        while left:
            # Powers of two, so that few statements serve all sizes and each stays prepared.
            count = min(ROWS_MAX, 1 << left.bit_length() - 1)
            values = [value for row in _rows(records[start : start + count], end) for value in row]
            connection.execute(INSERT + ", ".join((ROW,) * count), values)
            start, left, end = start + count, left - count, end + count
        self._unchecked_bytes += sum([len(record.body) for record in records])
        return end

    def _put_mark(self, connection: sqlite3.Connection, mark: Mark) -> None:
        values = (*msgspec.structs.astuple(mark)[:-1], self._clock())
        connection.execute(MARK, values)
        if not mark.after:
            connection.execute(FORGET_MARKS, (MARKS_MAX,))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._writer
        try:
            connection.execute("begin immediate")
            yield connection
            connection.execute("commit")
        except sqlite3.Error as error:
            self._roll_back()
            raise _storage_error(error) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        # SQLite has rolled back by itself after a full disk; then there is nothing left to do.
        if self._writer.in_transaction:
            self._writer.execute("rollback")

    def _check_room(self) -> None:
        at = self._clock()
        if self._unchecked_bytes < self._check_bytes and 0 <= at - self._checked_at < CHECK_US:
            return
        limit = self._settings.bytes_max
        if limit and self._used_bytes() >= limit:
            raise StorageError(
                "log.full",
                "The log has reached its size limit.",
                hint="Set log.retention_days or raise log.bytes_max; senders may try again later.",
            )
        disk = os.statvfs(self._directory)
        if disk.f_bavail * disk.f_frsize < self._settings.disk_free_bytes_min and not self._has_own_room():
            raise _disk_full()
        # Only now: whoever was refused is looked at anew the next time.
        self._unchecked_bytes, self._checked_at = 0, at

    def _has_own_room(self) -> bool:
        """Pages that retention freed: the file keeps them, and what fits there takes nothing off the disk."""
        free = self._writer.execute("pragma freelist_count").fetchone()[0]
        return int(free) * self._page_bytes >= OWN_ROOM_CHECKS * self._check_bytes

    def _used_bytes(self) -> int:
        pages = self._writer.execute("pragma page_count").fetchone()[0]
        free = self._writer.execute("pragma freelist_count").fetchone()[0]
        return int(pages - free) * self._page_bytes

    def _trimmed_to(self) -> int:
        return self._number(f"select value from meta where name = '{TRIMMED_TO}'")


def _until(rows: Iterable[tuple[object, ...]], events_max: int) -> Iterator[Record]:
    events = size = 0
    for row in rows:
        record = read_record(row)
        events += record.count
        size += len(record.body)
        yield record
        if events >= events_max or size >= READ_BYTES_MAX:
            return


def read_record(row: tuple[object, ...]) -> Record:
    """The record of a row with the columns `RECORD`."""
    offset, kind, source_id, received_at, count, meta, body = row
    return Record(RecordKind(kind), source_id, received_at, count, body, meta, offset)  # type: ignore[arg-type]


def _rows(records: Iterable[Record], end: int) -> Iterator[tuple[object, ...]]:
    for offset, record in enumerate(records, end + 1):
        yield (
            offset,
            record.kind,
            record.source_id,
            record.received_at,
            record.count,
            record.meta,
            record.body,
        )


def _totals(counts: Iterable[Count], minute: int) -> Iterator[tuple[object, ...]]:
    totals: dict[tuple[str, str, Kind, str], int] = {}
    for count in counts:
        key = (count.stage, count.subject, count.kind, count.code)
        totals[key] = totals.get(key, 0) + count.count
    for key, total in totals.items():
        yield (minute, *key, total)


def _letter_row(letter: Letter) -> tuple[object, ...]:
    payload = letter.payload.encode("utf-8", "backslashreplace")
    return (
        letter.code,
        letter.field,
        letter.reason,
        letter.hint,
        letter.at,
        letter.source_id,
        letter.subject,
        payload,
    )


def _storage_error(error: sqlite3.Error) -> StorageError:
    if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return _disk_full()
    return StorageError("log.write_failed", "The log could not be written.", hint="See the diagnostics.")


def _disk_full() -> StorageError:
    return StorageError(
        "log.disk_full",
        "The disk of the data directory is full.",
        hint="Free space on it, or lower log.disk_free_bytes_min; senders may try again later.",
    )
