"""Runs of goals in `delivery.db`: how deliver writes them, and how everyone else reads them.

In: runs, samples and clocks of a cycle. Out: rows; for readers pages of runs, newest first, and samples.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from onefold.activate.store import Writes
from onefold.backends.embedded.database import json_list
from onefold.backends.embedded.file import File
from onefold.clock import DAY
from onefold.model.comparison import Difference
from onefold.model.goal_run import GoalClock, GoalRun, RunSample
from onefold.model.outcome import Kind

SAMPLES_KEPT = 100_000
"""In all: about 200 MB. The oldest go first; their runs stay."""
SAMPLES_TRIMMED = 20_000
RUNS_TRIMMED = 200
"""Runs that one trim removes, with up to some hundred samples each."""

_encode = msgspec.msgpack.Encoder().encode
_run = msgspec.msgpack.Decoder(GoalRun)
_clock = msgspec.msgpack.Decoder(GoalClock)

PUT_RUN = """insert into goal_run (number, id, connection_id, goal_id, ended_at, body, is_comparison)
    values (?, ?, ?, ?, ?, ?, ?)
    on conflict (number) do update set ended_at = excluded.ended_at, body = excluded.body"""
NOTE_END = "insert into run_end (number) values (?)"
PUT_SAMPLE = "insert into sample values (null, ?, ?, ?, ?, ?, ?, ?, ?)"
PUT_CLOCK = "insert or replace into goal_clock values (?, ?)"
OPEN = "select body from goal_run where ended_at = 0 order by number"
LAST = "select ifnull(max(number), 0) from goal_run"
CLOCKS = "select body from goal_clock"
OLD = f"""select number from goal_run where ended_at > 0 and ended_at < ? order by number
    limit {RUNS_TRIMMED}"""
TRIM_SAMPLES = f"""delete from sample where id in (select id from sample
    where id <= (select max(id) from sample) - {SAMPLES_KEPT} order by id limit {SAMPLES_TRIMMED})"""
PAGE = """select body from goal_run where id < ?1 and (?2 is null or connection_id = ?2)
    and (?3 is null or goal_id = ?3) and (?5 is null or is_comparison = ?5) order by id desc limit ?4"""
PUT_DIFFERENCE = "insert into difference (run, profile_id, body) values (?, ?, ?)"
DIFFERENCES = "select run, profile_id, body from difference where run = ? order by id"
SAMPLES = """select run, kind, code, profile_id, key, ours, request, answer from sample
    where run = ? order by kind desc, code, id"""
ENDS = """select run_end.seq, body from run_end join goal_run on goal_run.number = run_end.number
    where run_end.seq > ? order by run_end.seq limit ?"""


def write_runs(connection: sqlite3.Connection, writes: Writes) -> None:
    """Put what a cycle says of runs; part of its transaction."""
    connection.executemany(
        PUT_RUN,
        [
            (
                *(one.number, one.id, one.connection_id, one.goal_id, one.ended_at, _encode(one)),
                one.comparison is not None,
            )
            for one in writes.runs
        ],
    )
    connection.executemany(NOTE_END, [(one.number,) for one in writes.runs if one.ended_at])
    connection.executemany(
        PUT_SAMPLE,
        [
            (one.run, int(one.kind), one.code, one.profile_id, one.key, one.ours, one.request, one.answer)
            for one in writes.samples
        ],
    )
    connection.executemany(
        PUT_DIFFERENCE, [(one.run, one.profile_id, one.body) for one in writes.differences]
    )
    connection.executemany(PUT_CLOCK, [(one.goal_id, _encode(one)) for one in writes.clocks])


def trim_runs(connection: sqlite3.Connection, at: int, run_days: int) -> bool:
    """Remove old ended runs with their samples, and samples over the limit; whether there may be more."""
    connection.execute(TRIM_SAMPLES)
    numbers = [row[0] for row in connection.execute(OLD, (at - run_days * DAY,))]
    tables = (("sample", "run"), ("difference", "run"), ("run_end", "number"), ("goal_run", "number"))
    for table, column in tables:
        connection.executemany(f"delete from {table} where {column} = ?", [(one,) for one in numbers])
    return len(numbers) == RUNS_TRIMMED


def decode_runs(rows: list[tuple[Any, ...]]) -> list[GoalRun]:
    """Runs of their stored form, in the last column."""
    return [_run.decode(row[-1]) for row in rows]


def decode_clocks(rows: list[tuple[Any, ...]]) -> dict[int, GoalClock]:
    """Clocks by goal."""
    clocks = [_clock.decode(row[0]) for row in rows]
    return {clock.goal_id: clock for clock in clocks}


class EmbeddedGoalRuns:
    """Reads runs of goals; safe to share between threads. Holds none until deliver has made the file."""

    def __init__(self, data_dir: Path) -> None:
        self._file = File(data_dir, "delivery")

    def page(
        self,
        *,
        before: str = "~",
        count_max: int = 100,
        connection_id: int | None = None,
        goal_id: int | None = None,
        is_comparison: bool | None = None,
    ) -> list[GoalRun]:
        """Newest first; of one connection or goal, comparisons or others, or all."""
        rows = self._file.rows(PAGE, before, connection_id, goal_id, count_max, is_comparison)
        return decode_runs(rows)

    def find(self, run_id: str) -> GoalRun | None:
        """One run."""
        found = decode_runs(self._file.rows("select body from goal_run where id = ?", run_id))
        return found[0] if found else None

    def known(self, run_ids: Sequence[str]) -> set[str]:
        """Those of these runs that deliver has taken up."""
        query = "select id from goal_run where id in (select value from json_each(?))"
        return {row[0] for row in self._file.rows(query, json_list(run_ids))}

    def samples(self, number: int) -> list[RunSample]:
        """What of a run is kept to look at: rejected ones first."""
        return [RunSample(row[0], Kind(row[1]), *row[2:]) for row in self._file.rows(SAMPLES, number)]

    def differences(self, number: int) -> list[Difference]:
        """The people of a comparison that are kept to look at."""
        return [Difference(*row) for row in self._file.rows(DIFFERENCES, number)]

    def ended_after(self, seq: int, count_max: int) -> list[tuple[int, GoalRun]]:
        """Runs in the order in which they ended, behind the end numbered `seq`."""
        rows = self._file.rows(ENDS, seq, count_max)
        return [(row[0], run) for row, run in zip(rows, decode_runs(rows), strict=True)]

    def last_end(self) -> int:
        """The number of the newest end (0: none)."""
        rows = self._file.rows("select ifnull(max(seq), 0) from run_end")
        return int(rows[0][0]) if rows else 0

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
