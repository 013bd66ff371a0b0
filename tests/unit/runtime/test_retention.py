"""Retention on real files: what goes is held by a base, and a replay from the base gives the live state."""

import os
import secrets
import shutil
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
from cryptography.fernet import Fernet

from onefold.activate.store import Writes
from onefold.backends.embedded.backup import backup, restore
from onefold.backends.embedded.base import find_base
from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.connections import ConnectionStore
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.log import EmbeddedLog
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import DAY, now
from onefold.log.settings import LogSettings
from onefold.model.connection import Connection
from onefold.model.delivery import GoalProgress
from onefold.model.erasure import Removal, Removed
from onefold.model.goal import Goal
from onefold.model.record import Record, RecordKind
from onefold.model.run import Run, RunKind, RunState
from onefold.run.execute import execute
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.erasure import erase_deliveries
from onefold.runtime.log_hold import LogHold
from onefold.runtime.settings import Settings
from onefold.runtime.work import make_work
from onefold.runtime.work_tools import Tools
from onefold.runtime.worker import WorkerParts
from onefold.testing.fold import put_segment
from onefold.unify.mention import Mentions
from onefold.unify.normalise import Normaliser

OLD_DAYS = 10


class Bench:
    """A data directory with its log and its worker in this process."""

    def __init__(self, root: Path) -> None:
        self.directory = DataDirectory(root)
        self.directory.create()
        self.settings = Settings(log=LogSettings(retention_days=OLD_DAYS // 2))
        self.log = EmbeddedLog(root)
        self.worker = WorkerParts(self.directory, self.settings)
        self.runs = EmbeddedRuns(root)
        self.hold = LogHold()

    def append(self, user_id: str, at: int) -> None:
        event = {"type": "track", "event": "Seen", "userId": user_id, "messageId": f"{user_id}-{at}"}
        self.log.append([Record(RecordKind.EVENTS, 1, at, 1, msgspec.json.encode(event))])

    def run(self, kind: RunKind, **arguments: int) -> Run:
        """A run of this kind, ended."""
        run = Run(f"run-{secrets.token_hex(4)}", kind, "log", RunState.QUEUED, now(), arguments={**arguments})
        tools = Tools(
            self.directory,
            self.settings,
            self.runs,
            lambda records, counts=(), letters=(), mark=None: self.log.append(
                records, counts=counts, letters=letters, marks=[mark] if mark else []
            ),
            trim=self.log.trim,
            erase=self.erase,
            deliver=partial(erase_deliveries, self.directory.root),
            fold=self.worker.drain,
            hold=self.hold,
        )
        work = make_work(run, tools)
        execute(run, work, self.runs, now, is_cancelled=lambda: False, is_stopping=lambda: False)
        found = self.runs.find(run.id)
        assert found is not None
        return found

    def erase(self, removal: Removal) -> Removed:
        names = Mentions(removal.keys, Normaliser())
        letters = self.log.erase_letters(names) if removal.keys else []
        return Removed(self.log.erase_events(removal.places), len(letters))

    def close(self) -> None:
        self.worker.__exit__()
        self.runs.close()
        self.log.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_old_records_go_once_a_base_holds_them(bench: Bench) -> None:
    for number in range(5):
        bench.append(f"old-{number}", now() - OLD_DAYS * DAY + number)
    for number in range(3):
        bench.append(f"new-{number}", now())
    bench.worker.drain()
    ended = bench.run(RunKind.RETENTION)
    assert ended.state is RunState.SUCCEEDED, ended.message
    assert (bench.log.first(), bench.log.end()) == (6, 8)
    bench.append("later", now())
    bench.worker.drain()
    replayed = bench.run(RunKind.REPLAY)
    assert replayed.state is RunState.SUCCEEDED, replayed.message
    assert bench.run(RunKind.BACKUP).state is RunState.SUCCEEDED
    (backed_up,) = bench.directory.backups.iterdir()
    assert {path.name for path in (backed_up / "base").iterdir()} == {f"{8:020d}.db", "base.json"}


def test_what_the_worker_has_not_folded_stays(bench: Bench) -> None:
    bench.append("folded", now() - OLD_DAYS * DAY)
    bench.worker.drain()
    for number in range(3):
        bench.append(f"waiting-{number}", now() - OLD_DAYS * DAY)
    bench.append("new", now())
    assert bench.run(RunKind.RETENTION).state is RunState.SUCCEEDED
    assert bench.log.first() <= 2


def test_a_young_log_stays_as_it_is(bench: Bench) -> None:
    bench.append("new", now())
    bench.worker.drain()
    assert "no record is that old" in bench.run(RunKind.RETENTION).message
    assert bench.log.first() == 1


def test_without_days_everything_is_kept_until_someone_asks(bench: Bench) -> None:
    bench.settings = Settings()
    for number in range(3):
        bench.append(f"u{number}", now() - OLD_DAYS * DAY)
    bench.worker.drain()
    assert "everything is kept" in bench.run(RunKind.RETENTION).message
    assert "2 records went" in bench.run(RunKind.RETENTION, days=0).message
    assert bench.log.first() == bench.log.end() == 3


def test_a_base_serves_until_the_log_has_caught_up_with_it(bench: Bench) -> None:
    for number in range(4):
        bench.append(f"u{number}", now() - (OLD_DAYS - 2 * number) * DAY)
    bench.worker.drain()
    bench.run(RunKind.RETENTION, days=9)
    first = find_base(bench.directory.root)
    bench.append("later", now())
    bench.worker.drain()
    bench.run(RunKind.RETENTION, days=7)
    assert bench.log.first() == 3
    assert find_base(bench.directory.root) == first
    bench.run(RunKind.RETENTION, days=0)
    second = find_base(bench.directory.root)
    assert first is not None
    assert second is not None
    assert (first.offset, second.offset, bench.log.first()) == (4, 5, 5)
    kept = sorted(path.name for path in (bench.directory.root / "base").iterdir())
    assert kept == sorted([second.file, "base.json"])


def test_a_changed_base_is_refused(bench: Bench) -> None:
    for number in range(3):
        bench.append(f"u{number}", now() - OLD_DAYS * DAY)
    bench.worker.drain()
    bench.run(RunKind.RETENTION, days=0)
    base = find_base(bench.directory.root)
    assert base is not None
    with (bench.directory.root / "base" / base.file).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"?")
    assert "storage.bad_base" in bench.run(RunKind.REPLAY).message


def test_nothing_goes_while_someone_reads_the_log_as_a_whole(bench: Bench) -> None:
    for number in range(3):
        bench.append(f"u{number}", now() - OLD_DAYS * DAY)
    bench.worker.drain()
    with bench.hold.reading():
        assert "Put off" in bench.run(RunKind.RETENTION, days=0).message
    bench.runs.claim(Run("run-fill", RunKind.SEGMENT_FILL, "segment 1", RunState.QUEUED, now()))
    assert "Put off" in bench.run(RunKind.RETENTION, days=0).message
    assert bench.log.first() == 1


def test_a_backup_takes_the_base_along(bench: Bench, tmp_path: Path) -> None:
    for number in range(3):
        bench.append(f"u{number}", now() - OLD_DAYS * DAY)
    bench.worker.drain()
    bench.run(RunKind.RETENTION, days=0)
    backup(bench.directory.root, tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "again")
    restored = Bench(tmp_path / "again")
    ended = restored.run(RunKind.REPLAY)
    restored.close()
    assert "Equal" in ended.message


def test_killed_at_any_step_it_leaves_a_base_and_a_log_that_fit(tmp_path: Path) -> None:
    made = Bench(tmp_path / "data")
    for number in range(4):
        made.append(f"u{number}", now() - OLD_DAYS * DAY)
    made.worker.drain()
    made.run(RunKind.RETENTION, days=0)
    made.append("later", now())
    made.worker.drain()
    made.close()
    step, was_killed = 1, True
    while was_killed:
        root = tmp_path / f"killed-{step}"
        shutil.copytree(tmp_path / "data", root)
        was_killed = _retain_and_die(root, step)
        left = Bench(root)
        replayed, again = left.run(RunKind.REPLAY), left.run(RunKind.RETENTION, days=0)
        first = left.log.first()
        left.close()
        shutil.rmtree(root)
        assert "Equal" in replayed.message, f"killed at step {step}: {replayed.message}"
        assert again.state is RunState.SUCCEEDED, f"killed at step {step}: {again.message}"
        assert first == 5
        step += 1
    assert step > 10


def _retain_and_die(root: Path, step: int) -> bool:
    """Retention in a process that kills itself when it opens, renames or removes a file the n-th time."""
    child = os.fork()
    if not child:
        made = Bench(root)
        left = step

        def count(event: str, _: object) -> None:
            nonlocal left
            if event in {"open", "os.rename", "os.remove", "os.chmod", "sqlite3.connect"}:
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        made.run(RunKind.RETENTION, days=0)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_a_segment_says_since_when_it_counts(bench: Bench) -> None:
    start = now() - OLD_DAYS * DAY
    for number in range(4):
        bench.append(f"u{number}", start + number * DAY)
    bench.worker.drain()
    seen = {"kind": "event", "event": "Seen", "where": [{"property": "page", "test": "exists"}]}
    bench.log.append([put_segment(1, seen)])
    bench.run(RunKind.SEGMENT_FILL, segment_id=1, version=1)
    bench.run(RunKind.RETENTION, days=OLD_DAYS - 1)
    assert bench.log.first() == 3
    bench.log.append([put_segment(2, seen), put_segment(3, {"kind": "event", "event": "Seen"})])
    for segment_id in (2, 3):
        bench.run(RunKind.SEGMENT_FILL, segment_id=segment_id, version=1)
    people = EmbeddedPeople(bench.directory.root)
    since = {number: status.counts_since for number, status in people.segments().items()}
    people.close()
    assert since == {1: 0, 2: start + 2 * DAY, 3: 0}
    assert "Equal" in bench.run(RunKind.REPLAY).message


def test_what_a_goal_has_not_read_stays_while_it_is_on(bench: Bench) -> None:
    for number in range(4):
        bench.append(f"u{number}", now() - OLD_DAYS * DAY)
        bench.worker.drain()
    root = bench.directory.root
    control, delivery = ControlDatabase.writer(root), EmbeddedDelivery(root)
    connections = ConnectionStore(control, Fernet(Fernet.generate_key()))
    connection = connections.create(Connection(0, "Braze", "braze"))
    goal = connections.create_goal(Goal(0, connection.id, "events", "Purchases", enabled=True))
    writes = Writes()
    writes.progress = [GoalProgress(goal.id, 1, cursor=2)]
    delivery.apply([writes], now())
    assert "the goal Purchases has not read it" in bench.run(RunKind.RETENTION, days=0).message
    assert bench.log.first() == 3
    assert "the goal Purchases still needs" in bench.run(RunKind.RETENTION, days=0).message
    writes.progress = [GoalProgress(goal.id, 1, 9, scanning=True, scanned_to=2, scan_end=4)]
    delivery.apply([writes], now())
    assert "the goal Purchases still needs" in bench.run(RunKind.RETENTION, days=0).message
    connections.change_goal(msgspec.structs.replace(goal, enabled=False), version=goal.version)
    assert bench.run(RunKind.RETENTION, days=0).state is RunState.SUCCEEDED
    assert bench.log.first() == 4
    delivery.close()
    control.close()
