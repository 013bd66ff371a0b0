"""What people and programs ask of `state.db`: profiles by identifier, members, evidence. Read-only.

In: ids, keys, prefixes. Out: rows in pages. Opened at the first question, since the file is made by the
worker; until then there is nobody.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from onefold.backends.embedded.database import is_current, open_reader
from onefold.backends.embedded.state import ALIASES_DEEP, SURVIVORS
from onefold.model.profile import Profile, decode_profile
from onefold.model.segment import SegmentDefinition
from onefold.pipeline.store import Position

CACHE_MB = 32
KINDS_MAX = 100
"""Kinds of identifiers that a search looks through."""
MERGED_MAX = 1000
"""Profiles merged into one whose evidence is shown."""
LAST_CHARACTER = "\U0010ffff"
"""Sorts behind every text that goes on from a prefix."""

KIND_AFTER = "select key from identifier where key >= ? order by key limit 1"
BY_PREFIX = """select key, profile_id from identifier
    where key > ?1 and key >= ?2 and key < ?3 order by key limit ?4"""
PROFILES_AFTER = "select body from profile where id > ? order by id limit ?"
PROFILES = "select id, body from profile where id in (select value from json_each(?))"
# Two look-ups by index: an `or` over both columns would read the evidence of everybody.
LINKS = """select id, at, first, second, rule, decision, reason, profile_id, other_profile_id, offset,
    position
    from link where id > ?1 and id in (
        select id from link where profile_id in (select value from json_each(?2))
        union select id from link
            where other_profile_id > 0 and other_profile_id in (select value from json_each(?2)))
    order by id limit ?3"""
MERGED = """with recursive way (id, depth) as (
        select ?, 0 union all select old, depth + 1 from way join alias on new = way.id where depth < ?)
    select id from way limit ?"""
MEMBERS = """select profile_id, since from member where segment_id = ? and profile_id > ?
    order by profile_id limit ?"""
SEGMENTS = """select id, version, definition, state, offset, filled_to, born_after, counts_since, people
    from segment"""


class LinkRow(NamedTuple):
    """One piece of evidence; `offset` and `position` name the event that gave it."""

    id: int
    at: int
    first: str
    second: str
    rule: str
    decision: str
    reason: str
    profile_id: int
    other_profile_id: int
    offset: int
    position: int


class SegmentStatus(NamedTuple):
    """A segment as the worker has it."""

    definition: SegmentDefinition
    state: str
    offset: int
    filled_to: int
    born_after: int
    counts_since: int
    """What it counts of events begins here (0: with the first): older ones fell to retention."""
    people: int


class EmbeddedPeople:
    """Answers of one SQLite file; safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def position(self) -> Position:
        """How far the log is folded."""
        found = dict(self._read("select name, value from meta"))
        return Position(found.get("offset", 0), found.get("clock", 0), found.get("next_profile_id", 1))

    def find(self, key: str) -> int:
        """The profile of an identifier, whose value is in its stored form; 0 for none."""
        rows = self._read("select profile_id from identifier where key = ?", key)
        return int(rows[0][0]) if rows else 0

    def profile(self, profile_id: int) -> Profile | None:
        """A profile; of one that was merged away, its survivor."""
        rows = self._read(SURVIVORS, _json([profile_id]), ALIASES_DEEP)
        found = self._read("select body from profile where id = ?", rows[0][1]) if rows else []
        return decode_profile(found[0][0]) if found else None

    def profiles(self, ids: Sequence[int]) -> dict[int, Profile]:
        """Those that exist; ids merged away are absent."""
        return {row[0]: decode_profile(row[1]) for row in self._read(PROFILES, _json(ids))}

    def profiles_after(self, after: int, count_max: int) -> list[Profile]:
        """A page of all, by id."""
        return [decode_profile(row[0]) for row in self._read(PROFILES_AFTER, after, count_max)]

    def search(self, prefix: str, after: str, count_max: int) -> list[tuple[str, int]]:
        """Identifiers of any kind whose value starts so, with their profiles; by key, behind `after`.

        Addresses are stored in lower case, however they are typed: both forms are looked for.
        """
        found: list[tuple[str, int]] = []
        for low in self._starts(prefix):
            if after >= low and not after.startswith(low):
                continue
            left = count_max - len(found)
            found += self._read(BY_PREFIX, after, low, low + LAST_CHARACTER, left)
            if len(found) >= count_max:
                break
        return found

    def links(self, profile_id: int, after: int, count_max: int) -> list[LinkRow]:
        """Evidence about a profile and those merged into it, oldest first."""
        ids = [row[0] for row in self._read(MERGED, profile_id, ALIASES_DEEP, MERGED_MAX)]
        return [LinkRow(*row) for row in self._read(LINKS, after, _json(ids), count_max)]

    def members(self, segment_id: int, after: int, count_max: int) -> list[tuple[int, int]]:
        """Profile and since when, by profile id."""
        return self._read(MEMBERS, segment_id, after, count_max)

    def segments(self) -> dict[int, SegmentStatus]:
        """Every segment that the worker knows."""
        return {
            row[0]: SegmentStatus(msgspec.json.decode(row[2], type=SegmentDefinition), *row[3:])
            for row in self._read(SEGMENTS)
        }

    def segment_names(self) -> dict[int, str]:
        """Their names alone: asked with every profile."""
        return dict(self._read("select id, name from segment"))

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _starts(self, prefix: str) -> Iterator[str]:
        """Where the keys to look for start, in the order of the keys."""
        for kind in self._kinds():
            for text in sorted({prefix, prefix.lower()}):
                yield f"{kind}:{text}"

    def _kinds(self) -> list[str]:
        """Jumps from kind to kind in the index: one look-up each."""
        kinds: list[str] = []
        bound = ""
        while len(kinds) < KINDS_MAX and (rows := self._read(KIND_AFTER, bound)):
            kinds.append(rows[0][0].partition(":")[0])
            bound = kinds[-1] + ";"  # the character after the colon
        return kinds

    def _read(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            if self._connection is None:
                if not is_current(self._data_dir, "state"):
                    return []
                self._connection = open_reader(self._data_dir, "state", cache_mb=CACHE_MB)
            return self._connection.execute(query, values).fetchall()


def _json(ids: Sequence[int]) -> str:
    return msgspec.json.encode(ids).decode()
