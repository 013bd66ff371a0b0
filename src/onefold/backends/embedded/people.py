"""What people and programs ask of `state.db`: profiles by identifier, members, evidence. Read-only.

In: ids, keys, prefixes. Out: rows in pages. Opened at the first question, since the file is made by the
worker; until then there is nobody.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from onefold.backends.embedded.alias import find_merged, find_survivors
from onefold.backends.embedded.database import json_list
from onefold.backends.embedded.erase_state import count_links, merged_into
from onefold.backends.embedded.file import File
from onefold.backends.embedded.identity_rows import find_history, find_identity
from onefold.model.profile import Profile, decode_profile
from onefold.model.segment import SegmentDefinition
from onefold.pipeline.store import IdentityRow, Position

CACHE_MB = 32
KINDS_MAX = 100
"""Kinds of identifiers that a search looks through."""
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
        self._file = File(data_dir, "state", cache_mb=CACHE_MB)

    def position(self) -> Position:
        """How far the log is folded."""
        found = dict(self._file.rows("select name, value from meta"))
        return Position(found.get("offset", 0), found.get("clock", 0), found.get("next_profile_id", 1))

    def identity(self) -> IdentityRow | None:
        """The rules of identity that hold; None while no record has said any."""
        with self._file.read() as connection:
            return find_identity(connection) if connection else None

    def identity_history(self) -> list[IdentityRow]:
        """All that ever held, oldest first."""
        with self._file.read() as connection:
            return find_history(connection) if connection else []

    def find(self, key: str) -> int:
        """The profile of an identifier, whose value is in its stored form; 0 for none."""
        rows = self._file.rows("select profile_id from identifier where key = ?", key)
        return int(rows[0][0]) if rows else 0

    def find_many(self, keys: Sequence[str]) -> dict[str, int]:
        """The profile of each identifier key that is known."""
        query = "select key, profile_id from identifier where key in (select value from json_each(?))"
        return dict(self._file.rows(query, json_list(keys)))

    def profile(self, profile_id: int) -> Profile | None:
        """A profile; of one that was merged away, its survivor."""
        with self._file.read() as connection:
            if connection is None:
                return None
            profile_id = find_survivors(connection, [profile_id]).get(profile_id, profile_id)
            row = connection.execute("select body from profile where id = ?", (profile_id,)).fetchone()
        return decode_profile(row[0]) if row else None

    def profiles(self, ids: Sequence[int]) -> dict[int, Profile]:
        """Those that exist; ids merged away are absent."""
        return {row[0]: decode_profile(row[1]) for row in self._file.rows(PROFILES, json_list(ids))}

    def profiles_after(self, after: int, count_max: int) -> list[Profile]:
        """A page of all, by id."""
        return [decode_profile(row[0]) for row in self._file.rows(PROFILES_AFTER, after, count_max)]

    def search(self, prefix: str, after: str, count_max: int) -> list[tuple[str, int]]:
        """Identifiers of any kind whose value starts so, with their profiles; by key, behind `after`.

        Addresses are stored in lower case, however they are typed: both forms are looked for.
        """
        found: list[tuple[str, int]] = []
        for low in self._starts(prefix):
            if after >= low and not after.startswith(low):
                continue
            left = count_max - len(found)
            found += self._file.rows(BY_PREFIX, after, low, low + LAST_CHARACTER, left)
            if len(found) >= count_max:
                break
        return found

    def links(self, profile_id: int, after: int, count_max: int) -> list[LinkRow]:
        """Evidence about a profile and those merged into it, oldest first."""
        with self._file.read() as connection:
            if connection is None:
                return []
            ids = json_list([profile_id, *find_merged(connection, profile_id)])
            return [LinkRow(*row) for row in connection.execute(LINKS, (after, ids, count_max))]

    def merged_into(self, profile_id: int) -> list[int]:
        """Everyone who was merged into a profile."""
        with self._file.read() as connection:
            return merged_into(connection, profile_id) if connection else []

    def count_links(self, ids: Sequence[int]) -> int:
        """Pieces of evidence about these profiles."""
        with self._file.read() as connection:
            return count_links(connection, ids) if connection else 0

    def members(self, segment_id: int, after: int, count_max: int) -> list[tuple[int, int]]:
        """Profile and since when, by profile id."""
        return self._file.rows(MEMBERS, segment_id, after, count_max)

    def segments(self) -> dict[int, SegmentStatus]:
        """Every segment that the worker knows."""
        return {
            row[0]: SegmentStatus(msgspec.json.decode(row[2], type=SegmentDefinition), *row[3:])
            for row in self._file.rows(SEGMENTS)
        }

    def segment_names(self) -> dict[int, str]:
        """Their names alone: asked with every profile."""
        return dict(self._file.rows("select id, name from segment"))

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _starts(self, prefix: str) -> Iterator[str]:
        """Where the keys to look for start, in the order of the keys."""
        for kind in self._kinds():
            for text in sorted({prefix, prefix.lower()}):
                yield f"{kind}:{text}"

    def _kinds(self) -> list[str]:
        """Jumps from kind to kind in the index: one look-up each."""
        kinds: list[str] = []
        bound = ""
        while len(kinds) < KINDS_MAX and (rows := self._file.rows(KIND_AFTER, bound)):
            kinds.append(rows[0][0].partition(":")[0])
            bound = kinds[-1] + ";"  # the character after the colon
        return kinds
