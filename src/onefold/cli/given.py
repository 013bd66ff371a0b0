"""Values given on the command line: NAME=VALUE pairs, and secrets that need not stand in it."""

from collections.abc import Sequence
from pathlib import Path

from onefold.errors import OnefoldError
from onefold.model.json import JsonObject, JsonValue

SECRET_BYTES_MAX = 100_000


def refuse_nothing(body: JsonObject, command: str) -> None:
    """A change that says nothing is a mistake at the command line.

    Raises:
        OnefoldError: nothing was given.
    """
    if not body:
        raise OnefoldError("cli.usage", "Nothing to change is given.", hint=f"See: onefold {command} -h")


def read_pairs(pairs: Sequence[str]) -> JsonObject:
    """NAME=VALUE: numbers, true, false, lists and objects as JSON has them; anything else is text."""
    return {name: _value(text) for name, text in map(_split, pairs)}


def read_texts_by_name(pairs: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE, every value as text."""
    return {name: text.strip() for name, text in map(_split, pairs)}


def read_secrets(pairs: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE, or NAME=@FILE so that the secret stays out of the list of processes."""
    return {
        name: _read_secret(Path(text[1:])) if text.startswith("@") else text
        for name, text in map(_split, pairs)
    }


def _split(pair: str) -> tuple[str, str]:
    name, is_pair, value = pair.partition("=")
    if not is_pair or not name:
        raise OnefoldError("cli.usage", f"{name or pair!r} has no value.", hint="Give NAME=VALUE.")
    return name.strip(), value


def _value(text: str) -> JsonValue:
    import msgspec

    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    # `null` is a value of settings such as `leaving`, as text.
    return text if found is None else found


def _read_secret(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(SECRET_BYTES_MAX).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OnefoldError("cli.bad_file", f"The secret in {path} cannot be read.") from error
