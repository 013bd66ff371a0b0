"""Whether two states say the same, table by table: the proof of a replay.

In: two files `state.db` that stand at the same offset. Out: the differences, a few samples a table. Left
out is what tells of commits, not of the log: batch boundaries, changes, times of commit, run files. What
retention took from one side is not asked of the other.
"""

import sqlite3
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import msgspec
import numpy as np

from onefold.model.profile import decode_profile, encode_profile

SAMPLES_MAX = 5
"""Differences shown a table; all are counted up to `COUNT_MAX`."""
COUNT_MAX = 1000

TABLES = {
    "position": """select name, value from meta
        where name not in ('counters_folded_to', 'segment_days_since') order by name""",
    "profile": "select id, body from profile order by id",
    "identifier": "select key, profile_id from identifier order by key",
    "alias": "select old, new from alias order by old",
    "member": "select segment_id, profile_id, since from member order by segment_id, profile_id",
    "segment": """select id, version, name, definition, state, offset, filled_to, born_after, counts_since,
        fallback, people
        from segment order by id""",
    "identity": "select offset, version, at, rules from identity order by offset",
    "timer": "select due_at, profile_id from timer order by due_at, profile_id",
    # Of the last day by the minute; before, either side may have added them up by the day.
    "counter": """select case when minute >= (select max(minute) from counter) / 1440 * 1440 then minute
        else minute - minute % 1440 end, stage, subject, kind, code, sum(count)
        from counter group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5""",
    "event_total": "select * from event_total order by day, source_id, event, currency",
}
TRIMMED = {
    "link": """select id, offset, position, at, first, second, rule, decision, reason, profile_id,
        other_profile_id from link where id >= ? order by id""",
    "membership_log": """select id, offset, at, segment_id, profile_id, entered
        from membership_log where id >= ? order by id""",
    "letter": """select id, code, field, reason, at, source_id, subject, payload from letter
        where id >= ? order by id""",
}
"""Tables whose oldest rows go after a time: compared from where both have them."""

# A state that is older than the table counts from a day on, and of that day only what came afterwards.
SEGMENT_DAYS = "select * from segment_day where day > ? order by segment_id, day"
SEGMENT_DAYS_SINCE = "select ifnull(max(value), -1) from meta where name = 'segment_days_since'"


class Difference(msgspec.Struct, frozen=True):
    """Rows of one table that only one side has, or has differently. Keys only: no personal data."""

    table: str
    count: int
    samples: tuple[str, ...]


def compare_states(one: Path, other: Path) -> list[Difference]:
    """What differs between two files; empty when they say the same."""
    left, right = _open(one), _open(other)
    try:
        found = [
            _compare(table, iter(left.execute(query)), iter(right.execute(query)))
            for table, query in TABLES.items()
        ]
        found += [
            _compare(table, *_from_common_start(left, right, query, table, "id"))
            for table, query in TRIMMED.items()
        ]
        since = max(side.execute(SEGMENT_DAYS_SINCE).fetchone()[0] for side in (left, right))
        found.append(
            _compare("segment_day", *(iter(side.execute(SEGMENT_DAYS, (since,))) for side in (left, right)))
        )
        start = max(_smallest(side, "batch", "first_offset") for side in (left, right))
        found.append(_compare("event", _events(left, start), _events(right, start)))
    finally:
        left.close()
        right.close()
    return [difference for difference in found if difference.count]


def _compare(
    table: str, left: Iterator[tuple[object, ...]], right: Iterator[tuple[object, ...]]
) -> Difference:
    count = 0
    samples: list[str] = []
    for one, other in zip_longest(left, right):
        if one == other or (table == "profile" and _is_same_profile(one, other)):
            continue
        count += 1
        if len(samples) < SAMPLES_MAX:
            samples.append(f"{_key(one)} | {_key(other)}")
        if count >= COUNT_MAX:
            break
    return Difference(table, count, tuple(samples))


def _is_same_profile(one: tuple[object, ...] | None, other: tuple[object, ...] | None) -> bool:
    """A profile that was stored before there was a piece of it is the same as one without anything in it."""
    if one is None or other is None:
        return False
    (one_id, one_body), (other_id, other_body) = one, other
    assert isinstance(one_body, bytes) and isinstance(other_body, bytes)  # noqa: S101, PT018  # its column
    return one_id == other_id and _as_stored_now(one_body) == _as_stored_now(other_body)


def _as_stored_now(body: bytes) -> bytes:
    return encode_profile(decode_profile(body))


def _key(row: tuple[object, ...] | None) -> str:
    """Numbers of the row only: texts and bodies may hold personal data."""
    if row is None:
        return "missing"
    return " ".join(str(value) for value in row if isinstance(value, int)) or "text"


def _events(connection: sqlite3.Connection, start: int) -> Iterator[tuple[object, ...]]:
    """(record's offset, hash, outcome, profile) of every event from an offset on."""
    query = """select first_offset, places, hashes, outcomes, profiles from batch
        where offset >= ? order by offset"""
    for first, places, hashes, outcomes, profiles in connection.execute(query, (start,)):
        offsets = (np.frombuffer(places, np.int32).astype(np.int64) + first).tolist()
        rows = zip(
            offsets,
            np.frombuffer(hashes, np.int64).tolist(),
            outcomes,
            np.frombuffer(profiles, np.int64).tolist(),
            strict=True,
        )
        for row in rows:
            if row[0] >= start:
                yield row


def _from_common_start(
    left: sqlite3.Connection, right: sqlite3.Connection, query: str, table: str, column: str
) -> tuple[Iterator[tuple[object, ...]], Iterator[tuple[object, ...]]]:
    start = max(_smallest(side, table, column) for side in (left, right))
    return iter(left.execute(query, (start,))), iter(right.execute(query, (start,)))


def _smallest(connection: sqlite3.Connection, table: str, column: str) -> int:
    return int(connection.execute(f"select ifnull(min({column}), 0) from {table}").fetchone()[0])


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
