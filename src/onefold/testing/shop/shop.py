"""The shop's days: who comes when, and all visits at once as one stream.

In: a seed and a start. Out: an endless stream of calls in order of time; the same seed and start give the
same stream. More people come in the evening, at the weekend and before Christmas; a third of the
visits is by someone new, and some of those who came often come again.
"""

import heapq
import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import msgspec

from onefold.clock import DAY, HOUR, SECOND
from onefold.testing.shop.visit import Call, visit
from onefold.testing.shop.visitor import Visitor

PEOPLE_MAX = 100_000
"""People a shop remembers (about 100 MB); then nobody new comes."""
NEW_SHARE = 0.3
HOURS = (2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 8, 9, 10, 9, 8, 8, 9, 10, 12, 14, 15, 13, 8, 4)
"""Visits by hour of the day, as weights."""
WEEKDAYS = (9, 9, 9, 10, 11, 13, 14)
MONTHS = (9, 8, 9, 9, 10, 9, 8, 8, 10, 11, 14, 16)


class Shop:
    """One shop with its visitors."""

    def __init__(self, *, seed: int, start: int, visits_per_day: float = 100.0) -> None:
        self._chance = random.Random(seed)
        self._start = start
        self._visits_per_day = visits_per_day
        self._people: list[Visitor] = []

    @property
    def people(self) -> int:
        """How many have come so far."""
        return len(self._people)

    def calls(self) -> Iterator[Call]:
        """Every call of every visit from the start on, in order of time, without end."""
        waiting: list[tuple[int, int, Call]] = []
        numbers = count(1)
        order = count()
        for at in self._arrivals():
            while waiting and waiting[0][0] <= at:
                yield msgspec.structs.replace(heapq.heappop(waiting)[2], number=next(numbers))
            for call in visit(self._visitor(), at, self._chance):
                heapq.heappush(waiting, (call.at, next(order), call))

    def _arrivals(self) -> Iterator[int]:
        """A Poisson process whose rate follows `liveliness`, by thinning (Lewis and Shedler, 1979)."""
        busiest = max(HOURS) * max(WEEKDAYS) * max(MONTHS) / _MEAN
        mean_gap = DAY / (self._visits_per_day * busiest)
        at = float(self._start)
        while True:
            at += self._chance.expovariate(1) * mean_gap
            if self._chance.random() * busiest < liveliness(int(at)):
                yield int(at)

    def _visitor(self) -> Visitor:
        people, chance = self._people, self._chance
        if not people or (len(people) < PEOPLE_MAX and chance.random() < NEW_SHARE):
            people.append(Visitor(len(people) + 1, chance))
            return people[-1]
        # The square prefers those who came last: interest fades.
        return people[-1 - math.floor(chance.random() ** 2 * len(people))]


def liveliness(at: int) -> float:
    """How many come at this moment, compared with the mean of a year."""
    moment = datetime.fromtimestamp(at // SECOND, UTC)
    return HOURS[at % DAY // HOUR] * WEEKDAYS[moment.weekday()] * MONTHS[moment.month - 1] / _MEAN


_MEAN = (sum(HOURS) / 24) * (sum(WEEKDAYS) / 7) * (sum(MONTHS) / 12)
