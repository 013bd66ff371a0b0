"""What a destination tells becomes records, batch by batch, and nothing is lost between."""

from collections import Counter

import msgspec

from onefold.acquire.feedback import FeedbackImporter
from onefold.acquire.gather import GatheredBatch
from onefold.model.event import decode_meta
from onefold.model.outcome import Kind
from onefold.plugin.feedback import BadItem, FeedbackFile, FeedbackPage, Item, LeftOut

FILE = FeedbackFile("folder/events.avro", "2026-06-01-05")
BAD = BadItem("acquire.braze.bad_event", "time", "No time.", "Mend it.", '{"type":"track"}', "e9")


def event(number: int) -> bytes:
    return msgspec.json.encode({"type": "track", "messageId": str(number)})


def batches(items: list[Item], *, after: int = 0, base: int = 0) -> list[GatheredBatch]:
    importer = FeedbackImporter(source_id=4, source_kind="braze-currents", run_id="run-1", clock=lambda: 5)
    page = FeedbackPage(items, after + len(items))
    return list(importer.batches(FILE, [page], base=base, done=2))


def test_every_item_has_one_outcome() -> None:
    nameless = msgspec.structs.replace(BAD, id="", code="acquire.braze.broken_file")
    (batch,) = batches([event(1), BAD, LeftOut("acquire.braze.echo", ""), nameless, event(2)], base=100)
    counts = {(count.kind, count.code): count.count for count in batch.counts}
    assert counts == {
        (Kind.PASSED, ""): 2,
        (Kind.FILTERED, "acquire.braze.echo"): 1,
        (Kind.REJECTED, "acquire.braze.bad_event"): 1,
        (Kind.REJECTED, "acquire.braze.broken_file"): 1,
    }
    assert [(one.subject, one.payload) for one in batch.letters] == [
        ("e9", BAD.draft),
        ("events.avro", BAD.draft),
    ]
    assert (batch.position, batch.done, batch.unit) == (105, 2, "files")
    (record,) = batch.records
    assert decode_meta(record).source_kind == "braze-currents"
    assert decode_meta(record).run_id == "run-1"


def test_what_only_is_left_out_is_counted_too() -> None:
    (batch,) = batches([LeftOut("acquire.braze.test_event", "")] * 3)
    assert batch.records == []
    assert [(one.kind, one.count) for one in batch.counts] == [(Kind.FILTERED, 3)]


def test_a_page_that_fills_its_last_batch_gives_no_empty_one() -> None:
    assert [batch.position for batch in batches([event(number) for number in range(1000)])] == [500, 1000]


def test_what_is_refused_fills_a_batch_as_what_is_taken_does() -> None:
    large = msgspec.structs.replace(BAD, draft="é" * 60_000)
    found = batches([large] * 12)
    assert [batch.position for batch in found] == [9, 12]
    assert sum(len(batch.letters) for batch in found) == 12


def test_positions_go_on_behind_the_base_and_the_rows_before() -> None:
    found = batches([event(number) for number in range(1200)], after=300, base=1000)
    assert [batch.position for batch in found] == [1800, 2300, 2500]
    sizes = Counter(record.count for batch in found for record in batch.records)
    assert sizes == {500: 2, 200: 1}
