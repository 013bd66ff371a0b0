"""Totals are right however often and whenever they were looked at."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from onefold.model.outcome import Count, Kind
from onefold.observe.store import Counters, MinuteCount
from onefold.observe.totals import Totals, sum_stages

SETTLED = 5


class File:
    """Counters of a file whose clock only grows."""

    def __init__(self) -> None:
        self.rows: Counter[tuple[int, str]] = Counter()

    def read(self, since: int) -> Counters:
        newest = max((minute for minute, _ in self.rows), default=0)
        edge = max(since, newest - SETTLED)
        settled: Counter[str] = Counter()
        for (minute, code), count in self.rows.items():
            if since <= minute < edge:
                settled[code] += count
        recent = [
            MinuteCount(minute, "unify", "1", Kind.REJECTED, code, count)
            for (minute, code), count in self.rows.items()
            if minute >= edge
        ]
        return Counters([Count("unify", "1", Kind.REJECTED, *one) for one in settled.items()], edge, recent)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abc"), st.integers(1, 5), st.booleans())))
def test_totals_are_the_sum_of_all_minutes_whenever_they_are_read(
    steps: list[tuple[int, str, int, bool]],
) -> None:
    file, totals, minute = File(), Totals(), 100
    expected: Counter[str] = Counter()
    for passed, code, count, is_read in steps:
        minute += passed
        file.rows[minute, code] += count
        expected[code] += count
        if is_read:
            totals.advance(file.read(totals.since))
    totals.advance(file.read(totals.since))
    assert {code: count for (_, _, _, code), count in totals.sums.items() if count} == expected


def test_a_settled_minute_is_not_read_again() -> None:
    file, totals = File(), Totals()
    file.rows[100, "a"] = 1
    file.rows[110, "a"] = 1
    totals.advance(file.read(totals.since))
    assert totals.since == 105
    assert [row.minute for row in totals.recent] == [110]


def test_stages_leave_deferrals_to_the_gauges() -> None:
    sums = {("activate", "1/1", Kind.DEFERRED, "x"): 5, ("activate", "1/1", Kind.PASSED, ""): 2}
    stage = sum_stages([sums])["activate"]
    assert sum(stage.by_kind.values()) == 2
