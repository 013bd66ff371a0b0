"""What people ask of the state: profiles, evidence, members, counts, the trace of an event. Read-only.

In: `state.db` and the dedupe runs of a data directory. Out: nouns of the model, page by page. One query (or
a bounded number) a call, from any thread, beside the running worker: what is read is committed.
"""

import sqlite3
import threading
from array import array
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from onefold.backends.embedded.database import open_reader
from onefold.backends.embedded.dedupe import recent_hashes, registered_runs
from onefold.backends.embedded.state import ALIASES_DEEP, SEGMENT_COLUMNS, SURVIVORS
from onefold.model.letter import Letter
from onefold.model.outcome import Count, Kind
from onefold.model.profile import Profile, decode_profile
from onefold.pipeline.fill import SegmentProgress, TraceRow
from onefold.pipeline.store import Position, SegmentRow
from onefold.unify.link import Decision, Link, Origin

KINDS_MAX = 50
"""Kinds of identifiers that a search looks through."""
LINKS_MAX = 1000
"""Links read of one profile; a profile has no more identifiers than that."""
LAST_CHARACTER = "\U0010ffff"
"""Sorts behind every text that goes on from a prefix."""

LINKS = """select offset, position, at, first, second, rule, decision, reason, profile_id, other_profile_id
    from link where id in (
        select id from link where profile_id in (select value from json_each(?1))
        union select id from link
            where other_profile_id > 0 and other_profile_id in (select value from json_each(?1)))
    order by id desc limit ?2"""
OLD_IDS = """with recursive old (id, depth) as (
        select ?, 0 union all select alias.old, depth + 1 from old join alias on alias.new = old.id
        where depth < ?)
    select id from old limit ?"""
COUNTS = """select stage, subject, kind, code, sum(count) from counter
    where minute between ? and ? group by stage, subject, kind, code"""
COUNTS_BY_MINUTE = """select minute, stage, kind, sum(count) from counter
    where minute between ? and ? group by minute, stage, kind order by minute"""
TOTALS = """select day, source_id, event, currency, count, revenue from event_total
    where day between ? and ? order by day, source_id, event, currency"""
LETTER_COLUMNS = "id, code, field, reason, hint, at, source_id, subject, payload"
STAGE_LETTERS = f"select {LETTER_COLUMNS} from letter where id < ? order by id desc limit ?"


class SegmentStatus(msgspec.Struct, frozen=True):
    """A segment as the worker has it, with its size."""

    row: SegmentRow
    people: int


class EventTotal(msgspec.Struct, frozen=True):
    """How often an event came on a day from a source, guests included, and what it brought."""

    day: int
    source_id: int
    event: str
    currency: str
    count: int
    revenue: Decimal


class Traced(msgspec.Struct, frozen=True):
    """What the worker made of one event."""

    batch_offset: int
    offset: int
    """Of its record in the log."""
    position: int
    """Of the event in that record."""
    kind: Kind
    profile_id: int
    """At that time; it may live on in another (`survivors`). 0 = nobody."""
    clock: int
    committed_at: int


class StateReader:
    """Reads one data directory's state over a connection of its own; safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._connection = open_reader(data_dir, "state")
        self._runs = data_dir / "dedupe"
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def position(self) -> Position:
        """How far the log is folded."""
        meta = dict(self._rows("select name, value from meta"))
        return Position(meta.get("offset", 0), meta.get("clock", 0), meta.get("next_profile_id", 1))

    def committed_at(self) -> int:
        """When the last batch with events was committed (0: none yet)."""
        rows = self._rows("select committed_at from batch order by offset desc limit 1")
        return int(rows[0][0]) if rows else 0

    def profile(self, profile_id: int) -> Profile | None:
        """The profile of an id, of one merged away too."""
        survivor = self.survivors([profile_id]).get(profile_id, profile_id)
        rows = self._rows("select body from profile where id = ?", survivor)
        return decode_profile(rows[0][0]) if rows else None

    def profile_by(self, kind: str, value: str) -> Profile | None:
        """The profile of an identifier; the value in its stored form (`unify.normalise`)."""
        rows = self._rows(
            "select body from profile where id = (select profile_id from identifier where key = ?)",
            f"{kind}:{value}",
        )
        return decode_profile(rows[0][0]) if rows else None

    def profiles(self, ids: Sequence[int]) -> dict[int, Profile]:
        """The profiles among these ids; ids merged away are absent."""
        rows = self._rows(
            "select id, body from profile where id in (select value from json_each(?))", _json(ids)
        )
        return {profile_id: decode_profile(body) for profile_id, body in rows}

    def profiles_page(self, after: int, limit: int) -> list[Profile]:
        """Profiles with id > `after`, by id."""
        rows = self._rows("select body from profile where id > ? order by id limit ?", after, limit)
        return [decode_profile(row[0]) for row in rows]

    def profile_count(self) -> int:
        """How many profiles there are: reads the whole tree's leaves, so ask rarely."""
        return int(self._rows("select count(*) from profile")[0][0])

    def search(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """(identifier key, profile id) whose value begins so, in any kind; as stored or in lower case."""
        found: dict[str, int] = {}
        prefixes = dict.fromkeys((prefix, prefix.lower()))
        for kind in self.kinds():
            for one in prefixes:
                start = f"{kind}:{one}"
                rows = self._rows(
                    "select key, profile_id from identifier where key >= ? and key < ? order by key limit ?",
                    start,
                    start + LAST_CHARACTER,
                    limit,
                )
                found.update(rows)
        return list(found.items())[:limit]

    def kinds(self) -> list[str]:
        """The kinds of identifiers there are: one jump in the index a kind."""
        kinds: list[str] = []
        after = ""
        while len(kinds) < KINDS_MAX:
            rows = self._rows("select key from identifier where key >= ? order by key limit 1", after)
            if not rows:
                break
            kind = str(rows[0][0]).partition(":")[0]
            kinds.append(kind)
            after = f"{kind};"  # the character behind the colon
        return kinds

    def survivors(self, ids: Sequence[int]) -> dict[int, int]:
        """Where merged profiles live now; ids that are not merged away are absent."""
        rows = self._rows(SURVIVORS, _json(ids), ALIASES_DEEP)
        return {start: end for start, end, depth in rows if depth}

    def old_ids(self, profile_id: int) -> list[int]:
        """The profile's id and those of all profiles that were merged into it."""
        return [row[0] for row in self._rows(OLD_IDS, profile_id, ALIASES_DEEP, LINKS_MAX)]

    def links(self, profile_id: int, limit: int = LINKS_MAX) -> list[Link]:
        """The evidence of a profile and of those merged into it, newest first."""
        rows = self._rows(LINKS, _json(self.old_ids(profile_id)), limit)
        return [
            Link(Origin(offset, position, at, rule), first, second, Decision(decision), reason, one, other)
            for offset, position, at, first, second, rule, decision, reason, one, other in rows
        ]

    def segments(self) -> list[SegmentStatus]:
        """All segments that the worker knows, by id."""
        rows = self._rows(f"select {SEGMENT_COLUMNS}, people from segment order by id")
        return [SegmentStatus(SegmentRow(*row[:-1]), row[-1]) for row in rows]

    def segment_progress(self, segment_id: int) -> SegmentProgress | None:
        """How far a segment is filled; None when the worker does not know it."""
        rows = self._rows("select version, filled_to, born_after from segment where id = ?", segment_id)
        return SegmentProgress(*rows[0]) if rows else None

    def members_page(self, segment_id: int, after: int, limit: int) -> list[tuple[int, int]]:
        """(profile id, since) of a segment's members with id > `after`, by id."""
        return self._rows(
            "select profile_id, since from member where segment_id = ? and profile_id > ?"
            " order by profile_id limit ?",
            segment_id,
            after,
            limit,
        )

    def counts(self, first_minute: int, last_minute: int) -> list[Count]:
        """What the worker counted in these minutes of its clock, both included, summed."""
        return [
            Count(stage, subject, Kind(kind), code, count)
            for stage, subject, kind, code, count in self._rows(COUNTS, first_minute, last_minute)
        ]

    def counts_by_minute(self, first_minute: int, last_minute: int) -> list[tuple[int, str, Kind, int]]:
        """(minute, stage, outcome, count), oldest first."""
        return [
            (minute, stage, Kind(kind), count)
            for minute, stage, kind, count in self._rows(COUNTS_BY_MINUTE, first_minute, last_minute)
        ]

    def event_totals(self, first_day: int, last_day: int) -> list[EventTotal]:
        """Events and revenue a day, source, name and currency, by day."""
        return [
            EventTotal(day, source_id, event, currency, count, Decimal(revenue))
            for day, source_id, event, currency, count, revenue in self._rows(TOTALS, first_day, last_day)
        ]

    def letters(self, before: int, limit: int) -> list[Letter]:
        """Dead letters of unify, newest first, with numbers below `before`."""
        return [_letter(row) for row in self._rows(STAGE_LETTERS, before, limit)]

    def letter(self, number: int) -> Letter | None:
        """The dead letter `unify-<number>`."""
        rows = self._rows(f"select {LETTER_COLUMNS} from letter where id = ?", number)
        return _letter(rows[0]) if rows else None

    def letters_of(self, message_id: str, limit: int) -> list[Letter]:
        """Dead letters of one message id: reads all letters, which are limited."""
        rows = self._rows(
            f"select {LETTER_COLUMNS} from letter where subject = ? order by id limit ?", message_id, limit
        )
        return [_letter(row) for row in rows]

    def trace(self, after: int, up_to: int, count_max: int) -> list[TraceRow]:
        """What became of the events of each batch, for those with `offset` > `after`, oldest first."""
        rows = self._rows(
            "select first_offset, offset, places, outcomes, profiles from batch"
            " where offset > ? and first_offset <= ? order by offset limit ?",
            after,
            up_to,
            count_max,
        )
        return [
            TraceRow(first, offset, array("i", places), outcomes, array("q", profiles))
            for first, offset, places, outcomes, profiles in rows
        ]

    def trace_event(self, event_hash: int) -> Traced | None:
        """What became of the event with this hash, when it counted within the dedupe window."""
        offset = self._offset_of(event_hash)
        return None if offset is None else self._trace_at(offset, event_hash)

    def trace_record(self, offset: int, position: int) -> Traced | None:
        """What became of the event at this place of the log, duplicates and refused ones included."""
        row = self._batch_of(offset)
        if row is None:
            return None
        places = np.frombuffer(row[5], np.int32)
        found = np.flatnonzero(places == offset - row[1])
        return _traced(row, offset, position, int(found[position])) if position < len(found) else None

    def _offset_of(self, event_hash: int) -> int | None:
        with self._lock:
            try:
                runs = registered_runs(self._connection, self._runs)
            except (OSError, ValueError):
                runs = []  # replaced between our two looks: the rows of batches say the same
            after = max((run.last_offset for run in runs), default=0)
            for hashes, offsets in recent_hashes(self._connection, after):
                found = np.flatnonzero(hashes == event_hash)
                if len(found):
                    return int(offsets[found[-1]])
        wanted = np.array([event_hash], np.int64)
        for run in reversed(runs):
            _, known = run.find(wanted)
            if len(known):
                return int(known[0])
        return None

    def _trace_at(self, offset: int, event_hash: int) -> Traced | None:
        row = self._batch_of(offset)
        if row is None:
            return None
        of_record = np.flatnonzero(np.frombuffer(row[5], np.int32) == offset - row[1])
        hashes = np.frombuffer(row[4], np.int64)[of_record]
        found = np.flatnonzero(hashes == event_hash)
        if not len(found):
            return None
        position = int(found[0])
        return _traced(row, offset, position, int(of_record[position]))

    def _batch_of(self, offset: int) -> tuple[Any, ...] | None:
        rows = self._rows(
            "select offset, first_offset, clock, committed_at, hashes, places, outcomes, profiles"
            " from batch where offset >= ? order by offset limit 1",
            offset,
        )
        return rows[0] if rows and rows[0][1] <= offset else None

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.ProgrammingError as error:
                raise RuntimeError("the state reader is closed") from error


def _traced(row: tuple[Any, ...], offset: int, position: int, index: int) -> Traced:
    batch_offset, _, clock, committed_at, _, _, outcomes, profiles = row
    profile_id = int(np.frombuffer(profiles, np.int64)[index])
    return Traced(batch_offset, offset, position, Kind(outcomes[index]), profile_id, clock, committed_at)


def _letter(row: tuple[Any, ...]) -> Letter:
    number, code, field, reason, hint, at, source_id, subject, payload = row
    text = payload.decode(errors="replace")
    return Letter(f"unify-{number}", "unify", code, field, reason, hint, at, source_id, subject, text)


def _json(values: Sequence[int]) -> str:
    return msgspec.json.encode(values).decode()
