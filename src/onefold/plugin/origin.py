"""The contract for bringing people in from a provider: what a connector with import goals offers.

Used by one thread of the tasks role at a time; nothing here is asynchronous. A run of an import goal begins
an export at the provider, keeps the ticket that it gets, and reads the rows; killed at any moment it goes on
with the ticket, from the row where it was.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.intake import Row
from onefold.model.mapping import ValueType
from onefold.plugin.contract import Connector


class Audience(msgspec.Struct, frozen=True):
    """A group of people that the provider knows and can give."""

    id: str
    name: str
    size: int | None = None
    description: str = ""


class AudiencePage(msgspec.Struct, frozen=True):
    """Some audiences, and whether there are more."""

    audiences: list[Audience]
    next: str = ""


class OfferedField(msgspec.Struct, frozen=True):
    """A field that rows have. `is_identifier`: it can say who the person is."""

    name: str
    title: str
    type: ValueType = ValueType.AUTO
    is_identifier: bool = False
    help: str = ""


class BadRow(msgspec.Struct, frozen=True):
    """A row that cannot be read."""

    reason: str
    text: str


class RowPage(msgspec.Struct, frozen=True):
    """Rows in a fixed order. `position`: how many rows lie before the end of this page, from the first on."""

    rows: Sequence[Row | BadRow]
    position: int
    done: int
    total: int
    """0: not known yet."""
    unit: str


class Ticket(msgspec.Struct, frozen=True):
    """What a started export is known by, in the connector's own words; kept with the run."""

    started_at: int
    state: str


class Hands(Protocol):
    """What the run lends to who reads for it."""

    def wait(self, seconds: float, what: str) -> None:
        """Nothing to do but wait; `what` for is shown. Raises when the run shall end."""
        ...

    def keep(self, ticket: Ticket) -> None:
        """Remember the ticket as it is now; durable when it returns."""
        ...


class Origin(Protocol):
    """One connection of a connector, opened to bring its people in."""

    def audiences(self, *, search: str, after: str, count_max: int) -> AudiencePage:
        """What may be chosen, by name.

        Raises:
            ConnectorError: it cannot be asked.
        """
        ...

    def fields(self) -> Sequence[OfferedField]:
        """Which fields rows have, as far as the provider tells.

        Raises:
            ConnectorError: it cannot be asked.
        """
        ...

    def begin(self, goal: Goal, run_id: str) -> Ticket:
        """Start an export at the provider.

        Raises:
            ThrottledError: one is running; come back.
            ConnectorError: it cannot be started.
        """
        ...

    def read(self, goal: Goal, ticket: Ticket, after: int, hands: Hands) -> Iterator[RowPage]:
        """The rows behind the first `after`, once the provider has them.

        Raises:
            ConnectorError: the export failed, expired or never came.
        """
        ...

    def close(self) -> None:
        """Give up its sockets."""
        ...


def open_origin(connector: Connector | None, connection: Connection) -> Origin | None:
    """The connection, opened to bring in from; None where the connector has no such goals.

    A connector with goals of the feed ROWS has a method `open_origin(connection)`; sockets are opened at its
    first call.
    """
    opener = getattr(connector, "open_origin", None)
    return None if opener is None else opener(connection)
