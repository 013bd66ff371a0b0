"""Whose values are read back: pages of all, or a sample that is spread over all ids."""

from types import SimpleNamespace
from typing import Any

import pytest

from onefold.activate.population import PAGE, next_page
from onefold.model.comparison import Comparison, Wish


def desk_of(ids: list[int]) -> Any:
    def page(_ledger: int, after: int, limit: int) -> list[int]:
        return [one for one in ids if one > after][:limit]

    state = SimpleNamespace(last_profile=lambda: max(ids, default=0))
    return SimpleNamespace(book=SimpleNamespace(page=page), feed=SimpleNamespace(state=state))


PLAN: Any = SimpleNamespace(
    goal=SimpleNamespace(id=1, segment_id=0), rows=SimpleNamespace(contested=frozenset())
)


def chosen(comparison: Comparison, ids: list[int]) -> list[int]:
    """Everyone who is read back, page by page."""
    found: list[int] = []
    after = 0
    while True:
        page = next_page(comparison, desk_of(ids), PLAN, after)
        found += page.ids
        comparison.people += len(page.ids)
        comparison.windows_done, after = page.windows, page.to
        if page.is_last:
            return found


@pytest.mark.parametrize("count", [0, 1, PAGE, PAGE + 1, 3 * PAGE])
def test_all_are_read_once(count: int) -> None:
    ids = list(range(5, 5 + 2 * count, 2))
    assert chosen(Comparison(), ids) == ids


@pytest.mark.parametrize("sample", [1, 7, 100, 999, 1000])
def test_a_sample_has_so_many_people_and_each_once(sample: int) -> None:
    found = chosen(Comparison(Wish(sample)), list(range(1, 5000)))
    assert len(found) == len(set(found)) == sample
    assert found == sorted(found)


def test_a_sample_is_spread_evenly() -> None:
    found = chosen(Comparison(Wish(1000)), list(range(1, 10_001)))
    assert [sum(low < one <= low + 2500 for one in found) for low in range(0, 10_000, 2500)] == [250] * 4


def test_later_stretches_make_up_for_empty_ones() -> None:
    ids = list(range(9001, 10_001))
    assert len(chosen(Comparison(Wish(600)), ids)) == 600


def test_fewer_people_than_asked_for_are_all_read() -> None:
    comparison = Comparison(Wish(1000))
    assert chosen(comparison, [3, 500, 501]) == [3, 500, 501]
    assert not comparison.is_sample
