"""Which files of a place were read, in `tasks.db`; written by the tasks role.

In: files that are begun and ended, with the positions at which the place's mark in the log stands for them.
Out: what is read, judged by that mark: a file counts as read only if the log holds it to its end, so neither
a crash nor a restored log loses one.
"""

from pathlib import Path
from typing import NamedTuple

from onefold.backends.embedded.database import open_writer, transaction
from onefold.backends.embedded.tasks import writing
from onefold.plugin.feedback import FeedbackFile

CACHE_MB = 2
NEWEST = "select max(part) from feedback_file where place = ? and end <= ?"
READ = "select name from feedback_file where place = ? and part >= ? and end <= ?"
BEGIN = "update feedback_place set part = ?, name = ?, base = ? where place = ?"
FINISH = "insert or replace into feedback_file (place, part, name, end) values (?, ?, ?, ?)"
OPEN = """insert into feedback_place (place, source_id, connection_id, part, name, base)
    values (?, ?, ?, '', '', 0) on conflict (place) do update set connection_id = excluded.connection_id"""


class UnderWay(NamedTuple):
    """A file that was begun; its first event stands behind the position `base`."""

    file: FeedbackFile
    base: int


class EmbeddedFeedback:
    """The files of one place; one at a time uses it."""

    def __init__(self, data_dir: Path, place: str) -> None:
        self._connection = open_writer(data_dir, "tasks", cache_mb=CACHE_MB)
        self._place = place

    def open_place(self, source_id: int, connection_id: int) -> None:
        """Remember into which source the place of a connection is read."""
        self._write(OPEN, self._place, source_id, connection_id)

    def under_way(self) -> UnderWay | None:
        """The file that was begun and not ended."""
        query = "select name, part, base from feedback_place where place = ? and name <> ''"
        row = self._connection.execute(query, (self._place,)).fetchone()
        return UnderWay(FeedbackFile(row[0], row[1]), row[2]) if row else None

    def newest_part(self, position: int) -> str:
        """The newest part of which the log holds a file; empty for none."""
        row = self._connection.execute(NEWEST, (self._place, position)).fetchone()
        return row[0] or ""

    def names_read(self, oldest_part: str, position: int) -> set[str]:
        """The files from a part on that the log holds."""
        return {row[0] for row in self._connection.execute(READ, (self._place, oldest_part, position))}

    def begin(self, file: FeedbackFile, base: int) -> None:
        """Before anything of the file is appended."""
        self._write(BEGIN, file.part, file.name, base, self._place)

    def finish(self, file: FeedbackFile, end: int) -> None:
        """All of the file is in the log, which stands at `end` for it."""
        with writing(), transaction(self._connection):
            self._connection.execute(FINISH, (self._place, file.part, file.name, end))
            self._connection.execute(BEGIN, ("", "", end, self._place))

    def forget(self, before_part: str) -> None:
        """Files of earlier parts, which are looked at no more."""
        self._write("delete from feedback_file where place = ? and part < ?", self._place, before_part)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def _write(self, query: str, *values: object) -> None:
        with writing():
            self._connection.execute(query, values)
