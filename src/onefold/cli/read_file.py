"""Files that a command is given: JSON from a path, or from stdin as `-`."""

import sys
from pathlib import Path
from typing import Any

from onefold.errors import OnefoldError

BYTES_MAX = 20_000_000
"""Definitions are small; a file of data that was given by mistake is not read into memory."""


def read_json(path: Path) -> Any:
    """The JSON document in a file.

    Raises:
        OnefoldError: `cli.bad_file`; says what is wrong and where.
    """
    import msgspec

    content = read_bytes(path)
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OnefoldError("cli.bad_file", f"{path} is not JSON: {error}.") from error


def read_bytes(path: Path) -> bytes:
    """What is in a file.

    Raises:
        OnefoldError: `cli.bad_file`; it cannot be read, or is no definition for its size.
    """
    try:
        content = _read(path)
    except OSError as error:
        raise OnefoldError("cli.bad_file", f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > BYTES_MAX:
        raise OnefoldError("cli.bad_file", f"{path} is larger than {BYTES_MAX // 1_000_000} MB.")
    return content


def read_object(path: Path) -> dict[str, Any]:
    """The same, where only an object will do."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise OnefoldError("cli.bad_file", f"{path} holds no JSON object.")
    return value


def _read(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read(BYTES_MAX + 1)
    with path.open("rb") as file:
        return file.read(BYTES_MAX + 1)
