"""How a segment grew: its size at the end of each UTC day, told backwards from how many are in it now.

In: who entered and left on the days on which anybody did, and how many are in it. Out: every day of a range.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec


class SegmentMoves(NamedTuple):
    """A UTC day (since 1970-01-01) on which somebody entered or left."""

    day: int
    entered: int
    left: int


class SegmentDays(msgspec.Struct, frozen=True):
    """What is counted of one segment."""

    people: int
    """In it now."""
    since: int
    """The day on which counting began."""
    moves: Sequence[SegmentMoves]
    """By day, from some day on; quiet days are absent."""


class GrowthDay(NamedTuple):
    """One day; `people` at its end, or until now."""

    day: int
    entered: int
    left: int
    people: int


def tell_growth(counted: SegmentDays, first: int, last: int) -> list[GrowthDay]:
    """Each day from `first` (or since it is counted) to `last`, or to the newest move if that is later.

    `counted.moves` must go back to `first`.
    """
    moves = {one.day: one for one in counted.moves}
    people, found = counted.people, []
    for day in range(max([last, *moves]), max(first, counted.since) - 1, -1):
        _, entered, left = moves.get(day, (day, 0, 0))
        found.append(GrowthDay(day, entered, left, people))
        people += left - entered
    return found[::-1]
