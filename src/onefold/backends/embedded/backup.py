"""A backup of a whole data directory while it works, and its way back.

In: a data directory. Out: a directory with a consistent copy of each database file, the dedupe runs and a
manifest with hashes. Files that are derived from others are copied first: delivery before state, state
before log. So after a restore nobody has read further than what he reads from is long, and the worker and
deliver simply catch up. The key of the secrets stays out unless asked for: who holds both holds all.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from onefold import __version__
from onefold.backends.embedded.base import MANIFEST as BASE_MANIFEST
from onefold.backends.embedded.base import find_base
from onefold.backends.embedded.database import BUSY_TIMEOUT_S, DatabaseName, database_path
from onefold.backends.embedded.durable import sync
from onefold.clock import Clock, now, to_iso
from onefold.errors import StorageError

ORDER: tuple[DatabaseName, ...] = ("delivery", "tasks", "state", "control", "log")
MANIFEST = "manifest.json"
DEDUPE = "dedupe"
BASES = "base"
"""Base snapshots of retention: first of all, since they must not be newer than the state."""
CHUNK_BYTES = 1024 * 1024


class BackedUp(msgspec.Struct, frozen=True):
    """One file of a backup."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds."""

    version: str
    """Of the Onefold that made it."""
    at: str
    with_keys: bool
    files: tuple[BackedUp, ...]


def backup(
    data_dir: Path,
    target_dir: Path,
    *,
    keys: Iterable[str] = (),
    clock: Clock = now,
    progress: Callable[[str], None] = lambda _: None,
) -> Manifest:
    """Copy the directory into `target_dir`, which must be empty or new; writers go on meanwhile.

    Args:
        keys: names of key files in the data directory to take along, when asked for.
        progress: told the name of each file once it is copied.

    Raises:
        StorageError: the target is not empty, or something cannot be read or written.
    """
    _make_empty(target_dir, not_empty="backup.target_not_empty", bad="backup.bad_target")
    copied = []
    try:
        copied += _copy_bases(data_dir / BASES, target_dir)
        for name in ORDER:
            source = database_path(data_dir, name)
            if source.exists():
                copied.append(_copy_database(source, target_dir / source.name))
                progress(source.name)
        copied += _copy_runs(data_dir / DEDUPE, target_dir)
        copied += [_copy_file(data_dir / key, target_dir / key) for key in keys if (data_dir / key).exists()]
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            "backup.failed", f"The backup cannot be made: {error}.", hint="Is the disk full?"
        ) from error
    files = tuple(_describe(path, target_dir) for path in copied)
    manifest = Manifest(__version__, to_iso(clock()), bool(tuple(keys)), files)
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    # Last: a directory without a manifest is no backup.
    _write_durably(target_dir / MANIFEST, text)
    return manifest


def restore(backup_dir: Path, data_dir: Path) -> Manifest:
    """Bring a backup back into `data_dir`, which must be empty or new, after checking every byte of it.

    Raises:
        StorageError: the backup is incomplete or damaged, or the directory is in use.
    """
    manifest = verify(backup_dir)
    _make_empty(data_dir, not_empty="restore.target_not_empty", bad="restore.bad_target")
    for file in manifest.files:
        target = data_dir / file.path
        target.parent.mkdir(exist_ok=True)
        _copy_file(backup_dir / file.path, target)
    return manifest


def verify(backup_dir: Path) -> Manifest:
    """Check that a backup is whole: every file there, every byte as it was, every database sound.

    Raises:
        StorageError: it is not.
    """
    try:
        manifest = msgspec.json.decode((backup_dir / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise StorageError(
            "restore.no_manifest", "This is no finished backup: its manifest is missing or unreadable."
        ) from error
    for file in manifest.files:
        path = backup_dir / file.path
        if not _is_inside(path, backup_dir) or not path.is_file() or _describe(path, backup_dir) != file:
            raise StorageError(
                "restore.damaged",
                f"{file.path} of the backup is missing or was changed.",
                hint="Take another backup.",
            )
        if path.suffix == ".db":
            _check_database(path)
    return manifest


def _copy_database(source: Path, target: Path) -> Path:
    """In a single read transaction, so writers neither wait nor make it start again.

    Row by row: pages as they are would take along what was deleted, and so who was erased.
    """
    reader = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)
    try:
        reader.execute("vacuum into ?", (str(target),))
    finally:
        reader.close()
    target.chmod(0o600)
    sync(target)
    return target


def _copy_runs(runs: Path, target_dir: Path) -> list[Path]:
    """The run files that the copied state names; one merged away meanwhile is made again from its rows."""
    state = target_dir / "state.db"
    if not state.exists():
        return []
    connection = sqlite3.connect(f"file:{state}?mode=ro", uri=True)
    try:
        names = [row[0] for row in connection.execute("select name from dedupe_run")]
    finally:
        connection.close()
    (target_dir / DEDUPE).mkdir(exist_ok=True)
    copied = []
    for name in names:
        try:
            copied.append(_copy_file(runs / name, target_dir / DEDUPE / name))
        except FileNotFoundError:
            continue
    return copied


def _copy_bases(bases: Path, target_dir: Path) -> list[Path]:
    """The snapshot that stands for records which retention removed, and the manifest that names it."""
    base = find_base(bases.parent)
    if base is None:
        return []
    (target_dir / BASES).mkdir(exist_ok=True)
    return [_copy_file(bases / name, target_dir / BASES / name) for name in (base.file, BASE_MANIFEST)]


def _copy_file(source: Path, target: Path) -> Path:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    sync(target)
    return target


def _check_database(path: Path) -> None:
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        result = connection.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise StorageError("restore.damaged", f"{path.name} of the backup cannot be read.") from error
    finally:
        connection.close()
    if result != "ok":
        raise StorageError("restore.damaged", f"{path.name} of the backup is damaged.")


def _describe(path: Path, root: Path) -> BackedUp:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return BackedUp(str(path.relative_to(root)), path.stat().st_size, digest.hexdigest())


def _is_inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())


def _make_empty(directory: Path, *, not_empty: str, bad: str) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise StorageError(
                not_empty,
                f"{directory.name} is not empty.",
                hint="Name a new directory; nothing is ever overwritten.",
            )
        directory.chmod(0o700)
    except OSError as error:
        raise StorageError(
            bad,
            f"The directory {directory} cannot be made: {error.strerror}.",
            hint="Name another one.",
        ) from error


def _write_durably(path: Path, text: bytes) -> None:
    path.write_bytes(text)
    sync(path)
    sync(path.parent)
