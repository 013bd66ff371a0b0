"""Records about segments that come twice or late, as crashes and races leave them."""

from pathlib import Path

import msgspec

from onefold.backends.embedded.compare import compare_states
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.model.json import JsonObject
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
    template.mkdir(parents=True, exist_ok=True)
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


HATS = {**SHOES, "where": [{"property": "category", "test": "equals", "value": "hats"}], "value": 1}


def live(version: int, condition: JsonObject, *, segment_id: int = 1) -> list[Record]:
    """A version that was filled, when there was nobody yet."""
    done = fill_segment(SegmentFill(segment_id, version, 1, 0, done=True))
    return [put_segment(segment_id, condition, version=version), done]


def filled(version: int, first: int, last: int, *, done: bool) -> Record:
    return fill_segment(SegmentFill(1, version, first, last, done))


def test_a_cancelled_redefinition_brings_back_the_version_before_with_all_it_counted(tmp_path: Path) -> None:
    """Ann bought twice before and once while the other version was being filled, which had put her out."""
    three = {**SHOES, "value": 3}
    records = [
        *live(1, three),
        bought("m1"),
        bought("m2"),
        put_segment(1, HATS, version=2),
        filled(2, 1, 1, done=False),
        bought("m3"),
        cancelled(2),
        filled(1, 1, 1, done=True),
    ]
    people = fold(tmp_path, *records)
    status = people.segments()[1]
    assert (status.definition.version, status.state, status.people) == (1, "live", 1)
    assert [member for member, _ in people.members(1, 0, 10)] == [1]
    people.close()


def test_a_redefinition_that_was_taken_back_can_be_made_anew(tmp_path: Path) -> None:
    people = fold(
        tmp_path,
        *live(1, SHOES),
        bought("m1"),
        put_segment(1, HATS, version=2),
        cancelled(2),
        put_segment(1, HATS, version=3),
        cancelled(3),
        filled(3, 1, 1, done=True),
        bought("m2"),
        filled(1, 1, 1, done=True),
    )
    assert people.segments()[1].definition.version == 1
    assert [member for member, _ in people.members(1, 0, 10)] == [1]
    people.close()


def test_a_cancel_goes_back_over_versions_that_were_never_live(tmp_path: Path) -> None:
    people = fold(
        tmp_path,
        *live(1, ANYONE),
        bought("m1"),
        put_segment(1, HATS, version=2),
        put_segment(1, SHOES, version=3),
        cancelled(3),
    )
    assert people.segments()[1].definition.version == 1
    people.close()


def test_a_cancel_that_comes_behind_the_end_of_the_fill_says_nothing(tmp_path: Path) -> None:
    people = fold(tmp_path, *live(1, ANYONE), bought("m1"), cancelled(1))
    assert people.segments()[1].state == "live"
    assert [member for member, _ in people.members(1, 0, 10)] == [1]
    people.close()


def test_taking_back_gives_the_same_in_one_go_and_by_steps_with_restarts(tmp_path: Path) -> None:
    records = [
        *live(1, SHOES),
        *(bought(f"m{number}") for number in range(3)),
        put_segment(1, HATS, version=2),
        bought("m4"),
        filled(2, 1, 1, done=True),
        put_segment(1, SHOES, version=3),
        cancelled(3),
        bought("m5"),
        filled(2, 1, 1, done=True),
        bought("m6"),
    ]
    fold(tmp_path / "whole", *records).close()
    for end in range(1, len(records) + 1):
        fold(tmp_path / "steps", *records[:end]).close()
    assert compare_states(tmp_path / "whole" / "state.db", tmp_path / "steps" / "state.db") == []
