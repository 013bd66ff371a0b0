"""Opening the files of a data directory."""

import subprocess
import sys
from pathlib import Path

from onefold.backends.embedded.database import open_writer

READ = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("select count(*) from t").fetchone()[0])
connection.close()
"""


def read_elsewhere(path: Path) -> int:
    """What another process sees, which closes the file again."""
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_second_connection_of_the_process_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    first = open_writer(tmp_path, "tasks")
    first.execute("create table t (a)")
    second = open_writer(tmp_path, "tasks")
    for number in range(1, 4):
        first.execute("insert into t values (1)")
        assert read_elsewhere(tmp_path / "tasks.db") == number
    second.close()
    assert read_elsewhere(tmp_path / "tasks.db") == 3
    first.close()
