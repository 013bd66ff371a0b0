"""The fill over a real log file, with a plain double of the worker: user_id is the profile id."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from onefold.backends.embedded.log import EmbeddedLog
from onefold.clock import DAY, HOUR, from_iso
from onefold.model.outcome import Kind
from onefold.model.profile import Counter
from onefold.model.record import Record, RecordKind
from onefold.model.segment import (
    EventCondition,
    SegmentDefinition,
    SegmentDrop,
    SegmentFill,
    TraitCondition,
    Where,
    decode_fill,
)
from onefold.model.segment import Test as Compare
from onefold.pipeline import fill
from onefold.pipeline.fill import FillProgress, SegmentProgress, fill_segment
from onefold.pipeline.past import TraceRow
from onefold.segment.features import features_of
from onefold.unify.identify import Identifiers
from onefold.unify.normalise import Normaliser
from onefold.unify.read import Reader

NOW = from_iso("2026-03-15T10:30:00")
SHOES = EventCondition("Bought", where=[Where("category", Compare.EQUALS, "shoes")])
BUYERS = SegmentDefinition(1, 1, "Buyers", SHOES)
KEY = features_of(BUYERS)[0].key


class Worker:
    """Takes fills as the contract says."""

    def __init__(self, log: EmbeddedLog, people: int) -> None:
        self.log = log
        self.people = people
        self.row: SegmentProgress | None = SegmentProgress(1, 0, people)
        self.fills: list[SegmentFill] = []
        self.drops: list[SegmentDrop] = []
        self.rows: list[TraceRow] = []
        self.dies_after = 10**9

    def buy(self, buyers: list[int], *, outcome: Kind = Kind.PASSED, category: str = "shoes") -> None:
        events = [
            {
                "type": "track",
                "event": "Bought",
                "userId": str(buyer),
                "messageId": "m",
                "properties": {"category": category},
            }
            for buyer in buyers
        ]
        record = Record(RecordKind.EVENTS, 1, NOW, len(events), json.dumps(events).encode())
        offset = self.log.append([Record(RecordKind.TICK, 0, NOW, 0, b""), record])
        self.rows.append(
            TraceRow(offset - 1, offset, [1] * len(buyers), bytes([outcome] * len(buyers)), buyers)
        )

    def put(self) -> int:
        return self.log.append([Record(RecordKind.SEGMENT_PUT, 0, NOW, 0, msgspec.json.encode(BUYERS))])

    def append(self, record: Record) -> int:
        return self.log.append([record])

    def wait_applied(self, offset: int) -> bool:
        record = self.log.get([offset]).get(offset)
        if record is not None and record.kind is RecordKind.SEGMENT_DROP:
            self.row = None
            self.drops.append(msgspec.json.decode(record.body, type=SegmentDrop))
        if record is not None and record.kind is RecordKind.SEGMENT_FILL and self.row is not None:
            one = decode_fill(record.body)
            if one.version == self.row.version and one.first == self.row.filled_to + 1:
                self.row = SegmentProgress(1, max(one.last, self.row.filled_to), self.people)
                self.fills.append(one)
        self.dies_after -= 1
        return self.dies_after >= 0

    def segment_progress(self, segment_id: int) -> SegmentProgress | None:
        assert segment_id == 1
        return self.row

    def trace(self, after: int, up_to: int, count_max: int) -> list[TraceRow]:
        return [one for one in self.rows if one.offset > after and one.first_offset <= up_to][:count_max]

    def fill(
        self, put_offset: int, definition: SegmentDefinition = BUYERS, *, cancel: bool = False
    ) -> list[FillProgress]:
        return list(
            fill_segment(
                definition,
                put_offset,
                log=self.log,
                state=self,
                reader=Reader(Identifiers(Normaliser(), {}), "EUR"),
                append=self.append,
                wait_applied=self.wait_applied,
                is_cancelled=lambda: cancel,
            )
        )

    def counted(self) -> dict[int, int]:
        days = NOW // DAY
        return {
            profile_id: int(counters[KEY].days[days])
            for one in self.fills
            for profile_id, counters in one.aggregates.items()
        }


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    log = EmbeddedLog(tmp_path)
    yield Worker(log, people=2500)
    log.close()


def test_ranges_cover_everyone_and_hold_what_passed_before_the_put(worker: Worker) -> None:
    worker.buy([1, 2, 2, 0, 2500])
    worker.buy([1, 7], outcome=Kind.FILTERED)
    worker.buy([1], category="hats")
    put = worker.put()
    worker.buy([1, 3])
    reports = worker.fill(put)
    assert [(one.first, one.last, one.done) for one in worker.fills] == [
        (1, 1000, False),
        (1001, 2000, False),
        (2001, 2500, True),
    ]
    assert worker.counted() == {1: 1, 2: 2, 2500: 1}
    assert worker.fills[0].aggregates[2] == {KEY: Counter({NOW // DAY: 2}, {NOW // HOUR: 2})}
    assert (reports[-1].end, reports[-1].done, reports[-1].total) == ("filled", 2500, 2500)


def test_a_fill_killed_between_ranges_goes_on_where_the_worker_stands(worker: Worker) -> None:
    worker.buy([5, 1500, 2400])
    put = worker.put()
    worker.dies_after = 2
    assert worker.fill(put)[-1].end == "stopped"
    worker.dies_after = 10**9
    assert worker.fill(put)[-1].end == "filled"
    assert worker.counted() == {5: 1, 1500: 1, 2400: 1}
    assert [one.first for one in worker.fills] == [1, 1001, 2001]


def test_more_buckets_than_memory_allows_take_more_readings(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "BUCKETS_MAX", 40)
    buyers = list(range(1, 2501, 25))
    for start in range(0, len(buyers), 10):
        worker.buy(buyers[start : start + 10])
    worker.fill(worker.put())
    assert worker.counted() == dict.fromkeys(buyers, 1)
    assert worker.fills[-1].done
    assert len(worker.fills) > 3


def test_a_segment_of_traits_reads_no_events(worker: Worker) -> None:
    definition = SegmentDefinition(1, 1, "Pro", TraitCondition("plan", Compare.EQUALS, "pro"))
    reports = worker.fill(worker.put(), definition)
    assert {one.unit for one in reports} == {"people"}
    assert all(one.aggregates == {} for one in worker.fills)


def test_a_workspace_without_people_is_filled_at_once(worker: Worker) -> None:
    worker.people = 0
    worker.row = SegmentProgress(1, 0, 0)
    assert worker.fill(worker.put())[-1].end == "filled"
    assert [(one.first, one.last, one.done) for one in worker.fills] == [(1, 0, True)]


def test_a_cancelled_fill_drops_the_segment(worker: Worker) -> None:
    put = worker.put()
    assert worker.fill(put, cancel=True)[-1].end == "cancelled"
    assert worker.drops == [SegmentDrop(1, "cancelled", 1)]


def test_a_fill_of_an_older_version_ends(worker: Worker) -> None:
    worker.row = SegmentProgress(2, 0, 2500)
    assert worker.fill(worker.put())[-1].end == "superseded"
    assert worker.fills == []
