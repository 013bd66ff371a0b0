"""The worker on its real store: what is read back, what survives, what a trace finds, what is retired."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.backends.embedded import dedupe
from onefold.backends.embedded.dedupe import Dedupe
from onefold.backends.embedded.state import EmbeddedState
from onefold.backends.embedded.state_reader import StateReader
from onefold.clock import DAY, HOUR, MINUTE
from onefold.model.change import decode_change
from onefold.model.event import event_hash
from onefold.model.outcome import Kind
from onefold.model.segment import SegmentFill
from onefold.pipeline import segment_records, worker
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.store import Position, Writes
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments
from onefold.testing.fold import (
    START,
    MemoryLog,
    StateTemplate,
    drop_segment,
    events_record,
    fill_segment,
    make_event,
    put_segment,
    tick,
)

BOUGHT = {"kind": "event", "event": "Bought", "window": {"kind": "last", "amount": 1, "unit": "hours"}}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> StateTemplate:
    return StateTemplate(tmp_path_factory.mktemp("template"))


class Place:
    """A data directory with a log in memory."""

    def __init__(self, template: StateTemplate, directory: Path) -> None:
        self.log = MemoryLog()
        self.directory = directory
        self._template = template
        self.store = template.open(directory)

    def fold(self, *records: object, batch: int = 1000) -> StateReader:
        for record in records:
            self.log.append(record)  # type: ignore[arg-type]
        sizes = WorkerSettings(batch_events_max=batch)
        folding = Worker(self.log, self.store, compile_segments, settings=sizes)
        while folding.step():
            pass
        return StateReader(self.directory)

    def restart(self) -> EmbeddedState:
        self.store.close()
        self.store = self._template.open(self.directory)
        return self.store


@pytest.fixture
def place(template: StateTemplate, tmp_path: Path) -> Iterator[Place]:
    made = Place(template, tmp_path)
    yield made
    made.store.close()


def test_a_profile_is_found_by_any_identifier_and_by_ids_merged_away(place: Place) -> None:
    reader = place.fold(
        events_record(make_event("1", anonymous_id="a")),
        events_record(make_event("2", user_id="ann")),
        events_record(make_event("3", "identify", user_id="ann", anonymous_id="a", traits={"plan": "pro"})),
    )
    one = reader.profile_by("user_id", "ann")
    assert one is not None
    assert one == reader.profile_by("anonymous_id", "a") == reader.profile(1) == reader.profile(2)
    assert one.trait("plan") == "pro"
    assert one.counters["c:Product Viewed"].days == {START // DAY: 2}
    assert reader.survivors([1, 2]) == {2: 1}
    assert [link.decision.value for link in reader.links(1)] == ["merge"]
    assert [profile.id for profile in reader.profiles_page(0, 10)] == [1]
    assert reader.profile(99) is None


def test_search_goes_by_prefix_through_every_kind(place: Place) -> None:
    reader = place.fold(
        events_record(make_event("1", "identify", user_id="anna", traits={"email": "Ann@example.com"})),
        events_record(make_event("2", anonymous_id="ann-device")),
        events_record(make_event("3", user_id="bob")),
    )
    assert reader.kinds() == ["anonymous_id", "email", "user_id"]
    assert reader.search("ann", 10) == [
        ("anonymous_id:ann-device", 2),
        ("email:ann@example.com", 1),
        ("user_id:anna", 1),
    ]
    assert len(reader.search("ann", 2)) == 2
    assert reader.search("Ann@", 10) == [("email:ann@example.com", 1)]


def test_an_event_counts_once_across_restarts_and_again_after_the_window(place: Place) -> None:
    place.fold(events_record(make_event("same", user_id="ann")))
    place.restart()
    later = START + 47 * HOUR
    reader = place.fold(events_record(make_event("same", user_id="ann"), at=later))
    expired = START + 49 * HOUR
    place.restart()
    place.fold(events_record(make_event("same", user_id="ann"), at=expired))
    profile = reader.profile(1)
    assert profile is not None
    assert sum(profile.counters["c:Product Viewed"].days.values()) == 2
    kinds = [
        (count.kind, count.code, count.count) for count in reader.counts(0, 1 << 40) if count.stage == "unify"
    ]
    assert sorted(kinds) == [(Kind.PASSED, "", 2), (Kind.FILTERED, "unify.duplicate", 1)]


def test_a_trace_tells_passed_and_duplicate_and_refused(place: Place) -> None:
    reader = place.fold(
        events_record(make_event("a", user_id="ann"), make_event("b", user_id="bob")),
        events_record(make_event("a", user_id="ann"), make_event("bad", "identify", traits=[])),
    )
    traced = reader.trace_event(event_hash(1, "b"))
    assert traced is not None
    assert (traced.offset, traced.position, traced.kind, traced.profile_id) == (1, 1, Kind.PASSED, 2)
    again = reader.trace_record(2, 0)
    refused = reader.trace_record(2, 1)
    assert again is not None
    assert again.kind is Kind.FILTERED
    assert refused is not None
    assert refused.kind is Kind.REJECTED
    assert reader.trace_event(event_hash(1, "never")) is None
    (letter,) = reader.letters_of("bad", 10)
    assert letter == reader.letter(1)
    assert (letter.id, letter.code) == ("unify-1", "unify.undecodable")
    assert '"messageId":"bad"' in letter.payload


def test_runs_on_disk_find_what_memory_forgot(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe, "RUN_HASHES", 10)
    records = [events_record(make_event(str(number), anonymous_id=f"a{number % 7}")) for number in range(300)]
    reader = place.fold(*records, batch=10)
    place.store._dedupe._executor.shutdown()
    assert len(list((place.directory / "dedupe").iterdir())) > 3
    place.restart()
    place.fold(*records, batch=7)
    counts = {count.code: count.count for count in reader.counts(0, 1 << 40) if count.stage == "unify"}
    assert counts == {"": 300, "unify.duplicate": 300}
    for number in (0, 150, 299):
        traced = reader.trace_event(event_hash(1, str(number)))
        assert traced is not None
        assert traced.offset == number + 1


@pytest.mark.parametrize("damage", ["lost", "short", "foreign"])
def test_damaged_runs_are_made_again_from_the_rows(
    place: Place, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dedupe, "RUN_HASHES", 10)
    records = [events_record(make_event(str(number), user_id="u")) for number in range(40)]
    reader = place.fold(*records, batch=10)
    place.store.close()
    run = next((place.directory / "dedupe").iterdir())
    if damage == "lost":
        run.unlink()
    elif damage == "short":
        run.write_bytes(run.read_bytes()[:-8])
    else:
        (run.parent / "1-2-0.unfinished").write_bytes(b"x")
    place.restart()
    place.fold(*records)
    counts = {count.code: count.count for count in reader.counts(0, 1 << 40) if count.stage == "unify"}
    assert counts == {"": 40, "unify.duplicate": 40}


def test_merged_runs_keep_the_newest_offset_and_drop_the_expired(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dedupe, "RUN_HASHES", 4)
    index = place.store._dedupe
    assert isinstance(index, Dedupe)
    for batch in range(40):
        index.add({7: batch + 1, **{batch * 10 + one + 100: batch + 1 for one in range(4)}}, oldest=20)
        while index._merging is not None and not index._merging[1].done():
            pass
    assert index.find([7]) == {7: 40}
    assert index.find([100 + 390]) == {490: 40}
    assert any(run.level == 1 for run in index._runs)
    assert all(run.last_offset >= 20 for run in index._runs)


def test_members_enter_leave_by_time_and_are_listed_with_their_since(place: Place) -> None:
    reader = place.fold(
        put_segment(3, BOUGHT),
        fill_segment(SegmentFill(3, 1, 1, 0, done=True)),
        events_record(make_event("1", event="Bought", user_id="ann")),
        events_record(make_event("2", event="Bought", user_id="bob"), at=START + MINUTE),
    )
    assert reader.members_page(3, 0, 10) == [(1, START), (2, START + MINUTE)]
    assert reader.members_page(3, 1, 10) == [(2, START + MINUTE)]
    assert [(status.row.id, status.row.state, status.people) for status in reader.segments()] == [
        (3, "live", 2)
    ]
    place.fold(tick(START + 3 * HOUR))
    assert reader.members_page(3, 0, 10) == []
    assert reader.segments()[0].people == 0


def test_a_segment_fills_range_by_range_and_then_lives(place: Place) -> None:
    reader = place.fold(
        *(
            events_record(make_event(str(number), event="Bought", user_id=f"u{number}"))
            for number in range(4)
        ),
        put_segment(3, BOUGHT),
        events_record(make_event("n", event="Bought", user_id="new")),
        events_record(make_event("o", event="Bought", user_id="u3")),
    )
    assert [member for member, _ in reader.members_page(3, 0, 10)] == [5], "only the newborn is decided live"
    place.fold(fill_segment(SegmentFill(3, 1, 1, 2, done=False)))
    assert [member for member, _ in reader.members_page(3, 0, 10)] == [1, 2, 5]
    place.fold(
        fill_segment(SegmentFill(3, 1, 1, 2, done=False)), fill_segment(SegmentFill(3, 9, 3, 9, done=True))
    )
    assert reader.segments()[0].row.filled_to == 2, "repeated and foreign ranges say nothing"
    place.fold(fill_segment(SegmentFill(3, 1, 3, 4, done=True)))
    assert [member for member, _ in reader.members_page(3, 0, 10)] == [1, 2, 3, 4, 5]
    assert reader.segments()[0].row.state == "live"


def test_many_timers_and_members_go_in_pieces(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TIMERS_MAX", 3)
    monkeypatch.setattr(segment_records, "LEAVE_MAX", 4)
    always = {"kind": "event", "event": "Bought"}
    reader = place.fold(
        put_segment(3, BOUGHT),
        put_segment(4, always),
        fill_segment(SegmentFill(3, 1, 1, 0, done=True)),
        fill_segment(SegmentFill(4, 1, 1, 0, done=True)),
        *(
            events_record(make_event(str(number), event="Bought", user_id=f"u{number}"))
            for number in range(10)
        ),
        events_record(make_event("later", user_id="u1"), at=START + 5 * HOUR),
        drop_segment(4, START + 5 * HOUR),
    )
    assert reader.members_page(3, 0, 20) == reader.members_page(4, 0, 20) == []
    assert [status.row.id for status in reader.segments()] == [3]
    profile = reader.profile(2)
    assert profile is not None
    assert profile.mask == 0
    rows = place.store._connection.execute("select seq, body from change order by seq").fetchall()
    changes = [decode_change(body) for _, body in rows]
    assert sum(len(change.left) for change in changes) == 20
    assert [change.offset for change in changes if change.offset] == [14, 15] or changes[-1].offset == 0


def test_a_timer_of_a_dropped_segment_does_not_hold_up_the_log(place: Place) -> None:
    reader = place.fold(
        put_segment(3, BOUGHT),
        fill_segment(SegmentFill(3, 1, 1, 0, done=True)),
        events_record(make_event("1", event="Bought", user_id="ann")),
        drop_segment(3),
        put_segment(4, BOUGHT, at=START + 9 * HOUR),
        tick(START + 9 * HOUR),
    )
    assert reader.position().offset == 6
    assert place.store.due(1 << 60, 10) == []


@pytest.mark.parametrize(
    "body", [b"{", b'{"id":-1,"version":1,"name":"x","condition":{"kind":"all","conditions":[]}}', b"\xff"]
)
def test_a_senseless_record_about_a_segment_is_a_dead_letter(place: Place, body: bytes) -> None:
    record = put_segment(1, BOUGHT)
    reader = place.fold(
        type(record)(record.kind, 0, START, 0, body), events_record(make_event("1", user_id="u"))
    )
    assert reader.segments() == []
    assert reader.letters(1 << 40, 10)[0].code.startswith("segment.")
    assert reader.position().offset == 2


def test_totals_hold_guests_and_exact_revenue(place: Place) -> None:
    bought = {"event": "Bought", "properties": {"revenue": 0.1, "currency": "EUR"}}
    reader = place.fold(
        events_record(make_event("1", **bought)), events_record(make_event("2", user_id="u", **bought))
    )
    place.fold(events_record(make_event("3", **bought)))
    (total,) = reader.event_totals(0, 1 << 30)
    assert (total.count, str(total.revenue)) == (3, "0.3")
    assert reader.profile_count() == 1


def test_what_the_log_lost_is_retired(place: Place) -> None:
    reader = place.fold(
        *(events_record(make_event(str(n), user_id="u"), at=START + n * DAY) for n in range(10)), batch=1
    )
    assert place.store.retire(1, START + 9 * DAY) > 0, "changes older than a week"
    while place.store.retire(6, START + 9 * DAY):
        pass
    rows = place.store._connection.execute("select min(offset) from batch").fetchone()
    assert rows == (6,)
    assert reader.trace_event(event_hash(1, "9")) is not None


def test_a_failed_commit_changes_nothing(place: Place) -> None:
    writes = Writes(Position(5, START, 9))
    writes.profiles = [(1, b"x")]
    writes.aliases = [(1, 2), (1, 3)]
    writes.removed_profiles = [4]
    with pytest.raises(Exception, match="cannot be written"):
        place.store.commit(writes)
    assert place.store.load()[0] == Position(0, 0, 1)
    assert list(place.store.profiles([1])) == []
