"""What the user configured, as delivery reads it of control.db."""

from collections.abc import Mapping, Sequence

from onefold.activate.store import Ask, Asked, Replay
from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.cipher import Cipher
from onefold.backends.embedded.control.connections import ConnectionStore
from onefold.backends.embedded.control.decisions import DecisionStore, RunRequestStore
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.letter import LetterState
from onefold.model.run import RunKind
from onefold.run.wish import read_wish

STAGE = "activate"


class ControlDirectory:
    """What the user configured, for `Deliver`."""

    def __init__(self, control: ControlDatabase, cipher: Cipher) -> None:
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
                read_wish(one.arguments),
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
