"""What people saw, from the log to profiles: kept, counted where it cannot be used, joined by a merge."""

from pathlib import Path

from onefold.backends.embedded.database import open_reader
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.clock import MINUTE
from onefold.model.interaction import Interaction
from onefold.model.profile import Profile
from onefold.model.record import Record
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments
from onefold.testing.fold import START, MemoryLog, StateTemplate, events_record, make_event
from onefold.unify.settings import UnifySettings


def fold(template: StateTemplate, directory: Path, *records: Record, kept_max: int = 200) -> list[Profile]:
    store = template.open(directory)
    unify = UnifySettings(interactions_max=kept_max)
    worker = Worker(MemoryLog(records), store, compile_segments, unify=unify)
    while worker.step():
        pass
    store.close()
    reader = EmbeddedPeople(directory)
    found = reader.profiles_after(0, 100)
    reader.close()
    return found


def counted(directory: Path) -> dict[tuple[str, str], int]:
    connection = open_reader(directory, "state")
    rows = connection.execute("select stage, code, sum(count) from counter where code != '' group by 1, 2")
    found = {(stage, code): count for stage, code, count in rows}
    connection.close()
    return found


def viewed(number: int, interaction_id: object, at: int = START, **who: str) -> Record:
    event = make_event(f"m{number}", event="Interaction Viewed", **(who or {"user_id": "ada"}))
    return events_record(event | {"properties": {"interaction_id": interaction_id, "name": "Spring"}}, at=at)


def test_what_people_saw_stays_with_them_and_one_event_counts_once(
    template: StateTemplate, tmp_path: Path
) -> None:
    records = [viewed(1, "b1"), viewed(2, "b1", START + MINUTE), viewed(1, "b1", START + 2 * MINUTE)]
    (person,) = fold(template, tmp_path, *records)
    ((one_id, one),) = person.interactions["other"].items()
    assert one_id == "b1"
    assert (one.name, one.count, one.first, one.last) == ("Spring", 2, START, START + MINUTE)


def test_two_people_who_turn_out_to_be_one_saw_what_both_saw(template: StateTemplate, tmp_path: Path) -> None:
    (person,) = fold(
        template,
        tmp_path,
        viewed(1, "b1", anonymous_id="phone"),
        viewed(2, "b2", START + MINUTE),
        viewed(3, "b1", START + MINUTE),
        events_record(make_event("m4", "identify", user_id="ada", anonymous_id="phone"), at=START + MINUTE),
    )
    saw = person.interactions["other"]
    assert set(saw) == {"b1", "b2"}
    assert isinstance(saw["b1"], Interaction)
    assert (saw["b1"].count, saw["b1"].first, saw["b1"].last) == (2, START, START + MINUTE)


def test_what_cannot_be_used_is_counted_and_no_dead_letter(template: StateTemplate, tmp_path: Path) -> None:
    (person,) = fold(template, tmp_path, viewed(1, None), viewed(2, "b1"), viewed(3, ["b2"]))
    assert set(person.interactions["other"]) == {"b1"}
    assert sum(person.counters["c:Interaction Viewed"].days.values()) == 3
    assert counted(tmp_path) == {("profile", "unify.bad_interaction"): 2}


def test_what_has_no_room_is_counted(template: StateTemplate, tmp_path: Path) -> None:
    records = [viewed(number, f"b{number}", START + number * MINUTE) for number in range(3)]
    (person,) = fold(template, tmp_path, *records, kept_max=2)
    assert set(person.interactions["other"]) == {"b1", "b2"}
    assert counted(tmp_path) == {("profile", "unify.profile_full"): 1}
