"""Records about segments that come twice or late, as crashes and races leave them."""

from pathlib import Path

import msgspec

from onefold.backends.embedded.people import EmbeddedPeople
from onefold.model.record import Record, RecordKind
from onefold.model.segment import SegmentDrop, SegmentFill
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

SHOES = {
    "kind": "event",
    "event": "Bought",
    "value": 2,
    "where": [{"property": "category", "test": "equals", "value": "shoes"}],
}
ANYONE = {"kind": "identifier", "identifier": "user_id"}


def fold(directory: Path, *records: Record) -> EmbeddedPeople:
    template = directory / "template"
    template.mkdir()
    store = StateTemplate(template).open(directory)
    worker = Worker(MemoryLog(records), store, compile_segments)
    while worker.step():
        pass
    store.close()
    return EmbeddedPeople(directory)


def bought(message_id: str) -> Record:
    return events_record(
        make_event(message_id, event="Bought", user_id="ann", properties={"category": "shoes"})
    )


def cancelled(version: int) -> Record:
    drop = SegmentDrop(1, "cancelled", version)
    return Record(RecordKind.SEGMENT_DROP, 0, 0, 0, msgspec.json.encode(drop))


def test_a_definition_that_a_crash_made_come_twice_is_taken_once(tmp_path: Path) -> None:
    """A fill counts what is before the put; the event between the two was counted when it came."""
    people = fold(tmp_path, put_segment(1, SHOES), bought("m1"), put_segment(1, SHOES))
    assert people.segments()[1].offset == 1
    people.close()


def test_a_cancel_spares_a_newer_version(tmp_path: Path) -> None:
    done = fill_segment(SegmentFill(1, 2, 1, 1, done=True))
    people = fold(
        tmp_path,
        put_segment(1, ANYONE, version=1),
        bought("m1"),
        put_segment(1, ANYONE, version=2),
        cancelled(1),
        done,
    )
    assert people.members(1, 0, 10) == [(1, people.position().clock)]
    people.close()


def test_a_cancel_drops_its_own_version(tmp_path: Path) -> None:
    people = fold(tmp_path, put_segment(1, ANYONE), bought("m1"), cancelled(1))
    assert people.segments() == {}
    assert people.members(1, 0, 10) == []
    people.close()
