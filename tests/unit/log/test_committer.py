"""The committer: groups, limits, errors, shutdown."""

import asyncio
import threading

import pytest

from onefold.errors import RequestError, StorageError
from onefold.log.committer import Committer
from onefold.log.settings import LogSettings
from onefold.model.mark import Mark
from onefold.model.outcome import Count, Kind
from onefold.testing.log_suite import make_record


class GatedLog:
    """A log whose appends wait at a gate and may be told to fail; remembers its groups."""

    def __init__(self):
        self.groups = []
        self.errors = []
        self.marks = []
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self.offset = 0

    def append(self, records, *, counts=(), letters=(), marks=()):
        self.entered.release()
        assert self.gate.wait(10)
        if self.errors:
            raise self.errors.pop()
        self.marks += marks
        self.groups.append((list(records), list(counts), list(letters)))
        self.offset += len(records)
        return self.offset

    def find_mark(self, name):
        return next((mark for mark in reversed(self.marks) if mark.name == name), None)

    async def wait_entered(self):
        assert await asyncio.to_thread(self.entered.acquire, timeout=10)


async def test_what_queues_during_a_commit_goes_in_one_group():
    log, wakes = GatedLog(), []
    committer = Committer(log, LogSettings(), committed=lambda: wakes.append(1))
    log.gate.clear()
    first = committer.submit([make_record()])
    await log.wait_entered()
    rest = [committer.submit([make_record()], [Count("capture", "1", Kind.PASSED, "", 1)]) for _ in range(5)]
    log.gate.set()
    assert await first == 1
    assert await asyncio.gather(*rest) == [6] * 5
    assert [len(records) for records, _, _ in log.groups] == [1, 5]
    assert len(log.groups[1][1]) == 5
    assert committer.waiting_bytes == 0
    await committer.close()
    assert len(wakes) == 2


@pytest.mark.parametrize("settings", [LogSettings(queue_items_max=2), LogSettings(queue_bytes_max=1000)])
async def test_a_full_queue_refuses_until_there_is_room(settings):
    log = GatedLog()
    committer = Committer(log, settings)
    log.gate.clear()
    waiting = [committer.submit([make_record()]) for _ in range(2)]
    with pytest.raises(StorageError) as refused:
        committer.submit([make_record()])
    assert refused.value.code == "log.queue_full"
    log.gate.set()
    await asyncio.gather(*waiting)
    await committer.submit([make_record()])
    await committer.close()


@pytest.mark.parametrize(
    ("error", "code"),
    [(StorageError("log.full", "full"), "log.full"), (ValueError("bug"), "log.write_failed")],
)
async def test_a_failed_write_fails_its_group_only(error, code):
    log = GatedLog()
    log.errors.append(error)
    committer = Committer(log, LogSettings())
    with pytest.raises(StorageError) as failed:
        await committer.submit([make_record()])
    assert failed.value.code == code
    assert await committer.submit([make_record()]) == 1
    await committer.close()


async def test_one_who_left_does_not_disturb_the_others():
    log = GatedLog()
    committer = Committer(log, LogSettings())
    log.gate.clear()
    left, stayed = committer.submit([make_record()]), committer.submit([make_record()])
    left.cancel()
    log.gate.set()
    assert await stayed
    await committer.close()


async def test_close_writes_what_is_queued_and_refuses_the_rest():
    log = GatedLog()
    committer = Committer(log, LogSettings())
    futures = [committer.submit([make_record()]) for _ in range(3)]
    await committer.close()
    await committer.close()
    assert all(future.done() for future in futures)
    with pytest.raises(StorageError) as refused:
        committer.submit([make_record()])
    assert refused.value.code == "log.closing"


def make_mark(after: int, position: int, run_id: str = "run-1") -> Mark:
    return Mark("import:a", run_id, after, position)


async def test_a_step_that_was_written_before_is_not_written_again():
    log = GatedLog()
    committer = Committer(log, LogSettings())
    log.gate.clear()
    first = committer.submit([make_record()])
    await log.wait_entered()
    steps = [make_mark(0, 5), make_mark(0, 5), make_mark(5, 9)]
    rest = [committer.submit([make_record()], mark=step) for step in steps]
    log.gate.set()
    await asyncio.gather(first, *rest)
    await committer.submit([make_record()], mark=make_mark(5, 9))
    assert [len(records) for records, _, _ in log.groups] == [1, 2, 0]
    assert log.marks == [make_mark(0, 5), make_mark(5, 9)]
    await committer.close()


async def test_a_step_of_another_run_is_refused_without_harm_to_its_group():
    log = GatedLog()
    committer = Committer(log, LogSettings())
    await committer.submit([make_record()], mark=make_mark(0, 5))
    log.gate.clear()
    waiting = committer.submit([make_record()])
    other = committer.submit([make_record()], mark=make_mark(0, 5, "run-2"))
    log.gate.set()
    await waiting
    with pytest.raises(RequestError) as refused:
        await other
    assert refused.value.code == "log.other_mark"
    assert sum(len(records) for records, _, _ in log.groups) == 2
    await committer.close()
