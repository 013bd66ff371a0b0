"""`onefold identity`: shown with who says it, changed rule by rule."""

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("workspace")


def test_rules_are_shown_with_who_says_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEFOLD_UNIFY__CURRENCY", "CHF")
    done = run("identity", "set", "--phone-region", "DE", "--trait", "card=loyalty", "--block", "demo")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert [line.split("  ")[-1] for line in lines[:4]] == [
        "(set here)",
        "(by the server's settings)",
        "(set here)",
        "(set here)",
    ]
    assert "card as loyalty" in lines[2]
    assert lines[4].startswith("They hold for events received since 20")
    assert run("identity", "show").out == done.out


def test_each_change_leaves_the_rest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEFOLD_UNIFY__BLOCKED_VALUES", "test")
    run(
        "identity",
        "set",
        "--block",
        "demo",
        "--block",
        "sample",
        "--trait",
        "card=loyalty",
        "--trait",
        "crm=crm",
    )
    run("identity", "set", "--unblock", "sample", "--no-trait", "crm", "--currency", "EUR")
    found = run("identity", "show", "--json").json()
    assert found["choice"] == {
        "blocked_values": ["test", "demo"],
        "trait_identifiers": {"card": "loyalty"},
        "currency": "EUR",
    }
    run("identity", "set", "--default", "blocked_values", "--default", "currency")
    found = run("identity", "show", "--json").json()
    assert found["choice"] == {"trait_identifiers": {"card": "loyalty"}}
    assert found["origins"]["blocked_values"] == "server"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), "Nothing to change is given."),
        (("--default", "region"), "There is no rule 'region'."),
        (("--no-trait", "card"), "The trait 'card' does not identify."),
        (("--unblock", "demo"), "The value 'demo' is not blocked here."),
        (("--trait", "card"), "'card' has no value."),
        (("--phone-region", "UK"), "Write GB."),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(run: Run, given: tuple[str, ...], words: str) -> None:
    refused = run("identity", "set", *given)
    assert refused.code != 0
    assert words in refused.err
