"""The deliver role of a test's data directory, as a process that a test can kill.

python deliver_process.py DATA_DIR CONFIG     CONFIG: JSON of the connections and goals
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from onefold.activate.deliver import Deliver
from onefold.activate.settings import DeliverySettings
from onefold.activate.store import Ask, Asked, Replay
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.clock import now
from onefold.connectors.braze import BrazeConnector
from onefold.model.connection import Connection
from onefold.model.goal import Goal


class Config(msgspec.Struct):
    """What the test configured."""

    connected: list[Connection]
    wanted: list[Goal]
    asks: list[Ask] = []
    ahead: int = 0
    """How much later it is for the role than it is, in microseconds."""

    def revision(self) -> int:
        return 1

    def connections(self) -> Sequence[Connection]:
        return self.connected

    def goals(self) -> Sequence[Goal]:
        return self.wanted

    def replays(self, since: int) -> Sequence[Replay]:
        return []

    def asked(self) -> Asked:
        return Asked(self.asks)


def main(data_dir: Path, config: Config) -> None:
    """Deliver until killed."""
    deliver = Deliver(
        EmbeddedDelivery(data_dir),
        config,
        EmbeddedStateReader(data_dir),
        EmbeddedLogReader(data_dir),
        {"braze": BrazeConnector()},
        lambda: now() + config.ahead,
        settings=DeliverySettings(linger_ms=5, poll_ms=5),
    )
    asyncio.run(deliver.run(asyncio.Event()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Config))
