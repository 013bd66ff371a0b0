"""Events on the command line."""

import json
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def filled(tmp_path: Path, run: Run) -> Run:
    """Two events of an import."""
    (tmp_path / "rows.csv").write_text("id,what\n1,Order Completed\n2,Visit\n")
    (tmp_path / "rows.toml").write_text('[identifiers]\nuser_id = "id"\n[event]\ncolumn = "what"\n')
    done = run("import", tmp_path / "rows.csv", "--mapping", tmp_path / "rows.toml")
    assert done.code == 0, done.err
    return run


def test_the_list_shows_the_newest_first(filled: Run) -> None:
    listed = filled("events", "list", "--json").json()
    assert [one["name"] for one in listed["items"]] == ["Visit", "Order Completed"]
    assert listed["items"][0]["payload"]["event"] == "Visit"
    shown = filled("events", "list", "--name", "order").out
    assert "Order Completed" in shown
    assert "Visit" not in shown


def test_a_filter_that_nothing_fits_says_how_far_it_looked(filled: Run) -> None:
    assert "None among the 2 events" in filled("events", "list", "--name", "nothing").out


def test_an_empty_workspace_says_where_to_send(run: Run) -> None:
    made = run("sources", "create", "web", "--json")
    assert made.code == 0
    assert "onefold sources list" in run("events", "list").out


def test_the_tail_prints_an_event_a_line_the_newest_below(filled: Run) -> None:
    lines = filled("events", "tail", "--once", "--json").out.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["Order Completed", "Visit"]
    assert "user_id:2" in filled("events", "tail", "--once", "-n", "1").out
