"""Names that occur, seen in records as they may stand in the log."""

import pytest

from onefold.model.record import Record, RecordKind
from onefold.observe.names_seen import properties_seen

GOOD = b'{"type":"track","event":"Seen","properties":{"plan":"gold"}}'


@pytest.mark.parametrize(
    "bad",
    [
        b'{"type":5}',
        b"no JSON",
        b'{"type":"track","event":"Seen","properties":{"plan":' + b"[" * 5000 + b"]" * 5000 + b"}}",
        b'{"type":"track","event":"Seen","properties":{"plan":"\xff"}}',
    ],
)
def test_a_record_that_cannot_be_read_hides_no_other(bad: bytes) -> None:
    records = [Record(RecordKind.EVENTS, 1, 0, 1, body) for body in (bad, GOOD)]
    (plan,) = properties_seen(records)["Seen"]
    assert (plan.name, plan.count, plan.examples) == ("plan", 1, ["gold"])
