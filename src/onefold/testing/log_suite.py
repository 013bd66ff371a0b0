"""What every log must do. A backend's tests subclass `LogSuite` and give it an empty log."""

import pytest

from onefold.log.log import Log
from onefold.model.record import Record, RecordKind


def make_record(
    body: bytes = b'{"type":"track"}', *, count: int = 1, source_id: int = 1, at: int = 1
) -> Record:
    """An EVENTS record; only what matters to the case is given."""
    return Record(RecordKind.EVENTS, source_id, at, count, body)


class LogSuite:
    """Subclass it, and make the fixture `log` give an empty log."""

    @pytest.fixture
    def log(self) -> Log:
        """Give an empty log of the backend under test."""
        raise NotImplementedError

    def test_empty_log_has_neither_first_nor_end(self, log: Log) -> None:
        """Offsets start at 1, so 0 says "nothing"."""
        assert (log.first(), log.end(), log.read(0)) == (0, 0, [])

    def test_records_come_back_as_they_went_in(self, log: Log) -> None:
        """Every field, and the body's bytes."""
        record = Record(RecordKind.SEGMENT_FILL, 7, 123, 0, b"\x00\xff", b'{"ip":"::1"}')
        assert log.append([record]) == 1
        assert log.read(0) == [Record(RecordKind.SEGMENT_FILL, 7, 123, 0, b"\x00\xff", b'{"ip":"::1"}', 1)]

    def test_offsets_have_no_gaps(self, log: Log) -> None:
        """Readers may do arithmetic with them."""
        assert log.append([make_record(), make_record()]) == 2
        assert log.append([]) == 2
        assert log.append([make_record()]) == 3
        assert [record.offset for record in log.read(0)] == [1, 2, 3]
        assert (log.first(), log.end()) == (1, 3)

    def test_read_starts_after_and_stops_at_its_limits(self, log: Log) -> None:
        """By records, and by events once the last record has reached them."""
        log.append([make_record(b"%d" % number, count=4) for number in range(6)])
        assert [record.offset for record in log.read(2, records_max=2)] == [3, 4]
        assert [record.offset for record in log.read(0, events_max=9)] == [1, 2, 3]
        assert [record.offset for record in log.read(4, events_max=1)] == [5]
        assert log.read(6) == []

    def test_get_leaves_out_what_does_not_exist(self, log: Log) -> None:
        """Asked by offset, in any order."""
        log.append([make_record(b"%d" % number) for number in range(3)])
        assert {offset: record.body for offset, record in log.get([3, 99, 1]).items()} == {3: b"2", 1: b"0"}
        assert log.get([]) == {}
