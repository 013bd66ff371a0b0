"""Mails in `tasks.db`: those that wait, and those that were sent or given up. Written by the tasks role.

In: mails about ends of runs, with how far the ends were read. Out: what is due. A write is durable when it
returns; a mail of one key goes to an address once.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from onefold.backends.embedded.database import open_writer, transaction
from onefold.backends.embedded.tasks import writing
from onefold.model.mail import Mail, WaitingMail

CURSOR = "run_ends_told"
CACHE_MB = 2
DUE_MAX = 100

ADD = """insert or ignore into mail (key, address, subject, body, created_at, due_at, attempts, state, code)
    values (?, ?, ?, ?, ?, ?, 0, 'waiting', '')"""
PUT_CURSOR = "insert or replace into meta values (?, ?)"
DUE = f"""select id, key, address, subject, body, created_at, attempts from mail
    where state = 'waiting' and due_at <= ? order by due_at limit {DUE_MAX}"""
# Who was told is kept for a while, so that nobody is told twice; what was said is not.
END = "update mail set state = ?, code = ?, body = '', attempts = attempts + 1 where id = ?"
PUT_OFF = "update mail set code = ?, due_at = ?, attempts = attempts + 1 where id = ?"


class EmbeddedMails:
    """A second connection of the tasks role to its file; safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._connection = open_writer(data_dir, "tasks", cache_mb=CACHE_MB)
        self._lock = threading.Lock()

    def cursor(self) -> int | None:
        """How far the ends of runs were told; None: never looked."""
        with self._lock:
            rows = self._connection.execute("select value from meta where name = ?", (CURSOR,)).fetchall()
        return int(rows[0][0]) if rows else None

    def add(self, mails: Sequence[Mail], at: int, cursor: int | None = None) -> None:
        """Keep mails, with how far the ends of runs were told by them."""
        with self._transaction() as connection:
            connection.executemany(
                ADD, [(one.key, one.address, one.subject, one.body, at, at) for one in mails]
            )
            if cursor is not None:
                connection.execute(PUT_CURSOR, (CURSOR, cursor))

    def due(self, at: int) -> list[WaitingMail]:
        """What is to be sent now, longest due first."""
        with self._lock:
            rows = self._connection.execute(DUE, (at,)).fetchall()
        return [WaitingMail(row[0], Mail(*row[1:5]), row[5], row[6]) for row in rows]

    def end(self, mail_id: int, state: str, code: str = "") -> None:
        """It was `sent`, or is given up (`failed`)."""
        with self._transaction() as connection:
            connection.execute(END, (state, code, mail_id))

    def put_off(self, mail_id: int, code: str, due_at: int) -> None:
        """It is tried again later."""
        with self._transaction() as connection:
            connection.execute(PUT_OFF, (code, due_at, mail_id))

    def forget(self, before: int) -> None:
        """Remove mails of before a time that wait no more."""
        with self._transaction() as connection:
            connection.execute("delete from mail where created_at < ? and state <> 'waiting'", (before,))

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing.

        Raises:
            StorageError: nothing was written.
        """
        with self._lock, writing(), transaction(self._connection):
            yield self._connection
