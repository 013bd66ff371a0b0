"""`delivery.db`: intents, attempts, the ledger and what activation counted. One writer; anyone may read.

Intents are blobs of whole requests: at 75 items a row, a row costs as much as an item would.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from onefold.activate.store import Marks, Saved, StoredLetter, Writes
from onefold.backends.embedded import erase_delivery
from onefold.backends.embedded.counters import DAY_MINUTES, fold_counters
from onefold.backends.embedded.data_points import SLOT, SPENT_SINCE, trim_points, write_points
from onefold.backends.embedded.database import fold_in, json_list, open_reader, open_writer, transaction
from onefold.backends.embedded.goal_runs import (
    CLOCKS,
    LAST,
    OPEN,
    decode_clocks,
    decode_runs,
    trim_runs,
    write_runs,
)
from onefold.clock import MINUTE
from onefold.errors import StorageError
from onefold.log.retention import Retention
from onefold.model.delivery import Attempt, GoalProgress, Held, Item, ReadBack, Request
from onefold.model.erasure import Erased
from onefold.model.goal_run import GoalRun
from onefold.model.outcome import Kind

LETTERS_KEPT = 100_000
"""Dead letters kept; the oldest go first. They stay counted."""
TRIMMED_ROWS = 2000
"""Rows of a table that a trim removes: more come between two trims only when the limit was lowered."""
TRIM_LATENCIES = f"""delete from latency where (minute, subject, bucket) in (
    select minute, subject, bucket from latency where minute < ? order by minute limit {TRIMMED_ROWS})"""
TRIM_EVERY = 500
"""Commits between two trims: a trim is two cheap queries, but not free."""

ATTEMPTS_LOOKED_AT = 50_000
"""Of the newest: more than all connections together have in a minute."""

_items = msgspec.msgpack.Decoder(list[Item])
_attempted = msgspec.msgpack.Decoder(tuple[Any, list[int], Any, Any, Any, Any])
_item = msgspec.msgpack.Decoder(Item)
_marks = msgspec.msgpack.Decoder(dict[str, int])
_encode = msgspec.msgpack.Encoder().encode

OPEN_INTENT = "insert into intent values (?, ?, ?, ?, ?)"
REPACK_INTENT = "update intent set count = ?, items = ? where id = ?"
NOTE_SENDING = "insert or replace into sending values (?, ?, ?, ?, ?, ?)"
CLOSE_INTENT = "delete from intent where id = ?"
CLOSE_SENDING = "delete from sending where id = ?"
ADD_ATTEMPT = "insert into attempt values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
PUT_MARKS = "insert or replace into ledger values (?, ?, ?)"
DROP_MARKS = "delete from ledger where ledger_id = ? and profile_id = ?"
GET_MARKS = """select profile_id, body from ledger
    where ledger_id = ? and profile_id in (select value from json_each(?))"""
LEDGER_PAGE = """select profile_id from ledger where ledger_id = ? and profile_id > ?
    order by profile_id limit ?"""
ADD_COUNT = """insert into counter values (?, ?, ?, ?, ?, ?)
    on conflict do update set count = count + excluded.count"""
ADD_LATENCY = """insert into latency values (?, ?, ?, ?)
    on conflict do update set count = count + excluded.count"""
ADD_LETTER = """insert into letter (code, field, reason, hint, at, source_id, subject, payload,
    connection_id, channel, item, "offset", profile_id, answer, run)
    values (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
PUT_PROGRESS = """insert or replace into goal
    (id, version, cursor, scanning, scanned_to, scan_end, begun_at, contest, read_back)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
PROGRESS = """select id, version, cursor, scanning, scanned_to, scan_end, begun_at, contest, read_back
    from goal"""
PUT_STATE = "insert or replace into connection values (?, ?, ?, ?, ?, ?)"
GET_OPEN = """select intent.id, connection_id, channel, items, ifnull(attempts, 0), ifnull(sent, 0),
    ifnull(maybe_doubled, 0), ifnull(retry_at, 0), ifnull(first_at, 0)
    from intent left join sending on sending.id = intent.id order by intent.id"""
GET_LETTERS = """select id, connection_id, channel, item from letter
    where requeued = 0 and id in (select value from json_each(?)) order by id"""
HOLD = (
    "insert into held (connection_id, goal_id, profile_id, due_at, channel, item) values (?, ?, ?, ?, ?, ?)"
)
HASTEN = "update held set due_at = ? where goal_id = ? and due_at > ?"
GET_HELD = """select id, connection_id, due_at, channel, item from held
    where connection_id = ? and due_at <= ? order by due_at, id limit ?"""
NEXT_HELD = "select ifnull(min(due_at), 0) from held where connection_id = ?"
ANSWERED_SINCE = f"""select items from attempt
    where id > (select max(id) from attempt) - {ATTEMPTS_LOOKED_AT}
    and connection_id = ? and answered_at >= ?"""
LAST_REQUEST = """select max(ifnull((select max(id) from intent), 0),
    ifnull((select max(request_id) from attempt), 0))"""


class EmbeddedDelivery:
    """The `DeliveryStore` in one SQLite file; `apply` may run in another thread than the reads."""

    def __init__(self, data_dir: Path, kept: Retention | None = None) -> None:
        self._kept = kept or Retention()
        self._writer = open_writer(data_dir, "delivery")
        self._reader = open_reader(data_dir, "delivery")
        self._read_lock = threading.Lock()
        self._until_trim = TRIM_EVERY

    def load(self) -> Saved:
        """Open requests, progress of goals, the next request's id."""
        requests = [_request(row) for row in self._read(GET_OPEN)]
        progress = {row[0]: read_progress(row) for row in self._read(PROGRESS)}
        last, last_run = self._read(LAST_REQUEST), self._read(LAST)
        clocks = decode_clocks(self._read(CLOCKS))
        holding = frozenset(row[0] for row in self._read("select distinct connection_id from held"))
        return Saved(
            requests, progress, last[0][0] + 1, self.open_runs(), clocks, last_run[0][0] + 1, holding
        )

    def open_runs(self) -> list[GoalRun]:
        """The runs that have not ended, oldest first."""
        return decode_runs(self._read(OPEN))

    def ledger(self, ledger_id: int, profile_ids: Sequence[int]) -> dict[int, Marks]:
        """The marks of these profiles, in one query."""
        return read_marks(self._read(GET_MARKS, ledger_id, json_list(profile_ids)))

    def has_ledger(self, ledger_id: int) -> bool:
        """Whether any profile has marks there."""
        return bool(self._read("select 1 from ledger where ledger_id = ? limit 1", ledger_id))

    def ledger_page(self, ledger_id: int, after: int, limit: int) -> list[int]:
        """A page of the profiles that have marks there, by id."""
        return [row[0] for row in self._read(LEDGER_PAGE, ledger_id, after, limit)]

    def held(self, connection_id: int, until: int, limit: int) -> list[Held]:
        """What is held and due by then, the first due first."""
        rows = self._read(GET_HELD, connection_id, until, limit)
        return [Held(row[0], row[1], row[2], row[3], _item.decode(row[4])) for row in rows]

    def next_held(self, connection_id: int) -> int:
        """When the first that is held is due; 0 for none."""
        return int(self._read(NEXT_HELD, connection_id)[0][0])

    def spent_since(self, connection_id: int, since: int) -> int:
        """What a connection has spent from a quarter of an hour on."""
        return int(self._read(SPENT_SINCE, connection_id, since // SLOT)[0][0])

    def answered_since(self, connection_id: int, at: int) -> frozenset[int]:
        """The profiles of which something was answered from a time on."""
        rows = self._read(ANSWERED_SINCE, connection_id, at)
        return frozenset(one for (items,) in rows for one in _attempted.decode(items)[1])

    def letters(self, ids: Sequence[int]) -> list[StoredLetter]:
        """Those of these dead letters that were not sent again yet."""
        rows = self._read(GET_LETTERS, json_list(ids))
        return [StoredLetter(row[0], row[1], row[2], _item.decode(row[3])) for row in rows]

    def apply(self, writes: Iterable[Writes], at: int) -> None:
        """Commit everything in one transaction."""
        with self._transaction() as connection:
            for one in writes:
                _write_requests(connection, one)
                _write_held(connection, one, at)
                _write_ledger(connection, one)
                _write_counts(connection, one, at)
                write_points(connection, one, at)
                _write_progress(connection, one)
                write_runs(connection, one)
            self._trim(connection, at)

    def erased_to(self) -> int:
        """The last ERASE record that was obeyed here."""
        return erase_delivery.erased_to(self._read)

    def erase(self, erasures: Sequence[Erased], at: int, writes: Writes) -> None:
        """Take these people out and keep what shall tell of it, in one transaction."""
        with self._transaction() as connection:
            erase_delivery.erase(connection, erasures, at)
            _write_requests(connection, writes)
            _write_counts(connection, writes, at)
            write_runs(connection, writes)
        fold_in(self._writer)

    def close(self) -> None:
        """Give the file back."""
        self._reader.close()
        self._writer.close()

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._read_lock:
            return self._reader.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with transaction(self._writer):
                yield self._writer
        except sqlite3.Error as error:
            raise StorageError("activate.write_failed", f"delivery.db cannot be written: {error}.") from error

    def _trim(self, connection: sqlite3.Connection, at: int) -> None:
        self._until_trim -= 1
        if self._until_trim > 0:
            return
        self._until_trim = TRIM_EVERY
        for table, kept in (("attempt", self._kept.attempts_max), ("letter", LETTERS_KEPT)):
            connection.execute(
                f"""delete from {table} where id in (select id from {table}
                    where id <= (select max(id) from {table}) - ? order by id limit {TRIMMED_ROWS})""",
                (kept,),
            )
        oldest = at // MINUTE - self._kept.counter_days * DAY_MINUTES
        connection.execute(TRIM_LATENCIES, (oldest,))
        trim_points(connection, at)
        has_more = trim_runs(connection, at, self._kept.run_days)
        if fold_counters(connection, at, self._kept.counter_days) or has_more:
            self._until_trim = 0


def _write_requests(connection: sqlite3.Connection, writes: Writes) -> None:
    connection.executemany(
        OPEN_INTENT,
        [
            (one.id, one.connection_id, one.channel, len(one.items), _encode(one.items))
            for one in writes.opened
        ],
    )
    connection.executemany(
        REPACK_INTENT, [(len(one.items), _encode(one.items), one.id) for one in writes.repacked]
    )
    connection.executemany(
        NOTE_SENDING,
        [
            (one.id, one.attempts, one.sent, one.maybe_doubled, one.retry_at, one.first_at)
            for one in writes.sending
        ],
    )
    closed = [(request_id,) for request_id in writes.closed]
    connection.executemany(CLOSE_INTENT, closed)
    connection.executemany(CLOSE_SENDING, closed)
    connection.executemany(ADD_ATTEMPT, [_attempt_row(attempt) for attempt in writes.attempts])


def _write_held(connection: sqlite3.Connection, writes: Writes, at: int) -> None:
    connection.executemany("delete from held where id = ?", [(number,) for number in writes.released])
    connection.executemany(HASTEN, [(at, goal_id, at) for goal_id in writes.hastened])
    connection.executemany(
        HOLD,
        [
            (
                one.connection_id,
                one.item.goal_id,
                one.item.profile_id,
                one.due_at,
                one.channel,
                _encode(one.item),
            )
            for one in writes.held
        ],
    )


def _write_ledger(connection: sqlite3.Connection, writes: Writes) -> None:
    rows = sorted(writes.ledger.items())
    connection.executemany(PUT_MARKS, [(*key, _encode(marks)) for key, marks in rows if marks])
    connection.executemany(DROP_MARKS, [key for key, marks in rows if not marks])


def _write_counts(connection: sqlite3.Connection, writes: Writes, at: int) -> None:
    minute = at // MINUTE
    rows = [
        (minute, "activate", subject, int(kind), code, n)
        for (subject, kind, code), n in writes.counts.items()
    ]
    # What the destination bills has counters of its own, beside the stages of an event's way.
    rows += [
        (minute, "data_points", subject, int(Kind.PASSED), "", n) for subject, n in writes.costs.items() if n
    ]
    connection.executemany(ADD_COUNT, rows)
    connection.executemany(
        ADD_LATENCY, [(minute, subject, bucket, n) for (subject, bucket), n in writes.latencies.items()]
    )
    connection.executemany(
        ADD_LETTER,
        [
            (
                *(one.code, one.field, one.reason, one.hint, at, one.subject, one.payload),
                *(one.connection_id, one.channel, _encode(one.item)),
                *(one.item.offset, one.item.profile_id, one.answer, one.item.run),
            )
            for one in writes.letters
        ],
    )


def _write_progress(connection: sqlite3.Connection, writes: Writes) -> None:
    connection.executemany(
        PUT_PROGRESS,
        [
            (
                *(one.goal_id, one.version, one.cursor, one.scanning, one.scanned_to, one.scan_end),
                *(one.begun_at, one.contest, one.read_back),
            )
            for one in writes.progress
        ],
    )
    connection.executemany(
        "update letter set requeued = 1 where id = ?", [(number,) for number in writes.requeued]
    )
    if writes.state:
        state = writes.state
        row = (state.connection_id, state.state, state.code, state.reason, state.hint, state.at)
        connection.execute(PUT_STATE, row)


def read_marks(rows: Iterable[tuple[Any, ...]]) -> dict[int, Marks]:
    """Rows of `GET_MARKS`."""
    return {profile_id: _marks.decode(body) for profile_id, body in rows}


def read_progress(row: tuple[Any, ...]) -> GoalProgress:
    """A row of `PROGRESS`."""
    goal_id, version, cursor, scanning, *places, contest, read_back = row
    scanned_to, scan_end, begun_at = places
    return GoalProgress(
        *(goal_id, version, cursor, bool(scanning), scanned_to, scan_end, begun_at, contest),
        read_back=ReadBack(read_back),
    )


def _request(row: tuple[Any, ...]) -> Request:
    request_id, connection_id, channel, items, attempts, sent, doubled, retry_at, first_at = row
    return Request(
        id=request_id,
        connection_id=connection_id,
        channel=channel,
        items=_items.decode(items),
        attempts=attempts,
        sent=bool(sent),
        maybe_doubled=bool(doubled),
        retry_at=retry_at,
        first_at=first_at,
    )


def _attempt_row(attempt: Attempt) -> tuple[Any, ...]:
    items = (
        *(attempt.goals, attempt.profiles, attempt.offsets, attempt.positions, attempt.parts),
        [int(kind) for kind in attempt.kinds],
    )
    return (
        *(attempt.request_id, attempt.number, attempt.connection_id, attempt.channel, attempt.sent_at),
        *(attempt.answered_at, int(attempt.state), attempt.code, attempt.maybe_doubled, len(attempt.goals)),
        *(min(attempt.offsets, default=0), max(attempt.offsets, default=0), _encode(items)),
    )
