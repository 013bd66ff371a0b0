"""The pace of a run, in words."""

from types import SimpleNamespace

import pytest

from onefold.cli import bar
from onefold.cli.bar import Pace


def test_the_pace_counts_from_where_we_began_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [100.0]
    monkeypatch.setattr(bar, "time", SimpleNamespace(monotonic=lambda: at[0]))
    pace = Pace()
    run = {"state": "running", "unit": "rows", "done": 0, "total": 9000}
    assert pace.words(run) == "0 of 9,000 rows"
    run["done"] = 1000
    assert pace.words(run) == "1,000 of 9,000 rows"
    at[0], run["done"] = 102.0, 5000
    assert pace.words(run) == "5,000 of 9,000 rows, 2,000 rows/s"
    assert pace.seconds_left(run) == 2


def test_bytes_are_told_in_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [100.0]
    monkeypatch.setattr(bar, "time", SimpleNamespace(monotonic=lambda: at[0]))
    pace = Pace()
    run = {"state": "running", "unit": "bytes", "done": 1_000_000, "total": 4_000_000}
    pace.words(run)
    at[0], run["done"] = 101.0, 2_500_000
    assert pace.words(run) == "2.5 of 4.0 MB, 1.5 MB/s"
