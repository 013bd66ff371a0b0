"""What is read to show what was received lately: the log from its end on, and what became of its events.

In: places. Out: pieces of the log and of what capture refused, each of a bounded size; fates of events.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from onefold.model.letter import Letter
from onefold.model.outcome import Kind
from onefold.model.record import Record


class Place(NamedTuple):
    """Between what was seen and what comes next: everything in front of it is older."""

    offset: int
    position: int
    letter: int


class Spot(NamedTuple):
    """Where an event stands in the log."""

    offset: int
    position: int


class Fate(NamedTuple):
    """What the worker made of an event: `kind` is None where it is too long ago to tell."""

    kind: Kind | None
    profile_id: int = 0


class RecordsBack(NamedTuple):
    """A piece of the log, newest first; everything from `reached` on was looked at."""

    records: Sequence[Record]
    reached: int


class ReceivedStore(Protocol):
    """The log from its end on, and what became of its events."""

    def newest(self) -> Place:
        """Behind all that is there."""
        ...

    def records_back(self, before: int, floor: int, source_id: int | None) -> RecordsBack:
        """Records of events with `floor` <= offset < `before`, a bounded piece of them."""
        ...

    def letters_back(self, before: int, floor: int, source_id: int | None) -> Sequence[tuple[int, Letter]]:
        """What capture refused, newest first, with its number; a bounded piece."""
        ...

    def count_between(self, floor: Place, before: Place, source_id: int | None) -> int:
        """Events and letters between two places; counted up to a limit."""
        ...

    def fates(self, spots: Sequence[Spot]) -> dict[Spot, Fate]:
        """What became of these; those that the worker has not come to are absent."""
        ...
