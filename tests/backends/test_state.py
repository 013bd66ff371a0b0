"""The worker on its real store: what is read back, what survives, what a trace finds, what is retired."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.backends.embedded import dedupe
from onefold.backends.embedded.dedupe import Dedupe
from onefold.backends.embedded.looks import EmbeddedLooks
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.backends.embedded.state import EmbeddedState
from onefold.backends.embedded.traces import EmbeddedTraces
from onefold.clock import DAY, HOUR, MINUTE
from onefold.model.change import decode_change
from onefold.model.letter import Letter
from onefold.model.outcome import Kind
from onefold.model.record import Record
from onefold.model.segment import SegmentFill
from onefold.observe.store import Folded, Receipt
from onefold.pipeline import segment_records, worker
from onefold.pipeline.store import Position, Writes
from onefold.testing.fold import (
    START,
    MemoryLog,
    StateTemplate,
    drop_segment,
    events_record,
    fill_segment,
    fold_records,
    make_event,
    put_segment,
    tick,
)

BOUGHT = {"kind": "event", "event": "Bought", "window": {"kind": "last", "amount": 1, "unit": "hours"}}


class Place:
    """A data directory with a log in memory, and everyone who reads what the worker makes of it."""

    def __init__(self, template: StateTemplate, directory: Path) -> None:
        self.log = MemoryLog()
        self.directory = directory
        self._template = template
        self.store = template.open(directory)
        self.people = EmbeddedPeople(directory)
        self._traces = EmbeddedTraces(directory)
        self._looks = EmbeddedLooks(directory)

    def fold(self, *records: Record, batch: int = 1000) -> EmbeddedPeople:
        fold_records(self.log, self.store, *records, batch=batch)
        return self.people

    def restart(self) -> EmbeddedState:
        self.store.close()
        self.store = self._template.open(self.directory)
        return self.store

    def receipts(self, message_id: str) -> list[Receipt]:
        """Where the event stands in the log, as far as it is folded."""
        return self._traces.find([1], message_id)

    def folded(self, message_id: str) -> list[Folded]:
        """What became of each receipt."""
        return [self.fate(receipt) for receipt in self.receipts(message_id)]

    def fate(self, receipt: Receipt) -> Folded:
        folded = self._traces.folded(receipt)
        assert folded is not None
        return folded

    def letters(self, message_id: str) -> list[Letter]:
        return self._traces.letters(message_id)

    def unified(self) -> dict[tuple[Kind, str], int]:
        """How many events of each outcome the stage counted."""
        counters = self._looks.look_at_worker(0).counters
        found: Counter[tuple[Kind, str]] = Counter()
        for one in (*counters.settled, *counters.recent):
            if one.stage == "unify":
                found[one.kind, one.code] += one.count
        return dict(found)

    def close(self) -> None:
        for part in (self.store, self.people, self._traces, self._looks):
            part.close()


@pytest.fixture
def place(template: StateTemplate, tmp_path: Path) -> Iterator[Place]:
    made = Place(template, tmp_path)
    yield made
    made.close()


def test_a_profile_is_found_by_any_identifier_and_by_ids_merged_away(place: Place) -> None:
    reader = place.fold(
        events_record(make_event("1", anonymous_id="a")),
        events_record(make_event("2", user_id="ann")),
        events_record(make_event("3", "identify", user_id="ann", anonymous_id="a", traits={"plan": "pro"})),
    )
    assert reader.find("user_id:ann") == reader.find("anonymous_id:a") == 1
    one = reader.profile(1)
    assert one is not None
    assert one == reader.profile(2)
    assert one.trait("plan") == "pro"
    assert one.counters["c:Product Viewed"].days == {START // DAY: 2}
    assert [link.decision for link in reader.links(1, 0, 10)] == ["merge"]
    assert list(reader.profiles([1, 2])) == [1]
    assert [profile.id for profile in reader.profiles_after(0, 10)] == [1]
    assert reader.find("user_id:bob") == 0
    assert reader.profile(99) is None


def test_search_goes_by_prefix_through_every_kind(place: Place) -> None:
    reader = place.fold(
        events_record(make_event("1", "identify", user_id="anna", traits={"email": "Ann@example.com"})),
        events_record(make_event("2", anonymous_id="ann-device")),
        events_record(make_event("3", user_id="bob")),
    )
    found = [("anonymous_id:ann-device", 2), ("email:ann@example.com", 1), ("user_id:anna", 1)]
    assert reader.search("ann", "", 10) == found
    assert reader.search("ann", "", 2) == found[:2]
    assert reader.search("ann", found[1][0], 2) == found[2:]


def test_search_finds_an_address_however_it_is_typed_and_an_id_only_as_it_is_stored(place: Place) -> None:
    reader = place.fold(
        events_record(make_event("1", "identify", user_id="Anna", traits={"email": "Ann@example.com"})),
        events_record(make_event("2", user_id="anna")),
    )
    assert reader.search("Ann", "", 10) == [
        ("email:ann@example.com", 1),
        ("user_id:Anna", 1),
        ("user_id:anna", 2),
    ]
    assert reader.search("Ann", "user_id:Anna", 10) == [("user_id:anna", 2)]
    assert reader.search("anna", "", 10) == [("user_id:anna", 2)]


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
    assert place.unified() == {(Kind.PASSED, ""): 2, (Kind.FILTERED, "unify.duplicate"): 1}


def test_a_trace_tells_passed_and_duplicate_and_refused(place: Place) -> None:
    place.fold(
        events_record(make_event("a", user_id="ann"), make_event("b", user_id="bob")),
        events_record(make_event("a", user_id="ann"), make_event("bad", "identify", traits=[])),
    )
    assert place.receipts("b") == [Receipt(1, 1, 1)]
    assert [(one.kind, one.profile_id) for one in place.folded("b")] == [(Kind.PASSED, 2)]
    assert [one.kind for one in place.folded("a")] == [Kind.PASSED, Kind.FILTERED]
    assert place.fate(Receipt(1, 2, 1)).kind is Kind.REJECTED
    assert place.receipts("never") == []
    (letter,) = place.letters("bad")
    assert (letter.id, letter.code) == ("unify-1", "unify.undecodable")
    assert '"messageId":"bad"' in letter.payload


def test_runs_on_disk_find_what_memory_forgot(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe, "RUN_HASHES", 10)
    records = [events_record(make_event(str(number), anonymous_id=f"a{number % 7}")) for number in range(300)]
    place.fold(*records, batch=10)
    place.store._dedupe._executor.shutdown()
    assert len(list((place.directory / "dedupe").iterdir())) > 3
    place.restart()
    place.fold(*records, batch=7)
    assert place.unified() == {(Kind.PASSED, ""): 300, (Kind.FILTERED, "unify.duplicate"): 300}
    for number in (0, 150, 299):
        assert place.receipts(str(number))[0] == Receipt(1, number + 1, 0)


@pytest.mark.parametrize("damage", ["lost", "short", "foreign"])
def test_damaged_runs_are_made_again_from_the_rows(
    place: Place, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dedupe, "RUN_HASHES", 10)
    records = [events_record(make_event(str(number), user_id="u")) for number in range(40)]
    place.fold(*records, batch=10)
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
    assert place.unified() == {(Kind.PASSED, ""): 40, (Kind.FILTERED, "unify.duplicate"): 40}


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
    assert reader.members(3, 0, 10) == [(1, START), (2, START + MINUTE)]
    assert reader.members(3, 1, 10) == [(2, START + MINUTE)]
    assert [(number, one.state, one.people) for number, one in reader.segments().items()] == [(3, "live", 2)]
    place.fold(tick(START + 3 * HOUR))
    assert reader.members(3, 0, 10) == []
    assert reader.segments()[3].people == 0


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
    assert [member for member, _ in reader.members(3, 0, 10)] == [5], "only the newborn is decided live"
    place.fold(fill_segment(SegmentFill(3, 1, 1, 2, done=False)))
    assert [member for member, _ in reader.members(3, 0, 10)] == [1, 2, 5]
    place.fold(
        fill_segment(SegmentFill(3, 1, 1, 2, done=False)), fill_segment(SegmentFill(3, 9, 3, 9, done=True))
    )
    assert reader.segments()[3].filled_to == 2, "repeated and foreign ranges say nothing"
    place.fold(fill_segment(SegmentFill(3, 1, 3, 4, done=True)))
    assert [member for member, _ in reader.members(3, 0, 10)] == [1, 2, 3, 4, 5]
    assert reader.segments()[3].state == "live"


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
    assert reader.members(3, 0, 20) == reader.members(4, 0, 20) == []
    assert list(reader.segments()) == [3]
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
    assert reader.segments() == {}
    (code,) = place.store._connection.execute("select code from letter").fetchone()
    assert code.startswith("segment.")
    assert reader.position().offset == 2


def test_totals_hold_guests_and_exact_revenue(place: Place) -> None:
    bought = {"event": "Bought", "properties": {"revenue": 0.1, "currency": "EUR"}}
    reader = place.fold(
        events_record(make_event("1", **bought)), events_record(make_event("2", user_id="u", **bought))
    )
    place.fold(events_record(make_event("3", **bought)))
    totals = place.store._connection.execute("select count, revenue from event_total").fetchall()
    assert totals == [(3, "0.3")]
    assert len(reader.profiles_after(0, 10)) == 1


def test_what_the_log_lost_is_retired(place: Place) -> None:
    place.fold(
        *(events_record(make_event(str(n), user_id="u"), at=START + n * DAY) for n in range(10)), batch=1
    )
    assert place.store.retire(1, START + 9 * DAY) > 0, "changes older than a week"
    while place.store.retire(6, START + 9 * DAY):
        pass
    rows = place.store._connection.execute("select min(offset) from batch").fetchone()
    assert rows == (6,)
    assert [one.kind for one in place.folded("9")] == [Kind.PASSED]


def test_a_failed_commit_changes_nothing(place: Place) -> None:
    writes = Writes(Position(5, START, 9))
    writes.profiles = [(1, b"x")]
    writes.aliases = [(1, 2), (1, 3)]
    writes.removed_profiles = [4]
    with pytest.raises(Exception, match="cannot be written"):
        place.store.commit(writes)
    assert place.store.load()[0] == Position(0, 0, 1)
    assert list(place.store.profiles([1])) == []
