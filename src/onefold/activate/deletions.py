"""Forwarding an erasure: what each destination must hear so that it forgets the person, too.

In: who was erased, with the identifiers that they had, and the goals that forward it. Out: requests, ready to
be kept in the very commit that takes the person out of everything else here. From then on they go the way of
any other: an intent until it is confirmed, when the identifiers in it go with it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from onefold.activate.ledger import known_ledger
from onefold.activate.numbers import Numbers
from onefold.activate.run_book import RunBook
from onefold.activate.store import ConnectionDirectory, DeliveryStore, Marks, NewLetter, Writes
from onefold.model.connection import Connection
from onefold.model.delivery import NO_POSITION, Item, Request
from onefold.model.erasure import Erased
from onefold.model.goal import Goal
from onefold.model.identifier import parse_key
from onefold.model.outcome import Kind
from onefold.plugin.contract import Connector, Destination, Draft, Refusal
from onefold.plugin.declare import Feed

NO_MATCH_KEY = "activate.no_match_key"

Whom = Callable[[str], Sequence[str]]
"""The identifier keys of whom a run erases, while it knows them."""


class Deletions:
    """Plans the requests of all goals that forward erasures."""

    def __init__(
        self,
        store: DeliveryStore,
        directory: ConnectionDirectory,
        connectors: Mapping[str, Connector],
        whom: Whom,
    ) -> None:
        self._store = store
        self._directory = directory
        self._connectors = connectors
        self._whom = whom

    def plan(self, erasures: Sequence[Erased], numbers: Numbers, run_numbers: Numbers, at: int) -> Writes:
        """What must be written along with the erasures themselves; requests and runs are numbered."""
        writes = Writes()
        goals = self._goals()
        if not goals:
            return writes
        people = [(erased, self._identifiers(erased)) for erased in erasures if erased.profile_ids]
        for connection, destination, mine in goals:
            items: dict[str, list[Item]] = {}
            runs = RunBook(connection, run_numbers, self._store.open_runs())
            for erased, identifiers in people:
                known = self._known(connection, erased)
                for goal in mine:
                    drafts = destination.deletion_writer(goal).write(identifiers, known)
                    for channel, item in _items(goal, erased, drafts, _Books(writes, runs, at)):
                        items.setdefault(channel, []).append(item)
            runs.flush(writes)
            writes.opened += _requests(connection, destination, items, numbers)
        return writes

    def _goals(self) -> list[tuple[Connection, Destination, list[Goal]]]:
        """Goals that are on, by connection; of one that is off the requests wait until it is on."""
        goals = [goal for goal in self._directory.goals() if goal.enabled]
        found = []
        for connection in self._directory.connections() if goals else ():
            connector = self._connectors.get(connection.connector)
            if connector is None:
                continue
            feeds = {kind.name: kind.feed for kind in connector.info.goals}
            mine = [
                goal
                for goal in goals
                if goal.connection_id == connection.id and feeds.get(goal.kind) is Feed.ERASURES
            ]
            if mine:
                found.append((connection, connector.open(connection), mine))
        return found

    def _identifiers(self, erased: Erased) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key in self._whom(erased.run_id):
            identifier = parse_key(key)
            found.setdefault(identifier.kind, []).append(identifier.value)
        return found

    def _known(self, connection: Connection, erased: Erased) -> Marks:
        """What the connection was asked to remember of the person, and of those merged into it."""
        stored = self._store.ledger(known_ledger(connection.id), erased.profile_ids)
        return {name: mark for marks in stored.values() for name, mark in marks.items()}


class _Books(NamedTuple):
    """Where what is planned is counted."""

    writes: Writes
    runs: RunBook
    at: int

    def end(self, goal: Goal, run: int, kind: Kind, code: str) -> None:
        self.writes.counts[goal.subject, kind, code] += 1
        self.runs.count(run, kind, code, 1)


def _items(
    goal: Goal, erased: Erased, drafts: Sequence[Draft | Refusal], books: _Books
) -> Iterator[tuple[str, Item]]:
    """What shall be sent, with its channel; the rest is counted."""
    run = books.runs.hour(goal, books.at).number
    books.runs.plan(run, max(1, len(drafts)))
    if not drafts:
        books.end(goal, run, Kind.FILTERED, NO_MATCH_KEY)
    for draft in drafts:
        item = _item(goal, erased, draft, books.at, run)
        if isinstance(draft, Refusal):
            books.writes.letters.append(_letter(goal, draft, item))
            books.end(goal, run, Kind.REJECTED, draft.code)
        else:
            yield draft.channel, item


def _item(goal: Goal, erased: Erased, draft: Draft | Refusal, at: int, run: int) -> Item:
    """It names the profile by its number, which is nobody's by now; asking for consent would be absurd."""
    part, body = ("", b"") if isinstance(draft, Refusal) else (draft.part, draft.body)
    profile_id = erased.profile_ids[0]
    return Item(part, body, goal.id, profile_id, erased.offset, NO_POSITION, at, run=run, purpose=None)


def _letter(goal: Goal, refusal: Refusal, item: Item) -> NewLetter:
    return NewLetter(
        *(refusal.code, refusal.field, refusal.reason, refusal.hint, goal.subject, b""),
        connection_id=goal.connection_id,
        channel="",
        item=item,
    )


def _requests(
    connection: Connection, destination: Destination, items: Mapping[str, list[Item]], numbers: Numbers
) -> Iterator[Request]:
    """As full as the channel allows; a deletion is an identifier, so bytes are no limit."""
    for channel, waiting in items.items():
        size = destination.channels[channel].items_max
        for start in range(0, len(waiting), size):
            yield Request(numbers.take(1), connection.id, channel, waiting[start : start + size])
