"""The embedded log: the suite of every log, and its own counters, letters, limits and retention."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from onefold.backends.embedded import log as log_module
from onefold.backends.embedded.log import EmbeddedLog, EmbeddedLogReader
from onefold.clock import DAY, MINUTE
from onefold.errors import StorageError
from onefold.log.settings import LogSettings
from onefold.model.letter import Letter
from onefold.model.mark import Mark
from onefold.model.outcome import Count, Kind
from onefold.testing.log_suite import LogSuite, make_record

ROOMY = LogSettings(disk_free_bytes_min=0)


def make_letter(subject: str = "m1", at: int = 5) -> Letter:
    return Letter(
        "", "capture", "capture.invalid_event", "userId", "reason", "hint", at, 1, subject, '{"a":1}'
    )


def rows(data_dir: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(data_dir / "log.db")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def fill(log: EmbeddedLog, body: bytes, **others: list[Letter]) -> None:
    for _ in range(1000):
        log.append([make_record(body)], **others)


@pytest.fixture
def embedded(tmp_path):
    log = EmbeddedLog(tmp_path, ROOMY, clock=lambda: 7 * MINUTE)
    yield log
    log.close()


class TestEmbeddedLog(LogSuite):
    @pytest.fixture
    def log(self, embedded):
        return embedded


def test_a_mark_is_written_with_what_it_marks(embedded):
    mark = Mark("import:a:m", "run-1", 0, 5, 3, 2)
    embedded.append([make_record()], marks=[mark])
    assert embedded.find_mark("import:a:m") == msgspec.structs.replace(mark, at=7 * MINUTE)
    embedded.append([], marks=[Mark("import:a:m", "run-1", 5, 9), Mark("import:b:m", "run-2", 0, 1)])
    assert [(one.position, one.run_id) for one in embedded.marks_of("import:a:")] == [(9, "run-1")]
    with pytest.raises(StorageError):
        embedded.append([make_record(), make_record(None)], marks=[Mark("import:a:m", "run-1", 9, 12)])
    assert embedded.find_mark("import:a:m").position == 9


def test_only_the_newest_marks_are_kept(embedded, monkeypatch):
    monkeypatch.setattr(log_module, "MARKS_MAX", 3)
    embedded.append([], marks=[Mark(f"import:{number}", "run-1", 0, 1) for number in range(5)])
    assert [one.name for one in embedded.marks_of("import:")] == ["import:2", "import:3", "import:4"]


def test_counts_add_up_within_a_minute(embedded, tmp_path):
    one = Count("capture", "1", Kind.PASSED, "", 1)
    embedded.append([make_record()], counts=[one, one])
    embedded.append([], counts=[one, Count("capture", "1", Kind.REJECTED, "capture.invalid_event", 2)])
    assert rows(tmp_path, "select * from counter order by kind") == [
        (7, "capture", "1", 0, "", 3),
        (7, "capture", "1", 2, "capture.invalid_event", 2),
    ]


def test_letters_are_written_with_the_records(embedded, tmp_path):
    embedded.append([make_record()], letters=[make_letter()])
    assert rows(
        tmp_path, "select code, field, reason, hint, at, source_id, subject, payload from letter"
    ) == [("capture.invalid_event", "userId", "reason", "hint", 5, 1, "m1", b'{"a":1}')]


def test_all_or_nothing(embedded):
    broken = Count("capture", "1", Kind.PASSED, "", 2**70)
    with pytest.raises(OverflowError):
        embedded.append([make_record()], counts=[broken], letters=[make_letter()])
    assert embedded.end() == 0
    assert embedded.append([make_record()]) == 1


def test_another_reader_sees_only_what_is_committed(embedded, tmp_path):
    reader = EmbeddedLogReader(tmp_path)
    assert reader.end() == 0
    embedded.append([make_record(b"x")])
    assert [record.body for record in reader.read(0)] == [b"x"]
    reader.close()


def test_reading_stops_at_its_bytes(embedded, monkeypatch):
    monkeypatch.setattr("onefold.backends.embedded.log.READ_BYTES_MAX", 10)
    embedded.append([make_record(b"x" * 6) for _ in range(3)])
    assert [record.offset for record in embedded.read(0)] == [1, 2]


def test_offsets_go_on_after_a_restart(embedded, tmp_path):
    embedded.append([make_record()] * 3)
    embedded.trim(3)
    embedded.close()
    again = EmbeddedLog(tmp_path, ROOMY)
    assert again.append([make_record()]) == 4
    again.close()


def test_trim_keeps_what_it_is_told_and_the_newest(embedded, monkeypatch):
    monkeypatch.setattr("onefold.backends.embedded.log.TRIM_RECORDS", 2)
    embedded.append([make_record(at=number) for number in range(10)])
    assert embedded.trim(6) == 5
    assert (embedded.first(), embedded.end(), embedded.get([5])) == (6, 10, {})
    assert [record.offset for record in embedded.read(0)] == [6, 7, 8, 9, 10]
    assert embedded.trim(99) == 4
    assert embedded.first() == 10


def test_offset_at_finds_the_first_received_then(embedded):
    assert embedded.offset_at(5) == 1
    embedded.append([make_record(at=at) for at in (10, 20, 20, 30)])
    assert [embedded.offset_at(at) for at in (5, 10, 11, 20, 30, 31)] == [1, 1, 2, 2, 4, 5]


def test_old_and_too_many_letters_go(tmp_path):
    settings = LogSettings(disk_free_bytes_min=0, letters_max=3, letter_days=1)
    log = EmbeddedLog(tmp_path, settings, clock=lambda: 10 * DAY)
    log.append([], letters=[make_letter(f"m{number}", 10 * DAY) for number in range(5)])
    log.append([], letters=[make_letter("old", 8 * DAY)])
    assert log.trim_letters() == 4
    assert rows(tmp_path, "select subject from letter order by id") == [("m3",), ("m4",)]
    log.close()


def test_full_log_refuses_and_takes_again_after_retention(tmp_path):
    log = EmbeddedLog(tmp_path, LogSettings(bytes_max=500_000, disk_free_bytes_min=0))
    with pytest.raises(StorageError) as refused:
        fill(log, b"x" * 10_000)
    assert refused.value.code == "log.full"
    assert log.size_bytes() >= 500_000
    end = log.end()
    log.trim(end)
    assert log.append([make_record()]) == end + 1
    log.close()


def test_what_retention_freed_in_the_file_is_room_on_a_full_disk(tmp_path):
    log = EmbeddedLog(tmp_path, ROOMY)
    for _ in range(80):
        log.append([make_record(b"x" * 100_000)])
    log.trim(81)
    log.close()
    log = EmbeddedLog(tmp_path, LogSettings(disk_free_bytes_min=2**62))
    with pytest.raises(StorageError) as refused:
        fill(log, b"x" * 100_000)
    taken = log.end() - 80
    log.close()
    assert refused.value.code == "log.disk_full"
    assert 20 < taken < 80


def test_too_little_free_disk_refuses(tmp_path):
    log = EmbeddedLog(tmp_path, LogSettings(disk_free_bytes_min=2**62))
    with pytest.raises(StorageError) as refused:
        log.append([make_record()])
    assert refused.value.code == "log.disk_full"
    log.close()


def test_full_disk_loses_nothing_and_the_log_goes_on(tmp_path):
    # SQLite itself meets the end of the disk: its page limit raises the very error that ENOSPC does.
    log = EmbeddedLog(tmp_path, ROOMY)
    log._writer.execute("pragma max_page_count=60")
    with pytest.raises(StorageError) as refused:
        fill(log, b"x" * 5_000, letters=[make_letter()])
    assert refused.value.code == "log.disk_full"
    written = log.end()
    assert written > 0
    assert rows(tmp_path, "select count(*) from letter") == [(written,)]
    log._writer.execute("pragma max_page_count=10000")
    assert log.append([make_record()]) == written + 1
    log.close()
