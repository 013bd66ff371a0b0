"""What was spent at destinations that bill, and what the ledger saved: kept by day, goal and field.

In: a cycle's counters. Out: a row a day, goal and field, added to; what budgets count stands by quarter of an
hour beside it, since their days begin at midnight of any time zone.
"""

import sqlite3
from typing import Literal, NamedTuple

from onefold.activate.store import Writes
from onefold.backends.embedded.file import File
from onefold.clock import DAY, MINUTE

SLOT = 15 * MINUTE
"""Offsets of time zones are multiples of it."""
KEPT_DAYS = 800
"""Two years and a bit: this year can be seen beside the last."""
TRIMMED_ROWS = 2000

ADD_POINTS = """insert into data_point values (?, ?, ?, ?, ?, ?)
    on conflict do update set spent = spent + excluded.spent, saved = saved + excluded.saved"""
ADD_SPENDING = """insert into spending values (?, ?, ?)
    on conflict do update set spent = spent + excluded.spent"""
TRIM_POINTS = f"""delete from data_point where (day, goal_id, field) in (
    select day, goal_id, field from data_point where day < ? order by day limit {TRIMMED_ROWS})"""
SPENT_SINCE = "select ifnull(sum(spent), 0) from spending where connection_id = ? and slot >= ?"
GROUPS = {
    "goal": ("null", "goal_id", "null"),
    "field": ("null", "null", "field"),
    "day": ("day", "null", "null"),
}


class PointsWanted(NamedTuple):
    """Days since 1970 (UTC), both included, and what to count apart."""

    first: int
    last: int
    by: Literal["goal", "field", "day"]


class PointsRow(NamedTuple):
    """One group; what it is not grouped by is None. Field "" holds what was saved, which has no field."""

    day: int | None
    goal_id: int | None
    field: str | None
    spent: int
    saved: int


def write_points(connection: sqlite3.Connection, writes: Writes, at: int) -> None:
    """Add a cycle's counters, in its transaction."""
    day = at // DAY
    rows = [(day, *key, spent, 0) for key, spent in writes.spent.items() if spent]
    rows += [(day, *key, "", 0, saved) for key, saved in writes.saved.items() if saved]
    connection.executemany(ADD_POINTS, rows)
    spending: dict[int, int] = {}
    for (connection_id, _, _), spent in writes.spent.items():
        spending[connection_id] = spending.get(connection_id, 0) + spent
    connection.executemany(ADD_SPENDING, [(one, at // SLOT, spent) for one, spent in spending.items()])


def trim_points(connection: sqlite3.Connection, at: int) -> None:
    """Drop a piece of what is older than it is kept."""
    connection.execute(TRIM_POINTS, (at // DAY - KEPT_DAYS,))
    connection.execute("delete from spending where slot < ?", ((at - KEPT_DAYS * DAY) // SLOT,))


def read_points(file: File, connection_id: int, wanted: PointsWanted) -> list[PointsRow]:
    """The groups, the newest day, the first goal or the most expensive field first."""
    day, goal, field = GROUPS[wanted.by]
    order = {"day": "1 desc", "goal": "2", "field": "4 desc, 3"}[wanted.by]
    having = "having sum(spent) > 0" if wanted.by == "field" else ""
    rows = file.rows(
        f"""select {day}, {goal}, {field}, sum(spent), sum(saved) from data_point
            where day between ? and ? and connection_id = ? group by 1, 2, 3 {having} order by {order}""",
        *(wanted.first, wanted.last, connection_id),
    )
    return [PointsRow(*row) for row in rows]
