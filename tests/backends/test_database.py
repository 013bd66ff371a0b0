"""Several connections to one file in one process, and other processes that come and go."""

import subprocess
import sys
from pathlib import Path

from onefold.backends.embedded.database import open_writer

LOOK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("select count(*) from run").fetchone()[0])
connection.close()
"""
RUN = "insert into run values (?, 'import', '', 'running', 0, 0, 0, '', 0, 0, 0, 0, 0, 0, '', '{}', 0, 0)"


def look(path: Path) -> int:
    """What another process sees, which closes the file again."""
    done = subprocess.run([sys.executable, "-c", LOOK, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_second_writer_does_not_take_the_locks_of_the_first(tmp_path: Path) -> None:
    """Who closes a file drops every lock that its process holds on it.

    Others think that nobody is there, and take the write-ahead file away under the writer.
    """
    first = open_writer(tmp_path, "tasks")
    first.execute(RUN, ("run-first",))
    second = open_writer(tmp_path, "tasks")
    path = tmp_path / "tasks.db"
    for number in range(1, 4):
        first.execute(RUN, (f"run-{number}",))
        assert look(path) == number + 1
    second.close()
    first.execute(RUN, ("run-last",))
    assert look(path) == 5
    assert (tmp_path / "tasks.db-wal").exists()
    first.close()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    open_writer(tmp_path, "tasks").close()
    assert (tmp_path / "tasks.db").stat().st_mode & 0o777 == 0o600
