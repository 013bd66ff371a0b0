"""Where merged profiles live now, and who was merged into one; a query each, through any chain of merges.

In: a connection to `state.db`, ids. Out: ids.
"""

import sqlite3
from collections.abc import Iterable

from onefold.backends.embedded.database import json_list

ALIASES_DEEP = 1000
"""Merges of merges followed; a chain is as long as a profile lost at most."""
MERGED_MAX = 1000
"""Profiles merged into one that are looked at."""

SURVIVORS = """with recursive way (start, id, depth) as (
        select value, value, 0 from json_each(?)
        union all select start, new, depth + 1 from way join alias on old = id where depth < ?)
    select start, id, max(depth) from way group by start"""
MERGED = """with recursive way (id, depth) as (
        select ?, 0 union all select old, depth + 1 from way join alias on new = way.id where depth < ?)
    select id from way where depth > 0 limit ?"""


def find_survivors(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, int]:
    """Where merged profiles live now; ids that are not merged away are absent."""
    rows = connection.execute(SURVIVORS, (json_list(ids), ALIASES_DEEP))
    return {start: end for start, end, depth in rows if depth}


def find_merged(connection: sqlite3.Connection, profile_id: int) -> list[int]:
    """The ids of those that were merged into a profile."""
    rows = connection.execute(MERGED, (profile_id, ALIASES_DEEP, MERGED_MAX))
    return [merged for (merged,) in rows]
