"""A data directory with a real log, worker, delivery file and control file, worked by hand."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.sources import SourceStore
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.log import EmbeddedLog
from onefold.backends.embedded.looks import EmbeddedLooks
from onefold.backends.embedded.state import EmbeddedState
from onefold.backends.embedded.traces import EmbeddedTraces
from onefold.clock import MINUTE, from_iso
from onefold.model.letter import Letter
from onefold.model.outcome import Count, Kind
from onefold.model.record import Record, RecordKind
from onefold.observe.look import Look, Observer
from onefold.pipeline.worker import Worker
from onefold.plugin.discover import find_connectors
from onefold.segment.evaluator import compile_segments

START = from_iso("2026-03-15T10:30:00")


class Site:
    """The roles of a workspace, each moved by its method."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.now = START
        self.control = ControlDatabase.writer(directory)
        self.sources = SourceStore(self.control)
        self.log = EmbeddedLog(directory, clock=self.clock)
        self.state = EmbeddedState(directory, clock=self.clock)
        self.worker = Worker(self.log, self.state, compile_segments)
        self.delivery = EmbeddedDelivery(directory)
        self.looks = EmbeddedLooks(directory)
        self.traces = EmbeddedTraces(directory, lambda: find_connectors().connectors)
        self.observer = Observer(self.looks, list, clock=self.clock)

    def clock(self) -> int:
        return self.now

    def wait(self, minutes: int = 1) -> None:
        self.now += minutes * MINUTE

    def capture(self, *events: dict[str, Any], source_id: int = 1) -> int:
        """Take events as one batch, as capture does."""
        body = json.dumps([{"type": "track", "event": "Seen", "userId": "u", **event} for event in events])
        record = Record(RecordKind.EVENTS, source_id, self.now, len(events), body.encode())
        return self.log.append(
            [record], counts=[Count("capture", str(source_id), Kind.PASSED, "", len(events))]
        )

    def refuse(self, message_id: str, source_id: int = 1) -> None:
        code = "capture.missing_field"
        letter = Letter(
            "", "capture", code, "event", "It is missing.", "Send it.", self.now, source_id, message_id, "{}"
        )
        self.log.append(
            [], counts=[Count("capture", str(source_id), Kind.REJECTED, code, 1)], letters=[letter]
        )

    def fold(self) -> None:
        while self.worker.step():
            pass

    def look(self) -> Look:
        return self.observer.look()

    def close(self) -> None:
        for part in (self.traces, self.looks, self.delivery, self.state, self.log, self.control):
            part.close()


@pytest.fixture(scope="session")
def made_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files as their roles make them, once: migrating them costs more than a test."""
    directory = tmp_path_factory.mktemp("files")
    Site(directory).close()
    return directory


@pytest.fixture
def site(made_files: Path, tmp_path: Path) -> Iterator[Site]:
    directory = tmp_path / "data"
    shutil.copytree(made_files, directory)
    found = Site(directory)
    yield found
    found.close()
