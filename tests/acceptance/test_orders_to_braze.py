"""Half a million real lines of orders, from a file to Braze; DuckDB is the referee.

UCI Online Retail (Chen, 2015, CC BY 4.0); found through ONEFOLD_DATA. A server runs with all its roles: the
file is imported by the command line, a segment filled, and what its people bought goes to the local Braze.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

MAPPING = Path(__file__).parents[2] / "examples/online-retail/mapping.toml"
ARRIVE_S = 240
"""Everything arrives within half a minute on two free cores."""
LINES_A_PERSON_MAX = 10_000
"""Purchases that the local Braze keeps of one person: the busiest customer has 7,700."""
CONDITION = 'event "Order Completed" from 2011-09-10 to 2011-12-09'
EXPORT = {
    "kind": "export",
    "name": "Autumn buyers",
    "enabled": True,
    "mappings": [
        {"source": {"kind": "counter", "event": "Order Completed"}, "field": "orders", "type": "number"}
    ],
}
EVENTS = {
    "kind": "events",
    "name": "Their orders",
    "enabled": True,
    "settings": {"start": "beginning", "purchase_events": ["Order Completed"], "age_days_max": 36_500},
}
# Braze takes whole quantities of 1 to 100: any other travels as quantity 1 at the line's total.
TABLES = """
    line as (select *, InvoiceNo[1] = 'C' as is_cancelled, InvoiceNo[1] = 'A' as is_adjusted,
        UnitPrice::decimal(18, 3) as price from '{file}'),
    bought as (select *, case when Quantity between 1 and 100 then Quantity else 1 end as units
        from line where not is_cancelled and not is_adjusted),
    person as (select distinct CustomerID from bought where CustomerID is not null
        and InvoiceDate >= '2011-09-10' and InvoiceDate < '2011-12-10')
"""
pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("import_orders")]


@pytest.fixture(scope="module")
def file() -> Path:
    folder = os.environ.get("ONEFOLD_DATA")
    if not folder:
        pytest.skip("ONEFOLD_DATA is not set")
    return Path(folder) / "uci_online_retail/online_retail.parquet"


def ask(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(f"with {TABLES.format(file=file)} {query}").fetchall()


@pytest.fixture(scope="module")
def braze() -> Iterator[BrazeSandbox]:
    settings = {"raw_events_per_user_max": LINES_A_PERSON_MAX, "rate_profile": "off"}
    with braze_sandbox(delay_ms=0, jitter_ms=0, **settings) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def connection(
    file: Path,
    braze: BrazeSandbox,
    serve_on: Callable[..., Any],
    waiting: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Any]]:
    """The connection once everything has been sent."""
    with serve_on(tmp_path_factory.mktemp("workspace") / "data") as server:
        asked = server.cli("import", str(file), "--mapping", str(MAPPING), "--detach")
        run = waiting(lambda: ended(server, asked["id"]), "the import ends", timeout_s=ARRIVE_S)
        assert (run["state"], run["rejected"]) == ("succeeded", 0)
        segment = server.cli("segments", "create", "Autumn", "--condition", CONDITION, "--wait")
        made = server.api(
            "POST",
            "/connections",
            {
                "name": "Braze",
                "connector": "braze",
                "settings": {"endpoint": braze.url},
                "secrets": {"api_key": braze.api_key},
                "goals": [{**goal, "segment_id": segment["id"]} for goal in (EXPORT, EVENTS)],
            },
        )
        yield waiting(
            lambda: settled(server, made["id"]), "everything has been delivered", timeout_s=ARRIVE_S
        )


def ended(server: Any, run_id: str) -> Any:
    run = server.api("GET", f"/runs/{run_id}")
    return run if run["ended_at"] else None


def settled(server: Any, connection_id: int) -> Any:
    """The connection, if it has come to the end of everything and nothing is under way."""
    status = server.api("GET", "/status")
    shown = server.api("GET", f"/connections/{connection_id}")
    is_done = all(
        goal["progress"]["state"] == "live" and goal["counts"]["passed"] and not goal["counts"]["deferred"]
        for goal in shown["goals"]
    )
    is_folded = status["folded_to"] >= status["log_end"]
    return shown if is_done and is_folded and not shown["waiting"] else None


@pytest.fixture(scope="module")
def people(braze: BrazeSandbox, connection: dict[str, Any]) -> dict[int, Any]:  # noqa: ARG001 - must be done
    """Everything that Braze holds of each person, by customer."""
    found = {}
    for row in braze.users():
        user = braze.user(str(row["external_id"]))
        assert user is not None
        found[int(str(row["external_id"]))] = user
    return found


def test_the_people_are_those_who_ordered_between_the_dates(file: Path, people: dict[int, Any]) -> None:
    expected = ask(
        file,
        """select CustomerID, count(distinct InvoiceNo) from bought semi join person using (CustomerID)
            group by 1""",
    )
    found = {customer: user["custom_attributes"]["orders"] for customer, user in people.items()}
    assert found == dict(expected)


def test_each_person_has_her_purchases_and_her_revenue_to_the_penny(
    file: Path, people: dict[int, Any]
) -> None:
    expected = ask(
        file,
        """select CustomerID, count(*), sum(units)::int, sum(Quantity * price)
            from bought semi join person using (CustomerID) group by 1""",
    )
    found = {
        customer: (len(user["purchase_log"]), user["purchases"], Decimal(str(user["revenue"]["GBP"])))
        for customer, user in people.items()
    }
    assert found == {customer: tuple(sums) for customer, *sums in expected}


def test_every_purchase_is_a_line_of_the_file(file: Path, people: dict[int, Any]) -> None:
    expected = ask(
        file,
        """select CustomerID, InvoiceNo, StockCode, units, case when units = Quantity then price
            else Quantity * price end, case when units <> Quantity then Quantity end,
            strftime(timezone('Europe/London', min(InvoiceDate) over (partition by InvoiceNo))
                at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.000Z')
            from bought semi join person using (CustomerID)""",
    )
    found = Counter(
        (
            customer,
            one["properties"]["order_id"],
            one["product_id"],
            one["quantity"],
            Decimal(str(one["price"])),
            one["properties"].get("quantity_"),
            one["time"],
        )
        for customer, user in people.items()
        for one in user["purchase_log"]
    )
    assert found == Counter((*line[:4], Decimal(line[4]).normalize(), *line[5:]) for line in expected)


def test_cancelled_orders_are_events_and_no_purchases(file: Path, people: dict[int, Any]) -> None:
    expected = ask(
        file,
        """select CustomerID, count(distinct InvoiceNo) from line semi join person using (CustomerID)
            where is_cancelled group by 1""",
    )
    found = {customer: user["events"] for customer, user in people.items() if user["events"]}
    assert found == dict(expected)


def test_nothing_was_refused_doubled_or_left_behind(
    file: Path, braze: BrazeSandbox, connection: dict[str, Any], people: dict[int, Any]
) -> None:
    lines, revenue = ask(
        file, "select count(*), sum(Quantity * price) from bought semi join person using (CustomerID)"
    )[0]
    cancelled = ask(
        file,
        """select count(distinct InvoiceNo) from line semi join person using (CustomerID)
            where is_cancelled""",
    )[0][0]
    stats: Any = braze.stats()
    assert (stats["objects_refused"], stats["ignored"]) == (0, {})
    assert Decimal(str(stats["revenue"]["GBP"])) == revenue
    profiles, events = (goal["counts"] for goal in connection["goals"])
    assert (profiles["passed"], profiles["rejected"]) == (len(people), 0)
    assert (events["passed"], events["rejected"]) == (lines + cancelled, 0)
