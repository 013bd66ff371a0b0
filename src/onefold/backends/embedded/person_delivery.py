"""What `delivery.db` holds of one person: what destinations accepted, what waits, what was given up.

In: the ids of a profile and of those merged into it. Out: rows, found by key or by an index; of open requests
so many are decoded as couriers hold at once.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from onefold.activate.ledger import NOT_FIELDS
from onefold.activate.store import Marks
from onefold.backends.embedded.database import json_list
from onefold.backends.embedded.file import File
from onefold.model.delivery import Item

INTENTS_MAX = 1000
LETTERS_MAX = 20
"""Dead letters of one person that are shown: the newest."""

HELD = """select ledger_id, body from ledger where ledger_id in (select value from json_each(?))
    and profile_id in (select value from json_each(?))"""
OPEN = "select connection_id, items from intent order by id limit ?"
WAITING = """select connection_id, count(*) from held where profile_id in (select value from json_each(?))
    group by connection_id"""
LETTERS = """select id from letter where requeued = 0 and profile_id in (select value from json_each(?))
    order by id desc limit ?"""

_items = msgspec.msgpack.Decoder(list[Item])
_marks = msgspec.msgpack.Decoder(dict[str, int])


class PersonDelivery(NamedTuple):
    """All of it."""

    marks: dict[int, Marks]
    """Ledger -> field -> mark: positive accepted, negative refused, 0 unknown."""
    waiting: Counter[int]
    """Connection -> items under way, or held until a time."""
    letters: list[str]
    """Ids of dead letters, newest first."""


def read_person_delivery(delivery: File, ids: Sequence[int], ledgers: Sequence[int]) -> PersonDelivery:
    """What is held of these profiles in these ledgers, and what is due."""
    wanted = json_list(ids)
    marks: dict[int, Marks] = {}
    for ledger_id, body in delivery.rows(HELD, json_list(ledgers), wanted):
        fields = {field: mark for field, mark in _marks.decode(body).items() if field not in NOT_FIELDS}
        marks.setdefault(ledger_id, {}).update(fields)
    waiting: Counter[int] = Counter(dict(delivery.rows(WAITING, wanted)))
    for connection_id, items in delivery.rows(OPEN, INTENTS_MAX):
        waiting[connection_id] += sum(item.profile_id in ids for item in _items.decode(items))
    letters = [f"activate-{number}" for (number,) in delivery.rows(LETTERS, wanted, LETTERS_MAX)]
    return PersonDelivery(marks, waiting, letters)
