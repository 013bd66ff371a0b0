"""What a role is given to work with, and how it tells that it works.

In: the data directory, the settings, listening sockets. Out: `running` in the role's file, a line to the
supervisor.
"""

import contextlib
import os
import socket
import threading
import time
from dataclasses import dataclass, field

from onefold.errors import OnefoldError
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.role_file import RoleFile, RoleName
from onefold.runtime.settings import Settings

DATABASE_WAIT_S = 60.0
"""A role waits so long for the files of another to be made at the first start."""
READY = b"ready\n"


@dataclass(frozen=True, slots=True)
class Role:
    """What a role is given."""

    name: RoleName
    directory: DataDirectory
    settings: Settings
    file: RoleFile
    sockets: tuple[socket.socket, ...] = ()
    """For web: TCP, then unix."""
    ready_fd: int | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def ready(self) -> None:
        """It does its work from here on: say so to everybody who asks and to the supervisor."""
        self.file.write("running")
        if self.ready_fd is not None:
            # The supervisor may be gone already; then we are told to stop by another way.
            with contextlib.suppress(BrokenPipeError):
                os.write(self.ready_fd, READY)

    def wait_for_database(self, name: str) -> None:
        """Wait until the role that owns a file has made it.

        Raises:
            OnefoldError: it did not come.
        """
        from onefold.backends.embedded.database import is_current

        deadline = time.monotonic() + DATABASE_WAIT_S
        while not is_current(self.directory.root, name):  # type: ignore[arg-type]
            if self.stop.wait(0.05):
                raise OnefoldError("runtime.stopped", "Told to stop while starting.")
            if time.monotonic() > deadline:
                raise OnefoldError("runtime.no_database", f"{name}.db was not made in time.")
