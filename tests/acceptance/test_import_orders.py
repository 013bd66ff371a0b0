"""Half a million real lines of orders by `onefold import`, as a user does it; DuckDB is the referee.

UCI Online Retail (Chen, 2015, CC BY 4.0); found through ONEFOLD_DATA. No server runs: each command works
in the data directory itself.
"""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

MAPPING = Path(__file__).parents[2] / "examples/online-retail/mapping.toml"
COMMAND_S = 180
"""A whole import takes a quarter of a minute on two free cores."""
pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("import_orders")]


@pytest.fixture(scope="module")
def file() -> Path:
    folder = os.environ.get("ONEFOLD_DATA")
    if not folder:
        pytest.skip("ONEFOLD_DATA is not set")
    return Path(folder) / "uci_online_retail/online_retail.parquet"


def onefold(data_dir: Path, *words: str) -> Any:
    answer = subprocess.run(
        [sys.executable, "-m", "onefold", *words, "--data-dir", str(data_dir), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_S,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def ask(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(f"with line as (select * from '{file}') {query}").fetchall()


def passed(data_dir: Path) -> dict[str, int]:
    stages = onefold(data_dir, "flow", "--once")["stages"]
    for stage in stages:
        sums = sum(stage[kind] for kind in ("passed", "filtered", "rejected", "deferred"))
        assert stage["received"] == sums
    return {stage["stage"]: stage["passed"] for stage in stages}


@pytest.fixture(scope="module")
def workspace(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("workspace") / "data"
    run = onefold(data_dir, "import", str(file), "--mapping", str(MAPPING))
    assert (run["state"], run["rejected"]) == ("succeeded", 0)
    return data_dir


def test_every_invoice_is_one_event_on_every_stage(file: Path, workspace: Path) -> None:
    invoices = ask(file, "select count(distinct InvoiceNo) from line")[0][0]
    assert passed(workspace) | {"activate": 0} == {
        "capture": invoices,
        "unify": invoices,
        "segment": invoices,
        "activate": 0,
    }


def test_the_same_file_again_changes_nothing(file: Path, workspace: Path) -> None:
    before = passed(workspace)
    run = onefold(workspace, "import", str(file), "--mapping", str(MAPPING))
    assert (run["state"], run["passed"]) == ("succeeded", 0)
    assert passed(workspace) == before


def test_a_segment_of_two_dates_holds_the_same_customers(file: Path, workspace: Path) -> None:
    condition = 'event "Order Completed" from 2011-09-10 to 2011-12-09'
    segment = onefold(workspace, "segments", "create", "Autumn", "--condition", condition, "--wait")
    people = ask(
        file,
        """select count(distinct CustomerID) from line where InvoiceNo[1] <> 'C'
            and InvoiceDate >= '2011-09-10' and InvoiceDate < '2011-12-10'""",
    )[0][0]
    assert (segment["state"], segment["people"]) == ("live", people)


@pytest.mark.parametrize("rank", [0, 1000, 3000])
def test_a_customer_has_her_orders_and_her_revenue_to_the_penny(
    file: Path, workspace: Path, rank: int
) -> None:
    customer, orders, cancelled, revenue = ask(
        file,
        f"""select CustomerID, count(distinct InvoiceNo) filter (InvoiceNo[1] <> 'C'),
                count(distinct InvoiceNo) filter (InvoiceNo[1] = 'C'),
                sum(Quantity * UnitPrice::decimal(18, 3)) filter (InvoiceNo[1] <> 'C')
            from line where CustomerID is not null group by 1 having count(*) filter (InvoiceNo[1] <> 'C') > 0
            order by 4 desc, 1 limit 1 offset {rank}""",
    )[0]
    profile = onefold(workspace, "profiles", "show", "user_id", str(customer))
    assert profile["events"].get("Order Completed") == orders
    assert profile["events"].get("Order Cancelled", 0) == cancelled
    assert Decimal(profile["revenue"]["Order Completed"]["GBP"]) == revenue


def test_guests_make_no_profile(file: Path, workspace: Path) -> None:
    customers = ask(file, "select count(distinct CustomerID) from line")[0][0]
    people = onefold(workspace, "profiles", "list", "--limit", "10000")["items"]
    assert len(people) == customers
