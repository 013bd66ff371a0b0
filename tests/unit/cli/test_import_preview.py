"""Looking at a file before it is imported, on the command line."""

from pathlib import Path

import pytest
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("id,E-Mail,age\n1,ada@example.org,36\n2,bob@example.org,41\n")
    return path


def test_a_suggestion_is_a_mapping_that_can_be_used(people: Path, tmp_path: Path, run: Run) -> None:
    suggested = run("import", people, "--suggest")
    assert suggested.json()["identifiers"] == {"email": "E-Mail", "user_id": "id"}
    assert '"E-Mail" is taken for identifier email.' in suggested.err
    (tmp_path / "mapping.json").write_text(suggested.out)
    done = run("import", people, "--mapping", tmp_path / "mapping.json", "--json")
    assert (done.code, done.json()["passed"]) == (0, 2)


def test_a_preview_takes_in_nothing(people: Path, run: Run) -> None:
    shown = run("import", people, "--preview")
    assert shown.code == 0
    assert "2 events and 0 dead letters" in shown.out
    assert run("events", "list", "--json").json()["items"] == []


def test_a_preview_says_what_is_wrong(people: Path, tmp_path: Path, run: Run) -> None:
    people.write_text("id,age\n1,36\n2,old\n3\n")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[identifiers]\nuser_id = "id"\n[traits]\nage = { column = "age", type = "number" }\n')
    shown = run("import", people, "--mapping", mapping, "--preview")
    assert shown.code == 1
    assert "Line 3: the value of traits.age is no number." in shown.out
    assert "Line 4: The row has 1 cells" in shown.out


def test_without_a_mapping_it_says_how_to_get_one(people: Path, run: Run) -> None:
    refused = run("import", people)
    assert refused.code == 2
    assert "--suggest" in refused.err
