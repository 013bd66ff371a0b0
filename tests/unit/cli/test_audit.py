"""`onefold audit`: what was changed, and taking it back."""

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def renamed(run: Run) -> str:
    """The id of the entry of a renamed segment."""
    assert run("segments", "create", "web", "--condition", "trait plan exists").code == 0
    assert run("segments", "update", "web", "--name", "shop").code == 0
    entry, *_ = run("audit", "list", "--json").json()["items"]
    assert entry["is_undoable"]
    return str(entry["id"])


def test_a_change_is_taken_back_and_that_again(run: Run, renamed: str) -> None:
    shown = run("audit", "undo", renamed, "--dry-run")
    assert (shown.code, 'name: "shop" -> "web"' in shown.out) == (0, True)
    assert run("segments", "show", "shop").code == 0
    done = run("audit", "undo", renamed)
    assert (done.code, 'name: "shop" -> "web"' in done.out) == (0, True)
    assert run("segments", "show", "web").code == 0
    again = done.err.split("onefold audit undo ")[1].split()[0]
    assert run("audit", "undo", again, "--json").json()["now"] == {"name": "shop"}
    assert run("segments", "show", "shop").code == 0


def test_what_was_changed_since_stays_and_says_so(run: Run, renamed: str) -> None:
    run("segments", "update", "shop", "--name", "app")
    refused = run("audit", "undo", renamed)
    assert (refused.code, "[audit.changed_since]" in refused.err) == (5, True)
    assert run("segments", "show", "app").code == 0
    told = run("audit", "undo", renamed, "--dry-run", "--json")
    assert (told.code, told.json()["is_possible"]) == (1, False)
