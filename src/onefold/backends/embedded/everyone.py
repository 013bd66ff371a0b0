"""Profiles by ranges of ids, for who counts people: read apart from what answers single questions.

In: ids. Out: profiles. A look a range, so that a long count keeps no old state of the file alive.
"""

from collections.abc import Sequence
from pathlib import Path

from onefold.backends.embedded.alias import find_survivors
from onefold.backends.embedded.file import File
from onefold.model.profile import Profile, decode_profile

CACHE_MB = 8
LAST_ID = "select ifnull(max(id), 0) from profile"
BETWEEN = "select body from profile where id between ? and ?"
MEMBERS_BETWEEN = """select profile.body from member join profile on profile.id = member.profile_id
    where member.segment_id = ? and member.profile_id between ? and ?"""


class Everyone:
    """Of one SQLite file; nobody until the worker has made it. To be closed."""

    def __init__(self, data_dir: Path) -> None:
        self._file = File(data_dir, "state", cache_mb=CACHE_MB)

    def last_id(self) -> int:
        """The highest id of a profile; 0 for none."""
        rows = self._file.rows(LAST_ID)
        return int(rows[0][0]) if rows else 0

    def between(self, first: int, last: int) -> list[Profile]:
        """The profiles with ids first..last."""
        return [decode_profile(row[0]) for row in self._file.rows(BETWEEN, first, last)]

    def members_between(self, segment_id: int, first: int, last: int) -> list[Profile]:
        """Those of them that are in a segment."""
        return [decode_profile(row[0]) for row in self._file.rows(MEMBERS_BETWEEN, segment_id, first, last)]

    def survivors(self, ids: Sequence[int]) -> dict[int, int]:
        """Into whom each of these was merged; those who were not are absent."""
        with self._file.read() as connection:
            return find_survivors(connection, ids) if connection else {}

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
