"""Evidence is found by index: whoever opens a profile must not read everybody's."""

from pathlib import Path

from onefold.backends.embedded import people
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments
from onefold.testing.fold import MemoryLog, StateTemplate, events_record, make_event


def test_links_of_a_profile_and_of_those_merged_into_it_come_by_index(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    store = StateTemplate(template).open(tmp_path)
    log = MemoryLog(
        [
            events_record(make_event("1", user_id="ann", anonymous_id="a1")),
            events_record(make_event("2", anonymous_id="a2")),
            events_record(make_event("3", user_id="ann", anonymous_id="a2")),
            events_record(make_event("4", user_id="bob", anonymous_id="a1")),
            events_record(make_event("5", user_id="eve", anonymous_id="a9")),
        ]
    )
    worker = Worker(log, store, compile_segments)
    while worker.step():
        pass
    plan = store._connection.execute(f"explain query plan {people.LINKS}", (0, "[1]", 10)).fetchall()
    store.close()
    assert not [row[3] for row in plan if "rowid>?" in row[3] and "INDEX" not in row[3]]
    reader = EmbeddedPeople(tmp_path)
    assert [link.decision for link in reader.links(1, 0, 10)] == ["attach", "merge", "moved"]
    assert [link.decision for link in reader.links(1, 1, 1)] == ["merge"]
    reader.close()
