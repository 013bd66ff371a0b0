"""What tests of the fold need: a log in memory, events in one line, fresh states at no cost."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from onefold.backends.embedded.database import database_path, migrate
from onefold.backends.embedded.state import EmbeddedState
from onefold.log.log import READ_RECORDS_MAX
from onefold.model.erasure import Erase
from onefold.model.identity_rules import IdentityPut, IdentityRules
from onefold.model.json import JsonObject, JsonValue
from onefold.model.record import Record, RecordKind
from onefold.model.segment import SegmentDefinition, SegmentDrop, SegmentFill, encode_fill
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments

START = 1_760_000_000_000_000
"""The clock of the first record: 2025-10-09."""


class MemoryLog:
    """A log of records in a list; offsets from 1."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records: list[Record] = []
        for record in records:
            self.append(record)

    def append(self, record: Record) -> int:
        """Put a record at the end; returns its offset."""
        offset = len(self.records) + 1
        self.records.append(msgspec.structs.replace(record, offset=offset))
        return offset

    def read(
        self, after: int, *, records_max: int = READ_RECORDS_MAX, events_max: int = 1000
    ) -> list[Record]:
        """Records behind an offset, until they hold enough events."""
        found: list[Record] = []
        events = 0
        for record in self.records[after : after + records_max]:
            if found and events + record.count > events_max:
                break
            found.append(record)
            events += record.count
        return found

    def get(self, offsets: Sequence[int]) -> dict[int, Record]:
        """The records at these offsets."""
        return {offset: self.records[offset - 1] for offset in offsets if 0 < offset <= len(self.records)}

    def first(self) -> int:
        """The oldest offset."""
        return min(1, len(self.records))

    def end(self) -> int:
        """The newest offset."""
        return len(self.records)

    def find_mark(self, _name: str) -> None:
        """None: nobody works on it for long."""


class StateTemplate:
    """A migrated, empty `state.db`, copied for each fresh state."""

    def __init__(self, directory: Path) -> None:
        self._path = database_path(directory, "state")
        migrate(self._path, "state")

    def open(self, directory: Path) -> EmbeddedState:
        """A fresh state in a directory, or the one that is there already."""
        directory.mkdir(parents=True, exist_ok=True)
        path = database_path(directory, "state")
        if not path.exists():
            shutil.copyfile(self._path, path)
        return EmbeddedState(directory)


def fold_records(log: MemoryLog, store: EmbeddedState, *records: Record, batch: int = 1000) -> None:
    """Append records, and have a worker fold them, at most `batch` events a commit."""
    for record in records:
        log.append(record)
    sizes = WorkerSettings(batch_events_max=batch)
    worker = Worker(log, store, compile_segments, settings=sizes)
    while worker.step():
        pass


def events_record(*events: JsonObject, at: int = START, source_id: int = 1) -> Record:
    """One record of events, as capture writes it."""
    body = msgspec.json.encode(events[0] if len(events) == 1 else list(events))
    return Record(RecordKind.EVENTS, source_id, at, len(events), body)


def tick(at: int) -> Record:
    """The clock moves on."""
    return Record(RecordKind.TICK, 0, at, 0, b"")


def make_event(message_id: str, kind: str = "track", **fields: JsonValue) -> JsonObject:
    """An event of JSON fields, named as the SDKs do with underscores (`user_id` becomes `userId`)."""
    event: JsonObject = {"type": kind, "messageId": message_id}
    if kind == "track":
        event["event"] = "Product Viewed"
    for name, value in fields.items():
        first, *others = name.split("_")
        event[first + "".join(map(str.title, others))] = value
    return event


def put_segment(segment_id: int, condition: JsonObject, *, version: int = 1, at: int = START) -> Record:
    """Define a segment."""
    definition = msgspec.convert(
        {"id": segment_id, "version": version, "name": f"Segment {segment_id}", "condition": condition},
        SegmentDefinition,
    )
    return Record(RecordKind.SEGMENT_PUT, 0, at, 0, msgspec.json.encode(definition))


def fill_segment(fill: SegmentFill, at: int = START) -> Record:
    """One range of a fill."""
    return Record(RecordKind.SEGMENT_FILL, 0, at, 0, encode_fill(fill))


def put_identity(rules: IdentityRules, *, version: int = 1, at: int = START) -> Record:
    """Set the rules of identity."""
    return Record(RecordKind.IDENTITY_PUT, 0, at, 0, msgspec.json.encode(IdentityPut(version, rules)))


def erase_person(profile_id: int, run_id: str = "run-1", at: int = START) -> Record:
    """Erase whoever has this profile by then."""
    return Record(RecordKind.ERASE, 0, at, 0, msgspec.json.encode(Erase(profile_id, run_id)))


def drop_segment(segment_id: int, at: int = START) -> Record:
    """Drop a segment."""
    return Record(RecordKind.SEGMENT_DROP, 0, at, 0, msgspec.json.encode(SegmentDrop(segment_id)))
