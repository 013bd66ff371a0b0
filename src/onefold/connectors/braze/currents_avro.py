"""Reading an Avro file of Braze's storage connector, block by block, without holding it in memory.

In: the bytes of an object-container file. Out: its records in order. What is broken becomes one bad item that
tells the place and how many records went with it: of a block, or all the rest where the blocks' borders are
lost. Braze writes no codec; deflate and snappy are read as well.
"""

from collections.abc import Iterator
from typing import IO, Any

import msgspec

from onefold.connectors.braze.avro_snappy import plain_file
from onefold.connectors.braze.currents_event import bad_event, translate
from onefold.plugin.feedback import BadItem, Item

BLOCK_RECORDS_MAX = 10_000_000
"""Braze writes at most 100,000 events a file: a block that claims more is broken."""


def events_of(file: IO[bytes], event_type: str, name: str) -> Iterator[Item]:
    """An item a record, and one for whatever is broken."""
    blocks = _blocks(file)
    count = 0
    while True:
        try:
            block = next(blocks, None)
        except Exception as error:
            yield _broken(name, f"the rest behind record {count:,} cannot be read", error)
            return
        if block is None:
            return
        yield from _records(block, event_type, name, count)
        count += block.num_records


def _blocks(file: IO[bytes]) -> Iterator[Any]:
    # Late: every process loads the connectors, and only one reads files.
    import fastavro

    with plain_file(file) as plain:
        for block in fastavro.block_reader(plain):
            if block.num_records > BLOCK_RECORDS_MAX:
                raise ValueError("a block claims too many records")
            yield block


def _records(block: Any, event_type: str, name: str, before: int) -> Iterator[Item]:
    records = iter(block)
    for number in range(block.num_records):
        try:
            record = msgspec.to_builtins(next(records))
        except Exception as error:
            lost = block.num_records - number
            yield _broken(name, f"{lost:,} events behind record {before + number:,} cannot be read", error)
            return
        if isinstance(record, dict):
            yield translate(event_type, record)
        else:
            yield _broken(name, f"record {before + number + 1:,} is none", TypeError())


def broken_file(name: str, what: str) -> BadItem:
    """The item for a file, or a part of one, that cannot be read."""
    reason = f"A file of Braze is broken: {what}."
    hint = "Discard the letter, or ask Braze to write the events again."
    found = bad_event("", reason, name.encode())
    return msgspec.structs.replace(found, code="acquire.braze.broken_file", hint=hint)


def _broken(name: str, what: str, error: Exception) -> BadItem:
    return broken_file(name, f"{what} ({type(error).__name__})")
