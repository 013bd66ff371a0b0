"""What a role says of itself in `run/<role>.role`: held by flock while it lives, so death needs no word.

In: the run directory. Out: who runs, since when. Any process may look.
"""

import fcntl
import os
import time
from pathlib import Path
from typing import IO, Literal

import msgspec

from onefold.clock import now
from onefold.errors import OnefoldError

RoleName = Literal["web", "worker", "deliver", "tasks"]
ROLES: tuple[RoleName, ...] = ("web", "worker", "deliver", "tasks")
TAKE_S = 5.0
"""A role whose predecessor was just killed waits so long for it to be gone."""


class RoleState(msgspec.Struct, frozen=True):
    """One role as seen from outside."""

    role: str
    status: Literal["running", "starting", "down"]
    since: int
    pid: int = 0


class RoleFile:
    """Held by the role itself."""

    def __init__(self, run: Path, role: str) -> None:
        self._role = role
        self._since = now()
        self._file = (run / f"{role}.role").open("a+b")
        _take(self._file, role)
        self.write("starting")

    def write(self, status: Literal["running", "starting"]) -> None:
        """Say how it is."""
        state = RoleState(self._role, status, self._since, os.getpid())
        self._file.truncate(0)
        self._file.write(msgspec.json.encode(state))
        self._file.flush()

    def release(self) -> None:
        """Gone in good order."""
        self._file.close()


def read_role(run: Path, role: str) -> RoleState:
    """How a role is. A file that nobody holds belongs to a role that is down since it was last written."""
    path = run / f"{role}.role"
    try:
        with path.open("rb") as file:
            state = msgspec.json.decode(file.read(), type=RoleState)
            changed = int(path.stat().st_mtime_ns // 1000)
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return state
    except (OSError, msgspec.MsgspecError):
        return RoleState(role, "down", 0)
    return RoleState(role, "down", changed)


def read_roles(run: Path) -> list[RoleState]:
    """How all of them are, in the order of an event's way."""
    return [read_role(run, role) for role in ROLES]


def _take(file: IO[bytes], role: str) -> None:
    deadline = time.monotonic() + TAKE_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OnefoldError(
                    "runtime.role_runs",
                    f"A {role} role runs on this data directory already.",
                    hint="Stop it first.",
                ) from None
            time.sleep(0.02)
        else:
            return
