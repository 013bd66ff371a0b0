"""What an import would make of a file's first rows: the events, and what is wrong with them.

In: a file, a mapping. Out: the same events that the import builds, by the same code. Nothing is taken in.
"""

from itertools import islice
from pathlib import Path

import msgspec

from onefold.acquire.build import Builder, Built
from onefold.acquire.group import group_key
from onefold.acquire.mapping import ImportMapping, check_columns
from onefold.acquire.read import BadRow, Row, file_hash, open_rows
from onefold.acquire.sample import ROWS_MAX

HASHED_BYTES_MAX = 64 * 1024**2
"""Of a larger file the preview does not read the whole to make the ids that the import gives."""


class PreviewedEvent(msgspec.Struct, frozen=True):
    """One event that would be, with the first line that it comes from."""

    line: int
    built: Built


class ImportPreview(msgspec.Struct, frozen=True):
    """Of the first rows: what can be read becomes events; rows without a value to group by are bad, too."""

    rows: int
    events: list[PreviewedEvent]
    bad_rows: list[BadRow]


def preview_import(
    path: Path, mapping: ImportMapping, name: str, *, rows_max: int = ROWS_MAX
) -> ImportPreview:
    """The events of the first rows; groups as far as their rows stand among these.

    Raises:
        ConfigError: the file lacks columns that the mapping names; `name` is what people call the file.
        RequestError: the file is of no known format, empty or damaged.
        OSError: it cannot be read.
    """
    prefix = file_hash(path) if path.stat().st_size <= HASHED_BYTES_MAX else "file"
    builder = Builder(mapping, prefix)
    with open_rows(path, mapping) as found:
        if found.columns:
            check_columns(mapping, found.columns, name)
        read = list(islice(found.rows, rows_max))
    groups: dict[str, list[Row]] = {}
    bad_rows: list[BadRow] = []
    for row in read:
        if isinstance(row, BadRow):
            bad_rows.append(row)
        elif not mapping.group_by:
            groups[str(row.line)] = [row]
        elif key := group_key(row.cells, mapping.group_by):
            groups.setdefault(key, []).append(row)
        else:
            bad_rows.append(BadRow(row.line, "It has no value to group by.", "Fill the column."))
    events = [
        PreviewedEvent(rows[0].line, built)
        for key, rows in groups.items()
        for built in builder.build(key, rows)
    ]
    return ImportPreview(len(read), events, bad_rows)
