"""One file of another role, read by whoever asks; until its role has made it, it holds nothing.

In: queries. Out: rows, or a connection for one consistent look. Never writes, never waits for a writer.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from onefold.backends.embedded.database import DatabaseName, database_path, is_current, open_reader
from onefold.errors import StorageError

CACHE_MB = 4


class File:
    """Opened at the first question; safe to share between threads.

    `attached` stands beside it under its own name, for joins: it must be there when this one is.
    """

    def __init__(
        self,
        data_dir: Path,
        name: DatabaseName,
        *,
        cache_mb: int = CACHE_MB,
        attached: DatabaseName | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._name: DatabaseName = name
        self._cache_mb = cache_mb
        self._attached: DatabaseName | None = attached
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection | None]:
        """One consistent look; None while its role has not made the file.

        Raises:
            StorageError: it cannot be read.
        """
        with self._lock:
            if self._connection is None and is_current(self._data_dir, self._name):
                self._connection = self._open()
            if self._connection is None:
                yield None
                return
            connection = self._connection
            try:
                connection.execute("begin")
                yield connection
            except sqlite3.Error as error:
                raise self._cannot_read(error) from error
            finally:
                if connection.in_transaction:
                    connection.execute("rollback")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """One query; nothing while the file is not there."""
        with self.read() as connection:
            return connection.execute(query, values).fetchall() if connection else []

    def close(self) -> None:
        """Give it back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        connection = open_reader(self._data_dir, self._name, cache_mb=self._cache_mb)
        if self._attached:
            path = database_path(self._data_dir, self._attached)
            try:
                connection.execute(f"attach database ? as {self._attached}", (f"file:{path}?mode=ro",))
            except sqlite3.Error as error:
                connection.close()
                raise self._cannot_read(error) from error
        return connection

    def _cannot_read(self, error: sqlite3.Error) -> StorageError:
        return StorageError(
            "storage.cannot_read",
            f"{self._name}.db cannot be read: {error}.",
            hint="Is the disk all right? `onefold backup` and `onefold restore` bring a whole copy.",
        )
