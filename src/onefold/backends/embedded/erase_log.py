"""Erasing a person's events and dead letters from a file of records: what stays keeps its place.

In: a connection inside a transaction, places. Out: records of which some events are placeholders. What the
envelope said of the sender (address, browser) goes from every record that is touched.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from onefold.backends.embedded.database import json_list
from onefold.model.erasure import PLACEHOLDER
from onefold.model.record import Meta
from onefold.unify.read import split_array

LETTERS_READ = 500
"""Payloads in memory at once."""
RECORDS = "select offset, count, meta, body from record where offset in (select value from json_each(?))"


@contextmanager
def overwriting(connection: sqlite3.Connection) -> Iterator[None]:
    """Zeros over what is freed: else the bytes stay in the file until something takes their room."""
    connection.execute("pragma secure_delete=on")
    try:
        yield
    finally:
        connection.execute("pragma secure_delete=fast")


def blank_events(connection: sqlite3.Connection, places: Mapping[int, Sequence[int]]) -> int:
    """Replace the events at these places (offset -> positions); returns how many were not replaced before."""
    erased = 0
    for offset, count, meta, body in connection.execute(RECORDS, (json_list(places),)).fetchall():
        blanked, replaced = blank(body, count, places[offset])
        erased += replaced
        if replaced:
            row = (blank_meta(meta), blanked, offset)
            connection.execute("update record set meta = ?, body = ? where offset = ?", row)
    return erased


def blank(body: bytes, count: int, positions: Sequence[int]) -> tuple[bytes, int]:
    """A record's body with placeholders at these positions, and how many are new."""
    if count == 1 and body.lstrip()[:1] != b"[":
        return PLACEHOLDER, int(body != PLACEHOLDER)
    events = [bytes(one).strip() for one in split_array(body)]
    if len(events) != count:
        # It could not be read as what it says it holds: nothing of it was folded, nothing may stay.
        events, positions = [body] * count, range(count)
    replaced = 0
    for position in positions:
        if events[position] != PLACEHOLDER:
            events[position] = PLACEHOLDER
            replaced += 1
    return b"[" + b",".join(events) + b"]", replaced


def blank_meta(meta: bytes) -> bytes:
    """The envelope without what it said of the sender's device."""
    if not meta:
        return meta
    found = msgspec.structs.replace(msgspec.json.decode(meta, type=Meta), ip="", user_agent="")
    return b"" if found == Meta() else msgspec.json.encode(found)


def find_letters(connection: sqlite3.Connection, names: Callable[[bytes], bool]) -> list[int]:
    """Numbers of the dead letters whose payload names somebody."""
    found: list[int] = []
    after = 0
    query = "select id, payload from letter where id > ? order by id limit ?"
    while rows := connection.execute(query, (after, LETTERS_READ)).fetchall():
        found += [number for number, payload in rows if names(payload)]
        after = rows[-1][0]
    return found
