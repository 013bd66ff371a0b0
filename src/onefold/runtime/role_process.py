"""One role as the work of a process.

In: the data directory, the settings, listening sockets from the supervisor. It ends when told to
(SIGTERM: finish what is held, then go), or when the process that started it is gone.
"""

import ctypes
import os
import signal
import socket
import sys

from onefold.errors import OnefoldError
from onefold.log.wake import Waker
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.exit_code import ExitCode
from onefold.runtime.role import Role
from onefold.runtime.role_file import RoleFile, RoleName
from onefold.runtime.settings import Settings

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15


def run_role(role: Role) -> None:
    """Run until `role.stop` is set, then drain and return."""
    match role.name:
        case "web":
            from onefold.runtime.web import run_web

            run_web(role)
        case "worker":
            from onefold.runtime.worker import run_worker

            run_worker(role)
        case "deliver":
            from onefold.runtime.deliver import run_deliver

            run_deliver(role)
        case "tasks":
            from onefold.runtime.tasks import run_tasks

            run_tasks(role)


def start_role(
    name: RoleName,
    directory: DataDirectory,
    settings: Settings,
    *,
    sockets: tuple[socket.socket, ...] = (),
    ready_fd: int | None = None,
) -> int:
    """Run a role in this process; returns the exit code."""
    import structlog

    from onefold.runtime.diagnostics import configure_diagnostics

    configure_diagnostics(settings.server.diagnostics, settings.server.diagnostics_level, role=name)
    logger = structlog.get_logger(__name__)
    try:
        role = Role(name, directory, settings, RoleFile(directory.run, name), sockets, ready_fd)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _stop(role))
        run_role(role)
    except OnefoldError as error:
        if error.code == "runtime.stopped":
            return ExitCode.OK
        logger.error(error.code, message=error.message, hint=error.hint)
        return (
            ExitCode.CONFIG if error.code.startswith(("runtime.secret", "storage.newer")) else ExitCode.FAILED
        )
    except Exception:
        logger.exception("role.failed")
        return ExitCode.FAILED
    role.file.release()
    return ExitCode.OK


def _stop(role: Role) -> None:
    """Tell a role to stop, and wake it if it sleeps."""
    role.stop.set()
    waker = Waker(role.directory.wake_socket(role.name))
    waker.wake()
    waker.close()


def die_with_parent(parent_pid: int) -> None:
    """Be told (SIGTERM) when the process that started us dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent_pid:
        sys.exit(ExitCode.FAILED)  # it died before we could ask


def set_name(name: str) -> None:
    """What `ps -o comm` and `top` call this process; 15 bytes at most."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())
