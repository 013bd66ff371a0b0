"""What a server's log holds, read as its own readers do."""

from pathlib import Path

from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.model.event import Event, decode_events
from onefold.model.record import RecordKind

PAGE_EVENTS = 10_000


def arrived(data_dir: Path) -> list[Event]:
    """Every event in the embedded log of `data_dir`, in order. The clock's ticks, say, are none."""
    reader = EmbeddedLogReader(data_dir)
    found: list[Event] = []
    after = 0
    try:
        while records := reader.read(after, events_max=PAGE_EVENTS):
            for record in records:
                if record.kind is RecordKind.EVENTS:
                    found += decode_events(record)
            after = records[-1].offset
    finally:
        reader.close()
    return found
