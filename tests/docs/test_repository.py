"""The repository installs anywhere: locks are whole and hashed, and no file names a registry or a machine."""

import json
import re
import runpy
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]

# Put together here, so that this file does not hold what it looks for.
DOT = "[.]"
HOSTS = [
    "pypi" + DOT + "org",
    "python" + "hosted",
    "npmjs" + DOT,
    "deb" + DOT + "debian",
    "maven" + DOT,
    "crates" + DOT + "io",
]
MACHINE_PATHS = [r"(?<![\w.])/" + top + "/" for top in ("work", "root", "home")]

NODE_LOCKS = ["web/package-lock.json", "tests/clients/package-lock.json"]

LOCKED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)


def load_pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def declared(group: str) -> list[Requirement]:
    """Requirements of the package and of one dependency group, included groups too."""
    project = load_pyproject()
    names = list(project["project"]["dependencies"])
    groups = [group]
    while groups:
        for entry in project["dependency-groups"][groups.pop()]:
            if isinstance(entry, str):
                names.append(entry)
            else:
                groups.append(entry["include-group"])
    return [Requirement(name) for name in names]


def read_lock(name: str) -> dict[str, Version]:
    text = (ROOT / "requirements" / name).read_text()
    return {canonicalize_name(found["name"]): Version(found["version"]) for found in LOCKED.finditer(text)}


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize(("group", "lock"), [("build", "onefold.lock"), ("test", "test.lock")])
def test_lock_satisfies_what_pyproject_declares(group: str, lock: str) -> None:
    locked = read_lock(lock)
    unmet = [
        str(need)
        for need in declared(group)
        if locked.get(canonicalize_name(need.name)) not in need.specifier
    ]
    assert unmet == []


def test_both_locks_agree_on_every_version() -> None:
    product, test = read_lock("onefold.lock"), read_lock("test.lock")
    assert {name: version for name, version in product.items() if test.get(name) != version} == {}


@pytest.mark.parametrize("lock", ["onefold.lock", "test.lock", "node.lock"])
def test_every_locked_package_has_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / "requirements" / lock).read_text())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_node_locks_leave_the_registry_to_the_machine(lock: str) -> None:
    packages = json.loads((ROOT / lock).read_text())["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_node_locks_have_a_hash_for_all_that_this_platform_installs(lock: str) -> None:
    """A mirror may lack what only another platform installs: that has a version, but no hash."""
    packages = json.loads((ROOT / lock).read_text())["packages"]
    unhashed = {name: entry for name, entry in packages.items() if name and "integrity" not in entry}
    assert [name for name, entry in unhashed.items() if not (entry.get("optional") and entry.get("os"))] == []


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_node_locks_are_complete_for_npm_ci(lock: str) -> None:
    """After `npm install`, run `make lock` or `python3 requirements/complete_node_lock.py LOCK`."""
    tool = runpy.run_path(str(ROOT / "requirements" / "complete_node_lock.py"))
    assert tool["complete"](json.loads((ROOT / lock).read_text())) == []


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    pattern = re.compile("|".join(HOSTS + MACHINE_PATHS))
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []
