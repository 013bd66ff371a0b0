"""Which files were read: what the log's mark says is believed, whatever tasks.db says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.backends.embedded.feedback import EmbeddedFeedback, UnderWay
from onefold.backends.embedded.tasks import EmbeddedRunReader
from onefold.plugin.feedback import FeedbackFile

FIRST, SECOND = FeedbackFile("a", "2026-06-01-05"), FeedbackFile("b", "2026-06-01-06")


@pytest.fixture
def feedback(tmp_path: Path) -> Iterator[EmbeddedFeedback]:
    opened = EmbeddedFeedback(tmp_path, "bucket/folder/")
    opened.open_place(7, 3)
    yield opened
    opened.close()


def test_a_file_is_under_way_until_it_is_finished(feedback: EmbeddedFeedback) -> None:
    assert feedback.under_way() is None
    feedback.begin(FIRST, 40)
    assert feedback.under_way() == UnderWay(FIRST, 40)
    feedback.open_place(7, 3)
    assert feedback.under_way() == UnderWay(FIRST, 40), "another run goes on with it"
    feedback.finish(FIRST, 90)
    assert feedback.under_way() is None
    assert feedback.names_read("2026-06-01-00", 90) == {"a"}
    assert feedback.newest_part(90) == "2026-06-01-05"


def test_what_a_restored_log_does_not_hold_is_not_read(feedback: EmbeddedFeedback) -> None:
    for file, base, end in ((FIRST, 0, 50), (SECOND, 50, 60)):
        feedback.begin(file, base)
        feedback.finish(file, end)
    assert feedback.names_read("", 60) == {"a", "b"}
    assert feedback.names_read("", 59) == {"a"}
    assert feedback.newest_part(59) == "2026-06-01-05"
    assert feedback.newest_part(0) == ""


def test_old_parts_are_forgotten(feedback: EmbeddedFeedback) -> None:
    feedback.finish(FIRST, 1)
    feedback.finish(SECOND, 2)
    feedback.forget(SECOND.part)
    assert feedback.names_read("", 2) == {"b"}
    assert feedback.names_read("2026-06-01-07", 2) == set()


def test_whatever_goes_wrong_hinders_nothing(feedback: EmbeddedFeedback) -> None:
    with pytest.raises(OverflowError):
        feedback.finish(FIRST, 2**63)
    feedback.finish(SECOND, 2)
    assert feedback.names_read("", 2) == {"b"}


def test_places_are_apart(feedback: EmbeddedFeedback, tmp_path: Path) -> None:
    feedback.finish(FIRST, 1)
    other = EmbeddedFeedback(tmp_path, "bucket/other/")
    other.open_place(8, 4)
    assert other.names_read("", 9) == set()
    other.close()
    reader = EmbeddedRunReader(tmp_path)
    assert [reader.feedback_source(connection_id) for connection_id in (3, 4, 5)] == [7, 8, 0]
    reader.close()
