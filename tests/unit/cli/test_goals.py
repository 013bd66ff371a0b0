"""Goals by command."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from onefold.api.connections import ConnectionChange, NewConnection
from onefold.api.goals import GoalChange, NewGoal
from onefold.cli import connections, goals

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def made(run: Run) -> Run:
    """A workspace with one connection, without goals."""
    words = ["--set", "endpoint=https://rest.fra-01.braze.eu", "--secret", "api_key=hidden"]
    assert run("connections", "create", "Braze", "--connector", "braze", *words).code == 0
    return run


@pytest.mark.parametrize(
    ("file", "body"),
    [
        (goals.File, NewGoal),
        (goals.ChangeFile, GoalChange),
        (connections.File, NewConnection),
        (connections.ChangeFile, ConnectionChange),
    ],
)
def test_help_names_the_fields_that_a_file_may_have(file: object, body: type[msgspec.Struct]) -> None:
    (option,) = file.__metadata__  # type: ignore[attr-defined]
    (named,) = re.findall(r"{(.*)}", option.help)
    assert sorted(named.split(", ")) == sorted(set(body.__struct_fields__) - {"version"})


def test_an_option_of_an_intake_changes_that_and_no_more(made: Run) -> None:
    words = ["--identify", "user_id=external_id", "--take", "plan=plan", "--set", "audience=vips"]
    added = made("connections", "goals", "add", "Braze", "import", *words, "--json")
    assert added.code == 0, added.err
    before = added.json()["intake"]

    def changed(*words: str) -> Any:
        answer = made("connections", "goals", "update", "Braze", "import", *words, "--json")
        assert answer.code == 0, answer.err
        return answer.json()["intake"]

    assert changed("--create") == {**before, "create": True}
    taken = changed("--take", "tier=plan")
    assert [row["trait"] for row in taken["rows"]] == ["tier"]
    assert (taken["identifiers"], taken["create"]) == (before["identifiers"], True)
    assert changed("--identify", "email=email")["rows"] == taken["rows"]


ALIKE = (
    *("--map", "plan=trait:plan", "--map", "vip=trait:vip", "--leaving", "vip=false"),
    *("--match", "alias=anonymous_id:ours", "--match", "external_id=user_id"),
    *("--set", "create=update_only", "--purpose", "email"),
    *(
        "--schedule",
        "friday at 18:00",
        "--timezone",
        "Europe/Paris",
        "--overlap",
        "queue",
        "--missed",
        "skip",
    ),
)


def test_what_is_said_of_a_goal_means_the_same_when_it_is_added_and_changed(made: Run) -> None:
    asked = ("connections", "goals")
    added = made(*asked, "add", "Braze", "export", "--name", "A", *ALIKE, "--json")
    assert added.code == 0, added.err
    assert made(*asked, "add", "Braze", "export", "--name", "B", "--map", "age=trait:age").code == 0
    assert made(*asked, "delete", "Braze", "A").code == 0
    changed = made(*asked, "update", "Braze", "B", "--name", "A", *ALIKE, "--json")
    assert changed.code == 0, changed.err
    own = {"id", "position", "version", "created_at", "changed_at", "hint"}
    told = [
        {name: one for name, one in goal.items() if name not in own}
        for goal in (added.json(), changed.json())
    ]
    assert told[0] == told[1]


def test_a_parameter_is_kept_where_another_changes(run: Run) -> None:
    words = ["--set", "endpoint=https://rest.fra-01.braze.eu", "--secret", "api_key=hidden"]
    assert run("connections", "create", "Calls", "--connector", "http", *words).code == 0
    goal = [
        "--preset",
        "braze_campaign",
        "--param",
        "campaign_id=one",
        "--param",
        'properties={"tier": "gold"}',
    ]
    goal += ["--set", "when=event", "--set", 'events=["Order Completed"]']
    added = run("connections", "goals", "add", "Calls", "call", "--name", "C", *goal, "--json")
    assert added.code == 0, added.err
    changed = run("connections", "goals", "update", "Calls", "C", "--param", "campaign_id=three", "--json")
    values = added.json()["settings"]["values"]
    assert changed.json()["settings"]["values"] == {**values, "campaign_id": "three"}


def test_goals_are_put_into_another_order(made: Run) -> None:
    words = ["--map", "plan=trait:plan", "--name"]
    for name in ("A", "B", "C"):
        words[1] = f"plan{name}=trait:plan"
        assert made("connections", "goals", "add", "Braze", "export", *words, name).code == 0
    ordered = made("connections", "goals", "order", "Braze", "C", "2", "C", "--json")
    assert ordered.code == 0, ordered.err
    assert [goal["name"] for goal in ordered.json()["items"]] == ["C", "B", "A"]
    listed = made("connections", "goals", "list", "Braze", "--json").json()["items"]
    assert [goal["name"] for goal in listed] == ["C", "B", "A"]
    assert made("connections", "goals", "order", "Braze", "D").code == 3
