"""Events that write keys, which are public, let anyone send: none stops the worker or makes it crawl."""

from pathlib import Path

import pytest

from onefold.backends.embedded.people import EmbeddedPeople
from onefold.model.profile import Profile
from onefold.model.record import Record
from onefold.model.segment import SegmentFill
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments
from onefold.testing.fold import (
    MemoryLog,
    StateTemplate,
    events_record,
    fill_segment,
    make_event,
    put_segment,
)
from onefold.unify import read

LARGEST = 999_999_999_999_999
SPENT = {"kind": "event", "event": "Bought", "measure": "sum", "property": "products.price", "value": 10**9}


def fold(directory: Path, *records: Record) -> Profile:
    """The first profile that the records make."""
    template = directory / "template"
    template.mkdir()
    store = StateTemplate(template).open(directory)
    worker = Worker(MemoryLog(records), store, compile_segments)
    while worker.step():
        pass
    store.close()
    profile = EmbeddedPeople(directory).profile(1)
    assert profile is not None
    return profile


def test_revenue_beyond_64_bits_is_kept_exactly(tmp_path: Path) -> None:
    sales = [
        make_event(f"m{number}", event="Bought", user_id="ann", properties={"revenue": LARGEST})
        for number in range(20_000)
    ]
    profile = fold(tmp_path, *(events_record(*sales[at : at + 5000]) for at in range(0, 20_000, 5000)))
    assert [*profile.counters["s:Bought:revenue:USD"].days.values()] == [LARGEST * 20_000]


def test_a_sum_of_a_segment_beyond_64_bits_is_kept_exactly(tmp_path: Path) -> None:
    lines = [{"price": LARGEST}] * 1500
    sales = [
        make_event(f"m{number}", event="Bought", user_id="ann", properties={"products": lines})
        for number in range(20)
    ]
    empty = fill_segment(SegmentFill(1, 1, 1, 0, done=True))
    profile = fold(tmp_path, put_segment(1, SPENT), empty, *(events_record(one) for one in sales))
    (key,) = [key for key in profile.counters if key.startswith("f:")]
    assert [*profile.counters[key].days.values()] == [LARGEST * 1500 * 20]
    assert profile.mask == 1 << 1


def test_a_batch_of_unreadable_events_is_parsed_once_more_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[Record] = []
    raw_events = read.raw_events

    def counted(record: Record) -> object:
        parsed.append(record)
        return raw_events(record)

    monkeypatch.setattr(read, "raw_events", counted)
    long = {"n" * 300: 1}
    bad = [make_event(f"m{one}", "identify", user_id="ann", traits=long) for one in range(50)]
    fold(tmp_path, events_record(*bad, make_event("good", user_id="ann")))
    assert len(parsed) == 1
