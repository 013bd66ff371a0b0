"""Counters by the minute, added up by the day once they are old: the same in every file that counts.

In: a connection in a transaction. Out: fewer rows, the same sums. A day's sum stands at its first minute, so
whoever adds up all rows needs not know; whoever has added up some already asks `folded_to`.
"""

import sqlite3

from onefold.clock import DAY, MINUTE

PIECE_ROWS = 1000
"""Rows added up in one transaction: some milliseconds of the owner."""
DAY_MINUTES = DAY // MINUTE
FOLDED_TO = "counters_folded_to"

OLD = f"""select minute, stage, subject, kind, code, count from counter
    where minute < ? and minute % {DAY_MINUTES} != 0 order by minute limit {PIECE_ROWS}"""
ADD = """insert into counter values (?, ?, ?, ?, ?, ?)
    on conflict do update set count = count + excluded.count"""
REMOVE = """delete from counter
    where minute = ? and stage = ? and subject = ? and kind = ? and code = ?"""
NOTE = f"""insert into meta values ('{FOLDED_TO}', ?)
    on conflict (name) do update set value = max(value, excluded.value)"""


def fold_counters(connection: sqlite3.Connection, clock: int, days: int) -> int:
    """Add up a piece of what is older than so many days; returns how many rows went into it (0: done)."""
    before = (clock // DAY - days) * DAY_MINUTES
    rows = connection.execute(OLD, (before,)).fetchall()
    if not rows:
        return 0
    connection.executemany(ADD, [(row[0] - row[0] % DAY_MINUTES, *row[1:]) for row in rows])
    connection.executemany(REMOVE, [row[:5] for row in rows])
    connection.execute(NOTE, (rows[-1][0] + 1,))
    return len(rows)


def folded_to(connection: sqlite3.Connection) -> int:
    """The minute before which counters may have moved to the first of their day (0: none did)."""
    row = connection.execute("select value from meta where name = ?", (FOLDED_TO,)).fetchone()
    return int(row[0]) if row else 0
