"""What a connector is that tells what its destination did: messages sent, opened, clicked.

Two ways bring such events in. Files: the connector lists and reads those that the destination writes, run by
run; which were read, and how far, the run keeps together with the events. Pushes: the destination sends
batches to capture, and the connector only translates them. Both give the same: ordinary track events as any
client would send them, known by the destination's own id, so that what comes twice counts once.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.plugin.contract import Connector


class BadItem(msgspec.Struct, frozen=True):
    """An event that cannot be taken; `draft` is our event as far as it came, to be mended and replayed."""

    code: str
    field: str
    reason: str
    hint: str
    draft: str = ""
    id: str = ""


class LeftOut(msgspec.Struct, frozen=True):
    """An event that is left out on purpose: a test, or the echo of what we sent."""

    code: str
    reason: str


Item = bytes | BadItem | LeftOut
"""Of an event that can be taken: its JSON, with `messageId` and `timestamp`."""


class FeedbackFile(msgspec.Struct, frozen=True):
    """A file that will never change. `part` says when it was written, and sorts by time."""

    name: str
    part: str


class FeedbackPage(msgspec.Struct, frozen=True):
    """Events of one file in a fixed order. `position`: how many lie before the end of this page."""

    items: Sequence[Item]
    position: int


class FeedbackOrigin(Protocol):
    """One connection of a connector, opened to read the files that its destination writes."""

    @property
    def place(self) -> str:
        """Where the files are, for good: what was read is remembered by it."""
        ...

    def oldest_part(self, goal: Goal, newest_read: str, at: int) -> str:
        """The first part that is still looked at, at this time; nothing was read yet where `newest_read` is
        empty. Files of earlier parts come no more, and what was read of them may be forgotten."""
        ...

    def files(self, goal: Goal, oldest_part: str) -> Iterator[FeedbackFile]:
        """The files of that part and later ones, in order of their parts.

        Raises:
            ConnectorError: they cannot be listed.
        """
        ...

    def read(self, file: FeedbackFile, after: int) -> Iterator[FeedbackPage]:
        """The events of a file behind the first `after`. What is broken in it is a bad item, also that it is
        gone.

        Raises:
            ConnectorError: it cannot be fetched now.
        """
        ...

    def close(self) -> None:
        """Give up its sockets."""
        ...


def open_feedback(connector: Connector | None, connection: Connection, goal: Goal) -> FeedbackOrigin | None:
    """The connection, opened to read from; None where the connector has no such goals.

    A connector with goals of the feed FEEDBACK has a method `open_feedback(connection, goal)`; sockets are
    opened at the first listing.
    """
    opener = getattr(connector, "open_feedback", None)
    return None if opener is None else opener(connection, goal)


class PushReader(Protocol):
    """Reads the batches that a destination pushes. Pure; a connector with a `source_kind` has `read_push`."""

    def __call__(self, body: bytes) -> "Sequence[Item] | BadItem":
        """The events of a body, in order, each by itself; or why the body is no batch at all."""
        ...


def find_push_reader(connector: Connector) -> PushReader | None:
    """How to read what the connector's destination pushes; None where it pushes nothing."""
    return getattr(connector, "read_push", None) if connector.info.source_kind else None
