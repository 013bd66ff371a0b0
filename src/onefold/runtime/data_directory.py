"""The data directory: one workspace, one place on disk.

log.db control.db state.db delivery.db tasks.db   one SQLite file a writing role
lock            held while anybody writes; holds the id of the process
secret.key      encrypts the secrets of connections (mode 600)
run/            sockets and what each role says of itself
uploads/        files sent for import       backups/     what `onefold backup` wrote
"""

import fcntl
import os
import stat
from pathlib import Path
from typing import IO

from onefold.errors import OnefoldError

ADDRESS_BYTES_MAX = 100
"""Linux takes 107 bytes for a unix socket; a longer path goes through a descriptor of its directory."""


class DataDirectory:
    """Paths of a data directory. Creating the object touches nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()

    def exists(self) -> bool:
        """Whether a workspace has been made here."""
        return (self.root / "control.db").exists()

    def create(self) -> None:
        """Make the directories, readable by their owner only."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in (self.run, self.uploads, self.backups):
                path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise OnefoldError(
                "runtime.data_directory",
                f"The data directory {self.root} cannot be made: {error.strerror}.",
                hint="Name another with --data-dir, or change who owns it.",
            ) from error

    @property
    def uploads(self) -> Path:
        """Files sent for import."""
        return self.root / "uploads"

    @property
    def backups(self) -> Path:
        """What `onefold backup` wrote."""
        return self.root / "backups"

    @property
    def run(self) -> Path:
        """Sockets and role files."""
        return self.root / "run"

    @property
    def api_socket(self) -> Path:
        """Where the local CLI reaches the web role."""
        return self.run / "api.sock"

    def api_address(self) -> str:
        """The same as an address for bind and connect; behind a kept descriptor when the path is too long."""
        if len(os.fsencode(self.api_socket)) <= ADDRESS_BYTES_MAX:
            return str(self.api_socket)
        directory = os.open(self.run, os.O_PATH | os.O_DIRECTORY)
        return f"/proc/self/fd/{directory}/{self.api_socket.name}"

    def wake_socket(self, role: str) -> Path:
        """Where a role is woken."""
        return self.run / f"{role}.sock"

    def lock(self, *, shared: bool = False) -> "Lock":
        """Take the directory for this process, and for the children that inherit the descriptor.

        `shared`: roles that run one by one hold it together, and keep a whole server out.

        Raises:
            OnefoldError: `runtime.locked`; says which process holds it.
        """
        self.create()
        file = (self.root / "lock").open("a+")
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            file.close()
            raise locked(self.root, holder) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return Lock(file)


class Lock:
    """The hold on a data directory; ends when every process that has the descriptor is gone."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def fileno(self) -> int:
        """The descriptor to hand to children."""
        return self._file.fileno()

    def release(self) -> None:
        """Let go in this process."""
        self._file.close()


def locked(root: Path, holder: str) -> OnefoldError:
    """The error that says who holds a directory."""
    who = f" (process {holder})" if holder.isdigit() else ""
    return OnefoldError(
        "runtime.locked",
        f"The data directory {root} is in use by another Onefold{who}.",
        hint="Stop it first, or name another directory with --data-dir.",
    )


def check_private(path: Path) -> None:
    """A file with secrets must be its owner's alone.

    Raises:
        OnefoldError: others may read it.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise OnefoldError(
            "runtime.secret_key_readable",
            f"The secret key {path} can be read by others (mode {mode:03o}).",
            hint=f"Run: chmod 600 {path}",
        )
