"""Bringing people in by command, from a local Braze."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

Run = Callable[..., Any]
IMPORT = ("connections", "goals", "import", "Braze", "Loyal")
pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, segment_export_delay_ms=0) as sandbox:
        sandbox.track(attributes=[{"external_id": "ada", "plan": "pro"}])
        yield sandbox


@pytest.fixture
def made(run: Run, braze: BrazeSandbox) -> Run:
    """A workspace with a goal that brings one person in."""
    audience = braze.control("POST", "segments", {"name": "Loyalty"})["id"]
    account = ("--set", f"endpoint={braze.url}", "--secret", f"api_key={DEFAULT_KEY}")
    assert run("connections", "create", "Braze", "--connector", "braze", *account).code == 0
    rows = ("--identify", "user_id=external_id", "--create", "--take", "plan=plan")
    goal = ("--name", "Loyal", "--set", f"audience={audience}", *rows)
    assert run("connections", "goals", "add", "Braze", "import", *goal).code == 0
    return run


def test_an_import_is_looked_at_first_and_then_waited_for(made: Run) -> None:
    looked = made(*IMPORT, "--preview", "--json")
    assert looked.code == 0, looked.err
    assert looked.json()["run"]["state"] == "succeeded"
    assert looked.json()["preview"]["changes"] == {"plan": 1}
    assert "People for whom it changes" in made(*IMPORT, "--preview").out
    done = made(*IMPORT)
    assert (done.code, done.out) == (0, "Brought in 1 of 1 people. (1 passed)\n")


@pytest.mark.parametrize("flags", [(), ("--preview",)])
def test_an_import_that_fails_says_so_beside_the_results(made: Run, flags: tuple[str, ...]) -> None:
    assert made("connections", "goals", "update", "Braze", "Loyal", "--set", "audience=gone").code == 0
    failed = made(*IMPORT, *flags)
    assert (failed.code, failed.out) == (1, "")
    assert "Failed: " in failed.err
    asked = made(*IMPORT, *flags, "--json")
    assert (asked.code, asked.json()["state"]) == (1, "failed")


def test_an_import_can_be_left_to_the_server(made: Run) -> None:
    left = made(*IMPORT, "--no-wait")
    assert left.code == 0
    assert "Follow it: onefold runs follow run-" in left.out
