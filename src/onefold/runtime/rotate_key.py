"""`onefold secrets rotate`: every secret encrypted by a new key, on a directory that nobody else works on.

A kill between any two steps loses nothing, for all keys that there are decrypt: the next key is durable
before it is used, all secrets change in one transaction, and only then does the key change its place. Run
again, it ends what it began.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from onefold.errors import OnefoldError
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.secret_key import NAME, NEXT, OLD, VARIABLE, cipher_of, create_key, load_cipher, read_key

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class Rotated(NamedTuple):
    """What was done; `old_key`: the file with the key until now, empty where it is in the environment."""

    secrets: int
    old_key: str


def rotate_key(data_dir: Path, environ: Mapping[str, str]) -> Rotated:
    """Encrypt all secrets by a new key.

    Raises:
        OnefoldError: a server works on the directory, there is none, or its key is wrong.
    """
    directory = DataDirectory(data_dir)
    if not directory.exists():
        raise OnefoldError(
            "runtime.no_workspace",
            f"There is no workspace in {directory.root}.",
            hint="Name its directory with --data-dir.",
        )
    lock = directory.lock()
    try:
        if VARIABLE in environ:
            return Rotated(_to_first(directory.root, environ), "")
        return _to_next(directory.root, environ)
    finally:
        lock.release()


def _to_first(root: Path, environ: Mapping[str, str]) -> int:
    keys = environ[VARIABLE].split(",")
    if len(keys) < 2:
        raise OnefoldError(
            "runtime.no_new_key",
            f"{VARIABLE} holds one key only.",
            hint="Put the new one in front: NEW,OLD. Take the old one out when this is done.",
        )
    return _encrypt(root, load_cipher(root, environ), cipher_of(keys[:1], VARIABLE))


def _to_next(root: Path, environ: Mapping[str, str]) -> Rotated:
    key, coming, old = root / NAME, root / NEXT, root / OLD
    create_key(key)
    create_key(coming)
    _sync(root)
    count = _encrypt(root, load_cipher(root, environ), cipher_of([read_key(coming)], str(coming)))
    old.unlink(missing_ok=True)
    os.link(key, old)
    coming.replace(key)
    _sync(root)
    return Rotated(count, str(old))


def _encrypt(root: Path, before: "MultiFernet", after: "MultiFernet") -> int:
    from onefold.backends.embedded.control import ControlDatabase
    from onefold.backends.embedded.control.cipher import encrypt_anew

    database = ControlDatabase.writer(root)
    try:
        return encrypt_anew(database, before, after)
    finally:
        database.close()


def _sync(root: Path) -> None:
    """The names in the directory are durable, too."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
