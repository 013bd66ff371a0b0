"""Reading an exported file: zip or gzip of lines of JSON, however large, without holding it in memory.

In: the bytes of a file as they come. Out: its rows in order. A broken file is one bad row, and the others of
the export go on.
"""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO

from onefold.connectors.braze.exported import LINE_BYTES_MAX, read_user
from onefold.model.intake import Row
from onefold.plugin.origin import BadRow

IN_MEMORY_BYTES = 64 * 1024**2
"""A file of Braze's holds about 5,000 users, a few megabytes; a hosted one may hold all of them."""


def download(pieces: Iterable[bytes]) -> IO[bytes]:
    """The bytes, to be read from any place; on disk where they are many. The caller closes them."""
    with ExitStack() as on_failure:
        file = on_failure.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))
        for piece in pieces:
            file.write(piece)
        file.seek(0)
        on_failure.pop_all()
    return file


def rows_of(file: IO[bytes], name: str) -> Iterator[Row | BadRow]:
    """One row a line; members of a zip by their names."""
    try:
        if file.read(2) == b"PK":
            file.seek(0)
            with zipfile.ZipFile(file) as archive:
                for member in sorted(archive.namelist()):
                    with archive.open(member) as lines:
                        yield from _rows(lines)
        else:
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as lines:
                yield from _rows(lines)
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, NotImplementedError) as error:
        yield BadRow(f"The file {name.rpartition('/')[2]} is damaged ({type(error).__name__}).", "")


def _rows(lines: IO[bytes] | gzip.GzipFile) -> Iterator[Row | BadRow]:
    # Bounded: a file without line ends must not fill the memory.
    while line := lines.readline(LINE_BYTES_MAX + 1):
        if line.strip():
            yield read_user(line)
