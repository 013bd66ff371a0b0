"""Half a million real lines of orders through acquire, log and worker, with DuckDB as the referee.

UCI Online Retail (Chen, 2015, CC BY 4.0); found through ONEFOLD_DATA.
"""

import os
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from onefold.acquire.import_file import import_file
from onefold.acquire.mapping import read_mapping
from onefold.backends.embedded.database import open_reader
from onefold.backends.embedded.log import EmbeddedLog
from onefold.backends.embedded.state import EmbeddedState
from onefold.model.profile import decode_profile
from onefold.model.record import Record, RecordKind
from onefold.model.segment import Dates, EventCondition, SegmentDefinition
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments
from onefold.unify.settings import UnifySettings

MAPPING = Path(__file__).parents[2] / "examples/online-retail/mapping.toml"
AUTUMN = SegmentDefinition(
    1, 1, "Ordered in autumn", EventCondition("Order Completed", window=Dates("2011-09-10", "2011-12-09"))
)
NAMES = """case InvoiceNo[1] when 'C' then 'Order Cancelled' when 'A' then 'Order Adjusted'
    else 'Order Completed' end"""


@pytest.fixture(scope="module")
def lines() -> str:
    folder = os.environ.get("ONEFOLD_DATA")
    if not folder:
        pytest.skip("ONEFOLD_DATA is not set")
    return f"'{Path(folder) / 'uci_online_retail/online_retail.parquet'}'"


def ask(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def read(state: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(open_reader(state, "state")) as connection:
        return connection.execute(query, values).fetchall()


@pytest.fixture(scope="module")
def records(lines: str, tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    batches = import_file(
        Path(lines.strip("'")),
        read_mapping(MAPPING),
        source_id=3,
        run_id="run-1",
        temporary=tmp_path_factory.mktemp("spread"),
    )
    found = []
    for batch in batches:
        assert batch.letters == []
        found += batch.records
    return found


@pytest.fixture(scope="module")
def state(records: list[Record], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory after the worker has folded the import twice."""
    directory = tmp_path_factory.mktemp("workspace")
    log = EmbeddedLog(directory)
    store = EmbeddedState(directory)
    put = Record(RecordKind.SEGMENT_PUT, 0, 1, 0, msgspec.json.encode(AUTUMN))
    log.append([put])
    for _ in range(2):
        for record in records:
            log.append([record])
    worker = Worker(log, store, compile_segments, unify=UnifySettings(currency="EUR"))
    while worker.step():
        pass
    store.close()
    log.close()
    return directory


def test_one_event_an_invoice_with_exact_revenue(lines: str, records: list[Record]) -> None:
    decoder = msgspec.json.Decoder(list[dict[str, Any]], float_hook=Decimal)
    found: dict[str, list[Any]] = {}
    ids = set()
    for record in records:
        for event in decoder.decode(record.body):
            sums = found.setdefault(event["event"], [0, 0, Decimal(0), 0])
            sums[0] += 1
            sums[1] += len(event["properties"]["products"])
            sums[2] += event["properties"]["revenue"]
            sums[3] += "userId" not in event
            ids.add(event["messageId"])
    expected = ask(
        f"""with invoice as (select InvoiceNo, {NAMES} as name, count(*) as lines,
                max(CustomerID) as customer,
                sum(Quantity * UnitPrice::decimal(18, 3)) as revenue from {lines} group by all)
            select name, count(*), sum(lines)::int, sum(revenue), count(*) filter (customer is null)
            from invoice group by name"""
    )
    assert {name: tuple(sums) for name, sums in found.items()} == {row[0]: row[1:] for row in expected}
    assert len(ids) == sum(row[1] for row in expected)


def test_the_earliest_line_says_when_it_happened(lines: str, records: list[Record]) -> None:
    found = {
        event["properties"]["order_id"]: event["timestamp"]
        for record in records
        for event in msgspec.json.decode(record.body)
    }
    expected = ask(
        f"""select InvoiceNo, strftime(timezone('Europe/London', min(InvoiceDate)) at time zone 'UTC',
            '%Y-%m-%dT%H:%M:%S.000Z') from {lines} group by 1"""
    )
    assert found == dict(expected)


def test_totals_count_guests_and_a_second_import_changes_nothing(lines: str, state: Path) -> None:
    found = {}
    query = (
        "select event, sum(count), group_concat(revenue, ' ') from event_total where currency = ? group by 1"
    )
    for event, count, revenue in read(state, query, "GBP"):
        found[event] = (count, sum(map(Decimal, revenue.split())))
    expected = ask(
        f"""select {NAMES}, count(distinct InvoiceNo), sum(Quantity * UnitPrice::decimal(18, 3))
            from {lines} group by 1"""
    )
    assert found == {row[0]: row[1:] for row in expected}


def test_each_customer_has_a_profile_with_her_orders(lines: str, state: Path) -> None:
    found = {}
    for (body,) in read(state, "select body from profile"):
        profile = decode_profile(body)
        found[profile.user_id] = tuple(
            sum(profile.counters[key].days.values()) if key in profile.counters else 0
            for key in ("c:Order Completed", "c:Order Cancelled", "s:Order Completed:revenue:GBP")
        )
    expected = ask(
        f"""select CustomerID::varchar, count(distinct InvoiceNo) filter (InvoiceNo[1] <> 'C'),
                count(distinct InvoiceNo) filter (InvoiceNo[1] = 'C'),
                coalesce(sum(Quantity * UnitPrice::decimal(18, 3)) filter (InvoiceNo[1] <> 'C'), 0)
            from {lines} where CustomerID is not null group by 1"""
    )
    assert found == {row[0]: row[1:] for row in expected}


def test_the_segment_holds_who_ordered_between_two_dates(lines: str, state: Path) -> None:
    members = read(state, "select count(*) from member where segment_id = 1")
    expected = ask(
        f"""select count(distinct CustomerID) from {lines} where InvoiceNo[1] <> 'C'
            and InvoiceDate >= '2011-09-10' and InvoiceDate < '2011-12-10'"""
    )
    assert members == expected
