"""Erasing people from `delivery.db`: what waits for them, what destinations hold of them, their dead letters.

In: a connection inside a transaction, no courier at work. Out: items gone and counted as filtered, also in
their runs; marks and samples of runs gone; dead letters without content: their numbers stay, since decisions
about them stand in another file.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from onefold.activate.ledger import PUT_OFF_LEDGERS, WAITS_IN
from onefold.backends.embedded.database import json_list
from onefold.backends.embedded.erase_log import overwriting
from onefold.clock import MINUTE
from onefold.model.delivery import NO_POSITION, Item
from onefold.model.erasure import Erased
from onefold.model.goal_run import NO_RUN, GoalRun, Reason
from onefold.model.outcome import Kind

ERASED = "activate.erased"
ERASED_TO = "erased_to"
REASON = "The person was erased, and this with them."

ADD_COUNT = """insert into counter values (?, 'activate', ?, ?, ?, ?)
    on conflict do update set count = count + excluded.count"""
BLANK_LETTER = """update letter set payload = x'', item = ?, requeued = 1, reason = ?, hint = '', answer = '',
    profile_id = 0
    where id = ?"""
OPEN_RUNS = "select number, body from goal_run where ended_at = 0"
PUT_RUN = "update goal_run set body = ? where number = ?"

_items = msgspec.msgpack.Decoder(list[Item])
_item = msgspec.msgpack.Decoder(Item)
_marks = msgspec.msgpack.Decoder(dict[str, int])
_run = msgspec.msgpack.Decoder(GoalRun)
_encode = msgspec.msgpack.Encoder().encode
Read = Callable[[str], list[tuple[Any, ...]]]


def erased_to(read: Read) -> int:
    """The last ERASE record that was obeyed."""
    rows = read(f"select value from meta where name = '{ERASED_TO}'")
    return int(rows[0][0]) if rows else 0


def erase(connection: sqlite3.Connection, erasures: Sequence[Erased], at: int) -> None:
    """Take these people out."""
    ids = {profile_id for erased in erasures for profile_id in erased.profile_ids}
    with overwriting(connection):
        _drop_items(connection, ids, at)
        _count_put_off(connection, ids, at)
        connection.execute(
            "delete from ledger where profile_id in (select value from json_each(?))",
            (json_list(sorted(ids)),),
        )
        for table in ("sample", "difference"):
            connection.execute(
                f"delete from {table} where profile_id in (select value from json_each(?))",
                (json_list(sorted(ids)),),
            )
        _blank_letters(connection, ids)
    last = max(erased.offset for erased in erasures)
    connection.execute("insert or replace into meta values (?, ?)", (ERASED_TO, last))


def _drop_items(connection: sqlite3.Connection, ids: set[int], at: int) -> None:
    dropped: Counter[str] = Counter()
    of_runs: Counter[int] = Counter()
    for number, connection_id, body in connection.execute(
        "select id, connection_id, items from intent"
    ).fetchall():
        items = _items.decode(body)
        kept = [item for item in items if item.profile_id not in ids]
        if len(kept) == len(items):
            continue
        gone = [item for item in items if item.profile_id in ids]
        dropped.update(f"{connection_id}/{item.goal_id}" for item in gone)
        of_runs.update(item.run for item in gone)
        if kept:
            row = (len(kept), _encode(kept), number)
            connection.execute("update intent set count = ?, items = ? where id = ?", row)
        else:
            connection.execute("delete from intent where id = ?", (number,))
            connection.execute("delete from sending where id = ?", (number,))
    held = _drop_held(connection, ids)
    dropped.update(f"{connection_id}/{item.goal_id}" for connection_id, item in held)
    of_runs.update(item.run for _, item in held)
    _count(connection, dropped, at)
    _count_in_runs(connection, of_runs, held=Counter((item.run, item.held_for) for _, item in held))


def _count(connection: sqlite3.Connection, dropped: Counter[str], at: int) -> None:
    minute, kind = at // MINUTE, int(Kind.FILTERED)
    rows = [(minute, subject, kind, ERASED, count) for subject, count in dropped.items()]
    connection.executemany(ADD_COUNT, rows)


def _drop_held(connection: sqlite3.Connection, ids: set[int]) -> list[tuple[int, Item]]:
    """What is held until a time, with its connection."""
    bound = (json_list(sorted(ids)),)
    chosen = "where profile_id in (select value from json_each(?))"
    rows = connection.execute(f"select connection_id, item from held {chosen}", bound).fetchall()
    connection.execute(f"delete from held {chosen}", bound)
    return [(row[0], _item.decode(row[1])) for row in rows]


def _count_put_off(connection: sqlite3.Connection, ids: set[int], at: int) -> None:
    """Who waited for room in the budget does no longer."""
    chosen = "where ledger_id < ? and profile_id in (select value from json_each(?))"
    bound = (PUT_OFF_LEDGERS, json_list(sorted(ids)))
    rows = connection.execute(f"select body from ledger {chosen}", bound).fetchall()
    dropped = Counter(_marks.decode(body).get(WAITS_IN, NO_RUN) for (body,) in rows)
    _count(connection, _count_in_runs(connection, dropped, put_off=dropped), at)


def _count_in_runs(
    connection: sqlite3.Connection,
    dropped: Counter[int],
    *,
    held: Mapping[tuple[int, str], int] | None = None,
    put_off: Mapping[int, int] | None = None,
) -> Counter[str]:
    """A run whose items were planned tells how each ended; deliver ends it when it takes it up again.

    Returns how many, by `connection/goal`.
    """
    subjects: Counter[str] = Counter()
    for number, body in connection.execute(OPEN_RUNS).fetchall():
        if dropped[number]:
            run = _run.decode(body)
            subjects[f"{run.connection_id}/{run.goal_id}"] += dropped[number]
            left = {code: n - (held or {}).get((number, code), 0) for code, n in run.held.items()}
            run.held = {code: count for code, count in left.items() if count}
            run.put_off -= (put_off or {}).get(number, 0)
            reasons = {(one.kind, one.code): one.count for one in run.reasons}
            key = Kind.FILTERED, ERASED
            reasons[key] = reasons.get(key, 0) + dropped[number]
            run.reasons = [Reason(*ended, count) for ended, count in reasons.items()]
            connection.execute(PUT_RUN, (_encode(run), number))
    return subjects


def _blank_letters(connection: sqlite3.Connection, ids: set[int]) -> None:
    letters = connection.execute("select id, item from letter").fetchall()
    for number, body in letters:
        item = _item.decode(body)
        if item.profile_id in ids:
            blank = Item(item.part, b"", item.goal_id, 0, item.offset, NO_POSITION, item.received_at)
            connection.execute(BLANK_LETTER, (_encode(blank), REASON, number))
