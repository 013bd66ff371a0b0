"""Runs in `tasks.db`: written by the tasks role, read by web.

In: runs and their positions. Out: the same. A write is durable when it returns.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from onefold.backends.embedded.database import fold_in, json_list, open_writer, transaction
from onefold.backends.embedded.file import File
from onefold.clock import Clock, now
from onefold.errors import StorageError
from onefold.model.run import INWARD, Run, RunKind, RunState
from onefold.run.execute import ATTEMPTS_MAX

COLUMNS = """id, kind, subject, state, created_at, started_at, ended_at, unit, done, total,
    passed, filtered, rejected, deferred, message, arguments"""
CACHE_MB = 8

PUT = f"""insert into run ({COLUMNS}, position, attempts) values ({", ".join("?" * 18)})
    on conflict (id) do update set state = excluded.state, ended_at = excluded.ended_at, unit = excluded.unit,
    done = excluded.done, total = excluded.total, passed = excluded.passed, filtered = excluded.filtered,
    rejected = excluded.rejected, deferred = excluded.deferred, message = excluded.message,
    arguments = excluded.arguments, position = excluded.position"""
NOTE_END = "insert or ignore into run_end (run_id) values (?)"
ENDS = f"""select {COLUMNS}, seq from run_end join run on run.id = run_id
    where seq > ? order by seq limit ?"""
ATTEMPTS = f"""select {COLUMNS} from run where kind = 'erasure' and (id = ?1 or arguments ->> 'again' = ?1)
    order by id desc"""
CLAIM = f"update run set attempts = attempts + 1 where id = ? returning {COLUMNS}, position, attempts"


class EmbeddedRuns:
    """The one writer of `tasks.db`; safe to share between threads."""

    def __init__(self, data_dir: Path, *, clock: Clock = now) -> None:
        self._connection = open_writer(data_dir, "tasks", cache_mb=CACHE_MB)
        # An erasure keeps here whom it erases until it is done: then nothing of it may stay.
        self._connection.execute("pragma secure_delete=on")
        self._clock = clock
        self._lock = threading.Lock()

    def claim(self, run: Run) -> tuple[Run, int] | None:
        """Begin or go on with a run; None when it has ended, or has been cut short too often.

        Raises:
            StorageError: nothing was written.
        """
        with self._lock, writing():
            rows = self._connection.execute(CLAIM, (run.id,)).fetchall()
            if not rows:
                begun = msgspec.structs.replace(run, state=RunState.RUNNING, started_at=self._clock())
                self._connection.execute(PUT, (*_row(begun), 0, 1))
                return begun, 0
        found, position, attempts = _run(rows[0]), rows[0][-2], rows[0][-1]
        if found.ended_at:
            return None
        if attempts > ATTEMPTS_MAX:
            message = f"Given up: it was cut short {ATTEMPTS_MAX} times."
            ended = msgspec.structs.replace(
                found, state=RunState.FAILED, message=message, ended_at=self._clock()
            )
            self.save(ended, position)
            return None
        return found, position

    def save(self, run: Run, position: int) -> None:
        """Progress or end.

        Raises:
            StorageError: nothing was written.
        """
        with self._lock, writing(), transaction(self._connection):
            self._connection.execute(PUT, (*_row(run), position, 1))
            if run.ended_at and run.kind in INWARD:
                self._connection.execute(NOTE_END, (run.id,))

    def ended_after(self, seq: int, count_max: int) -> list[tuple[int, Run]]:
        """Runs of goals that bring something in, as they ended, behind the end numbered `seq`."""
        with self._lock:
            rows = self._connection.execute(ENDS, (seq, count_max)).fetchall()
        return [(row[-1], _run(row)) for row in rows]

    def last_end(self) -> int:
        """The number of the newest end (0: none)."""
        with self._lock:
            return int(self._connection.execute("select ifnull(max(seq), 0) from run_end").fetchone()[0])

    def clear_previews(self, clear: Callable[[str], str]) -> None:
        """Have the reports of previews of imports rewritten, which show rows.

        Raises:
            StorageError: nothing was written.
        """
        query = "select id, arguments from run where kind = ?"
        with self._lock, writing():
            for run_id, text in self._connection.execute(query, (str(RunKind.INTAKE_PREVIEW),)).fetchall():
                arguments = msgspec.json.decode(text)
                report = arguments.get("preview")
                if report and (cleared := clear(report)) != report:
                    row = (msgspec.json.encode(arguments | {"preview": cleared}).decode(), run_id)
                    self._connection.execute("update run set arguments = ? where id = ?", row)

    def attempts(self, origin: str) -> list[Run]:
        """The runs of one erasure: the first, and those by which it was asked for again; newest first."""
        with self._lock:
            return [_run(row) for row in self._connection.execute(ATTEMPTS, (origin,))]

    def fold_in(self) -> None:
        """Leave nothing of what was replaced in the write-ahead file."""
        with self._lock:
            fold_in(self._connection)

    def find(self, run_id: str) -> Run | None:
        """One run."""
        with self._lock:
            return _find(self._connection, run_id)

    def find_import(self, mark: str) -> Run | None:
        """An import that succeeded with this mark: of the same content by the same mapping."""
        query = f"""select {COLUMNS} from run where kind = 'import' and state = 'succeeded'
            and arguments ->> 'mark' = ? limit 1"""
        with self._lock:
            rows = self._connection.execute(query, (mark,)).fetchall()
        return _run(rows[0]) if rows else None

    def has_begun(self, kind: RunKind) -> bool:
        """Whether a run of that kind is under way, or was cut short and will go on."""
        query = "select 1 from run where kind = ? and ended_at = 0 limit 1"
        with self._lock:
            return bool(self._connection.execute(query, (str(kind),)).fetchall())

    def ended(self, run_ids: Sequence[str]) -> set[str]:
        """Those that need no more work."""
        ids = json_list(run_ids)
        query = "select id from run where id in (select value from json_each(?)) and ended_at > 0"
        with self._lock:
            return {row[0] for row in self._connection.execute(query, (ids,))}

    def forget(self, before: int) -> int:
        """Remove the ended runs that were asked for before a time."""
        old = "created_at < ? and ended_at > 0"
        ends = f"delete from run_end where run_id in (select id from run where {old})"
        with self._lock, writing(), transaction(self._connection):
            self._connection.execute(ends, (before,))
            return self._connection.execute(f"delete from run where {old}", (before,)).rowcount

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()


class EmbeddedRunReader:
    """Reads `tasks.db`; opened at the first question, since the tasks role makes the file."""

    def __init__(self, data_dir: Path) -> None:
        self._file = File(data_dir, "tasks")

    def find(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Those that have begun."""
        ids = json_list(run_ids)
        query = f"select {COLUMNS} from run where id in (select value from json_each(?))"
        return {row[0]: _run(row) for row in self._file.rows(query, ids)}

    def whom(self, run_id: str) -> list[str]:
        """The identifier keys of whom an erasure erases, as its last attempt noted them; none once done."""
        for run in map(_run, self._file.rows(ATTEMPTS, run_id)):
            if "keys" in run.arguments:
                return msgspec.json.decode(str(run.arguments["keys"]), type=list[str])
        return []

    def last(self, kind: RunKind, subject: str) -> Run | None:
        """The newest run of that kind and subject."""
        query = f"select {COLUMNS} from run where kind = ? and subject = ? order by id desc limit 1"
        rows = self._file.rows(query, str(kind), subject)
        return _run(rows[0]) if rows else None

    def feedback_source(self, connection_id: int) -> int:
        """The source into which a connection's feedback was read before; 0 for none."""
        query = "select max(source_id) from feedback_place where connection_id = ?"
        rows = self._file.rows(query, connection_id)
        return int(rows[0][0] or 0) if rows else 0

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


@contextmanager
def writing() -> Iterator[None]:
    """Writes to `tasks.db`.

    Raises:
        StorageError: nothing was written.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(
            "storage.cannot_write",
            f"tasks.db cannot be written: {error}.",
            hint="Is the disk full? Runs go on by themselves once there is room.",
        ) from error


def _find(connection: sqlite3.Connection, run_id: str) -> Run | None:
    rows = connection.execute(f"select {COLUMNS} from run where id = ?", (run_id,)).fetchall()
    return _run(rows[0]) if rows else None


def _row(run: Run) -> tuple[object, ...]:
    arguments = msgspec.json.encode(run.arguments).decode()
    return (
        run.id,
        str(run.kind),
        run.subject,
        str(run.state),
        run.created_at,
        run.started_at,
        run.ended_at,
        run.unit,
        run.done,
        run.total,
        run.passed,
        run.filtered,
        run.rejected,
        run.deferred,
        run.message,
        arguments,
    )


def _run(row: tuple[Any, ...]) -> Run:
    return Run(
        id=row[0],
        kind=RunKind(row[1]),
        subject=row[2],
        state=RunState(row[3]),
        created_at=row[4],
        started_at=row[5],
        ended_at=row[6],
        unit=row[7],
        done=row[8],
        total=row[9],
        passed=row[10],
        filtered=row[11],
        rejected=row[12],
        deferred=row[13],
        message=row[14],
        arguments=msgspec.json.decode(row[15]),
    )
