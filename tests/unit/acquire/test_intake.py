"""Rows of a provider become events, batch by batch, and nothing is lost between."""

from typing import Any

import msgspec

from onefold.acquire.gather import GatheredBatch
from onefold.acquire.intake import Importer
from onefold.clock import to_iso
from onefold.model.intake import Intake, Row
from onefold.model.outcome import Kind
from onefold.plugin.origin import BadRow, RowPage
from onefold.testing.fold import START

PLAIN = {
    "identifiers": [
        {"field": "external_id", "identifier": "user_id"},
        {"field": "email", "identifier": "email"},
    ],
    "rows": [
        {"field": "plan", "trait": "plan"},
        {"field": "points", "trait": "points", "strategy": "sum"},
        {"field": "tags", "trait": "tags", "strategy": "add"},
        {"field": "city", "trait": "city", "strategy": "clear"},
        {"field": "name", "trait": "name", "strategy": "set_if_empty"},
    ],
}


def importer(**changes: Any) -> Importer:
    intake = msgspec.convert({**PLAIN, **changes}, Intake)
    return Importer(intake, source_id=3, run_id="run-1", occurred_at=START, clock=lambda: START)


def batches(given: list[Row | BadRow], after: int = 0, **changes: Any) -> list[GatheredBatch]:
    page = RowPage(given, after + len(given), 1, 1, "files")
    return list(importer(**changes).batches([page]))


def events(found: list[GatheredBatch]) -> list[dict[str, Any]]:
    return [one for batch in found for record in batch.records for one in msgspec.json.decode(record.body)]


def test_a_row_becomes_an_event_known_by_run_and_row() -> None:
    row = {"external_id": "u1", "email": "a@b.de", "plan": "pro", "points": 5, "tags": ["x"], "city": ""}
    (event,) = events(batches([row], after=41))
    assert event == {
        "type": "import",
        "messageId": "run-1:41",
        "timestamp": to_iso(START),
        "context": {"externalIds": [{"type": "user_id", "id": "u1"}, {"type": "email", "id": "a@b.de"}]},
        "writes": [
            ["plan", "set", "pro"],
            ["points", "sum", 5],
            ["tags", "add", ["x"]],
            ["city", "set", None],
        ],
        "create": False,
    }
    assert "create" not in events(batches([row], create=True))[0]


def test_remaining_fields_come_under_a_prefix() -> None:
    row = {"external_id": "u1", "plan": "pro", "shoe_size": 41, "empty": None, "alias:web": "x"}
    (event,) = events(batches([row], remaining={"strategy": "set_if_empty", "prefix": "braze_"}))
    assert event["writes"] == [
        ["plan", "set", "pro"],
        ["city", "set", None],
        ["braze_shoe_size", "set_if_empty", 41],
    ]


def test_every_row_has_one_outcome() -> None:
    rows: list[Row | BadRow] = [
        {"external_id": "u1", "plan": "pro"},
        BadRow("The line is not a JSON object.", "{"),
        {"plan": "nobody"},
        {"external_id": "u2", "plan": "pro"},
        {"external_id": "u3", "age": "old"},
    ]
    number = {"field": "age", "trait": "age", "transforms": [{"kind": "number"}]}
    (batch,) = batches(rows, rows=[number])
    counted = {(count.kind, count.code): count.count for count in batch.counts}
    assert counted == {
        (Kind.PASSED, ""): 2,
        (Kind.FILTERED, "acquire.no_identifier"): 1,
        (Kind.REJECTED, "acquire.bad_row"): 1,
        (Kind.REJECTED, "acquire.bad_value"): 1,
    }
    assert sum(count.count for count in batch.counts) == len(rows) == batch.position
    assert [letter.subject for letter in batch.letters] == ["row 2 of run-1", "row 5 of run-1"]
    assert batch.letters[1].reason == "The value of 'age' is no number."


def test_large_pages_are_cut_and_the_position_tells_where_to_go_on() -> None:
    rows: list[Row | BadRow] = [{"external_id": f"u{number}", "plan": "pro"} for number in range(1200)]
    found = batches(rows, after=100)
    assert [batch.position for batch in found] == [600, 1100, 1300]
    again = batches(rows[500:], after=600)
    assert events(again) == events(found)[500:]
