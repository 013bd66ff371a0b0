"""Totals of events: what the worker keeps of them, within a bound, and what is read back in pages."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from onefold.backends.embedded import state
from onefold.backends.embedded.event_totals import EmbeddedEventTotals, EventTotal, TotalsFilter
from onefold.backends.embedded.state import EmbeddedState
from onefold.clock import DAY
from onefold.model.json import JsonValue
from onefold.model.record import Record
from onefold.testing.fold import START, MemoryLog, StateTemplate, events_record, fold_records, make_event

FIRST_DAY = START // DAY


class Place:
    """A state, and who reads its totals."""

    def __init__(self, store: EmbeddedState, directory: Path) -> None:
        self._log = MemoryLog()
        self._store = store
        self.totals = EmbeddedEventTotals(directory)

    def fold(self, *records: Record, batch: int = 1000) -> None:
        fold_records(self._log, self._store, *records, batch=batch)

    def names(self, source_id: int = 1) -> dict[str, int]:
        """How often each event name was counted."""
        found = self.totals.page(("event",), TotalsFilter(source_id=source_id))
        return {str(one.event): one.count for one in found}


@pytest.fixture
def place(template: StateTemplate, tmp_path: Path) -> Iterator[Place]:
    store = template.open(tmp_path)
    yield Place(store, tmp_path)
    store.close()


def event(number: int, name: str, day: int = 0, source_id: int = 1, **properties: JsonValue) -> Record:
    made = make_event(f"m{number}", event=name, properties=properties)
    return events_record(made, at=START + day * DAY, source_id=source_id)


def shop() -> list[Record]:
    """Two days, two sources, two currencies, and a visit that brings nothing."""
    return [
        event(1, "Bought", revenue="10.10", currency="EUR"),
        event(2, "Bought", revenue="0.20", currency="EUR"),
        event(3, "Bought", revenue=5, currency="USD"),
        event(4, "Visited"),
        event(5, "Bought", day=1, revenue="1.05", currency="EUR"),
        event(6, "Visited", day=1, source_id=2),
    ]


def test_days_come_newest_first_with_exact_revenue_by_currency(place: Place) -> None:
    place.fold(*shop())
    newest, oldest = place.totals.page(("day",))
    assert (newest.day, newest.count, newest.revenue) == (FIRST_DAY + 1, 2, {"EUR": Decimal("1.05")})
    assert oldest == EventTotal(day=FIRST_DAY, count=4, revenue={"EUR": Decimal("10.30"), "USD": Decimal(5)})


def test_other_groups_come_in_their_own_order_and_none_is_the_sum(place: Place) -> None:
    place.fold(*shop())
    assert [one.count for one in place.totals.page(("event",))] == [4, 2]
    assert [(one.source_id, one.count) for one in place.totals.page(("source",))] == [(1, 5), (2, 1)]
    assert [(one.currency, one.count) for one in place.totals.page(("currency",))] == [
        ("", 2),
        ("EUR", 3),
        ("USD", 1),
    ]
    assert [(one.count, one.revenue) for one in place.totals.page(())] == [
        (6, {"EUR": Decimal("11.35"), "USD": Decimal(5)})
    ]
    assert [(one.day, one.event) for one in place.totals.page(("event", "day"))] == [
        (FIRST_DAY + 1, "Bought"),
        (FIRST_DAY + 1, "Visited"),
        (FIRST_DAY, "Bought"),
        (FIRST_DAY, "Visited"),
    ]


def test_filters_leave_what_was_asked_for(place: Place) -> None:
    place.fold(*shop())
    asked = {
        TotalsFilter(first_day=FIRST_DAY + 1): 2,
        TotalsFilter(last_day=FIRST_DAY): 4,
        TotalsFilter(source_id=2): 1,
        TotalsFilter(event="Bought"): 4,
        TotalsFilter(currency="EUR"): 3,
        TotalsFilter(currency="EUR", event="Bought", first_day=FIRST_DAY, last_day=FIRST_DAY): 2,
    }
    assert {one: place.totals.page((), one)[0].count for one in asked} == asked
    assert place.totals.page((), TotalsFilter(event="Never")) == []


@pytest.mark.parametrize("by", [("day",), ("event",), ("source", "event"), ("day", "event", "currency")])
def test_pages_of_one_group_are_all_of_them(place: Place, by: tuple[str, ...]) -> None:
    place.fold(*shop())
    whole = place.totals.page(by)
    pages, after = [], None
    while found := place.totals.page(by, after=after, count_max=1):
        pages += found
        after = found[-1].key(by)
    assert pages == whole


def test_before_the_worker_ran_there_is_nothing(tmp_path: Path) -> None:
    assert EmbeddedEventTotals(tmp_path).page(("day",)) == []


@pytest.mark.parametrize("batch", [1, 4, 1000])
def test_names_beyond_the_bound_are_counted_together_whatever_the_batches(
    place: Place, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "TOTALS_MAX", 3)
    names = ["z", "a", "m", "b", "a", "c", "z", "b"]
    place.fold(*(event(number, name) for number, name in enumerate(names)), batch=batch)
    assert place.names() == {"z": 2, "a": 2, "m": 1, state.OTHER_NAMES: 3}


def test_the_bound_is_of_a_day_and_source_and_outlives_a_restart(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "TOTALS_MAX", 2)
    place.fold(event(1, "a"), event(2, "b"), event(3, "c"))
    place.fold(event(4, "c", source_id=2), event(5, "c", day=1), event(6, "d", revenue=2, currency="EUR"))
    assert place.names() == {"a": 1, "b": 1, "c": 1, state.OTHER_NAMES: 2}
    assert place.names(source_id=2) == {"c": 1}
    (sold,) = place.totals.page(("event",), TotalsFilter(currency="EUR"))
    assert (sold.event, sold.revenue) == (state.OTHER_NAMES, {"EUR": Decimal(2)})
