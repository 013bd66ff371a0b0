"""The connection to control.db: one a process, one statement at a time, each change counted in `revision`.

In: the data directory. Out: transactions for the modules beside this one. SQLAlchemy Core, so that
the same statements run on PostgreSQL.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from onefold.backends.embedded.control.tables import meta
from onefold.backends.embedded.database import open_reader, open_writer
from onefold.errors import StorageError

CACHE_MB = 8
"""control.db is small; more would only be held for nothing."""


class ControlDatabase:
    """Transactions on control.db. Methods block for a few milliseconds: call them off the event loop."""

    def __init__(self, open_connection: Callable[[], sqlite3.Connection]) -> None:
        self._engine = create_engine("sqlite://", creator=open_connection, poolclass=StaticPool)
        self._lock = threading.Lock()
        # Our connections are opened in autocommit mode, where the driver never says BEGIN itself.
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))

    @classmethod
    def writer(cls, data_dir: Path) -> "ControlDatabase":
        """For web: creates or migrates the file."""
        return cls(lambda: open_writer(data_dir, "control", cache_mb=CACHE_MB))

    @classmethod
    def reader(cls, data_dir: Path) -> "ControlDatabase":
        """For every other role."""
        return cls(lambda: open_reader(data_dir, "control", cache_mb=CACHE_MB))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look."""
        with self._lock, self._engine.begin() as connection:
            yield connection

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """One transaction, durable at its end, that other roles notice by `revision`.

        Raises:
            StorageError: nothing was written.
        """
        with self._lock, _writing(), self._engine.begin() as connection:
            yield connection
            revision = _number(connection, "revision") + 1
            statement = insert(meta).values(name="revision", value=revision)
            connection.execute(
                statement.on_conflict_do_update(index_elements=[meta.c.name], set_={"value": revision})
            )

    @contextmanager
    def record(self) -> Iterator[Connection]:
        """One transaction that changes nothing for other roles: sessions, links.

        Raises:
            StorageError: nothing was written.
        """
        with self._lock, _writing(), self._engine.begin() as connection:
            yield connection

    def revision(self) -> int:
        """Grows with every change."""
        with self.read() as connection:
            return _number(connection, "revision")

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._engine.dispose()


@contextmanager
def _writing() -> Iterator[None]:
    """What the disk refuses, as an error that says so; broken rules of the tables stay what they are."""
    try:
        yield
    except OperationalError as error:
        raise StorageError(
            "storage.cannot_write",
            f"control.db cannot be written: {error.orig}.",
            hint="Is the disk full? Try again once there is room.",
        ) from error


def _number(connection: Connection, name: str) -> int:
    value = connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar()
    return int(value) if value is not None else 0
