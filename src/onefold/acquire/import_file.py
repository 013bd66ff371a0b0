"""Imports a file: its rows as records for the log, batch after batch.

In: a file, its mapping, the source that the import has, and how far an earlier attempt came. Out: batches,
each to be appended as a whole (records, dead letters, counts) before its `position` is stored with the run.

Nothing counts twice. The batches of a file are the same at every reading, so whoever appends each of them
in one commit with its `position` can go on after anything. Beside that, a message id is `<file hash>:<line>`
(or `:<group key>`, or what the mapping's `id` says), by which the worker drops for a limited time what came
before in another way.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from onefold.acquire.build import Builder, Built, Fault
from onefold.acquire.gather import GatheredBatch, Gatherer
from onefold.acquire.group import GROUP_ROWS_MAX, group_key
from onefold.acquire.mapping import ImportMapping, check_columns
from onefold.acquire.read import DAMAGED, BadRow, Row, RowFile, file_hash, open_rows
from onefold.clock import Clock, now
from onefold.errors import RequestError
from onefold.model.record import Meta

REPORT_ROWS = 20_000
"""Rows read between two reports while nothing is ready yet."""
SUBJECT_CHARS_MAX = 200
"""Of a group's key a dead letter shows so much."""
BAD_ROWS_MAX = 10_000
"""Unreadable rows of a grouped file that become dead letters; of a file with more the mapping is wrong."""


def check_file(path: Path, mapping: ImportMapping, name: str) -> None:
    """Find out before anything is taken in whether the file and its mapping fit; reads only its beginning.

    Raises:
        ConfigError: the file lacks columns that the mapping names; `name` is what people call the file.
        RequestError: the file is of no known format, empty or damaged.
    """
    with open_rows(path, mapping) as found:
        if found.columns:
            check_columns(mapping, found.columns, name)


def import_file(
    path: Path,
    mapping: ImportMapping,
    *,
    source_id: int,
    run_id: str,
    position: int = 0,
    clock: Clock = now,
    temporary: Path | None = None,
) -> Iterator[GatheredBatch]:
    """The batches of a file behind `position`; to cancel, stop asking.

    Args:
        run_id: rides on every record, so that what a run brought can be told later.
        temporary: where a grouped import spreads its rows (about the size of the used columns as JSON).

    Raises:
        ConfigError: the file lacks columns that the mapping names.
        RequestError: the file is of no known format, or damaged.
    """
    gatherer = Gatherer(source_id, msgspec.json.encode(Meta(run_id=run_id)), clock)
    importer = _Import(mapping, Builder(mapping, file_hash(path)), gatherer, position)
    try:
        with open_rows(path, mapping) as found:
            if found.columns:
                check_columns(mapping, found.columns, path.name)
            if mapping.group_by:
                yield from _import_groups(importer, found, temporary)
            else:
                yield from _import_rows(importer, found)
    except DAMAGED as error:
        raise RequestError(
            "acquire.unreadable_file",
            f"{path.name} is damaged, or ends too early.",
            field="file",
            hint="Check the file; what was imported of it so far stays and does not count twice.",
        ) from error


def _import_rows(importer: "_Import", found: RowFile) -> Iterator[GatheredBatch]:
    for row in found.rows:
        importer.rows += 1
        if importer.is_new():
            importer.refuse(row) if isinstance(row, BadRow) else importer.add(str(row.line), [row])
        if importer.is_full():
            yield importer.cut(found.done(), found.total, found.unit)
    yield importer.cut(found.total, found.total, found.unit)


def _import_groups(importer: "_Import", found: RowFile, temporary: Path | None) -> Iterator[GatheredBatch]:
    # Arrow costs time and a thread as soon as it is imported: only whoever groups rows pays.
    from onefold.acquire.partition import Partitions

    columns = importer.mapping.group_by
    total = found.total * 2
    with tempfile.TemporaryDirectory(prefix="onefold-import-", dir=temporary) as directory:
        partitions = Partitions(Path(directory), found.rows_estimated)
        bad_rows: list[BadRow] = []
        bad_count = 0
        try:
            for row in found.rows:
                importer.rows += 1
                key = "" if isinstance(row, BadRow) else group_key(row.cells, columns)
                if isinstance(row, Row) and key:
                    partitions.add(key, row)
                elif (bad_count := bad_count + 1) <= BAD_ROWS_MAX:
                    bad_rows.append(row if isinstance(row, BadRow) else _without_key(row, columns))
                if importer.rows % REPORT_ROWS == 0:
                    yield importer.report(found.done(), total, found.unit)
        finally:
            partitions.close()
        if bad_count > BAD_ROWS_MAX:
            bad_rows.append(_and_more(bad_count - BAD_ROWS_MAX))
        for bad in bad_rows:
            if importer.is_new():
                importer.refuse(bad)
        sent = 0
        for group in partitions.groups():
            sent += len(group.rows)
            if importer.is_new():
                importer.add_group(group.key, group.rows, is_cut=group.is_cut)
            if importer.is_full():
                yield importer.cut(found.total + found.total * sent // importer.rows, total, found.unit)
    yield importer.cut(total, total, found.unit)


def _without_key(row: Row, columns: Sequence[str]) -> BadRow:
    names = ", ".join(columns)
    reason = f"The row has no value to group by in {names}."
    return BadRow(row.line, reason, "Fill the column, or group by another.", str(row.cells)[:1000])


def _and_more(count: int) -> BadRow:
    return BadRow(0, f"{count:,} more rows cannot be read or grouped.", "Is the mapping right for this file?")


class _Import:
    """One import: what it has read, and what waits for the next batch."""

    def __init__(self, mapping: ImportMapping, builder: Builder, gatherer: Gatherer, position: int) -> None:
        self.mapping = mapping
        self._builder = builder
        self._gatherer = gatherer
        self.rows = 0
        self._skip = position
        self._seen = 0

    def is_new(self) -> bool:
        """Count one item; whether it lies behind what an earlier attempt has done."""
        self._seen += 1
        return self._seen > self._skip

    def is_full(self) -> bool:
        return self._gatherer.is_full

    def add(self, key: str, rows: list[Row]) -> None:
        for built in self._builder.build(key, rows):
            self._take(built, f"line {rows[0].line}")

    def add_group(self, key: str, rows: list[Row], *, is_cut: bool) -> None:
        if is_cut:
            reason = f"More than {GROUP_ROWS_MAX:,} rows have this key; none of them was taken."
            fault = Fault("acquire.group_too_large", "", reason, "Is the mapping's `group_by` right?")
            self._refuse(fault, f"line {rows[0].line}, group {key}", "")
            return
        for built in self._builder.build(key, rows):
            self._take(built, f"line {rows[0].line}, group {key}")

    def refuse(self, bad: BadRow) -> None:
        fault = Fault("acquire.bad_row", "", bad.reason, bad.hint)
        self._refuse(fault, f"line {bad.line}", bad.text)

    def report(self, done: int, total: int, unit: str) -> GatheredBatch:
        """How far it is, while nothing is ready."""
        return GatheredBatch([], [], [], self._skip, done, total, unit, self.rows)

    def cut(self, done: int, total: int, unit: str) -> GatheredBatch:
        """All that waits, as one batch."""
        batch = self._gatherer.cut(max(self._seen, self._skip), done, total, unit)
        return msgspec.structs.replace(batch, rows=self.rows)

    def _take(self, built: Built, subject: str) -> None:
        if not built.faults:
            self._gatherer.take(built.event)
            return
        # One letter an event; its first fault decides the code, the others are told.
        first, *others = built.faults
        reason = " ".join([first.reason, *(fault.reason for fault in others[:4])])
        fault = Fault(first.code, first.field, reason, first.hint)
        self._refuse(fault, subject, built.event.decode("utf-8", "replace"))

    def _refuse(self, fault: Fault, subject: str, payload: str) -> None:
        self._gatherer.refuse(
            fault.code,
            fault.field,
            fault.reason,
            fault.hint,
            subject=subject[:SUBJECT_CHARS_MAX],
            payload=payload,
        )
