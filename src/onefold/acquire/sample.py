"""The beginning of a file with all its columns: what people look at before they say what the columns mean.

In: a path. Out: its columns and first rows. Reads no more than it shows.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from onefold.acquire.mapping import ImportMapping
from onefold.acquire.read import LINE_BYTES_MAX, BadRow, Row, format_of, open_rows, unpacked
from onefold.model.json import JsonObject, JsonValue

ROWS_MAX = 200
"""Rows that are looked at."""
COLUMNS_MAX = 500
"""Columns that are shown; a file with more needs a mapping file."""


class Sample(msgspec.Struct, frozen=True):
    """Columns in the file's order, rows with the cells that have a value."""

    columns: list[str]
    rows: list[Row]
    bad_rows: list[BadRow]

    def values(self, column: str) -> list[JsonValue]:
        """The values of a column in the order of the rows."""
        return [row.cells[column] for row in self.rows if column in row.cells]


def read_sample(path: Path, form: ImportMapping | None = None, *, rows_max: int = ROWS_MAX) -> Sample:
    """The first rows, every column of them; `form` says encoding, delimiter and empty cells.

    Raises:
        RequestError: the file is of no known format, empty or damaged.
        OSError: it cannot be read.
    """
    form = form or ImportMapping()
    columns = _columns(path, form, rows_max)[:COLUMNS_MAX]
    with open_rows(path, msgspec.structs.replace(_bare(form), id=columns)) as found:
        rows, bad = _split(islice(found.rows, rows_max))
    return Sample(columns, rows, bad)


def _bare(form: ImportMapping) -> ImportMapping:
    return ImportMapping(empty=form.empty, encoding=form.encoding, delimiter=form.delimiter)


def _columns(path: Path, form: ImportMapping, rows_max: int) -> list[str]:
    """Of the header or schema, each once; of JSON Lines, what the first rows have."""
    if format_of(path) == "jsonl":
        return list(dict.fromkeys(name for row in _objects(path, rows_max) for name in _names(row)))
    with open_rows(path, _bare(form)) as found:
        return [name for name in found.columns if name and found.columns.count(name) == 1]


def _objects(path: Path, rows_max: int) -> Iterator[JsonObject]:
    with path.open("rb") as raw, unpacked(path, raw) as stream:
        for _ in range(rows_max):
            line = stream.readline(LINE_BYTES_MAX)
            if not line:
                return
            try:
                yield msgspec.json.decode(line, type=JsonObject)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue


def _names(row: JsonObject) -> Iterator[str]:
    """Keys, and those of objects in it by a dotted path."""
    for name, value in row.items():
        if isinstance(value, dict):
            yield from (f"{name}.{inner}" for inner in value)
        else:
            yield name


def _split(found: Iterable[Row | BadRow]) -> tuple[list[Row], list[BadRow]]:
    rows: list[Row] = []
    bad: list[BadRow] = []
    for row in found:
        bad.append(row) if isinstance(row, BadRow) else rows.append(row)
    return rows, bad
