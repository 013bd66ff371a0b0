"""The supervisor says once that all roles are up, and never while it ends."""

import os
from pathlib import Path

import pytest

from onefold.runtime.supervisor import READY, Supervisor


@pytest.fixture
def announced() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, announced: list[str]) -> Supervisor:
    return Supervisor(
        tmp_path,
        config=None,
        overrides={},
        lock_fd=os.open(tmp_path, os.O_RDONLY),
        sockets=[],
        drain_s_max=1,
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
