"""Brings rows together that belong together, wherever they stand in the file.

In: the rows of a file and the columns to group by. Out: groups, each with its rows in file order, in an
order that is the same at every reading. Memory is bounded: the rows are spread by a hash of their key
over temporary files of about 250,000 rows, and one such file at a time is sorted in memory (about 150 MB
at 200 bytes a row). Disk: about the size of the used columns as JSON.
"""

import zlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow
import pyarrow.compute
import pyarrow.ipc

from onefold.acquire.group import GROUP_ROWS_MAX, Group
from onefold.acquire.read import Cells, Row

PARTITION_ROWS = 250_000
"""Rows sorted at once."""
PARTITIONS_MAX = 256
"""Files open at once; beyond 64 million rows the partitions grow instead."""
BUFFER_ROWS = 200_000
"""Rows waiting to be written, over all partitions."""

_SCHEMA = pyarrow.schema([("key", pyarrow.string()), ("line", pyarrow.int64()), ("cells", pyarrow.binary())])
_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(Cells, float_hook=Decimal)


class Partitions:
    """The temporary files of one import; `add` all rows, then read the `groups`."""

    def __init__(self, directory: Path, rows_estimated: int) -> None:
        """Needs an empty directory of its own, which the caller removes."""
        count = min(PARTITIONS_MAX, rows_estimated // PARTITION_ROWS + 1)
        self._paths = [directory / f"{number}.arrow" for number in range(count)]
        self._writers = [pyarrow.ipc.new_stream(str(path), _SCHEMA) for path in self._paths]
        self._waiting: list[list[tuple[str, int, bytes]]] = [[] for _ in self._paths]
        self._rows_each = max(1, BUFFER_ROWS // count)

    def add(self, key: str, row: Row) -> None:
        """Keep a row for its group."""
        number = zlib.crc32(key.encode()) % len(self._paths)
        waiting = self._waiting[number]
        waiting.append((key, row.line, _encoder.encode(row.cells)))
        if len(waiting) >= self._rows_each:
            self._write(number)

    def close(self) -> None:
        """Finish writing; harmless when repeated."""
        for number, writer in enumerate(self._writers):
            self._write(number)
            writer.close()
        self._writers = []

    def groups(self) -> Iterator[Group]:
        """Every group once; by partition, then by the first row."""
        self.close()
        for path in self._paths:
            yield from _groups(_sorted(path))

    def _write(self, number: int) -> None:
        waiting = self._waiting[number]
        if waiting:
            columns = [
                pyarrow.array(list(one), field.type)
                for one, field in zip(zip(*waiting, strict=True), _SCHEMA, strict=True)
            ]
            self._writers[number].write_batch(pyarrow.record_batch(columns, schema=_SCHEMA))
            waiting.clear()


def _sorted(path: Path) -> Iterable[Any]:
    """The rows of a partition as batches: groups together, in the order of their first row."""
    with pyarrow.OSFile(str(path)) as source:
        table = pyarrow.ipc.open_stream(source).read_all().combine_chunks()
    if not table.num_rows:
        return []
    # Codes of a dictionary are given in the order of first occurrence.
    codes = table.column("key").combine_chunks().dictionary_encode().indices
    lines = table.column("line")
    order = pyarrow.compute.sort_indices(
        pyarrow.table({"code": codes, "line": lines}),
        sort_keys=[("code", "ascending"), ("line", "ascending")],
    )
    step = 10_000
    return (table.take(order[start : start + step]) for start in range(0, len(order), step))


def _groups(batches: Iterable[Any]) -> Iterator[Group]:
    group: Group | None = None
    for batch in batches:
        columns = [batch.column(name).to_pylist() for name in _SCHEMA.names]
        for key, line, cells in zip(*columns, strict=True):
            if group is None or group.key != key:
                if group is not None:
                    yield group
                group = Group(key, [])
            if len(group.rows) < GROUP_ROWS_MAX:
                group.rows.append(Row(line, _decoder.decode(cells)))
            else:
                group.is_cut = True
    if group is not None:
        yield group
