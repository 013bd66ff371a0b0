"""How far goals are, for whoever asks by the API. Read-only; never waits for a writer.

In: a data directory. Out: what `delivery.db` says of each goal beyond its counters, and how far it could be.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from onefold.activate.ledger import put_off_ledger
from onefold.backends.embedded.data_points import (
    SLOT,
    SPENT_SINCE,
    PointsRow,
    PointsWanted,
    read_points,
)
from onefold.backends.embedded.delivery import PROGRESS, read_progress
from onefold.backends.embedded.file import File
from onefold.backends.embedded.goal_runs import OPEN, decode_runs
from onefold.backends.embedded.person_delivery import PersonDelivery, read_person_delivery
from onefold.clock import SECOND
from onefold.model.delivery import ConnectionState, GoalProgress, Item

INTENTS_MAX = 1000
"""Open requests looked into: far more than couriers hold at once."""

_items = msgspec.msgpack.Decoder(list[Item])

OPEN_ITEMS = f"select items from intent limit {INTENTS_MAX}"
HELD_BY_GOAL = "select goal_id, count(*) from held group by goal_id"
ANSWER_TIMES = """select answered_at - sent_at from attempt
    where id > (select max(id) from attempt) - 2000 and connection_id = ? and state = 0
    order by id desc limit 100"""
STATES = "select id, state, code, reason, hint, at from connection"
NEWEST_PROFILE = "select ifnull(max(id), 0) from profile"
NEWEST_CHANGE = "select ifnull(max(seq), 0) from sqlite_sequence where name = 'change'"


PUT_OFF = "select profile_id from ledger where ledger_id = ? and profile_id > ? order by profile_id limit ?"


class PutOff(NamedTuple):
    """A person whom a spent budget holds back, and the goal that sends them later."""

    goal_id: int
    profile_id: int


class Ends(NamedTuple):
    """How far a goal can be."""

    profile_id: int
    change: int


class EmbeddedDeliveryStatus:
    """Answers of `delivery.db` and `state.db`; safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._delivery = File(data_dir, "delivery")
        self._state = File(data_dir, "state")

    def progress(self) -> dict[int, GoalProgress]:
        """Goals that have begun, by id."""
        return {row[0]: read_progress(row) for row in self._delivery.rows(PROGRESS)}

    def waiting(self) -> Counter[int]:
        """Items that wait or are under way, by goal."""
        found: Counter[int] = Counter()
        for (items,) in self._delivery.rows(OPEN_ITEMS):
            found.update(item.goal_id for item in _items.decode(items))
        found.update(dict(self._delivery.rows(HELD_BY_GOAL)))
        for run in decode_runs(self._delivery.rows(OPEN)):
            found[run.goal_id] += run.put_off
        return found

    def answer_s(self, connection_id: int) -> float:
        """How long the last answers of a connection took, in the middle; 0 without any."""
        rows = self._delivery.rows(ANSWER_TIMES, connection_id)
        times = sorted(row[0] for row in rows)
        return float(times[len(times) // 2]) / SECOND if times else 0.0

    def data_points(self, connection_id: int, wanted: PointsWanted) -> list[PointsRow]:
        """What a connection spent and saved, in groups; see `data_points.py`."""
        return read_points(self._delivery, connection_id, wanted)

    def spent_since(self, connection_id: int, since: int) -> int:
        """What a connection has spent from a quarter of an hour on."""
        rows = self._delivery.rows(SPENT_SINCE, connection_id, since // SLOT)
        return int(rows[0][0]) if rows else 0

    def of_person(self, ids: Sequence[int], ledgers: Sequence[int]) -> PersonDelivery:
        """What is held of a person (by a profile's id and of those merged into it), and what is due."""
        return read_person_delivery(self._delivery, ids, ledgers)

    def put_off(self, goal_ids: Sequence[int], after: PutOff, count_max: int) -> list[PutOff]:
        """Who waits for room in a budget, behind `after`: by goal, which are given in order, and profile."""
        found: list[PutOff] = []
        for goal_id in goal_ids:
            if goal_id < after.goal_id or len(found) == count_max:
                continue
            behind = after.profile_id if goal_id == after.goal_id else 0
            rows = self._delivery.rows(PUT_OFF, put_off_ledger(goal_id), behind, count_max - len(found))
            found += [PutOff(goal_id, row[0]) for row in rows]
        return found

    def states(self) -> list[ConnectionState]:
        """How each connection fares."""
        return [ConnectionState(*row) for row in self._delivery.rows(STATES)]

    def ends(self) -> Ends:
        """The newest profile and the newest change."""
        profiles, changes = self._state.rows(NEWEST_PROFILE), self._state.rows(NEWEST_CHANGE)
        return Ends(profiles[0][0] if profiles else 0, changes[0][0] if changes else 0)

    def close(self) -> None:
        """Give the files back."""
        self._delivery.close()
        self._state.close()
