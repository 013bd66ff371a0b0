import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.acquire import gather, import_file, partition
from onefold.acquire.gather import GatheredBatch
from onefold.acquire.import_file import check_file
from onefold.acquire.import_file import import_file as run
from onefold.acquire.mapping import ImportMapping, parse_mapping
from onefold.acquire.read import file_hash
from onefold.errors import ConfigError, RequestError
from onefold.model.event import decode_events, decode_meta
from onefold.model.outcome import Kind

CUSTOMERS = parse_mapping(
    {
        "identifiers": {"user_id": "id", "email": "mail"},
        "traits": {"plan": "plan", "age": {"column": "age", "type": "number"}},
    },
    "m",
)
ORDERS = parse_mapping(
    {
        "group_by": ["order"],
        "time": {"column": "at", "format": "%d.%m.%Y", "zone": "Europe/Berlin"},
        "identifiers": {"user_id": "customer"},
        "event": {
            "name": "Order Completed",
            "rules": [{"column": "order", "starts_with": "C", "name": "Order Cancelled"}],
        },
        "properties": {"order_id": "order", "currency": {"value": "EUR"}},
        "totals": {"revenue": ["quantity", "price"]},
        "lists": {"products": {"sku": "sku", "quantity": {"column": "quantity", "type": "number"}}},
    },
    "m",
)
HEADER = "order,at,customer,sku,quantity,price\n"


def batches(path: Path, mapping: ImportMapping, position: int = 0) -> list[GatheredBatch]:
    return list(
        run(
            path,
            mapping,
            source_id=7,
            run_id="run-1",
            position=position,
            clock=lambda: 5,
            temporary=path.parent,
        )
    )


def events(found: list[GatheredBatch]) -> list[dict[str, Any]]:
    bodies = [record.body for batch in found for record in batch.records]
    decoder = msgspec.json.Decoder(list[dict[str, Any]], float_hook=Decimal)
    return [event for body in bodies for event in decoder.decode(body)]


def write(directory: Path, text: str, name: str = "f.csv") -> Path:
    path = directory / name
    path.write_text(text)
    return path


def test_a_row_of_a_person_becomes_an_identify(tmp_path: Path) -> None:
    path = write(tmp_path, "id,mail,plan,age\n1,a@b.example,pro,30\n,,free,\n2,,,\n")
    found = batches(path, CUSTOMERS)
    assert events(found) == [
        {
            "type": "identify",
            "messageId": f"{file_hash(path)}:2",
            "userId": "1",
            "context": {"externalIds": [{"id": "a@b.example", "type": "email"}]},
            "traits": {"plan": "pro", "age": 30},
        }
    ]
    record = found[0].records[0]
    assert (record.source_id, record.received_at, decode_meta(record).run_id) == (7, 5, "run-1")
    assert len(decode_events(record)) == record.count == 1


def test_rows_of_a_group_make_one_event_wherever_they_stand(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEADER
        + "A1,02.06.2011,7,x,2,0.1\nC9,03.06.2011,,z,-1,5\nA1,01.06.2011,7,y,1,0.2\n,01.06.2011,7,y,1,1\n",
    )
    found = batches(path, ORDERS)
    first, second = events(found)
    assert first == {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"{file_hash(path)}:A1",
        "timestamp": "2011-05-31T22:00:00.000Z",
        "userId": "7",
        "properties": {
            "order_id": "A1",
            "currency": "EUR",
            "revenue": Decimal("0.4"),
            "products": [{"sku": "y", "quantity": 1}, {"sku": "x", "quantity": 2}],
        },
    }
    assert (second["event"], second["properties"]["revenue"]) == ("Order Cancelled", -5)
    assert "userId" not in second
    letter = found[-1].letters[0]
    assert (letter.code, letter.subject) == ("acquire.bad_row", "line 5")


def test_a_fault_costs_the_whole_event_and_nothing_else(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEADER
        + "1,01.06.2011,7,x,2,much\n1,01.06.2011,7,y,1,1\n2,31.31.2011,8,x,1,1\n3,01.06.2011,9,x,1,1\n",
    )
    found = batches(path, ORDERS)
    assert [event["userId"] for event in events(found)] == ["9"]
    number, time = found[-1].letters
    assert (number.code, number.field, number.subject) == ("acquire.bad_number", "price", "line 2, group 1")
    draft = msgspec.json.decode(time.payload)
    assert (time.code, draft["timestamp"], draft["messageId"]) == (
        "acquire.bad_time",
        "31.31.2011",
        f"{file_hash(path)}:2",
    )
    assert {(count.kind, count.code, count.count) for batch in found for count in batch.counts} == {
        (Kind.PASSED, "", 1),
        (Kind.REJECTED, "acquire.bad_number", 1),
        (Kind.REJECTED, "acquire.bad_time", 1),
    }


def test_event_and_traits_of_one_row_are_two_events(tmp_path: Path) -> None:
    mapping = parse_mapping(
        {"event": {"column": "what"}, "identifiers": {"anonymous_id": "who"}, "traits": {"city": "city"}}, "m"
    )
    path = write(tmp_path, "who,what,city\n1,Login,Graz\n,Login,Wien\n2,,\n")
    found = batches(path, mapping)
    assert [(event["type"], event["messageId"].partition(":")[2]) for event in events(found)] == [
        ("track", "2"),
        ("identify", "2:traits"),
        ("track", "3"),
    ]
    assert [letter.code for letter in found[-1].letters] == ["acquire.bad_name"]


def test_an_import_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "RECORD_EVENTS_MAX", 3)
    lines = "".join(f"{number},m{number}@b.example,pro,1\n" for number in range(20))
    path = write(tmp_path, "id,mail,plan,age\n" + lines + "only,two\n")
    whole = batches(path, CUSTOMERS)
    for index, batch in enumerate(whole[:-1]):
        rest = batches(path, CUSTOMERS, batch.position)
        assert events(rest) == events(whole[index + 1 :])
        assert [len(one.letters) for one in rest] == [len(one.letters) for one in whole[index + 1 :]]


def test_a_grouped_import_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "RECORD_EVENTS_MAX", 3)
    monkeypatch.setattr(partition, "PARTITION_ROWS", 5)
    lines = "".join(f"{number % 9},01.06.2011,7,x,1,1\n" for number in range(27)) + ",,,,,\n"
    path = write(tmp_path, HEADER + lines)
    whole = batches(path, ORDERS)
    assert len(events(whole)) == 9
    for index, batch in enumerate(whole[:-1]):
        assert events(batches(path, ORDERS, batch.position)) == events(whole[index + 1 :])
    assert list(tmp_path.iterdir()) == [path]


def test_progress_grows_to_its_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "RECORD_EVENTS_MAX", 3)
    monkeypatch.setattr(import_file, "REPORT_ROWS", 5)
    path = write(tmp_path, HEADER + "".join(f"{number},01.06.2011,7,x,1,1\n" for number in range(27)))
    found = batches(path, ORDERS)
    done = [batch.done for batch in found]
    assert done == sorted(done)
    assert done[-1] == found[-1].total


def test_records_stay_small_and_a_huge_event_is_refused(tmp_path: Path) -> None:
    mapping = parse_mapping({"event": {"name": "A"}, "properties": {"text": "text"}}, "m")
    sizes = [300_000, 900_000, 2_000_000, 5_000_000, 10]
    path = tmp_path / "f.jsonl"
    path.write_text("".join(msgspec.json.encode({"text": "x" * size}).decode() + "\n" for size in sizes))
    found = batches(path, mapping)
    assert [record.count for batch in found for record in batch.records] == [2, 1, 1]
    assert [letter.code for letter in found[-1].letters] == ["acquire.event_too_large"]


def test_a_group_of_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "GROUP_ROWS_MAX", 2)
    path = write(tmp_path, HEADER + "1,01.06.2011,7,x,1,1\n" * 3 + "2,01.06.2011,7,x,1,1\n")
    found = batches(path, ORDERS)
    assert [event["properties"]["order_id"] for event in events(found)] == ["2"]
    assert [letter.code for letter in found[-1].letters] == ["acquire.group_too_large"]


def test_more_bad_rows_than_anyone_reads_are_summed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_file, "BAD_ROWS_MAX", 2)
    path = write(tmp_path, HEADER + "x\n" * 5)
    reasons = [letter.reason for letter in batches(path, ORDERS)[-1].letters]
    assert len(reasons) == 3
    assert reasons[-1].startswith("3 more rows")


def test_a_mapping_for_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="customer"):
        batches(write(tmp_path, "a,b\n1,2\n"), ORDERS)


def test_a_file_that_ends_too_early_is_an_error(tmp_path: Path) -> None:
    import gzip
    import random

    text = "id,mail,plan,age\n" + "".join(f"{random.Random(n).random()},,pro,1\n" for n in range(200_000))
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(text.encode())[:-1000])
    with pytest.raises(RequestError, match="ends too early"):
        batches(path, CUSTOMERS)


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = write(tmp_path, "id\n1\n")
    assert file_hash(write(tmp_path, "id\n1\n", "again.csv")) == file_hash(path)


def test_an_id_of_its_own_outlives_a_corrected_file(tmp_path: Path) -> None:
    mapping = parse_mapping(
        {"id": ["order", "sku"], "identifiers": {"user_id": "customer"}, "event": {"name": "Sold"}}, "m"
    )
    rows = "order,sku,customer\n7,x,a\n7,y,a\n"
    first = events(batches(write(tmp_path, rows), mapping))
    mended = events(batches(write(tmp_path, rows.replace("7,y", "8,z,b\n7,y")), mapping))
    assert [one["messageId"] for one in first] == ['["7","x"]', '["7","y"]']
    assert [one["messageId"] for one in mended] == ['["7","x"]', '["8","z"]', '["7","y"]']


def test_a_row_without_its_id_is_refused(tmp_path: Path) -> None:
    mapping = parse_mapping({"id": ["order"], "event": {"name": "Sold"}}, "m")
    (batch,) = batches(write(tmp_path, "order,sku\n,x\n"), mapping)
    (letter,) = batch.letters
    assert (letter.code, letter.field) == ("acquire.missing_id", "messageId")


def test_a_long_id_becomes_its_hash(tmp_path: Path) -> None:
    mapping = parse_mapping({"id": ["order"], "event": {"name": "Sold"}}, "m")
    (event,) = events(batches(write(tmp_path, f"order\n{'7' * 500}\n"), mapping))
    assert len(event["messageId"]) == 64


@pytest.mark.parametrize(("name", "text"), [("f.csv", ""), ("f.csv", "\n"), ("f.jsonl", "")])
def test_an_empty_file_is_told(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(RequestError) as caught:
        check_file(write(tmp_path, text, name), CUSTOMERS, name)
    assert caught.value.code == "acquire.empty_file"


def test_a_header_alone_gives_no_rows(tmp_path: Path) -> None:
    (batch,) = batches(write(tmp_path, HEADER), ORDERS)
    assert (batch.rows, batch.records, batch.letters) == (0, [], [])


def test_a_wrong_mapping_is_told_before_anything_is_taken_in(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        check_file(write(tmp_path, "Order,when\n"), ORDERS, "orders.csv")
    assert {(one.source, one.got, one.expected) for one in caught.value.problems} >= {
        ("orders.csv", '"order"', '"Order"'),
        ("orders.csv", '"at"', "one of the file's columns (Order, when)"),
    }


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(-9, 9), st.decimals(0, 100, places=2)), max_size=30),
    st.integers(1, 10),
)
def test_totals_are_exact_whatever_the_order(rows: list[tuple[int, int, Decimal]], rows_each: int) -> None:
    before, partition.PARTITION_ROWS = partition.PARTITION_ROWS, rows_each
    try:
        with tempfile.TemporaryDirectory() as directory:
            text = "".join(f"{order},01.06.2011,7,x,{quantity},{price}\n" for order, quantity, price in rows)
            found = events(batches(write(Path(directory), HEADER + text), ORDERS))
    finally:
        partition.PARTITION_ROWS = before
    expected: dict[str, Decimal] = {}
    for order, quantity, price in rows:
        expected[str(order)] = expected.get(str(order), Decimal(0)) + quantity * price
    assert {one["properties"]["order_id"]: one["properties"]["revenue"] for one in found} == expected


def test_consents_of_a_row_are_an_event_of_their_own(tmp_path: Path) -> None:
    consents = {"email": "mail_ok", "ads": {"column": "ads", "values": {"J": "consented", "N": "refused"}}}
    mapping = parse_mapping(
        {"identifiers": {"user_id": "id"}, "traits": {"plan": "plan"}, "consents": consents}, "m"
    )
    rows = "id,plan,mail_ok,ads\na,pro,Yes,N\nb,pro,,\nc,pro,perhaps,J\n"
    batch = batches(write(tmp_path, rows), mapping)
    found = events(batch)
    told = [event for event in found if event.get("event") == "Consent Updated"]
    assert len(found) - len(told) == 3
    assert [event["properties"] for event in told] == [
        {"purposes": {"email": "consented", "ads": "refused"}, "method": "import"}
    ]
    assert told[0]["messageId"].endswith("2:consents")
    letters = [letter for one in batch for letter in one.letters]
    assert [(letter.code, letter.field) for letter in letters] == [
        ("acquire.bad_consent", "properties.purposes.email")
    ]
