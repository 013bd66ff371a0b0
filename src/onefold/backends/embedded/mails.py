"""Mails in `tasks.db`: those that wait, and those that were sent or given up. Written by the tasks role.

In: mails about ends of runs, with how far the ends were read; what people want done about one. Out: what is
due, and where mails stand. A write is durable when it returns; a mail of one key goes to an address once.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from onefold.backends.embedded.database import open_writer, transaction
from onefold.backends.embedded.file import File
from onefold.backends.embedded.tasks import writing
from onefold.model.mail import Mail, MailStanding, MailState, MailWish, WaitingMail

GOAL_ENDS = "run_ends_told"
"""Cursor: how far the ends of runs of goals that send were told."""
INWARD_ENDS = "inward_ends_told"
"""Cursor: the same of goals that bring something in."""
WISHES = "mail_wishes_followed"
"""Cursor: the last wish that was followed."""
CACHE_MB = 2
DUE_MAX = 100

ADD = """insert or ignore into mail (key, address, subject, body, created_at, due_at, attempts, state, code)
    values (?, ?, ?, ?, ?, ?, 0, 'waiting', '')"""
CURSOR = "select value from meta where name = ?"
PUT_CURSOR = "insert or replace into meta values (?, ?)"
DUE = f"""select id, key, address, subject, body, created_at, attempts from mail
    where state = 'waiting' and due_at <= ? order by due_at limit {DUE_MAX}"""
# Who was told is kept for a while, so that nobody is told twice; what was said only where it was not sent.
END = """update mail set state = ?1, code = ?2, body = iif(?1 = 'failed', body, ''), attempts = attempts + 1
    where id = ?3"""
PUT_OFF = "update mail set code = ?, due_at = ?, attempts = attempts + 1 where id = ?"
FOLLOW = {
    # Its time begins anew, or it would be given up at the first failure.
    MailWish.RETRY: """update mail set state = 'waiting', created_at = ?1, due_at = ?1
        where id = ?2 and state in ('waiting', 'failed')""",
    MailWish.DROP: """update mail set state = 'dropped', body = '', due_at = ?1
        where id = ?2 and state in ('waiting', 'failed')""",
}
UNSENT = """select id, key, address, subject, state, created_at, due_at, attempts, code from mail
    where state in ('waiting', 'failed')"""


class EmbeddedMails:
    """A second connection of the tasks role to its file; safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._connection = open_writer(data_dir, "tasks", cache_mb=CACHE_MB)
        self._lock = threading.Lock()

    def cursor(self, name: str = GOAL_ENDS) -> int | None:
        """How far something was read; None: never looked."""
        with self._lock:
            rows = self._connection.execute(CURSOR, (name,)).fetchall()
        return int(rows[0][0]) if rows else None

    def add(self, mails: Sequence[Mail], at: int, cursor: int | None = None, name: str = GOAL_ENDS) -> None:
        """Keep mails, with how far the ends of runs were told by them."""
        with self._transaction() as connection:
            connection.executemany(
                ADD, [(one.key, one.address, one.subject, one.body, at, at) for one in mails]
            )
            if cursor is not None:
                connection.execute(PUT_CURSOR, (name, cursor))

    def follow(self, wishes: Sequence[tuple[int, int, MailWish]], at: int) -> None:
        """Do what people want done: (number of the wish, mail, wish), in their order."""
        with self._transaction() as connection:
            for number, mail_id, wish in wishes:
                connection.execute(FOLLOW[wish], (at, mail_id))
                connection.execute(PUT_CURSOR, (WISHES, number))

    def due(self, at: int) -> list[WaitingMail]:
        """What is to be sent now, longest due first."""
        with self._lock:
            rows = self._connection.execute(DUE, (at,)).fetchall()
        return [WaitingMail(row[0], Mail(*row[1:5]), row[5], row[6]) for row in rows]

    def end(self, mail_id: int, state: MailState, code: str = "") -> None:
        """It was sent, or is given up."""
        with self._transaction() as connection:
            connection.execute(END, (str(state), code, mail_id))

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


class EmbeddedMailReader:
    """Shows what was not sent; holds nothing until the tasks role has made the file."""

    def __init__(self, data_dir: Path) -> None:
        self._file = File(data_dir, "tasks")

    def page(self, *, before: int, count_max: int) -> list[MailStanding]:
        """What waits or was given up, newest first."""
        rows = self._file.rows(f"{UNSENT} and id < ? order by id desc limit ?", before, count_max)
        return [_standing(row) for row in rows]

    def find(self, mail_id: int) -> MailStanding | None:
        """One of them."""
        rows = self._file.rows(f"{UNSENT} and id = ?", mail_id)
        return _standing(rows[0]) if rows else None

    def wishes_followed(self) -> int:
        """The number of the last wish that was followed."""
        rows = self._file.rows(CURSOR, WISHES)
        return int(rows[0][0]) if rows else 0

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def _standing(row: tuple[object, ...]) -> MailStanding:
    number, about, address, subject, state, *rest = row
    return MailStanding(number, about, address, subject, MailState(str(state)), *rest)  # type: ignore[arg-type]
