"""The key that encrypts secrets at rest (Fernet of `cryptography`: AES-128-CBC with HMAC-SHA256).

From `ONEFOLD_SECRET_KEY`, else from the file secret.key (mode 600), which is made at the first start. There
may be several: the first encrypts, each decrypts. So between any two steps of a rotation every secret can be
read. In the environment they are separated by commas; beside the file the next one waits in secret.key.next.
"""

import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from onefold.backends.embedded.database import database_path, open_reader
from onefold.errors import OnefoldError
from onefold.runtime.data_directory import check_private

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

VARIABLE = "ONEFOLD_SECRET_KEY"
NAME, NEXT, OLD = "secret.key", "secret.key.next", "secret.key.old"


def load_cipher(root: Path, environ: Mapping[str, str]) -> "MultiFernet":
    """What encrypts and decrypts; makes the key file when there is none.

    Raises:
        OnefoldError: the key is malformed, or its file can be read by others.
    """
    if VARIABLE in environ:
        return cipher_of(environ[VARIABLE].split(","), VARIABLE)
    path, coming = root / NAME, root / NEXT
    create_key(path)
    return cipher_of([read_key(one) for one in (path, coming) if one.exists()], str(path))


def cipher_of(keys: Sequence[str], place: str) -> "MultiFernet":
    """Encrypts by the first key, decrypts by any.

    Raises:
        OnefoldError: one is malformed.
    """
    from cryptography.fernet import Fernet, MultiFernet

    try:
        return MultiFernet([Fernet(key.strip()) for key in keys])
    except ValueError as error:
        raise OnefoldError(
            "runtime.secret_key_malformed",
            f"{place} holds no key: 32 bytes in URL-safe base64 are needed.",
            hint="Restore the key that encrypted the secrets; a new one cannot read them.",
        ) from error


def read_key(path: Path) -> str:
    """The key in a file.

    Raises:
        OnefoldError: others may read it.
    """
    check_private(path)
    return path.read_text(encoding="ascii").strip()


def check_key(root: Path, environ: Mapping[str, str]) -> None:
    """That the key is there and opens what is stored: told at the start, not by each role again and again.

    Reads the file itself, for the supervisor stays small without the control tables.

    Raises:
        OnefoldError: the key is malformed, readable by others, or of another workspace.
    """
    from cryptography.fernet import InvalidToken

    cipher = load_cipher(root, environ)
    if not database_path(root, "control").exists():
        return
    control = open_reader(root, "control")
    try:
        for (secrets,) in control.execute("select secrets from connection"):
            cipher.decrypt(secrets)
    except sqlite3.OperationalError:
        return  # no tables yet: web makes them
    except InvalidToken as error:
        raise OnefoldError(
            "runtime.secret_key_wrong",
            "The secrets of this workspace were encrypted with another key.",
            hint="Put back the secret.key (or ONEFOLD_SECRET_KEY) that belongs to it.",
        ) from error
    finally:
        control.close()


def create_key(path: Path) -> None:
    """A new key in a file of its own, unless there is one already."""
    from cryptography.fernet import Fernet

    if path.exists():
        return
    # O_EXCL: of two processes that start together, one makes the key and the other reads it.
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
