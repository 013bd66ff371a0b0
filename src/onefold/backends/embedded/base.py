"""The base snapshot: what stands for the records that retention removed; a replay starts from it.

In: a data directory, its worker running or not. Out: `base/<offset>.db`, and `base/base.json`, which names it
with its hash. Whatever is killed when: the manifest names a whole file, and the log never begins behind it.
"""

import hashlib
from pathlib import Path

import msgspec

from onefold.backends.embedded.durable import sync
from onefold.backends.embedded.snapshot import BASE_DIRECTORY, position_of, snapshot
from onefold.clock import Clock, now
from onefold.errors import StorageError

MANIFEST = "base.json"
NEXT = "next.db"


class Base(msgspec.Struct, frozen=True):
    """The registered snapshot: the state with everything up to `offset` folded in."""

    file: str
    offset: int
    clock: int
    """Of the fold, at that offset."""
    size: int
    sha256: str
    made_at: int


def find_base(data_dir: Path) -> Base | None:
    """The registered base; None before the first.

    Raises:
        StorageError: its manifest cannot be read.
    """
    path = data_dir / BASE_DIRECTORY / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=Base)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise StorageError(
            "storage.bad_base", f"{BASE_DIRECTORY}/{MANIFEST} cannot be read.", hint="Restore a backup."
        ) from error


def check_base(data_dir: Path, base: Base) -> Path:
    """The base's file, after looking at every byte of it.

    Raises:
        StorageError: it is missing or was changed.
    """
    path = data_dir / BASE_DIRECTORY / base.file
    try:
        is_whole = path.stat().st_size == base.size and _hash(path) == base.sha256
    except OSError:
        is_whole = False
    if not is_whole:
        raise StorageError(
            "storage.bad_base",
            f"The base snapshot {base.file} is missing or was changed.",
            hint="Restore a backup; the live state itself is not touched by this.",
        )
    return path


def make_base(data_dir: Path, *, clock: Clock = now) -> Base:
    """Snapshot the state as of its last commit and register it; the base before it goes only then.

    Raises:
        StorageError: no room for one more copy of the state, or it cannot be read.
    """
    directory = data_dir / BASE_DIRECTORY
    directory.mkdir(mode=0o700, exist_ok=True)
    taken = directory / NEXT
    try:
        snapshot(data_dir, taken)
        taken.chmod(0o600)
        position = position_of(taken)
        path = taken.rename(directory / f"{position.offset:020d}.db")
        base = Base(
            path.name, position.offset, position.clock, path.stat().st_size, _hash(path), made_at=clock()
        )
        _register(directory, base)
    except OSError as error:
        raise StorageError(
            "storage.cannot_snapshot", f"The base cannot be kept: {error.strerror}.", hint="Is the disk full?"
        ) from error
    finally:
        taken.unlink(missing_ok=True)
    for other in directory.iterdir():
        if other.name not in (base.file, MANIFEST):
            other.unlink()
    return base


def _register(directory: Path, base: Base) -> None:
    # First the file's name must last, then the manifest that says it.
    sync(directory)
    unfinished = directory / f"{MANIFEST}.unfinished"
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(base), indent=2))
    sync(unfinished)
    unfinished.rename(directory / MANIFEST)
    sync(directory)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
