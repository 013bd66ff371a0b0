"""Rows of a Parquet file, by blocks of its columns.

In: a path and the wanted columns. Out: a `RowFile`. The types of its cells are those of JSON.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet

from onefold.acquire.cell import to_cell
from onefold.acquire.mapping import ImportMapping
from onefold.acquire.read import Row, RowFile, unreadable

ROWS = 8192
"""Rows decoded at once."""


@contextmanager
def open_parquet(path: Path, mapping: ImportMapping) -> Iterator[RowFile]:
    """Open a file for one reading.

    Raises:
        RequestError: it is no Parquet.
        EOFError: while rows are read: a block of them is damaged.
    """
    try:
        found = pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise unreadable(path) from error
    with found:
        columns = list(found.schema_arrow.names)
        read = [0]
        rows = _rows(found, [one for one in mapping.columns() if one in columns], read)
        total = found.metadata.num_rows
        yield RowFile(columns, rows, total, "rows", total, lambda: read[0])


def _rows(found: pyarrow.parquet.ParquetFile, columns: Sequence[str], read: list[int]) -> Iterator[Row]:
    for batch in _batches(found, columns):
        lists = [[to_cell(value) for value in batch.column(name).to_pylist()] for name in columns]
        for cells in zip(*lists, strict=True) if lists else ():
            read[0] += 1
            yield Row(
                read[0], {name: cell for name, cell in zip(columns, cells, strict=True) if cell is not None}
            )


def _batches(found: pyarrow.parquet.ParquetFile, columns: Sequence[str]) -> Iterator[pyarrow.RecordBatch]:
    try:
        yield from found.iter_batches(ROWS, columns=list(columns))
    except pyarrow.ArrowInvalid as error:
        raise EOFError(str(error)) from error
