"""Old counters are added up by the day: fewer rows, the same sums, whoever looked before."""

from pathlib import Path

import pytest

from onefold.backends.embedded.counters import DAY_MINUTES
from onefold.backends.embedded.database import open_reader
from onefold.backends.embedded.log import EmbeddedLog
from onefold.backends.embedded.looks import EmbeddedLooks
from onefold.clock import DAY, MINUTE
from onefold.model.outcome import Count, Kind
from onefold.observe.totals import Totals

START = 20_000 * DAY
KEPT_DAYS = 7


class Capture:
    """A log whose clock we set."""

    def __init__(self, directory: Path) -> None:
        self.at = START
        self.log = EmbeddedLog(directory, clock=lambda: self.at)
        self.looks = EmbeddedLooks(directory)
        self._directory = directory

    def count(self, days: int) -> None:
        """Something each 20 minutes, of two kinds, for so many days."""
        for _ in range(days * DAY_MINUTES // 20):
            passed = Count("capture", "1", Kind.PASSED, "", 3)
            self.log.append([], counts=[passed, Count("capture", "1", Kind.REJECTED, "capture.bad", 1)])
            self.at += 20 * MINUTE

    def look(self, totals: Totals) -> dict[object, int]:
        """The totals after a look."""
        totals.advance(self.looks.look_at_log(totals.since, 0).counters)
        return {key: count for key, count in totals.sums.items() if count}

    def rows(self) -> list[int]:
        """The minutes that have rows."""
        connection = open_reader(self._directory, "log")
        try:
            return [row[0] for row in connection.execute("select minute from counter order by minute")]
        finally:
            connection.close()


@pytest.fixture
def capture(tmp_path: Path) -> Capture:
    return Capture(tmp_path)


def test_sums_stay_exact_for_a_new_look(capture: Capture) -> None:
    capture.count(10)
    before = capture.look(Totals())
    folded = capture.log.fold_counters(KEPT_DAYS)
    assert folded == 3 * 71 * 2
    assert capture.look(Totals()) == before
    old = [minute for minute in capture.rows() if minute < (START // DAY + 3) * DAY_MINUTES]
    assert old == [(START // DAY + day) * DAY_MINUTES for day in range(3) for _ in range(2)]
    assert capture.log.fold_counters(KEPT_DAYS) == 0


def test_sums_stay_exact_for_whoever_looked_long_ago(capture: Capture) -> None:
    totals = Totals()
    capture.count(1)
    capture.at += 5 * MINUTE
    capture.look(totals)
    capture.count(12)
    capture.log.fold_counters(KEPT_DAYS)
    assert capture.look(totals) == capture.look(Totals())
    capture.count(1)
    assert capture.look(totals) == capture.look(Totals())


def test_the_last_days_stay_by_the_minute(capture: Capture) -> None:
    capture.count(10)
    recent = [minute for minute in capture.rows() if minute >= (START // DAY + 3) * DAY_MINUTES]
    capture.log.fold_counters(KEPT_DAYS)
    assert [one for one in capture.rows() if one >= (START // DAY + 3) * DAY_MINUTES] == recent
