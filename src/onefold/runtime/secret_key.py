"""The key that encrypts secrets at rest (Fernet of `cryptography`: AES-128-CBC with HMAC-SHA256).

From `ONEFOLD_SECRET_KEY`, else from the file secret.key (mode 600), which is made at the first start.
"""

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from onefold.backends.embedded.database import database_path, open_reader
from onefold.errors import OnefoldError
from onefold.runtime.data_directory import check_private

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

VARIABLE = "ONEFOLD_SECRET_KEY"


def load_cipher(root: Path, environ: Mapping[str, str]) -> "Fernet":
    """What encrypts and decrypts; makes the key file when there is none.

    Raises:
        OnefoldError: the key is malformed, or its file can be read by others.
    """
    from cryptography.fernet import Fernet

    path = root / "secret.key"
    if VARIABLE in environ:
        key, place = environ[VARIABLE].strip(), VARIABLE
    else:
        if not path.exists():
            _create(path)
        check_private(path)
        key, place = path.read_text(encoding="ascii").strip(), str(path)
    try:
        return Fernet(key)
    except ValueError as error:
        raise OnefoldError(
            "runtime.secret_key_malformed",
            f"{place} holds no key: 32 bytes in URL-safe base64 are needed.",
            hint="Restore the key that encrypted the secrets; a new one cannot read them.",
        ) from error


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


def _create(path: Path) -> None:
    from cryptography.fernet import Fernet

    # O_EXCL: of two processes that start together, one makes the key and the other reads it.
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
