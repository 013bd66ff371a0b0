"""Which events were seen already: hashes in sorted files on disk, searched in place.

In: (hash, offset) of events that counted. Out: the newest offset of each hash asked for. Recent ones are in
memory; at 65,536 they become a run file (mapped, not read), and eight runs of a level become one of the next
(a log-structured merge tree, O'Neil 1996). The rows of `batch` hold the same hashes, so files are only an
index of them: what is missing, short or unregistered after a crash is made again from the rows.

A run file is int64 hashes in order, then the int64 offsets beside them. A B-tree of random hashes would pay
one random page an event (measured: 33 µs against 1).
"""

import mmap
import os
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from onefold.backends.embedded.durable import sync

Numbers = npt.NDArray[np.int64]

RUN_HASHES = 65_536
"""Hashes in memory before they become a file: 8 MB, and 1 MB of file."""
RUN_BATCHES = 4096
"""Batches in memory before they become a file: so many rows a start and a trace read at most."""
RUNS_MERGED = 8
RUNS_MAX = 256
"""Files before commits wait for the merge under way: each costs a descriptor; a process has 1,024."""
LEVEL_MAX = 3
"""Level 3 holds 32 million hashes (512 MB): a quarter of a day at 100 million events a day."""
PARTS = 64
"""A merge goes by slices of the hashes' range, so that it holds a part of them in memory only."""
WIDTH = 8


class Run:
    """One sorted file, mapped into memory."""

    __slots__ = ("count", "first_offset", "hashes", "last_offset", "level", "offsets", "path")

    def __init__(self, path: Path, level: int, first_offset: int, last_offset: int, count: int) -> None:
        self.path = path
        self.level = level
        self.first_offset = first_offset
        self.last_offset = last_offset
        self.count = count
        with path.open("rb") as file:
            numbers = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.int64)
        if len(numbers) != 2 * count:
            raise ValueError(f"{path.name} has another length than it was written with")
        self.hashes: Numbers = numbers[:count]
        self.offsets: Numbers = numbers[count:]

    def find(self, wanted: Numbers) -> tuple[Numbers, Numbers]:
        """Of sorted hashes those that are here, each with its newest offset."""
        at = np.searchsorted(self.hashes, wanted, side="right") - 1
        found = (at >= 0) & (self.hashes[at] == wanted)
        return wanted[found], self.offsets[at[found]]


class Dedupe:
    """The hashes of the window. Owned by the worker; `connection` is that of state.db."""

    def __init__(self, directory: Path, connection: sqlite3.Connection) -> None:
        self._directory = directory
        self._connection = connection
        self._recent: dict[int, int] = {}
        self._recent_batches = 0
        self._runs: list[Run] = []
        self._merging: tuple[list[Run], Future[Run | None]] | None = None
        self._executor = ThreadPoolExecutor(1, "dedupe")
        directory.mkdir(exist_ok=True)
        self._open()

    def find(self, hashes: Sequence[int]) -> dict[int, int]:
        """The newest offset of each hash that is known."""
        recent = self._recent
        found: dict[int, int] = {}
        if self._runs and hashes:
            wanted = np.sort(np.array(hashes, np.int64))
            for run in self._runs:
                known, offsets = run.find(wanted)
                for one, offset in zip(known.tolist(), offsets.tolist(), strict=True):
                    found[one] = max(offset, found.get(one, 0))
        for one in hashes:
            offset = recent.get(one)
            if offset is not None:
                found[one] = offset
        return found

    def add(self, seen: dict[int, int], oldest: int) -> None:
        """Remember what a commit made durable. `oldest` is the first offset that still matters."""
        self._recent.update(seen)
        self._recent_batches += 1
        if len(self._recent) >= RUN_HASHES or self._recent_batches >= RUN_BATCHES:
            self._flush()
            self._tidy(oldest)

    def close(self) -> None:
        """Wait for a merge under way; its file is of no use unless it was registered."""
        self._executor.shutdown(cancel_futures=True)

    def _open(self) -> None:
        """Map the registered runs; whatever is wrong with one, all are made again from the rows."""
        try:
            self._runs = registered_runs(self._connection, self._directory)
        except (OSError, ValueError):
            self._runs = []
            self._connection.execute("delete from dedupe_run")
        names = {run.path.name for run in self._runs}
        for path in self._directory.iterdir():
            if path.name not in names:
                path.unlink()
        self._read_rows()

    def _read_rows(self) -> None:
        """What no run holds yet. Rows before the first mark are of no use here: the window begins there."""
        start = self._connection.execute("select ifnull(min(offset), 0) from mark").fetchone()[0]
        after = max(self._runs[-1].last_offset if self._runs else 0, start - 1)
        for hashes, offsets in recent_hashes(self._connection, after):
            self._recent.update(zip(hashes.tolist(), offsets.tolist(), strict=True))
            self._recent_batches += 1
            if len(self._recent) >= RUN_HASHES:
                self._flush()
                self._tidy(start)

    def _flush(self) -> None:
        if not self._recent:
            self._recent_batches = 0
            return
        hashes = np.fromiter(self._recent.keys(), np.int64, len(self._recent))
        offsets = np.fromiter(self._recent.values(), np.int64, len(self._recent))
        order = np.argsort(hashes)
        first, last = int(offsets.min()), int(offsets.max())
        path = self._directory / f"{first}-{last}-0"
        _write(path, len(hashes), iter([(hashes[order], offsets[order])]))
        self._register(Run(path, 0, first, last, len(hashes)), [])
        self._recent = {}
        self._recent_batches = 0

    def _register(self, run: Run | None, replaced: list[Run]) -> None:
        """One commit: the new run stands for those that it replaces; their files go afterwards."""
        connection = self._connection
        connection.execute("begin immediate")
        try:
            connection.executemany(
                "delete from dedupe_run where name = ?", [(one.path.name,) for one in replaced]
            )
            if run is not None:
                connection.execute(
                    "insert or replace into dedupe_run values (?, ?, ?, ?, ?)",
                    (run.path.name, run.level, run.first_offset, run.last_offset, run.count),
                )
            connection.execute("commit")
        except sqlite3.Error:
            connection.execute("rollback")
            raise
        kept = [one for one in self._runs if one not in replaced]
        self._runs = sorted([*kept, run] if run is not None else kept, key=lambda one: one.first_offset)
        for one in replaced:
            one.path.unlink(missing_ok=True)

    def _tidy(self, oldest: int) -> None:
        """Drop runs that are too old, take a merge that is done, start the next one beside the work.

        Waits for the merge when runs have become too many.
        """
        if self._merging is not None:
            replaced, future = self._merging
            if not future.done() and len(self._runs) < RUNS_MAX:
                return
            self._merging = None
            self._register(future.result(), replaced)
        expired = [run for run in self._runs if run.last_offset < oldest]
        if expired:
            self._register(None, expired)
        for level in range(LEVEL_MAX):
            same = [run for run in self._runs if run.level == level]
            if len(same) >= RUNS_MERGED:
                chosen = same[:RUNS_MERGED]
                self._merging = (chosen, self._executor.submit(_merge, chosen, level + 1, oldest))
                return


def _merge(runs: list[Run], level: int, oldest: int) -> Run | None:
    """One run of all of them, without what is older than `oldest`; None if nothing remains."""
    count = sum(int(np.count_nonzero(run.offsets >= oldest)) for run in runs)
    if not count:
        return None
    first = max(oldest, runs[0].first_offset)
    last = runs[-1].last_offset
    path = runs[0].path.with_name(f"{first}-{last}-{level}")
    _write(path, count, _merged_parts(runs, oldest))
    return Run(path, level, first, last, count)


def _merged_parts(runs: list[Run], oldest: int) -> Iterator[tuple[Numbers, Numbers]]:
    bounds = [(1 << 63) // PARTS * part for part in range(PARTS)]
    cuts = [[*np.searchsorted(run.hashes, bounds).tolist(), run.count] for run in runs]
    for part in range(PARTS):
        hashes = np.concatenate(
            [run.hashes[cut[part] : cut[part + 1]] for run, cut in zip(runs, cuts, strict=True)]
        )
        offsets = np.concatenate(
            [run.offsets[cut[part] : cut[part + 1]] for run, cut in zip(runs, cuts, strict=True)]
        )
        kept = offsets >= oldest
        # Stable: of equal hashes the newer run stands last, where `find` looks.
        order = np.argsort(hashes[kept], kind="stable")
        yield hashes[kept][order], offsets[kept][order]


def _write(path: Path, count: int, parts: Iterator[tuple[Numbers, Numbers]]) -> None:
    """The file, durable, under its name only when it is whole."""
    unfinished = path.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        at = 0
        for hashes, offsets in parts:
            os.pwrite(descriptor, hashes.tobytes(), at * WIDTH)
            os.pwrite(descriptor, offsets.tobytes(), (count + at) * WIDTH)
            at += len(hashes)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    unfinished.rename(path)
    sync(path.parent)


def recent_hashes(connection: sqlite3.Connection, after: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Hashes and record offsets of the events that counted, a commit each, after an offset."""
    cursor = connection.execute(
        "select first_offset, hashes, outcomes, places from batch where offset > ? order by offset", (after,)
    )
    for first_offset, hashes, outcomes, places in cursor:
        counted = np.frombuffer(outcomes, np.uint8) == 0
        offsets = np.frombuffer(places, np.int32)[counted].astype(np.int64) + first_offset
        yield np.frombuffer(hashes, np.int64)[counted], offsets


def registered_runs(connection: sqlite3.Connection, directory: Path) -> list[Run]:
    """The runs that state.db knows, oldest first.

    Raises:
        OSError, ValueError: a file is missing or has another length.
    """
    rows = connection.execute(
        "select name, level, first_offset, last_offset, count from dedupe_run order by first_offset"
    ).fetchall()
    return [Run(directory / row[0], *row[1:]) for row in rows]
