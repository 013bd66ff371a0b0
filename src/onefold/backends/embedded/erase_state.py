"""Erasing a person from `state.db`: the reads that the worker needs for it, and the one write.

In: the worker's connection. Out: rows gone, their bytes overwritten. Rare, so it may scan a table without an
index: a second for some ten million rows of the membership log.
"""

import sqlite3
from collections.abc import Sequence

import msgspec

from onefold.backends.embedded.database import json_list
from onefold.backends.embedded.erase_log import overwriting
from onefold.pipeline.store import Erasing

MERGED = """with recursive way (id) as (
    select old from alias where new = ?1 union select old from alias join way on new = way.id)
    select id from way order by id"""
REFUSED = """select distinct profile_id from link
    where other_profile_id > 0 and other_profile_id in (select value from json_each(?))
    and decision = 'refused' order by profile_id"""
LINKS = """from link where id in (
    select id from link where profile_id in (select value from json_each(?1))
    union select id from link
        where other_profile_id > 0 and other_profile_id in (select value from json_each(?1)))"""
DELETES = (
    "delete from profile where id in (select value from json_each(?1))",
    "delete from alias where old in (select value from json_each(?1))",
    "delete from alias where new in (select value from json_each(?1))",
    f"delete {LINKS}",
    "delete from membership_log where profile_id in (select value from json_each(?1))",
)


def merged_into(connection: sqlite3.Connection, profile_id: int) -> list[int]:
    """Everyone who was merged into a profile, through any chain."""
    return [one for (one,) in connection.execute(MERGED, (profile_id,))]


def refused_because_of(connection: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """Profiles that were refused an identifier since one of these has it."""
    return [one for (one,) in connection.execute(REFUSED, (json_list(ids),))]


def count_links(connection: sqlite3.Connection, ids: Sequence[int]) -> int:
    """Pieces of evidence about these profiles."""
    return int(connection.execute(f"select count(*) {LINKS}", (json_list(ids),)).fetchone()[0])


def erase(connection: sqlite3.Connection, erasing: Erasing) -> None:
    """Inside a transaction: everything of the person goes."""
    erased = erasing.erased
    with overwriting(connection):
        ids = json_list(erased.profile_ids)
        for statement in DELETES:
            connection.execute(statement, (ids,))
        connection.execute(
            "delete from identifier where key in (select value from json_each(?))", (json_list(erasing.keys),)
        )
        connection.execute(
            "delete from letter where id in (select value from json_each(?))", (json_list(erased.letters),)
        )
    connection.execute(
        "insert into erasure values (?, ?, ?)",
        (erased.offset, erased.run_id, msgspec.json.encode(erased)),
    )
