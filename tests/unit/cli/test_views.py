"""Saved views on the command line."""

import pytest
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("workspace")


def save(run: Run, name: str, query: str, *more: str) -> int:
    made = run("views", "save", name, "--page", "profiles", "--query", query, *more, "--json")
    assert made.code == 0, made.err
    return int(made.json()["id"])


def test_a_view_is_saved_listed_renamed_shared_and_deleted(run: Run) -> None:
    view = save(run, "Ada", "search=ada%40example.org&segment=1")
    assert "/profiles?segment=1&search=ada@example.org" in run("views", "list").out
    assert run("views", "rename", view, "Ada L.").out == f"Saved view {view} is called Ada L. now.\n"
    assert run("views", "share", view).out == "The team sees Ada L. now.\n"
    (listed,) = run("views", "list", "--page", "profiles", "--json").json()["items"]
    assert (listed["name"], listed["shared"]) == ("Ada L.", True)
    assert run("views", "list", "--page", "runs", "--json").json()["items"] == []
    assert run("views", "unshare", view, "--json").json()["shared"] is False
    assert run("views", "delete", view, "--json").json() == {"id": view, "deleted": True}
    assert "No saved view yet" in run("views", "list").out


def test_a_view_of_that_name_is_replaced_only_when_asked(run: Run) -> None:
    view = save(run, "Gold", "segment=1", "--share")
    again = run("views", "save", "Gold", "--page", "profiles", "--query", "segment=2")
    assert again.code != 0
    assert "api.name_taken" in again.err
    assert save(run, "Gold", "segment=2", "--replace") == view
    (listed,) = run("views", "list", "--json").json()["items"]
    assert (listed["filters"], listed["shared"]) == ({"segment": "2"}, True)
    assert save(run, "New", "segment=2", "--replace") != view


def test_what_cannot_be_a_view_says_why(run: Run) -> None:
    assert "It says no filter." in run("views", "save", "All", "--page", "runs", "--query", "").err
    assert "api.unknown_view" in run("views", "delete", 7).err
