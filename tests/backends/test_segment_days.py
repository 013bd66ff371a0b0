"""Who entered and left a segment a day: what the worker keeps of it, and what is read back."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine

from onefold.backends.embedded.database import database_path
from onefold.backends.embedded.segment_days import EmbeddedSegmentDays
from onefold.backends.embedded.snapshot import verify_replay
from onefold.backends.embedded.state import EmbeddedState
from onefold.clock import DAY, HOUR
from onefold.model.record import Record
from onefold.model.segment import SegmentFill
from onefold.observe.segment_growth import SegmentDays, SegmentMoves
from onefold.pipeline import segment_records
from onefold.segment.evaluator import compile_segments
from onefold.testing.fold import (
    START,
    MemoryLog,
    StateTemplate,
    drop_segment,
    erase_person,
    events_record,
    fill_segment,
    fold_records,
    make_event,
    put_segment,
    tick,
)
from onefold.unify.settings import UnifySettings

TODAY = START // DAY
MIDNIGHT = (TODAY + 1) * DAY
BOUGHT = {"kind": "event", "event": "Bought", "window": {"kind": "last", "amount": 1, "unit": "hours"}}
KNOWN = {"kind": "identifier", "identifier": "user_id"}


class Place:
    """A state with a log in memory, and who reads its days."""

    def __init__(self, template: StateTemplate, directory: Path) -> None:
        self.log = MemoryLog()
        self.directory = directory
        self.template = template
        self.store = template.open(directory)
        self._days = EmbeddedSegmentDays(directory)

    def fold(self, *records: Record, batch: int = 1000) -> None:
        fold_records(self.log, self.store, *records, batch=batch)

    def days(self, segment_id: int = 1, first: int = 0) -> SegmentDays | None:
        return self._days.of(segment_id, first)

    def moves(self) -> list[tuple[int, int, int]]:
        """(day from today on, entered, left)"""
        counted = self.days()
        assert counted is not None
        return [(one.day - TODAY, one.entered, one.left) for one in counted.moves]

    def close(self) -> None:
        self.store.close()
        self._days.close()


@pytest.fixture
def place(template: StateTemplate, tmp_path: Path) -> Iterator[Place]:
    made = Place(template, tmp_path)
    yield made
    made.close()


def live(segment_id: int, condition: object, at: int = START) -> list[Record]:
    fill = SegmentFill(segment_id, 1, 1, 0, done=True)
    return [put_segment(segment_id, condition, at=at), fill_segment(fill, at)]  # type: ignore[arg-type]


def buys(who: str, at: int = START, **fields: str) -> Record:
    return events_record(make_event(f"{who}-{at}", event="Bought", user_id=who, **fields), at=at)


def test_a_batch_over_midnight_counts_on_two_days(place: Place) -> None:
    before = MIDNIGHT - HOUR // 2
    place.fold(*live(1, BOUGHT), buys("ann", before), buys("bob", before), buys("cid", MIDNIGHT + HOUR))
    assert place.moves() == [(0, 2, 0), (1, 1, 2)]
    assert place.days() == SegmentDays(1, TODAY, [SegmentMoves(TODAY, 2, 0), SegmentMoves(TODAY + 1, 1, 2)])
    assert place.days(first=TODAY + 1) == SegmentDays(1, TODAY, [SegmentMoves(TODAY + 1, 1, 2)])


def test_a_segment_without_anybody_is_counted_from_the_day_it_was_made(place: Place) -> None:
    place.fold(*live(1, BOUGHT), tick(START + 3 * DAY))
    assert place.days() == SegmentDays(0, TODAY, [SegmentMoves(TODAY, 0, 0)])
    assert place.days(2) is None


def test_a_fill_counts_on_the_day_on_which_it_goes_through(place: Place) -> None:
    fill = SegmentFill(1, 1, 1, 2, done=True)
    put = put_segment(1, KNOWN, at=START + DAY)
    place.fold(buys("ann"), buys("bob"), put, fill_segment(fill, START + 2 * DAY))
    assert place.moves() == [(1, 0, 0), (2, 2, 0)]


def test_a_redefinition_goes_on_with_the_days_before(place: Place) -> None:
    again = put_segment(1, BOUGHT, version=2, at=START + DAY)
    fill = fill_segment(SegmentFill(1, 2, 1, 2, done=True), START + DAY)
    place.fold(*live(1, KNOWN), buys("ann"), buys("bob"), again, fill)
    assert place.moves() == [(0, 2, 0), (1, 0, 2)]


def test_who_is_merged_away_leaves(place: Place) -> None:
    guest = events_record(make_event("m1", event="Bought", anonymous_id="a"))
    anyone = {"kind": "any", "conditions": [KNOWN, {**KNOWN, "identifier": "anonymous_id"}]}
    place.fold(*live(1, anyone), guest, buys("ann"))
    assert place.moves() == [(0, 2, 0)]
    place.fold(buys("ann", START + DAY, anonymous_id="a"))
    assert place.moves() == [(0, 2, 0), (1, 0, 1)]


def test_who_is_erased_leaves_and_the_days_before_stay(place: Place) -> None:
    place.fold(*live(1, KNOWN), buys("ann"), buys("bob"), erase_person(1, at=START + DAY))
    assert place.moves() == [(0, 2, 0), (1, 0, 1)]


def test_the_days_of_a_deleted_segment_go(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_records, "LEAVE_MAX", 2)
    people = [buys(f"u{number}") for number in range(5)]
    place.fold(*live(1, KNOWN), *live(2, BOUGHT), *people, drop_segment(1, START + DAY))
    rows = place.store._connection.execute("select distinct segment_id from segment_day").fetchall()
    assert rows == [(2,)]
    assert place.days() is None


def test_a_batch_writes_a_row_a_segment_and_day_not_a_person(place: Place) -> None:
    place.fold(*live(1, KNOWN), *live(2, BOUGHT))
    said: list[str] = []
    place.store._connection.set_trace_callback(said.append)
    place.fold(*(buys(f"u{number}") for number in range(100)))
    place.store._connection.set_trace_callback(None)
    assert len([one for one in said if "into segment_day" in one]) == 2
    assert len([one for one in said if one.startswith("update segment ")]) == 2


def migrate_again(directory: Path) -> None:
    """As a state from before the table comes to it, whatever the migrations behind this one bring."""
    migration = import_module("onefold.backends.embedded.migrations.state.0004_segment_day")
    engine = create_engine(f"sqlite:///{database_path(directory, 'state')}")
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table segment_day")
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()
    engine.dispose()


def test_a_state_from_before_is_counted_from_the_day_where_it_stands(place: Place, tmp_path: Path) -> None:
    before = [*live(1, KNOWN), buys("ann"), tick(START + 5 * DAY), buys("bob", START + 5 * DAY)]
    place.fold(*before)
    place.store.close()
    migrate_again(place.directory)
    place.store = EmbeddedState(place.directory)
    assert place.days() == SegmentDays(2, TODAY + 5, [SegmentMoves(TODAY + 5, 0, 0)])
    place.fold(buys("cid", START + 5 * DAY + HOUR), buys("dan", START + 6 * DAY))
    assert place.moves() == [(5, 1, 0), (6, 1, 0)]
    verdict = verify_replay(
        place.directory, place.log, tmp_path / "again", compile_segments, unify=UnifySettings()
    )
    assert verdict.is_equal, verdict.differences


def test_a_replay_tells_when_days_differ(place: Place, tmp_path: Path) -> None:
    place.fold(*live(1, KNOWN), buys("ann"))
    place.store._connection.execute("update segment_day set entered_count = 2")
    verdict = verify_replay(
        place.directory, place.log, tmp_path / "again", compile_segments, unify=UnifySettings()
    )
    assert [(one.table, one.count) for one in verdict.differences] == [("segment_day", 1)]


def test_an_empty_state_from_before_has_nothing_to_count(place: Place) -> None:
    place.store.close()
    migrate_again(place.directory)
    place.store = EmbeddedState(place.directory)
    for table in ("segment_day", "meta"):
        assert place.store._connection.execute(f"select count(*) from {table}").fetchone() == (0,)
