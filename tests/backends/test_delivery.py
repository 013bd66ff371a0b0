"""What the delivery store promises: all or nothing, durable, and read back as it was written."""

from array import array

import pytest

from onefold.activate.store import NewLetter, Writes
from onefold.backends.embedded import delivery
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.database import open_writer
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.traces import EmbeddedTraces
from onefold.clock import DAY, MINUTE
from onefold.errors import StorageError
from onefold.model.comparison import Comparison, Difference, FieldCounts, Wish
from onefold.model.delivery import (
    Attempt,
    AttemptState,
    ConnectionState,
    GoalProgress,
    Held,
    Item,
    ReadBack,
    Request,
)
from onefold.model.goal_run import GoalRun, Trigger
from onefold.model.outcome import Kind
from onefold.model.run import RunState
from onefold.observe.store import Folded, Receipt

AT = 100 * MINUTE


@pytest.fixture
def store(tmp_path):
    made = EmbeddedDelivery(tmp_path)
    yield made
    made.close()


def request(number, *items):
    return Request(number, 1, "track", list(items))


def item(profile_id=1, offset=5, position=0, marks=None):
    return Item("events", b'{"a":1}', 2, profile_id, offset, position, AT, 2 if marks else 0, marks, "m1")


def test_an_open_request_is_found_again(store):
    writes = Writes()
    tried = request(1, item(marks={"plan": 7, "old": None}))
    writes.opened = [tried, request(2, item(2))]
    tried.attempts, tried.sent, tried.retry_at, tried.first_at = 3, True, AT + 5, AT
    writes.sending = [tried]
    store.apply([writes], AT)
    saved = store.load()
    assert [one.id for one in saved.requests] == [1, 2]
    assert saved.requests[0] == tried
    assert saved.next_request_id == 3


def test_whatever_goes_wrong_leaves_nothing_and_hinders_nothing(store):
    writes = Writes()
    writes.opened = [request(1, item()), request(2**63, item(2))]
    with pytest.raises(OverflowError):
        store.apply([writes], AT)
    writes.opened = [request(3, item())]
    store.apply([writes], AT)
    assert [one.id for one in store.load().requests] == [3]


def test_what_is_held_is_found_when_it_is_due_and_gone_once_it_was_released(store):
    assert store.next_held(1) == 0
    writes = Writes()
    writes.held = [Held(0, 1, AT + 5, "call", item()), Held(0, 1, AT + 9, "call", item(2))]
    writes.held.append(Held(0, 2, AT + 1, "call", item(3)))
    store.apply([writes], AT)
    assert store.next_held(1) == AT + 5
    assert store.load().holding == {1, 2}
    assert store.held(1, AT + 4, 10) == []
    (first,) = store.held(1, AT + 8, 10)
    assert (first.due_at, first.item) == (AT + 5, item())
    assert [one.item.profile_id for one in store.held(1, AT + 9, 10)] == [1, 2]
    assert len(store.held(1, AT + 9, 1)) == 1
    writes = Writes()
    writes.released = [first.id]
    store.apply([writes], AT)
    assert store.next_held(1) == AT + 9


def test_a_closed_request_leaves_an_attempt_and_its_number_is_not_used_again(store, tmp_path):
    writes = Writes()
    writes.opened = [request(1, item(1, 5, 0), item(2, 5, 1), item(3, 9, -1))]
    store.apply([writes], AT)
    writes = Writes()
    writes.closed = [1]
    kinds = [Kind.PASSED, Kind.REJECTED, Kind.PASSED]
    attempt = Attempt(
        *(1, 1, 1, "track", AT, AT + 9, AttemptState.ANSWERED, "", True),
        *([2, 2, 2], [1, 2, 3], [5, 5, 9], [0, 1, -1], ["events", "events", "attributes"], kinds),
    )
    writes.attempts = [attempt]
    store.apply([writes], AT)
    assert store.load().requests == []
    assert store.load().next_request_id == 2
    traces = EmbeddedTraces(tmp_path)
    unfolded = Folded(0, Kind.PASSED, profile_id=0, survivor_id=0, clock=0, committed_at=0)
    (found,) = traces.attempts(Receipt(1, 5, 1), unfolded)
    assert (found.profiles, found.kinds, found.maybe_doubled) == ([2], [Kind.REJECTED], True)
    assert traces.attempts(Receipt(1, 6, 0), unfolded) == []
    traces.close()


def test_who_had_an_answer_lately_is_told_connection_by_connection(store):
    writes = Writes()
    for number, (connection_id, at, profiles) in enumerate(
        [(1, AT, [1]), (1, AT + 9, [2, 3]), (2, AT + 9, [4])]
    ):
        count = len(profiles)
        items = [[2] * count, profiles, [5] * count, [0] * count, ["events"] * count, [Kind.PASSED] * count]
        state = AttemptState.ANSWERED
        writes.attempts.append(Attempt(number, 1, connection_id, "track", at, at, state, "", False, *items))
    store.apply([writes], AT)
    assert store.answered_since(1, AT + 1) == {2, 3}
    assert store.answered_since(1, AT) == {1, 2, 3}
    assert store.answered_since(3, AT) == frozenset()


def test_a_comparison_is_a_run_and_goes_with_its_people_when_its_time_is_over(store, tmp_path, monkeypatch):
    monkeypatch.setattr(delivery, "TRIM_EVERY", 1)
    store._until_trim = 1
    runs = EmbeddedGoalRuns(tmp_path)
    writes = Writes()
    found = Comparison(Wish(sample=5), people=2, fields={"plan": FieldCounts(same=1, differs=1)})
    ended = {"ended_at": AT, "state": RunState.SUCCEEDED}
    writes.runs = [
        GoalRun(1, "run-1", 1, 2, Trigger.COMPARISON, AT, comparison=found, **ended),
        GoalRun(2, "run-2", 1, 2, Trigger.PERSON, AT),
    ]
    writes.differences = [Difference(1, 7, b"[]")]
    store.apply([writes], AT)
    assert [run.id for run in runs.page(is_comparison=True)] == ["run-1"]
    assert [run.id for run in runs.page(is_comparison=False)] == ["run-2"]
    assert [run.id for run in runs.page()] == ["run-2", "run-1"]
    assert runs.find("run-1").comparison == found
    assert runs.differences(1) == [Difference(1, 7, b"[]")]
    writes = Writes()
    writes.costs["1/2"] = 1
    store.apply([writes], AT + 10_000 * DAY)
    assert (runs.find("run-1"), runs.differences(1)) == (None, [])
    runs.close()


def test_marks_are_replaced_as_a_whole_and_dropped_when_empty(store):
    writes = Writes()
    writes.ledger = {(2, 1): {"plan": 7, "age": -8}, (2, 2): {"plan": 9}}
    store.apply([writes], AT)
    assert store.ledger(2, [1, 2, 3]) == {1: {"plan": 7, "age": -8}, 2: {"plan": 9}}
    writes = Writes()
    writes.ledger = {(2, 1): {"plan": 1}, (2, 2): None}
    store.apply([writes], AT)
    assert store.ledger(2, [1, 2, 3]) == {1: {"plan": 1}}
    assert store.has_ledger(2)
    assert (store.ledger_page(2, 0, 10), store.ledger_page(2, 1, 10)) == ([1], [])
    assert not store.has_ledger(3)


def test_counts_of_a_minute_add_up(store):
    for _ in range(2):
        writes = Writes()
        writes.counts["1/2", Kind.PASSED, ""] += 3
        writes.latencies["1/2", 14] += 3
        store.apply([writes, writes], AT)
    assert store._read("select minute, stage, subject, kind, code, count from counter") == [
        (100, "activate", "1/2", 0, "", 12)
    ]
    assert store._read("select * from latency") == [(100, "1/2", 14, 12)]


def test_a_letter_keeps_what_would_go_again(store):
    writes = Writes()
    writes.letters = [NewLetter("activate.x", "events", "why", "do", "1/2", b"{}", 1, "track", item())]
    store.apply([writes], AT)
    (letter,) = store.letters([1, 2])
    assert (letter.id, letter.connection_id, letter.channel, letter.item) == (1, 1, "track", item())
    writes = Writes()
    writes.requeued = [1]
    store.apply([writes], AT)
    assert store.letters([1]) == []


def test_progress_and_states(store):
    writes = Writes()
    progress = GoalProgress(2, 1, 77, scanning=True, scanned_to=5, scan_end=9, read_back=ReadBack.HALTED)
    writes.progress = [progress]
    writes.state = ConnectionState(1, "paused", "code", "reason", "hint", AT)
    store.apply([writes], AT)
    assert store.load().progress == {2: progress}
    assert store.load().progress[2].read_back is ReadBack.HALTED
    assert store._read("select state, code from connection") == [("paused", "code")]


def test_a_failed_commit_writes_nothing(store):
    writes = Writes()
    writes.counts["1/2", Kind.PASSED, ""] += 1
    writes.opened = [request(1, item()), request(1, item())]
    with pytest.raises(StorageError):
        store.apply([writes], AT)
    assert store.load().requests == []
    assert store._read("select count(*) from counter") == [(0,)]


def test_the_state_as_activation_reads_it(tmp_path):
    state = open_writer(tmp_path, "state")
    reader = EmbeddedStateReader(tmp_path)
    assert reader.head() == 0
    assert reader.ends() == (0, 0)
    for number in (1, 2, 3):
        state.execute("insert into profile values (?, ?)", (number, b"p%d" % number))
        state.execute("insert into change (at, body) values (?, ?)", (AT, b"c%d" % number))
    state.execute("insert into member values (4, 1, 0), (4, 3, 0)")
    state.execute("insert into alias values (7, 8), (8, 9)")
    ids = array("q", [1, 0]).tobytes()
    state.execute("insert into batch values (10, 8, ?, ?, 2, x'', x'', x'0001', ?)", (AT, AT, ids))
    state.execute("delete from change where seq < 3")
    assert reader.head() == 3
    assert reader.changes(0, 10) == [(3, b"c3")]
    assert reader.profiles([3, 1, 99]) == {1: b"p1", 3: b"p3"}
    assert reader.survivors([7, 8, 1]) == {7: 9, 8: 9}
    assert reader.profiles_after(1, 1) == [(2, b"p2")]
    assert reader.members_after(4, 1, 10) == [3]
    batch = reader.batches([10, 11])[10]
    assert (batch.first_offset, batch.clock, batch.outcomes, batch.profiles) == (8, AT, b"\x00\x01", ids)
    assert reader.ends() == (3, 10)
    assert [one.offset for one in reader.batches_after(7, 10, 5)] == [10]
    assert reader.batches_after(10, 20, 5) == reader.batches_after(0, 9, 5) == []
    reader.close()
    state.close()
