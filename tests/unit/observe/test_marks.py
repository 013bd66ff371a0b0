"""What happens moves the marks of what shows it, and no others; a server at rest moves none."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import msgspec
import pytest

from onefold.activate.store import Writes
from onefold.backends.embedded import looks
from onefold.backends.embedded.control.audit import AuditStore, Entry
from onefold.backends.embedded.database import DatabaseName, database_path
from onefold.backends.embedded.looks import EmbeddedLooks
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.model.delivery import ConnectionState
from onefold.model.goal_run import GoalRun, Trigger
from onefold.model.outcome import Kind
from onefold.model.record import Record, RecordKind
from onefold.model.run import Run, RunKind, RunState
from onefold.observe.look import Observer
from onefold.observe.marks import Marks, build_marks


def marks_of(site: Any) -> Marks:
    return build_marks(site.look())


def moved(site: Any, act: Callable[[], object]) -> set[str]:
    """The marks that differ once it is done."""
    before = msgspec.structs.asdict(marks_of(site))
    act()
    after = msgspec.structs.asdict(marks_of(site))
    return {name for name in before if before[name] != after[name]}


def test_at_rest_nothing_moves(site: Any) -> None:
    site.capture({"messageId": "1"})
    site.fold()
    assert moved(site, lambda: None) == set()


def test_a_tick_moves_nothing(site: Any) -> None:
    site.capture({"messageId": "1"})
    site.fold()
    site.wait(2)
    marks_of(site)

    def tick() -> None:
        site.log.append([Record(RecordKind.TICK, 0, site.now, 0, b"")])
        site.fold()

    assert moved(site, tick) == set()


def test_an_event_moves_events_then_people(site: Any) -> None:
    assert moved(site, lambda: site.capture({"messageId": "1"})) == {"events"}
    assert moved(site, site.fold) == {"people"}
    site.capture({"messageId": "1"})
    assert moved(site, site.fold) == {"people"}  # a duplicate: its outcome is known now


def test_a_minute_that_counted_something_moves_the_history_once_it_is_full(site: Any) -> None:
    site.capture({"messageId": "1"})
    assert moved(site, site.wait) == {"history"}
    assert moved(site, site.wait) == set()


def test_a_refused_event_moves_letters(site: Any) -> None:
    assert moved(site, lambda: site.refuse("1")) == {"events", "letters"}


def test_a_change_and_its_entry_in_the_audit_trail_move_the_config(site: Any) -> None:
    assert moved(site, lambda: site.sources.create("Shop", site.now)) == {"config"}
    entry = Entry(0, site.now, "ada", "", "createSource", "/api/v1/sources", 201, "", "{}")
    assert moved(site, lambda: AuditStore(site.control).add(entry)) == {"config"}


def test_deliveries_and_how_connections_fare_move_deliveries(site: Any) -> None:
    sent = Writes()
    sent.counts["7/1", Kind.PASSED, ""] = 1
    assert moved(site, lambda: site.delivery.apply([sent], site.now)) == {"deliveries"}
    paused = Writes()
    paused.state = ConnectionState(7, "paused", "activate.braze.key_refused", at=site.now)
    assert moved(site, lambda: site.delivery.apply([paused], site.now)) == {"deliveries"}


def test_a_run_of_a_goal_moves_runs_as_it_goes_on_and_ends(site: Any) -> None:
    run = GoalRun(1, "run-1", 7, 1, Trigger.PERSON, site.now)

    def put(**change: Any) -> Callable[[], None]:
        def apply() -> None:
            writes = Writes()
            writes.runs = [msgspec.structs.replace(run, **change)]
            site.delivery.apply([writes], site.now)

        return apply

    assert "runs" in moved(site, put())
    assert moved(site, put(planned=5)) == {"runs"}
    assert "runs" in moved(site, put(planned=5, ended_at=site.now))
    run = msgspec.structs.replace(run, number=2, id="run-2")
    assert moved(site, put(ended_at=site.now)) == {"runs"}  # begun and ended between two looks


def test_whatever_the_tasks_role_writes_moves_runs(site: Any) -> None:
    runs = EmbeddedRuns(site.directory, clock=site.clock)
    run = Run("run-1", RunKind.BACKUP, "workspace", RunState.RUNNING, site.now)
    assert moved(site, lambda: runs.save(run, 0)) == {"runs"}
    assert moved(site, lambda: runs.save(msgspec.structs.replace(run, done=5), 5)) == {"runs"}
    assert moved(site, lambda: runs.forget(0)) == set()
    runs.close()


def test_after_a_restart_only_what_cannot_be_compared_counts_as_moved(site: Any) -> None:
    EmbeddedRuns(site.directory, clock=site.clock).close()
    site.capture({"messageId": "1"})
    site.fold()
    before = marks_of(site)
    fresh = EmbeddedLooks(site.directory)
    after = build_marks(Observer(fresh, list, clock=site.clock).look())
    fresh.close()
    assert msgspec.structs.replace(after, runs=before.runs) == before


@pytest.mark.parametrize(
    ("name", "query"),
    [("control", looks.CONFIG_MARKS), ("state", looks.LAST_CHANGE), ("delivery", looks.LAST)],
)
def test_what_is_read_for_marks_is_found_by_an_index(site: Any, name: DatabaseName, query: str) -> None:
    site.sources.create("Shop", site.now)  # control.db is made by its first change
    with closing(sqlite3.connect(database_path(site.directory, name))) as connection:
        plan = [row[3] for row in connection.execute(f"explain query plan {query}")]
    assert [step for step in plan if step.startswith("SCAN") and "CONSTANT" not in step] == []
