"""Imports a file: its rows as records for the log, batch after batch.

In: a file, its mapping, the source that the import has, and how far an earlier attempt came. Out: batches,
each to be appended as a whole (records, dead letters, counts) before its `position` is stored with the run.

Nothing counts twice. The batches of a file are the same at every reading, so whoever appends each of them
in one commit with its `position` can go on after anything. Beside that, a message id is `<file hash>:<line>`
(or `:<group key>`, or what the mapping's `id` says), by which the worker drops for a limited time what came
before in another way.
"""

import gzip
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow

from onefold.acquire.build import Builder, Built, Fault
from onefold.acquire.group import GROUP_ROWS_MAX, Partitions, group_key
from onefold.acquire.mapping import ImportMapping, check_columns
from onefold.acquire.read import BadRow, Row, RowFile, file_hash, open_rows
from onefold.clock import Clock, now
from onefold.errors import RequestError
from onefold.model.letter import Letter
from onefold.model.outcome import Count, Kind
from onefold.model.record import Meta, Record, RecordKind

RECORD_BYTES_MAX = 1024**2
"""A record: live events behind it wait some tens of milliseconds. A single event may be larger."""
RECORD_EVENTS_MAX = 500
"""Events a record, for the same reason."""
REPORT_ROWS = 20_000
"""Rows read between two reports while nothing is ready yet."""
SUBJECT_CHARS_MAX = 200
"""Of a group's key a dead letter shows so much."""
BAD_ROWS_MAX = 10_000
"""Unreadable rows of a grouped file that become dead letters; of a file with more the mapping is wrong."""
STAGE = "capture"
"""An import is received like everything else; its source tells it apart."""


def check_file(path: Path, mapping: ImportMapping, name: str) -> None:
    """Find out before anything is taken in whether the file and its mapping fit; reads only its beginning.

    Raises:
        ConfigError: the file lacks columns that the mapping names; `name` is what people call the file.
        RequestError: the file is of no known format, empty or damaged.
    """
    with open_rows(path, mapping) as found:
        if found.columns:
            check_columns(mapping, found.columns, name)


class ImportBatch(msgspec.Struct, frozen=True):
    """What to append together. A report of progress alone has no records."""

    records: list[Record]
    letters: list[Letter]
    counts: list[Count]
    position: int
    """Items (rows, or groups) that are done once this batch is appended; where to go on."""
    done: int
    total: int
    unit: str
    """`rows` or `bytes`; a grouped file is read first (half of the total), then sent."""
    rows: int = 0
    """Rows read so far, good and bad."""


def import_file(
    path: Path,
    mapping: ImportMapping,
    *,
    source_id: int,
    run_id: str,
    position: int = 0,
    clock: Clock = now,
    temporary: Path | None = None,
) -> Iterator[ImportBatch]:
    """The batches of a file behind `position`; to cancel, stop asking.

    Args:
        run_id: rides on every record, so that what a run brought can be told later.
        temporary: where a grouped import spreads its rows (about the size of the used columns as JSON).

    Raises:
        ConfigError: the file lacks columns that the mapping names.
        RequestError: the file is of no known format, or damaged.
    """
    writer = _LetterWriter(source_id, clock)
    importer = _Import(mapping, Builder(mapping, file_hash(path)), writer, run_id, position)
    try:
        with open_rows(path, mapping) as found:
            if found.columns:
                check_columns(mapping, found.columns, path.name)
            if mapping.group_by:
                yield from _import_groups(importer, found, temporary)
            else:
                yield from _import_rows(importer, found)
    except (EOFError, zlib.error, gzip.BadGzipFile, pyarrow.ArrowInvalid) as error:
        raise RequestError(
            "acquire.unreadable_file",
            f"{path.name} is damaged, or ends too early.",
            field="file",
            hint="Check the file; what was imported of it so far stays and does not count twice.",
        ) from error


def _import_rows(importer: "_Import", found: RowFile) -> Iterator[ImportBatch]:
    for row in found.rows:
        importer.rows += 1
        if importer.is_new():
            importer.refuse(row) if isinstance(row, BadRow) else importer.add(str(row.line), [row])
        if importer.is_full():
            yield importer.cut(found.done(), found.total, found.unit)
    yield importer.cut(found.total, found.total, found.unit)


def _import_groups(importer: "_Import", found: RowFile, temporary: Path | None) -> Iterator[ImportBatch]:
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


class _LetterWriter:
    """Writes the dead letters of one import."""

    def __init__(self, source_id: int, clock: Clock) -> None:
        self.source_id = source_id
        self.clock = clock

    def write(self, fault: Fault, subject: str, payload: str) -> Letter:
        return Letter(
            "",
            STAGE,
            fault.code,
            fault.field,
            fault.reason,
            fault.hint,
            self.clock(),
            self.source_id,
            subject[:SUBJECT_CHARS_MAX],
            payload,
        )


class _Import:
    """What is waiting for the next batch."""

    def __init__(
        self, mapping: ImportMapping, builder: Builder, writer: _LetterWriter, run_id: str, position: int
    ) -> None:
        self.mapping = mapping
        self._builder = builder
        self._writer = writer
        self._meta = msgspec.json.encode(Meta(run_id=run_id))
        self.rows = 0
        self._skip = position
        self._seen = 0
        self._events: list[bytes] = []
        self._bytes = 0
        self._letters: list[Letter] = []

    def is_new(self) -> bool:
        """Count one item; whether it lies behind what an earlier attempt has done."""
        self._seen += 1
        return self._seen > self._skip

    def is_full(self) -> bool:
        return (
            self._bytes >= RECORD_BYTES_MAX
            or len(self._events) >= RECORD_EVENTS_MAX
            or len(self._letters) >= RECORD_EVENTS_MAX
        )

    def add(self, key: str, rows: list[Row]) -> None:
        for built in self._builder.build(key, rows):
            self._take(built, f"line {rows[0].line}")

    def add_group(self, key: str, rows: list[Row], *, is_cut: bool) -> None:
        if is_cut:
            reason = f"More than {GROUP_ROWS_MAX:,} rows have this key; none of them was taken."
            fault = Fault("acquire.group_too_large", "", reason, "Is the mapping's `group_by` right?")
            self._letters.append(self._writer.write(fault, f"line {rows[0].line}, group {key}", ""))
            return
        for built in self._builder.build(key, rows):
            self._take(built, f"line {rows[0].line}, group {key}")

    def refuse(self, bad: BadRow) -> None:
        fault = Fault("acquire.bad_row", "", bad.reason, bad.hint)
        self._letters.append(self._writer.write(fault, f"line {bad.line}", bad.text))

    def report(self, done: int, total: int, unit: str) -> ImportBatch:
        return ImportBatch([], [], [], self._skip, done, total, unit, self.rows)

    def cut(self, done: int, total: int, unit: str) -> ImportBatch:
        """All that waits, as one batch."""
        records = self._records()
        counts = self._counts()
        letters = self._letters
        self._events, self._letters, self._bytes = [], [], 0
        position = max(self._seen, self._skip)
        return ImportBatch(records, letters, counts, position, done, total, unit, self.rows)

    def _take(self, built: Built, subject: str) -> None:
        if not built.faults:
            self._events.append(built.event)
            self._bytes += len(built.event)
            return
        # One letter an event; its first fault decides the code, the others are told.
        first, *others = built.faults
        reason = " ".join([first.reason, *(fault.reason for fault in others[:4])])
        fault = Fault(first.code, first.field, reason, first.hint)
        self._letters.append(self._writer.write(fault, subject, built.event.decode("utf-8", "replace")))

    def _records(self) -> list[Record]:
        if not self._events:
            return []
        body = b"[%b]" % b",".join(self._events)
        writer = self._writer
        return [
            Record(RecordKind.EVENTS, writer.source_id, writer.clock(), len(self._events), body, self._meta)
        ]

    def _counts(self) -> list[Count]:
        subject = str(self._writer.source_id)
        counts = [Count(STAGE, subject, Kind.PASSED, "", len(self._events))] if self._events else []
        codes = [letter.code for letter in self._letters]
        counts += [
            Count(STAGE, subject, Kind.REJECTED, code, codes.count(code)) for code in sorted(set(codes))
        ]
        return counts
