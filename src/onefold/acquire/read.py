"""Rows of a file, one after the other, whatever its format and however large.

In: a path and what the mapping says of its form. Out: `Row`s with their line (of Parquet: row) number and
the wanted columns as JSON values, and `BadRow`s for what cannot be read; never an exception for data.
CSV (a header line; quotes are `"`), JSON Lines, Parquet; the first two also as `.gz`.
"""

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Literal, cast

import msgspec

from onefold.acquire.cell import to_cell
from onefold.acquire.mapping import ImportMapping
from onefold.errors import RequestError
from onefold.model.json import JsonObject, JsonValue

SAMPLE_BYTES = 1024**2
"""The start of a file, by which encoding and delimiter are told and the number of rows is guessed."""
LINE_BYTES_MAX = 8 * 1024**2
"""A longer line of JSON is a broken file; an event may have 4 MiB."""
DELIMITERS = ",;\t|"
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a damaged file raises somewhere behind its beginning."""

Cells = dict[str, JsonValue]
Format = Literal["csv", "jsonl", "parquet"]


class Row(msgspec.Struct, gc=False):
    """One row; `cells` hold the wanted columns that have a value."""

    line: int
    cells: Cells


class BadRow(msgspec.Struct, gc=False):
    """A row that cannot be read, and why."""

    line: int
    reason: str
    hint: str
    text: str = ""


class RowFile(msgspec.Struct):
    """An open file. `done()` of `total`, in `unit`, says how far the reading is."""

    columns: list[str]
    """Of its header or schema; [] where rows may have any (JSON Lines)."""
    rows: Iterator[Row | BadRow]
    rows_estimated: int
    unit: Literal["rows", "bytes"]
    total: int
    done: Callable[[], int]


def file_hash(path: Path) -> str:
    """16 hex digits that name the content: the part of a message id that makes an import repeatable."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


def format_of(path: Path) -> Format:
    """The format by the suffix.

    Raises:
        RequestError: none of ours.
    """
    suffix = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    match suffix:
        case "csv" | "tsv" | "txt":
            return "csv"
        case "jsonl" | "ndjson" | "json":
            return "jsonl"
        case "parquet":
            return "parquet"
    raise RequestError(
        "acquire.unknown_format",
        f"{path.name} has no suffix of a known format.",
        field="file",
        hint="Name it .csv, .jsonl or .parquet (the first two also .gz).",
    )


@contextmanager
def open_rows(path: Path, mapping: ImportMapping) -> Iterator[RowFile]:
    """Open a file for one reading.

    Raises:
        RequestError: it is not what its suffix says, or empty.
        OSError: it cannot be opened.
    """
    kind = format_of(path)
    if kind == "parquet":
        # Arrow costs time and a thread as soon as it is imported: only whoever reads such a file pays.
        from onefold.acquire.read_parquet import open_parquet

        with open_parquet(path, mapping) as found:
            yield found
        return
    with path.open("rb") as raw, unpacked(path, raw) as stream:
        try:
            sample = stream.read(SAMPLE_BYTES)
            stream.seek(0)
        except (OSError, EOFError, zlib.error) as error:
            raise unreadable(path) from error
        if not sample:
            raise _empty(path)
        total = path.stat().st_size
        line_bytes = max(1, len(sample) // max(1, sample.count(b"\n")))
        # A compressed file holds about ten times its size in text.
        estimated = total * (10 if stream is not raw else 1) // line_bytes
        if kind == "jsonl":
            yield RowFile([], _json_lines(stream, mapping), estimated, "bytes", total, raw.tell)
            return
        with _decoded(stream, mapping.encoding or detect_encoding(sample)) as text:
            delimiter = mapping.delimiter or detect_delimiter(_header(sample, text.encoding))
            lines = csv.reader(text, delimiter=delimiter)
            header = [name.strip() for name in next(lines, [])]
            if not any(header):
                raise _empty(path)
            yield RowFile(header, _csv_rows(lines, header, mapping), estimated, "bytes", total, raw.tell)


@contextmanager
def _decoded(stream: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    # A wrong byte becomes a lone surrogate, by which its row is found; the rows around it stay good.
    text = io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
    try:
        yield text
    finally:
        text.detach()


@contextmanager
def unpacked(path: Path, raw: BinaryIO) -> Iterator[BinaryIO]:
    """The content of a file that may be packed; a damaged one raises EOFError, OSError or zlib.error."""
    if path.suffix.lower() != ".gz":
        yield raw
        return
    with gzip.open(raw) as stream:
        yield cast("BinaryIO", stream)


def _header(sample: bytes, encoding: str) -> str:
    return sample.decode(encoding, "replace").partition("\n")[0]


def _csv_rows(lines: "csv._reader", header: list[str], mapping: ImportMapping) -> Iterator[Row | BadRow]:  # type: ignore[name-defined,unused-ignore]
    wanted = [(header.index(name), name) for name in mapping.columns() if name in header]
    empty = frozenset(mapping.empty)
    while True:
        line = lines.line_num + 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(line, f"The line cannot be read: {error}.", "Is a quote left open?")
            continue
        if not cells:
            continue
        if len(cells) != len(header):
            reason = f"The row has {len(cells)} cells, the header {len(header)}."
            yield BadRow(
                line, reason, "Put quotes around cells that hold the delimiter.", ",".join(cells)[:1000]
            )
        elif not _is_text(cells):
            yield BadRow(
                line, "A byte does not belong to the file's encoding.", "Set `encoding` in the mapping."
            )
        else:
            yield Row(line, {name: cells[at] for at, name in wanted if cells[at] not in empty})


def _is_text(cells: Sequence[str]) -> bool:
    try:
        return all(cell.isascii() or cell.encode() for cell in cells)
    except UnicodeEncodeError:
        return False


def _json_lines(stream: BinaryIO, mapping: ImportMapping) -> Iterator[Row | BadRow]:
    decoder = msgspec.json.Decoder(JsonObject, float_hook=Decimal)
    columns = mapping.columns()
    line = 0
    while content := stream.readline(LINE_BYTES_MAX + 1):
        line += 1
        if len(content) > LINE_BYTES_MAX:
            _skip_line(stream)
            yield BadRow(line, "The line is too long.", f"A line may have {LINE_BYTES_MAX // 1024**2} MiB.")
            continue
        if content.isspace():
            continue
        try:
            document = decoder.decode(content)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            text = content[:1000].decode("utf-8", "replace")
            yield BadRow(line, "The line is no JSON object.", "Write one object a line.", text)
            continue
        found = ((name, _at(document, name)) for name in columns)
        yield Row(line, {name: cell for name, cell in found if cell is not None})


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(LINE_BYTES_MAX)) and not rest.endswith(b"\n"):
        pass


def _at(document: JsonObject, path: str) -> JsonValue:
    """The value of a column: a key, or a dotted path."""
    if path in document or "." not in path:
        return _checked(document.get(path))
    found: JsonValue = document
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return _checked(found)


def _checked(value: JsonValue) -> JsonValue:
    return value if value is None or isinstance(value, str | bool | Decimal) else to_cell(value)


def detect_encoding(sample: bytes) -> str:
    """UTF-8 (with or without mark), UTF-16 by its mark, else Windows-1252, told by the file's first MiB."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # The sample may end inside a character, unless it is the whole file.
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample, final=len(sample) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def detect_delimiter(header: str) -> str:
    """The most frequent candidate outside quotes; a comma when there is none."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _empty(path: Path) -> RequestError:
    return RequestError(
        "acquire.empty_file",
        f"{path.name} is empty: it has not even a header.",
        field="file",
        hint="Was it written to its end?",
    )


def unreadable(path: Path) -> RequestError:
    """What is said of a file that is not what its suffix says."""
    return RequestError(
        "acquire.unreadable_file",
        f"{path.name} is not what its suffix says, or is damaged.",
        field="file",
        hint="Check the file.",
    )
