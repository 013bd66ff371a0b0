"""The zip file that Braze hosts for a workspace without a bucket: on disk, gone with the process."""

from __future__ import annotations

import os
import tempfile
import threading
import zipfile

# Fast compression: exports of millions of people are limited by it.
COMPRESSION_LEVEL = 1


class Archive:
    """One zip with a member for every few thousand people; written by one thread, then read by many."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="braze-export-")  # noqa: SIM115 - lives as long as its URL
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL)
        self._lock = threading.Lock()
        self._is_closed = False
        self.size = 0

    def write(self, name: str, body: bytes) -> None:
        """Add one member; nothing happens once it is closed."""
        with self._lock:
            if not self._is_closed:
                self._zip.writestr(name, body)

    def finish(self) -> None:
        """Complete the file."""
        with self._lock:
            if not self._is_closed:
                self._zip.close()
                self._file.flush()
                self.size = os.fstat(self._file.fileno()).st_size

    def read(self, offset: int, size: int) -> bytes:
        """Return a part of the complete file; nothing when it is closed."""
        with self._lock:
            return b"" if self._is_closed else os.pread(self._file.fileno(), size, offset)

    def close(self) -> None:
        """Give the disk back."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._zip.close()
                self._file.close()
