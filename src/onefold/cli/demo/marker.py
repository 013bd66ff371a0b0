"""The mark of a directory that the demo made: what has it may be removed by --reset, nothing else.

It also keeps how far the shop is, so that the next start goes on there.
"""

import shutil
from pathlib import Path

import msgspec

from onefold.errors import OnefoldError
from onefold.runtime.data_directory import DataDirectory

MARKER = "demo.json"


class Shop(msgspec.Struct, frozen=True):
    """Where the shop is: when its past ended, and how many calls it has sent."""

    began: int = 0
    sent: int = 0
    history_days: int = 60


class Mark(msgspec.Struct, frozen=True):
    """What the file says."""

    made_by: str = "onefold demo"
    shop: Shop = Shop()


def claim(root: Path) -> Mark:
    """The mark of the directory, which is made and marked if it is new or empty.

    Raises:
        OnefoldError: it holds something that the demo did not make.
    """
    if not (root / MARKER).exists():
        if root.exists() and any(root.iterdir()):
            raise _not_ours(root)
        DataDirectory(root).create()
        write(root, Mark())
    return _read(root)


def write(root: Path, mark: Mark) -> None:
    """Replace the mark; a crash leaves the old one or the new one."""
    fresh = root / f"{MARKER}.new"
    fresh.write_bytes(msgspec.json.encode(mark))
    fresh.replace(root / MARKER)


def remove(root: Path) -> bool:
    """Remove what the demo made; False when there is nothing.

    Raises:
        OnefoldError: the demo did not make it, or it is in use.
    """
    if not root.exists():
        return False
    if not (root / MARKER).exists():
        raise _not_ours(root)
    _read(root)
    lock = DataDirectory(root).lock()
    try:
        shutil.rmtree(root)
    finally:
        lock.release()
    return True


def _read(root: Path) -> Mark:
    try:
        return msgspec.json.decode((root / MARKER).read_bytes(), type=Mark)
    except (OSError, msgspec.MsgspecError) as error:
        raise _not_ours(root) from error


def _not_ours(root: Path) -> OnefoldError:
    return OnefoldError(
        "demo.not_ours",
        f"The directory {root} holds something that the demo did not make.",
        hint="Name another one with --data-dir; the demo touches only its own.",
    )
