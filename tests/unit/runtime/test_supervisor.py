"""The supervisor says once that all roles are up, and never while it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.settings import Settings
from onefold.runtime.supervisor import READY, Supervisor


@pytest.fixture
def announced() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, announced: list[str]) -> Supervisor:
    return Supervisor(
        DataDirectory(tmp_path),
        Settings(),
        sockets=[],
        on_ready=lambda: announced.append("ready"),
    )


def test_all_roles_up_is_announced_once(supervisor: Supervisor, announced: list[str]) -> None:
    for child in [*supervisor._children.values()] * 2:
        supervisor._note_ready(child, READY)
    assert announced == ["ready"]


def test_a_role_that_becomes_ready_during_a_drain_announces_nothing(
    supervisor: Supervisor, announced: list[str]
) -> None:
    supervisor._draining = True
    for child in supervisor._children.values():
        supervisor._note_ready(child, READY)
    assert announced == []


def test_what_is_imported_for_the_roles_starts_no_thread() -> None:
    code = (
        "import os\n"
        "from onefold.runtime.supervisor import load_roles\n"
        "load_roles()\n"
        "print(len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1"], "a fork would not have the others, but the locks that they held"
