"""From which record on somebody still needs the log: what retention must not pass.

In: the files of the worker, of delivery and of what the user configured. Out: the oldest offset needed, and
by whom. A goal that is off needs nothing: turned on again, it compares whole profiles.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from onefold.backends.embedded.database import DatabaseName, is_current, open_reader
from onefold.backends.embedded.delivery import PROGRESS, read_progress
from onefold.model.change import decode_change
from onefold.model.connection import Connection
from onefold.model.delivery import GoalProgress
from onefold.model.goal import Goal

CHANGES_READ = 500
"""Changes looked at in one query; most of them name records of the log, so one query is nearly always all."""
CHANGES_AFTER = "select seq, body from change where seq > ? order by seq limit ?"


class Need(NamedTuple):
    """The oldest record that must stay, and who needs it."""

    offset: int
    who: str


def find_need(data_dir: Path) -> Need:
    """The oldest need. Everything that nobody has folded is needed by the worker."""
    if not is_current(data_dir, "state"):
        return Need(0, "the worker")
    cursors = _cursors(data_dir)
    with closing(open_reader(data_dir, "state")) as state:
        row = state.execute("select value from meta where name = 'offset'").fetchone()
        oldest = Need((int(row[0]) if row else 0) + 1, "the worker")
        for name, progress in cursors.items():
            offset = progress.scanned_to + 1 if progress.is_reading else _first_unread(state, progress.cursor)
            if offset and offset < oldest.offset:
                oldest = Need(offset, name)
    return oldest


def _cursors(data_dir: Path) -> dict[str, GoalProgress]:
    """How far each goal that is on has read. One that never ran begins with what there is then."""
    goals = {goal.id: goal.name for goal in _goals_on(data_dir)}
    with _reader(data_dir, "delivery") as delivery:
        found = [read_progress(row) for row in delivery.execute(PROGRESS)] if delivery else []
    return {f"the goal {goals[one.goal_id]}": one for one in found if one.goal_id in goals}


def _goals_on(data_dir: Path) -> list[Goal]:
    with _reader(data_dir, "control") as control:
        if control is None:
            return []
        on = {
            number
            for number, body in control.execute("select id, body from connection")
            if msgspec.json.decode(body, type=Connection).enabled
        }
        rows = control.execute("select id, connection_id, body from goal").fetchall()
    goals = [
        msgspec.structs.replace(msgspec.json.decode(body, type=Goal), id=number)
        for number, connection_id, body in rows
        if connection_id in on
    ]
    return [goal for goal in goals if goal.enabled]


def _first_unread(state: sqlite3.Connection, cursor: int) -> int:
    """The first record of the first batch of events behind a cursor (0: none)."""
    while rows := state.execute(CHANGES_AFTER, (cursor, CHANGES_READ)).fetchall():
        for seq, body in rows:
            change = decode_change(body)
            if change.events:
                return change.first_offset
            cursor = seq
    return 0


@contextmanager
def _reader(data_dir: Path, name: DatabaseName) -> Iterator[sqlite3.Connection | None]:
    """Reads a file; None while its role has not made it."""
    if not is_current(data_dir, name):
        yield None
        return
    with closing(open_reader(data_dir, name)) as connection:
        yield connection
