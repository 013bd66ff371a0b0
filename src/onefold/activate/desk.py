"""What planning works with: one connection's writes, outbox, ledger book and budget, for one cycle."""

from collections.abc import Iterable
from typing import NamedTuple

from onefold.activate.apart import Holds
from onefold.activate.ledger import LedgerBook, known_ledger
from onefold.activate.outbox import Outbox
from onefold.activate.purse import Purse
from onefold.activate.read import Feed
from onefold.activate.run_book import RunBook
from onefold.activate.store import Marks, Writes
from onefold.errors import SetupError
from onefold.model.budget import Budget
from onefold.model.delivery import Item
from onefold.model.outcome import Outcome
from onefold.plugin.contract import Destination


class Place(NamedTuple):
    """Where an object comes from: offset, position in the record, when it was received, its message id."""

    offset: int
    position: int
    received_at: int
    key: str = ""


class Desk:
    """What planning works with, for one connection and one cycle."""

    __slots__ = (
        "again",
        "book",
        "closed",
        "destination",
        "due_goals",
        "due_people",
        "feed",
        "has_known",
        "holds",
        "known_ledger",
        "now",
        "outbox",
        "purse",
        "runs",
        "sampled",
        "writes",
    )

    def __init__(
        self,
        connection_id: int,
        destination: Destination,
        feed: Feed,
        book: LedgerBook,
        outbox: Outbox,
        *,
        runs: RunBook,
    ) -> None:
        self.destination = destination
        self.feed = feed
        self.book = book
        self.outbox = outbox
        self.runs = runs
        self.purse = Purse(connection_id, Budget(), None)
        self.due_goals: set[int] = set()
        """Goals that compare everyone again, since something of them was put off."""
        self.due_people: list[tuple[int, int]] = []
        """(goal, profile) of fields that were taken out of a request; what of them is free goes at once."""
        self.again: dict[int, Item] = {}
        """By profile, what should have gone before and did not: these people are planned anew."""
        self.sampled: list[tuple[Item, Outcome]] = []
        """Items that have ended and shall be shown; their values are read together."""
        self.known_ledger = known_ledger(connection_id)
        self.has_known = False
        """Whether this connection ever remembered anything about anyone; most never do."""
        self.closed: dict[str, SetupError] = {}
        """Optional channels whose permission is missing: nothing is planned for them."""
        self.holds = Holds(connection_id)
        self.writes = Writes()
        self.now = 0

    def known(self, profile_id: int) -> Marks:
        """What the connection remembers of a person; fetched before by `fetch_known`."""
        return self.book.expected(self.known_ledger, profile_id) if self.has_known else {}

    def fetch_known(self, ids: Iterable[int]) -> None:
        """One query for many people, or none when nothing was ever remembered."""
        if self.has_known:
            ids = list(ids)
            self.book.fetch(self.known_ledger, ids)
            if self.holds.is_used:
                self.book.fetch(self.holds.ledger_id, ids)
