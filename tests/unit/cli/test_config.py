"""The config as files: exported, planned, applied, and told by file and line where it is wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("workspace")
KEY = "BRAZE_EU_API_KEY"

FILES = {
    "sources/web-shop.yaml": """\
# Where the shop writes.
kind: source
name: Web shop
spec:
  rate_per_s: 100
""",
    "segments/buyers.yaml": """\
kind: segment
name: Buyers
spec:
  condition:
    kind: event
    event: Order Completed
---
kind: segment
name: Lapsed
spec:
  condition:
    kind: not
    condition: {kind: segment, segment: Buyers}
""",
    "connections/braze-eu.yml": f"""\
kind: connection
name: Braze EU
spec:
  connector: braze
  settings: {{endpoint: "https://rest.fra-01.braze.eu"}}
  secrets:
    api_key: {{env: {KEY}}}
  goals:
    - name: Buyers
      kind: export
      segment: Buyers
      mappings: [{{field: plan, source: {{kind: trait, trait: plan}}}}]
""",
    ".github/workflows/ci.yml": "on: push",
    "notes.txt": "no document",
}


@pytest.fixture
def folder(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(KEY, "very-secret")
    place = workspace.with_name("config")
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


@pytest.fixture
def applied(run: Run, folder: Path) -> Path:
    done = run("config", "apply", folder, "--yes")
    assert done.code == 0, done.err
    return folder


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_files_make_a_workspace_and_making_it_again_changes_nothing(run: Run, folder: Path) -> None:
    asked = run("config", "apply", folder)
    assert asked.code == 2
    assert "Add --yes" in asked.err
    done = run("config", "apply", folder, "--yes")
    assert (done.code, done.err) == (0, "")
    assert "+ source Web shop" in done.out
    assert "4 to make, 0 to change, 0 to delete" in done.out
    assert done.out.endswith("Done: 4 made.\n")
    assert "very-secret" not in done.out
    again = run("config", "apply", folder)
    assert again.code == 0
    assert again.out == "Everything is as the files say: 4 objects.\nNothing was changed.\n"
    assert run("config", "apply", folder, "--json").json() == {"applied": True, "results": []}


def test_a_check_ends_with_2_where_the_workspace_differs(run: Run, applied: Path) -> None:
    assert run("config", "plan", applied, "--check").code == 0
    assert run("sources", "disable", "Web shop").code == 0
    assert run("config", "plan", applied).code == 0
    drifted = run("config", "plan", applied, "--check")
    assert drifted.code == 2
    assert "~ source Web shop\n    ~ spec.enabled: no -> yes" in drifted.out
    assert run("config", "plan", applied, "--check", "--json").json()["objects"][0]["action"] == "change"
    assert run("config", "apply", applied, "-y").code == 0
    assert run("config", "plan", applied, "--check").code == 0


def test_an_effect_is_told_with_what_changes(run: Run, folder: Path) -> None:
    (folder / "connections/braze-eu.yml").unlink()
    assert run("config", "apply", folder, "-y").code == 0
    change(folder / "segments/buyers.yaml", "event: Order Completed", "event: Order Refunded")
    planned = run("config", "plan", folder, "--effect")
    assert '    It asks: "Order Refunded" ' in planned.out
    assert "    People: 0 enter, 0 leave." in planned.out
    assert "    Note: It is filled anew; 0 people are in it now" in planned.out


def test_what_is_in_no_file_stays_unless_it_is_pruned(run: Run, applied: Path) -> None:
    assert run("segments", "create", "Other", "--condition", "trait plan exists").code == 0
    planned = run("config", "plan", applied, "--check")
    assert planned.code == 0
    assert "? segment Other is in no file, and stays." in planned.out
    pruned = run("config", "plan", applied, "--check", "--prune")
    assert pruned.code == 2
    assert "- segment Other" in pruned.out
    assert "Done: 1 deleted." in run("config", "apply", applied, "--prune", "--yes").out
    assert run("segments", "show", "Other").code == 3


def test_secrets_that_are_not_there_are_kept(
    run: Run, applied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY)
    checked = run("config", "plan", applied, "--check")
    assert checked.code == 0
    assert f"braze-eu.yml:7: The variable {KEY} is not set. The secret that there is stays." in checked.err
    monkeypatch.setenv(KEY, "another")
    assert "spec.secrets.api_key: set -> set to another value" in run("config", "plan", applied).out


def test_secrets_are_needed_where_there_are_none(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY)
    refused = run("config", "apply", folder, "--yes")
    assert refused.code == 5
    assert f"braze-eu.yml:7: spec.secrets.api_key: The variable '{KEY}' was not read" in refused.err


def test_every_problem_has_its_file_and_line(run: Run, applied: Path) -> None:
    change(applied / "sources/web-shop.yaml", "rate_per_s: 100", "rate_per_s: fast")
    change(applied / "segments/buyers.yaml", "segment: Buyers", "segment: Buyer")
    change(applied / "connections/braze-eu.yml", "kind: export", "kind: exports")
    refused = run("config", "plan", applied, "--check")
    assert refused.code == 5
    for words in (
        "web-shop.yaml:5: spec.rate_per_s:",
        "buyers.yaml:13: spec.condition.condition.segment: There is no segment 'Buyer'.",
        "braze-eu.yml:10: spec.goals.0.kind: Braze has no goal 'exports'",
        "[config.invalid_documents]",
    ):
        assert words in refused.err


def test_what_cannot_be_read_is_told_whole_and_is_no_drift(run: Run, folder: Path, tmp_path: Path) -> None:
    (folder / "sources/web-shop.yaml").write_text("kind: source\nname: [")
    (folder / "segments/buyers.yaml").write_text("kind: segment\nkind: segment")
    refused = run("config", "plan", folder, "--check")
    assert refused.code == 5
    assert "web-shop.yaml: Line 2" in refused.err
    assert "buyers.yaml: Line 2" in refused.err
    (tmp_path / "empty").mkdir()
    assert "There is no document" in run("config", "plan", tmp_path / "empty").err
    missing = run("config", "plan", tmp_path / "nowhere")
    assert (missing.code, "cannot be read" in missing.err) == (5, True)


@pytest.mark.usefixtures("applied")
def test_an_export_is_a_file_an_object_which_changes_nothing(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "out"
    assert "4 objects are in" in run("config", "export", place).out
    files = sorted(str(file.relative_to(place)) for file in place.rglob("*.yaml"))
    assert files == [
        "connections/braze-eu.yaml",
        "segments/buyers.yaml",
        "segments/lapsed.yaml",
        "sources/web-shop.yaml",
    ]
    connection = yaml.safe_load((place / "connections/braze-eu.yaml").read_text())
    assert connection["spec"]["secrets"] == {"api_key": {"env": KEY}}
    assert run("config", "plan", place, "--check").code == 0
    before = {file: file.read_text() for file in place.rglob("*.yaml")}
    assert run("config", "export", place, "--json").json() == {"written": [], "stale": []}
    assert {file: file.read_text() for file in place.rglob("*.yaml")} == before


@pytest.mark.usefixtures("applied")
def test_an_export_keeps_files_that_say_the_same_with_their_words(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "out"
    assert run("config", "export", place).code == 0
    (place / "sources/web-shop.yaml").rename(place / "shop.yaml")
    change(place / "shop.yaml", "kind: source", "# Ours.\nkind: source")
    change(place / "connections/braze-eu.yaml", f"env: {KEY}", "file: key.txt")
    assert run("segments", "update", "Buyers", "--description", "They bought").code == 0
    assert run("connections", "update", "Braze EU", "--owner", "Ann").code == 0
    told = run("config", "export", place, "--json").json()
    names = {Path(file).name for file in told["written"]}
    assert names == {"buyers.yaml", "braze-eu.yaml"}
    assert "# Ours." in (place / "shop.yaml").read_text()
    connection = yaml.safe_load((place / "connections/braze-eu.yaml").read_text())
    assert connection["spec"]["secrets"] == {"api_key": {"file": "key.txt"}}
    assert connection["spec"]["owner"] == "Ann"


def test_an_export_overwrites_no_other_document(run: Run, applied: Path) -> None:
    assert run("segments", "update", "Buyers", "--description", "They bought").code == 0
    refused = run("config", "export", applied)
    assert refused.code == 5
    assert "buyers.yaml holds other documents" in refused.err
    assert (applied / "segments/buyers.yaml").read_text() == FILES["segments/buyers.yaml"]


@pytest.mark.usefixtures("applied")
def test_one_object_is_exported_alone(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "out"
    assert run("config", "export", place).code == 0
    assert run("segments", "update", "Buyers", "--description", "They bought").code == 0
    told = run("config", "export", place, "--kind", "segment", "--name", "Buyers", "--json").json()
    assert told == {"written": [str(place / "segments/buyers.yaml")], "stale": []}
    text = run("config", "export", "--kind", "segment", "--name", "Buyers").out
    assert yaml.safe_load(text)["spec"]["description"] == "They bought"
    assert "[config.unknown_name]" in run("config", "export", "--name", "Nobody").err


@pytest.mark.usefixtures("applied")
def test_one_text_holds_everything(run: Run, tmp_path: Path) -> None:
    text = run("config", "export").out
    (tmp_path / "all.yaml").write_text(text)
    assert run("config", "plan", tmp_path / "all.yaml", "--check").code == 0
    assert len(run("config", "export", "--json").json()["documents"]) == 4


def test_names_that_come_to_one_file_are_told_apart(run: Run, tmp_path: Path) -> None:
    names = ["VIP", "vip!", "../../etc/passwd", "日本"]
    for name in names[:2] + names[3:]:
        assert run("segments", "create", name, "--condition", "trait plan exists").code == 0
    assert run("config", "export", tmp_path / "out").code == 0
    files = sorted(file.name for file in (tmp_path / "out/segments").iterdir())
    assert len(files) == 3
    assert "日本.yaml" in files
    assert all(name.startswith(("vip-", "日本")) for name in files)


def test_the_schema_is_shown(run: Run) -> None:
    assert run("config", "schema").json()["$id"] == "onefold:config"
