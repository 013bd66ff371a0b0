"""All roles of one data directory, a process each: started, restarted when they die, drained at the end.

In: settings, a locked data directory. The supervisor opens the listening sockets and holds them, so a
web role that was killed loses no connection that had not been accepted. It does no work itself: it imports
what the roles run, once, and each is a fork of it, which costs no start and shares its memory (ADR 46).
"""

import contextlib
import gc
import importlib
import multiprocessing
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.context import ForkProcess

import structlog

from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.exit_code import ExitCode
from onefold.runtime.role import READY
from onefold.runtime.role_file import ROLES, RoleName
from onefold.runtime.role_process import die_with_parent, set_name, start_role
from onefold.runtime.settings import Settings

BACKOFF_S_MIN = 0.1
BACKOFF_S_MAX = 10.0
"""A role that dies again and again is started at most every 10 s: it will not spin."""
START_DEATHS_MAX = 5
"""A role that has never been up and has died so often will not come up: the start has failed."""
STEADY_S = 5.0
"""Up for so long, its next death counts as the first."""
INSIST_S = 1.0
"""A signal later than this after the first means: now."""
DRAIN_ORDER: tuple[tuple[RoleName, ...], ...] = (("tasks",), ("web",), ("worker",), ("deliver",))
"""Nothing new comes in, then what came in is unified, then what changed is delivered. Tasks append by web."""

TOLD = {signal.SIGTERM, signal.SIGINT}
"""What a supervisor, and each role by itself, is told to end by."""
FORK = multiprocessing.get_context("fork")

logger = structlog.get_logger(__name__)


def load_roles() -> None:
    """Import what the roles run. Starts no thread: a fork would lack it, and have the locks that it held."""
    # NumPy starts the threads of its linear algebra with the first import; we have none to do.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name in ROLES:
        importlib.import_module(f"onefold.runtime.{name}")
    # What is there now stays: a collection in a role must not touch, and thereby copy, its pages.
    gc.collect()
    gc.freeze()


class Child:
    """One role's process, or the wait for the next one."""

    def __init__(self, name: RoleName) -> None:
        self.name = name
        self.process: ForkProcess | None = None
        self.ready_fd = -1
        self.is_ready = False
        self.was_ready = False
        self.started_at = 0.0
        self.deaths = 0
        self.start_at = 0.0

    def backoff_s(self) -> float:
        """How long to wait after this death."""
        return float(min(BACKOFF_S_MAX, BACKOFF_S_MIN * 2 ** min(self.deaths - 1, 10)))


class Supervisor:
    """Runs until SIGTERM or SIGINT; `run` returns the exit code."""

    def __init__(
        self,
        directory: DataDirectory,
        settings: Settings,
        *,
        sockets: Sequence[socket.socket],
        on_ready: Callable[[], None],
    ) -> None:
        """Needs a locked directory: the lock travels along, and is ours until the last role is gone."""
        self._directory = directory
        self._settings = settings
        self._sockets = list(sockets)
        self._on_ready = on_ready
        self._children: dict[RoleName, Child] = {name: Child(name) for name in ROLES}
        self._selector = selectors.DefaultSelector()
        self._signals: list[int] = []
        self._announced = False
        self._draining = False

    def run(self) -> int:
        """Start everything, keep it running, drain at a signal."""
        load_roles()
        with self._caught_signals():
            while not self._signals:
                for child in self._children.values():
                    if child.process is None and child.start_at <= time.monotonic():
                        self._start(child)
                fatal = self._wait(self._next_start_s())
                if fatal:
                    self._drain()
                    return fatal
            logger.info("server.draining")
            return self._drain()

    @contextlib.contextmanager
    def _caught_signals(self) -> Iterator[None]:
        reading, writing = socket.socketpair()
        reading.setblocking(False)
        writing.setblocking(False)
        signal.set_wakeup_fd(writing.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        self._selector.register(reading, selectors.EVENT_READ, None)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            self._selector.close()
            reading.close()
            writing.close()

    def _start(self, child: Child) -> None:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        child.process = FORK.Process(
            target=self._become, args=(child.name, os.getpid(), writing), name=child.name, daemon=True
        )
        # Until the new process has let go of our handlers, a signal to it waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
        try:
            child.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
        os.close(writing)
        child.ready_fd = reading
        child.is_ready = False
        child.started_at = time.monotonic()
        self._selector.register(reading, selectors.EVENT_READ, child)

    def _become(self, name: RoleName, parent_pid: int, ready_fd: int) -> None:
        """In the new process: leave all that is the supervisor's alone, and be the role."""
        # A group of its own keeps Ctrl-C in the terminal from reaching the roles: the drain has an order.
        os.setpgrp()
        self._leave()
        die_with_parent(parent_pid)
        set_name(f"onefold-{name}")
        sockets = tuple(self._sockets)
        if name != "web":
            for sock in sockets:
                sock.close()
            sockets = ()
        sys.exit(start_role(name, self._directory, self._settings, sockets=sockets, ready_fd=ready_fd))

    def _leave(self) -> None:
        """Let go of the signals and of the pipes of the other roles."""
        signal.set_wakeup_fd(-1)
        for number in TOLD:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
        for child in self._children.values():
            if child.ready_fd >= 0:
                os.close(child.ready_fd)
        self._selector.close()

    def _wait(self, timeout_s: float | None) -> int:
        """Handle what happens; a number when everything must end."""
        for key, _ in self._selector.select(timeout_s):
            child = key.data
            if child is None:
                with contextlib.suppress(BlockingIOError):
                    self._signals += key.fileobj.recv(64)  # type: ignore[union-attr]
                continue
            said = os.read(child.ready_fd, 64)
            if said:
                self._note_ready(child, said)
            elif fatal := self._note_death(child):
                return fatal
        return 0

    def _note_ready(self, child: Child, said: bytes) -> None:
        child.is_ready = child.was_ready = said.endswith(READY)
        # Who becomes ready during a drain has nothing to announce: the sockets are closed by then.
        if self._announced or self._draining:
            return
        if all(other.is_ready for other in self._children.values()):
            self._announced = True
            self._on_ready()

    def _note_death(self, child: Child) -> int:
        """Its pipe has closed: reap it and plan the next start."""
        assert child.process is not None  # noqa: S101  (a registered pipe belongs to a process)
        child.process.join()
        code = child.process.exitcode
        self._forget(child)
        if code == ExitCode.CONFIG and not child.was_ready:
            return code
        steady = time.monotonic() - child.started_at > STEADY_S
        child.deaths = 1 if steady else child.deaths + 1
        child.start_at = time.monotonic() + child.backoff_s()
        if not self._announced and not child.was_ready and child.deaths >= START_DEATHS_MAX:
            logger.error("role.cannot_start", died=child.name, exit_code=code)
            return ExitCode.FAILED
        if not self._draining:
            logger.warning("role.died", died=child.name, exit_code=code, again_in_s=child.backoff_s())
        return 0

    def _forget(self, child: Child) -> None:
        self._selector.unregister(child.ready_fd)
        os.close(child.ready_fd)
        child.ready_fd = -1
        child.process = None
        child.is_ready = False

    def _next_start_s(self) -> float | None:
        waits = [
            max(0.0, child.start_at - time.monotonic())
            for child in self._children.values()
            if child.process is None
        ]
        return min(waits) if waits else None

    def _drain(self) -> int:
        """Stop the roles in order, all within the limit; a second signal ends the waiting."""
        deadline = time.monotonic() + self._settings.server.drain_s_max
        began = time.monotonic()
        self._draining = True
        self._signals.clear()
        code = ExitCode.OK
        for sock in self._sockets:
            sock.close()
        for names in DRAIN_ORDER:
            running = [self._children[name] for name in names if self._children[name].process]
            for child in running:
                if child.process:
                    child.process.terminate()
            while any(child.process for child in running):
                left = deadline - time.monotonic()
                if time.monotonic() - began < INSIST_S:
                    self._signals.clear()  # one stop may reach us twice: from the terminal and from a parent
                if left <= 0 or self._signals:
                    code = ExitCode.FAILED
                    self._kill(running)
                else:
                    self._wait(left)
        return code

    def _kill(self, children: Sequence[Child]) -> None:
        # Nothing is lost by it: what was acknowledged is on disk, and each role goes on where it committed.
        for child in children:
            if child.process:
                logger.warning("role.killed", killed=child.name)
                child.process.kill()
                child.process.join()
                self._forget(child)
