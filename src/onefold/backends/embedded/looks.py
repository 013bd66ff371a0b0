"""Looks into the files of all roles, for the flow and the metrics. Read-only; never waits for a writer.

In: a data directory. Out: the looks of `observe.store`, each in one read transaction over a connection of its
own. No query grows with what was ever counted: sums are asked for from a minute on, and what waits is counted
up to a limit.
"""

import os
import secrets
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from zlib import crc32

import msgspec

from onefold.activate.latency import bucket_ms
from onefold.activate.purse import SPENT
from onefold.backends.embedded.counters import folded_to
from onefold.backends.embedded.database import DatabaseName
from onefold.backends.embedded.file import File
from onefold.backends.embedded.goal_runs import LAST, OPEN, decode_runs
from onefold.model.connection import Connection
from onefold.model.delivery import ConnectionState
from onefold.model.goal import Goal
from onefold.model.outcome import Count, Kind
from onefold.observe.store import (
    Config,
    ConnectionName,
    Counters,
    DeliveryLook,
    LogLook,
    MinuteCount,
    People,
    SegmentSize,
    SourceName,
    WorkerLook,
)

SETTLED_MINUTES = 5
"""Older minutes of a file count as settled: its writer's clock does not go back by so much."""
BACKLOG_RECORDS_MAX = 5000
"""Records behind the worker that are counted one by one: some milliseconds."""

NEWEST = "select ifnull(max(minute), 0) from counter"
SETTLED = """select stage, subject, kind, code, sum(count) from counter
    where minute >= ? and minute < ? group by stage, subject, kind, code"""
RECENT = "select minute, stage, subject, kind, code, count from counter where minute >= ?"
HISTORY = """select minute, stage, kind, sum(count) from counter
    where minute between ? and ? group by minute, stage, kind"""
POSITION = "select name, value from meta where name in ('offset', 'clock')"
LAST_CHANGE = "select ifnull(max(seq), 0) from change"
RULES_FROM = "select ifnull(max(offset), 0) from identity"
SEGMENTS = "select id, name, state, people from segment order by id"
BACKLOG = f"""select count(*), ifnull(sum(count), 0) from (
    select count from record where offset > ? order by offset limit {BACKLOG_RECORDS_MAX + 1})"""
OLDEST = "select received_at from record where offset > ? order by offset limit 1"
LATENCIES = "select bucket, sum(count) from latency where minute >= ? group by bucket"
WAITING = """select connection_id, sum(count) from (
    select connection_id, count from intent union all select connection_id, 1 from held)
    group by connection_id"""
STATES = "select id, state, code, reason, hint, at from connection"
CAPTURE_MINUTES = """select distinct subject, minute from counter
    where minute >= ? and stage = 'capture' and kind = 0"""
PEOPLE = """select (select ifnull(max(value), 1) - 1 from meta where name = 'next_profile_id')
    - (select count(*) from alias), (select ifnull(max(value), 0) from meta where name = 'known')"""
# Letters go from the oldest on, so the numbers between the first and the last are all there.
LETTERS = "select ifnull(max(id) - min(id) + 1, 0) from letter"
DECIDED = """select substr(letter_id, 1, instr(letter_id, '-') - 1), count(*) from letter_decision
    where state != 'open' group by 1"""
LETTER_FILES: Mapping[str, DatabaseName] = {"capture": "log", "unify": "state", "activate": "delivery"}


CONFIG_MARKS = """select (select value from meta where name = 'revision'),
    (select ifnull(max(id), 0) from audit)"""
# SQLite tells each reader when another connection has written, without reading what.
WRITTEN = "pragma data_version"


class ConfigFile:
    """What control.db says, read again when its revision has grown."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._revision = -1
        self._config = Config()
        self._decided: Mapping[str, int] = {}

    def config(self) -> Config:
        """Names of what the user defined."""
        self._refresh()
        return self._config

    def decided(self) -> Mapping[str, int]:
        """Dead letters that were decided about, by stage."""
        self._refresh()
        return self._decided

    def _refresh(self) -> None:
        with self._file.read() as connection:
            if connection is None:
                return
            revision, audited = connection.execute(CONFIG_MARKS).fetchone()
            if (revision := int(revision or 0)) != self._revision:
                self._config = _config(connection)
                self._decided = dict(connection.execute(DECIDED).fetchall())
                self._revision = revision
            # A change stands in the audit trail some milliseconds after it was made.
            if (mark := revision + audited) != self._config.mark:
                self._config = msgspec.structs.replace(self._config, mark=mark)


class EmbeddedLooks:
    """The `FlowStore` of one data directory. Safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._files: dict[DatabaseName, File] = {
            name: File(data_dir, name) for name in ("log", "control", "state", "delivery", "tasks")
        }
        # What SQLite counts begins anew with each of our starts: the number of one is none of another's.
        self._started = secrets.randbits(32)
        self._config = ConfigFile(self._files["control"])

    def look_at_delivery(self, since: int, latency_since: int) -> DeliveryLook:
        """Counters, latencies and states of delivery.db."""
        with self._files["delivery"].read() as connection:
            if connection is None:
                return DeliveryLook()
            states = (ConnectionState(*row) for row in connection.execute(STATES))
            waiting = Counter(dict(connection.execute(WAITING).fetchall()))
            for_budget: Counter[int] = Counter()
            open_runs = connection.execute(OPEN).fetchall()
            for run in decode_runs(open_runs):
                waiting[run.connection_id] += run.put_off
                for_budget[run.connection_id] += run.put_off + run.held.get(SPENT, 0)
            return DeliveryLook(
                counters=_counters(connection, since),
                waiting=waiting,
                for_budget=for_budget,
                latencies={
                    bucket_ms(bucket): count
                    for bucket, count in connection.execute(LATENCIES, (latency_since,))
                },
                states={state.connection_id: state for state in states},
                cursors=dict(connection.execute("select id, cursor from goal").fetchall()),
                runs_mark=_runs_mark(open_runs, connection.execute(LAST).fetchone()[0]),
            )

    def look_at_worker(self, since: int) -> WorkerLook:
        """Counters, position and segments of state.db."""
        with self._files["state"].read() as connection:
            if connection is None:
                return WorkerLook()
            meta = dict(connection.execute(POSITION).fetchall())
            return WorkerLook(
                counters=_counters(connection, since),
                offset=meta.get("offset", 0),
                clock=meta.get("clock", 0),
                segments=[SegmentSize(*one) for one in connection.execute(SEGMENTS)],
                last_change=connection.execute(LAST_CHANGE).fetchone()[0],
                rules_from=connection.execute(RULES_FROM).fetchone()[0],
            )

    def look_at_log(self, since: int, folded_to: int) -> LogLook:
        """Counters, backlog and fill of log.db."""
        with self._files["log"].read() as connection:
            if connection is None:
                return LogLook()
            records, events = connection.execute(BACKLOG, (folded_to,)).fetchone()
            oldest = connection.execute(OLDEST, (folded_to,)).fetchone()
            disk = os.statvfs(self._data_dir)
            return LogLook(
                counters=_counters(connection, since),
                end=connection.execute("select ifnull(max(offset), 0) from record").fetchone()[0],
                waiting_events=events if records <= BACKLOG_RECORDS_MAX else None,
                waiting_since=oldest[0] if oldest else 0,
                used_bytes=_used_bytes(connection),
                disk_free_bytes=disk.f_bavail * disk.f_frsize,
            )

    def config(self) -> Config:
        """What the user defined."""
        return self._config.config()

    def people(self) -> People:
        """Numbers that the worker keeps, and one pass over those merged away."""
        rows = self._files["state"].rows(PEOPLE)
        return People(rows[0][0] or 0, rows[0][1]) if rows else People()

    def change_after(self, seq: int) -> int:
        """When the first change behind this one was made."""
        rows = self._files["state"].rows("select at from change where seq > ? order by seq limit 1", seq)
        return int(rows[0][0]) if rows else 0

    def capture_minutes(self, since: int) -> Mapping[int, set[int]]:
        """Source -> minutes with events."""
        found: dict[int, set[int]] = {}
        for subject, minute in self._files["log"].rows(CAPTURE_MINUTES, since):
            if subject.isdecimal():
                found.setdefault(int(subject), set()).add(minute)
        return found

    def history(self, first: int, last: int) -> Sequence[tuple[int, str, Kind, int]]:
        """Minutes of all files."""
        return [
            (minute, stage, Kind(kind), count)
            for name in ("log", "state", "delivery")
            for minute, stage, kind, count in self._files[name].rows(HISTORY, first, last)
        ]

    def tasks_mark(self) -> int:
        """What SQLite counts of the writes of others."""
        rows = self._files["tasks"].rows(WRITTEN)
        return crc32(f"{self._started} {rows[0][0]}".encode()) if rows else 0

    def open_letters(self) -> Mapping[str, int]:
        """Dead letters nobody decided about, by stage."""
        decided = self._config.decided()
        return {
            stage: max(0, int(rows[0][0]) - decided.get(stage, 0)) if rows else 0
            for stage, name in LETTER_FILES.items()
            for rows in [self._files[name].rows(LETTERS)]
        }

    def close(self) -> None:
        """Give all files back."""
        for file in self._files.values():
            file.close()


def _counters(connection: sqlite3.Connection, since: int) -> Counters:
    # Minutes that were asked about before may have been added up by the day since then.
    if is_whole := since < folded_to(connection):
        since = 0
    newest = connection.execute(NEWEST).fetchone()[0]
    settled_to = max(since, newest - SETTLED_MINUTES)
    settled: list[Count] = []
    if settled_to > since:
        settled = [
            Count(stage, subject, Kind(kind), code, count)
            for stage, subject, kind, code, count in connection.execute(SETTLED, (since, settled_to))
        ]
    recent = [
        MinuteCount(minute, stage, subject, Kind(kind), code, count)
        for minute, stage, subject, kind, code, count in connection.execute(RECENT, (settled_to,))
    ]
    return Counters(settled, settled_to, recent, is_whole)


def _runs_mark(open_runs: list[tuple[bytes]], last: int) -> int:
    """Of the runs that go on, as they are stored, and the newest, which may have ended already."""
    mark = last
    for (body,) in open_runs:
        mark = crc32(body, mark)
    return mark


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"pragma {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _config(connection: sqlite3.Connection) -> Config:
    # Secrets stand in a column of their own, which is not read here.
    connections = [
        (number, msgspec.json.decode(body, type=Connection))
        for number, body in connection.execute("select id, body from connection order by id")
    ]
    goals = [
        msgspec.structs.replace(msgspec.json.decode(body, type=Goal), id=number)
        for number, body in connection.execute("select id, body from goal order by id")
    ]
    return Config(
        sources=[
            SourceName(number, name, kind, bool(enabled))
            for number, name, kind, enabled in connection.execute(
                "select id, name, kind, enabled from source order by id"
            )
        ],
        segments=dict(
            connection.execute("select id, name from segment where not deleted order by id").fetchall()
        ),
        connections=[
            ConnectionName(number, one.name, one.connector, one.enabled) for number, one in connections
        ],
        goals=goals,
    )
