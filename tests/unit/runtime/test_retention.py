"""Retention on real files: what goes is held by a base, and a replay from the base gives the live state."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from onefold.backends.embedded.log import EmbeddedLog
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import DAY, now
from onefold.log.settings import LogSettings
from onefold.model.record import Record, RecordKind
from onefold.model.run import Run, RunKind, RunState
from onefold.run.execute import execute
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.settings import Settings
from onefold.runtime.work import make_work
from onefold.runtime.work_tools import Tools
from onefold.runtime.worker import WorkerParts

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

    def append(self, user_id: str, at: int) -> None:
        event = {"type": "track", "event": "Seen", "userId": user_id, "messageId": f"{user_id}-{at}"}
        self.log.append([Record(RecordKind.EVENTS, 1, at, 1, msgspec.json.encode(event))])

    def run(self, kind: RunKind) -> Run:
        """A run of this kind, ended."""
        run = Run(f"run-{kind}", kind, "log", RunState.QUEUED, created_at=now())
        tools = Tools(
            self.directory,
            self.settings,
            self.runs,
            lambda records, counts=(), letters=(): self.log.append(records, counts=counts, letters=letters),
            trim=self.log.trim,
            fold=self.worker.drain,
        )
        work = make_work(run, tools)
        execute(run, work, self.runs, now, is_cancelled=lambda: False, is_stopping=lambda: False)
        found = self.runs.find(run.id)
        assert found is not None
        return found

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
    assert [path.name for path in (backed_up / "base").iterdir()] == [f"{8:020d}.db"]


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
