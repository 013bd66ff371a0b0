"""Opening the SQLite files of a data directory: pragmas, migrations, and who may write.

Each file has one writing role: `log.db` and `control.db` web, `state.db` worker, `delivery.db`
deliver, `tasks.db` tasks. Everybody may read. Migrations are Alembic scripts, numbered, in
`migrations/<name>/`; only the writing role runs them, when it opens its file.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from onefold.errors import StorageError

DatabaseName = Literal["log", "control", "state", "delivery", "tasks"]

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_S = 10.0
"""A writer waits so long for a checkpoint or a backup; longer means that something is stuck."""
FOLD_IN_MS = 500
"""An erasure waits so long for readers of the write-ahead file."""
CHECKPOINT_PAGES = 4000
"""16 MB of WAL between checkpoints: fewer, longer ones cost less in all, more cost p99."""
PAGE_BYTES: dict[DatabaseName, int] = {"state": 2048}
"""The state is written in random places: a smaller page is less to copy, sum and write for one row (measured
at 2 million profiles: commits cost a third less; at 200,000 a little; pages of 1 KB cost more again)."""


def database_path(data_dir: Path, name: DatabaseName) -> Path:
    """Where the file of that name stands."""
    return data_dir / f"{name}.db"


def open_writer(data_dir: Path, name: DatabaseName, *, cache_mb: int = 64) -> sqlite3.Connection:
    """The connection of the role that owns the file; durable at each commit, migrated to this version.

    Autocommit is off the way of `sqlite3`: callers say BEGIN and COMMIT themselves.

    Raises:
        StorageError: the file cannot be opened, or comes from a newer Onefold.
    """
    path = database_path(data_dir, name)
    _create_private(path)
    migrate(path, name)
    connection = _connect(f"file:{path}?mode=rwc", path)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    # What is deleted or replaced is zeroed within pages that are written anyway: nothing lies about then of
    # whom an erasure has taken out.
    connection.execute("pragma secure_delete=fast")
    connection.execute(f"pragma wal_autocheckpoint={CHECKPOINT_PAGES}")
    connection.execute(f"pragma cache_size=-{cache_mb * 1024}")
    return connection


def open_reader(data_dir: Path, name: DatabaseName, *, cache_mb: int = 16) -> sqlite3.Connection:
    """A read-only connection, usable from any thread one at a time.

    Raises:
        StorageError: the file does not exist yet: its role has never run.
    """
    path = database_path(data_dir, name)
    connection = _connect(f"file:{path}?mode=ro", path)
    connection.execute("pragma query_only=on")
    connection.execute(f"pragma cache_size=-{cache_mb * 1024}")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written within, or nothing of it: also where it is not SQLite that fails."""
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def fold_in(connection: sqlite3.Connection) -> None:
    """Empty the write-ahead file, where what was erased stands still; whoever reads it now delays that.

    Then it goes at a later checkpoint, as always: nobody waits here for long.
    """
    connection.execute(f"pragma busy_timeout={FOLD_IN_MS}")
    try:
        connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    finally:
        connection.execute(f"pragma busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")


def is_current(data_dir: Path, name: DatabaseName) -> bool:
    """Whether its role has made the file, at the schema of this version."""
    known = sorted(script.stem for script in (MIGRATIONS / name).glob("[0-9]*.py"))
    return bool(known) and _version(database_path(data_dir, name)) == known[-1]


def migrate(path: Path, name: DatabaseName) -> None:
    """Bring a file to the newest schema. Costs one query when it is there already.

    Raises:
        StorageError: the file was written by a newer Onefold.
    """
    known = sorted(script.stem for script in (MIGRATIONS / name).glob("[0-9]*.py"))
    found = _version(path)
    if known and found == known[-1]:
        return
    if found is not None and found not in known:
        raise StorageError(
            "storage.newer_schema",
            f"{path.name} was written by a newer Onefold (schema {found}).",
            hint="Run the newer version, or restore a backup made with this one.",
        )
    _upgrade(path, name)


def _create_private(path: Path) -> None:
    """People's data: its owner's alone, whatever the directory's mode. SQLite's side files take it over.

    A file that is there is not even opened: closing it would give up the locks that this process holds on it
    by another connection (POSIX), and whoever closed it next elsewhere would take away its WAL.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StorageError(
            "storage.cannot_open",
            f"{path.name} cannot be opened: {error.strerror}.",
            hint="Is the data directory right?",
        ) from error


def json_list(values: Iterable[int] | Iterable[str]) -> str:
    """Values to bind where a query says `select value from json_each(?)`."""
    return msgspec.json.encode([*values]).decode()


def _connect(uri: str, path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False
        )
        connection.execute("pragma mmap_size=4294967296")
    except sqlite3.Error as error:
        raise StorageError(
            "storage.cannot_open",
            f"{path.name} cannot be opened: {error}.",
            hint="Is the data directory right?",
        ) from error
    return connection


def _version(path: Path) -> str | None:
    if not path.exists():
        return None
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
    try:
        row = connection.execute("select version_num from alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    finally:
        connection.close()
    return str(row[0]) if row else None


def _upgrade(path: Path, name: DatabaseName) -> None:
    # Imported here: Alembic and SQLAlchemy cost 0.4 s, which a file already at its version need not pay.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS / name))
    config.set_main_option("path_separator", "newline")
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_S})
    with engine.connect() as connection:
        # Of a file that is there already this changes nothing.
        connection.exec_driver_sql(f"pragma page_size={PAGE_BYTES.get(name, 4096)}")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()
