"""The index of what was seen: made again after damage, bounded in files, and honest about a full disk."""

import errno
import shutil
from pathlib import Path

import pytest

from onefold.backends.embedded import dedupe
from onefold.backends.embedded.state import EmbeddedState
from onefold.clock import HOUR
from onefold.errors import StorageError
from onefold.model.record import Record
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments
from onefold.testing.fold import START, MemoryLog, StateTemplate, events_record, make_event


@pytest.fixture
def store(tmp_path: Path) -> EmbeddedState:
    template = tmp_path / "template"
    template.mkdir()
    return StateTemplate(template).open(tmp_path / "data")


def fold(store: EmbeddedState, log: MemoryLog) -> None:
    worker = Worker(log, store, compile_segments, settings=WorkerSettings(batch_events_max=4))
    while worker.step():
        pass


def event(number: int, at: int = START) -> Record:
    return events_record(make_event(f"m{number}", user_id="ann"), at=at)


def counted(store: EmbeddedState) -> int:
    return sum(
        row[0]
        for row in store._connection.execute(
            "select count from counter where stage = 'unify' and kind = 0"
        ).fetchall()
    )


def reopen_without_files(store: EmbeddedState, directory: Path) -> EmbeddedState:
    store.close()
    shutil.rmtree(directory / "dedupe")
    return EmbeddedState(directory)


def test_lost_files_are_made_again_of_the_window_only(tmp_path: Path, store: EmbeddedState) -> None:
    log = MemoryLog([*(event(number) for number in range(40)), event(40, START + 60 * HOUR)])
    fold(store, log)
    while store.retire(1, START):
        pass
    store = reopen_without_files(store, tmp_path / "data")
    assert len(store._dedupe._recent) < 8, "the rows of 60 hours ago are the trace's"
    log.append(event(40, START + 61 * HOUR))
    fold(store, log)
    assert counted(store) == 41
    store.close()


def test_making_many_files_again_merges_on_the_way(
    tmp_path: Path, store: EmbeddedState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file costs a descriptor; 65 million events made a thousand of them, and no start succeeded."""
    fold(store, MemoryLog(event(number) for number in range(400)))
    monkeypatch.setattr(dedupe, "RUN_HASHES", 4)
    monkeypatch.setattr(dedupe, "RUNS_MAX", 10)
    store = reopen_without_files(store, tmp_path / "data")
    assert len(store._dedupe._runs) <= 20
    resent = MemoryLog(event(number) for number in [*range(400), *range(400)])
    fold(store, resent)
    assert counted(store) == 400
    store.close()


def test_a_disk_that_is_full_is_told_and_nothing_counts_twice(
    store: EmbeddedState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dedupe, "RUN_HASHES", 4)
    write = dedupe._write

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(dedupe, "_write", full)
    log = MemoryLog(event(number) for number in range(8))
    with pytest.raises(StorageError, match="No space left"):
        fold(store, log)
    monkeypatch.setattr(dedupe, "_write", write)
    for number in range(8):
        log.append(event(number))
    fold(store, log)
    assert counted(store) == 8
    store.close()
