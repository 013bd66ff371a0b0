"""Sums of counters since the workspace began, kept without adding them up again.

In: what a file counted since the minute asked for. Out: totals. A minute is added to the settled sums once,
when it is some minutes old; only the minutes after it are read again. So a look costs the same after months.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from onefold.model.outcome import Kind
from onefold.observe.store import Counters, MinuteCount

Key = tuple[str, str, Kind, str]
"""stage, subject, kind, code."""


class Totals:
    """The counters of one file."""

    __slots__ = ("_settled", "_sum", "recent", "since")

    def __init__(self) -> None:
        self._settled: Counter[Key] = Counter()
        self._sum: Counter[Key] = Counter()
        self.since = 0
        """The first minute not settled: where the next look begins."""
        self.recent: list[MinuteCount] = []

    def advance(self, counters: Counters) -> None:
        """Take in a look that began at `since`, or before everything if it says so."""
        if counters.is_whole:
            self._settled.clear()
        for count in counters.settled:
            self._settled[count.stage, count.subject, count.kind, count.code] += count.count
        self.since = max(self.since, counters.settled_to)
        self.recent = list(counters.recent)
        self._sum = self._settled.copy()
        for row in self.recent:
            self._sum[row.stage, row.subject, row.kind, row.code] += row.count

    @property
    def sums(self) -> Mapping[Key, int]:
        """The total of each counter."""
        return self._sum


class StageTotals:
    """One stage, over all subjects."""

    __slots__ = ("by_kind", "reasons")

    def __init__(self) -> None:
        self.by_kind: Counter[Kind] = Counter()
        self.reasons: Counter[tuple[Kind, str]] = Counter()


def sum_stages(totals: Iterable[Mapping[Key, int]]) -> dict[str, StageTotals]:
    """Totals by stage; a deferral that was counted is no end, so it is left to the gauges."""
    stages: dict[str, StageTotals] = {}
    for sums in totals:
        for (stage, _, kind, code), count in sums.items():
            if kind is Kind.DEFERRED:
                continue
            found = stages.get(stage)
            if found is None:
                found = stages[stage] = StageTotals()
            found.by_kind[kind] += count
            if code and kind is not Kind.PASSED:
                found.reasons[kind, code] += count
    return stages
