"""Connections by command: found again, copied, kept as documents, deleted with a warning."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def made(run: Run) -> Run:
    """A workspace with one connection."""
    words = ["connections", "create", "Braze", "--connector", "braze", "--label", "shop", "--owner", "Ann"]
    words += ["--set", "endpoint=https://rest.fra-01.braze.eu", "--secret", "api_key=hidden", "--favourite"]
    assert run(*words).code == 0
    row = ["--map", "plan=trait:plan"]
    assert run("connections", "goals", "add", "Braze", "export", *row, "--name", "People", "--on").code == 0
    return run


@pytest.fixture(scope="module")
def braze() -> Iterator[BrazeSandbox]:
    narrow = {"key": "narrow", "name": "narrow", "permissions": ["users.track"]}
    with braze_sandbox(delay_ms=0, jitter_ms=0, api_keys=[narrow]) as sandbox:
        yield sandbox


def test_a_list_shows_favourites_and_labels_and_is_filtered(made: Run) -> None:
    shown = made("connections", "list").out
    assert "* Braze" in shown
    assert "shop" in shown
    assert "Braze" in made("connections", "list", "--label", "shop", "--on", "--favourite").out
    assert made("connections", "list", "--off").out == "No connection is like that.\n"
    assert made("connections", "list", "--sort", "size").code == 5


def test_what_is_for_people_is_changed(made: Run) -> None:
    changed = made(
        "connections", "update", "Braze", "--owner", "Bo", "--no-favourite", "--label", "", "--json"
    )
    body = changed.json()
    assert (body["owner"], body["favourite"], body["labels"]) == ("Bo", False, [])


def test_a_copy_is_off_with_its_goals(made: Run) -> None:
    copied = made("connections", "duplicate", "Braze", "--json").json()
    assert (copied["name"], copied["enabled"]) == ("Copy of Braze", False)
    assert [goal["enabled"] for goal in copied["goals"]] == [False]


def test_deleting_says_what_goes_and_is_not_done_by_accident(made: Run) -> None:
    asked = made("connections", "delete", "Braze")
    assert asked.code == 2
    assert "1 goals (People)" in asked.err
    assert made("connections", "show", "Braze").code == 0
    gone = made("connections", "delete", "Braze", "--yes", "--json").json()
    assert gone == {"deleted": "Braze", "goals": 1, "waiting": 0}


def test_a_document_is_exported_changed_planned_and_applied(
    made: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = made("connections", "export", "Braze").out
    document = yaml.safe_load(text)
    assert document == made("connections", "export", "Braze", "--json").json()
    file = tmp_path / "braze.yaml"
    file.write_text(text)
    assert "nothing changes" in made("connections", "apply", file).out
    document["spec"]["description"] = "The shop's"
    document["spec"]["secrets"] = {"api_key": {"env": "BRAZE_KEY"}, "s3_secret_access_key": {"file": "no"}}
    file.write_text(yaml.safe_dump(document))
    unread = made("connections", "apply", file)
    assert unread.code == 2
    assert "spec.secrets.api_key: The variable BRAZE_KEY is not set." in unread.err
    assert "spec.secrets.s3_secret_access_key" in unread.err
    monkeypatch.setenv("BRAZE_KEY", "very-secret")
    (tmp_path / "key").write_text("other-secret\n")
    document["spec"]["secrets"] = {"api_key": {"env": "BRAZE_KEY"}}
    file.write_text(yaml.safe_dump(document))
    planned = made("connections", "apply", file, "--plan")
    assert planned.code == 0
    assert "~ spec.secrets.api_key: set -> set to another value" in planned.out
    assert "spec.description" in planned.out
    assert "very-secret" not in planned.out
    assert "is changed" in made("connections", "apply", file).out
    document["spec"]["secrets"] = {"api_key": {"file": "key"}}
    file.write_text(yaml.safe_dump(document))
    assert made("connections", "apply", file, "--json").json()["changes"][0]["path"] == "spec.secrets.api_key"
    assert made("connections", "apply", file, "--json").json()["action"] == "none"


def test_goals_are_not_deleted_by_accident(made: Run, tmp_path: Path) -> None:
    document = made("connections", "export", "Braze", "--json").json()
    document["spec"]["goals"] = []
    file = tmp_path / "braze.yaml"
    file.write_text(yaml.safe_dump(document))
    asked = made("connections", "apply", file)
    assert (asked.code, "deletes the goals People" in asked.err) == (2, True)
    assert made("connections", "goals", "list", "Braze", "--json").json()["items"]
    assert made("connections", "apply", file, "--yes").code == 0
    assert made("connections", "goals", "list", "Braze", "--json").json()["items"] == []


def test_every_problem_of_a_document_is_told(made: Run, tmp_path: Path) -> None:
    document = made("connections", "export", "Braze", "--json").json()
    document["spec"]["colour"] = "red"
    document["spec"]["goals"][0]["name"] = 3
    file = tmp_path / "braze.yaml"
    file.write_text(yaml.safe_dump(document))
    refused = made("connections", "apply", file)
    assert refused.code == 5
    assert "spec.colour" in refused.err
    assert "spec.goals.0.name" in refused.err
    file.write_text("a: [")
    assert made("connections", "apply", file).code == 2
    file.write_text("kind: connection")
    assert made("connections", "apply", file).code == 2


def test_the_schema_can_be_kept_for_an_editor(made: Run) -> None:
    assert "ConnectionSpec" in made("connections", "schema").json()["$defs"]


def test_settings_are_tried_before_they_are_kept(made: Run, braze: BrazeSandbox) -> None:
    words = ["--connector", "braze", "--set", f"endpoint={braze.url}", "--secret"]
    tried = made("connections", "test", *words, f"api_key={braze.api_key}")
    assert tried.code == 0
    assert "users.identify" in tried.out
    assert made("connections", "test", *words, "api_key=narrow").code == 0
    wrong = made("connections", "test", *words, "api_key=nobody", "--json")
    assert (wrong.code, wrong.json()["passed"]) == (1, False)
    assert made("connections", "test").code == 2
    kept = ["--set", f"endpoint={braze.url}", "--secret", "api_key=narrow"]
    assert made("connections", "test", "Braze", *kept).code == 0
    assert len(made("connections", "list", "--json").json()["items"]) == 1


def test_options_need_to_know_of_what(made: Run) -> None:
    assert made("connections", "options", "s3_bucket").code == 2
    incomplete = made("connections", "options", "s3_bucket", "--connection", "Braze")
    assert "S3 access key id" in incomplete.err
