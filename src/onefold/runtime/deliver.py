"""The deliver role: one courier a connection, told of settings by control.db and of work by the worker."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence

import uvloop
from cryptography.fernet import Fernet

from onefold.activate.deliver import Deliver
from onefold.activate.store import Ask, Asked, Replay
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.connections import ConnectionStore
from onefold.backends.embedded.control.decisions import DecisionStore, RunRequestStore
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.clock import now
from onefold.log.wake import Sleeper
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.letter import LetterState
from onefold.model.run import RunKind
from onefold.plugin.discover import find_connectors
from onefold.runtime.garbage import settle
from onefold.runtime.role import Role
from onefold.runtime.secret_key import load_cipher

STAGE = "activate"


def run_deliver(role: Role) -> None:
    """Deliver until told to stop, then what the state still holds."""
    for name in ("control", "log", "state"):
        role.wait_for_database(name)
    root = role.directory.root
    store = EmbeddedDelivery(root, role.settings.retention)
    control = ControlDatabase.reader(root)
    directory = ControlDirectory(control, load_cipher(root, os.environ))
    sleeper = Sleeper(role.directory.wake_socket("deliver"))
    deliver = Deliver(
        store,
        directory,
        EmbeddedStateReader(root),
        EmbeddedLogReader(root),
        find_connectors().connectors,
        now,
        settings=role.settings.delivery,
        sleeper=sleeper,
    )
    # Measured: 3 to 4 % less CPU an object than the loop of asyncio.
    uvloop.run(_run(role, deliver))
    sleeper.close()
    store.close()
    control.close()


async def _run(role: Role, deliver: Deliver) -> None:
    told, stop = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    if role.stop.is_set():
        told.set()  # while starting, before these handlers
    running = asyncio.create_task(deliver.run(stop))
    stopping = asyncio.create_task(told.wait())
    settle()
    role.ready()
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        await _drain(deliver, running, role.settings.server.deliver_drain_s_max)
    stopping.cancel()
    stop.set()
    await running


async def _drain(deliver: Deliver, running: "asyncio.Task[None]", seconds: float) -> None:
    """Send what there is, unless a destination is slow or down: the rest waits for the next start."""
    draining = asyncio.create_task(deliver.drain())
    await asyncio.wait({draining, running}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    draining.cancel()


class ControlDirectory:
    """What the user configured, for `Deliver`."""

    def __init__(self, control: ControlDatabase, cipher: Fernet) -> None:
        self._control = control
        self._connections = ConnectionStore(control, cipher)
        self._decisions = DecisionStore(control)
        self._requests = RunRequestStore(control)
        self._seen = (-1, list[Replay]())

    def revision(self) -> int:
        """Grows with every change."""
        return self._control.revision()

    def connections(self) -> Sequence[Connection]:
        """All, secrets decrypted."""
        return self._connections.page()

    def goals(self) -> Sequence[Goal]:
        """All goals of all connections."""
        return self._connections.goals()

    def replays(self, since: int) -> Sequence[Replay]:
        """Letters of activation that shall go again, oldest first. Asked often: read after a change only."""
        revision = self.revision()
        if revision != self._seen[0]:
            self._seen = (revision, self._read_replays())
        return [replay for replay in self._seen[1] if replay.at >= since]

    def asked(self) -> Asked:
        """What people asked of runs of goals."""
        requests = self._requests.page(kind=RunKind.GOAL)
        asks = [
            Ask(
                one.id,
                int(one.arguments["connection_id"]),
                int(one.arguments["goal_id"]),
                one.by,
                one.created_at,
            )
            for one in reversed(requests)
        ]
        return Asked(asks, self._requests.goal_runs_cancelled())

    def _read_replays(self) -> list[Replay]:
        decided: Mapping[str, int] = {
            decision.letter_id: decision.at
            for decision in self._decisions.of_stage(STAGE)
            if decision.state is LetterState.REPLAYED
        }
        replays = [Replay(int(letter_id.partition("-")[2]), at) for letter_id, at in decided.items()]
        return sorted(replays, key=lambda replay: replay.at)
