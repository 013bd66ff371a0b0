"""How a failed command ends: the message, the hint and the code on stderr, and an exit code for scripts."""

import sys

from onefold.errors import ConfigError, OnefoldError, RequestError
from onefold.runtime.exit_code import ExitCode

CODES = {
    "runtime.locked": ExitCode.LOCKED,
    "cli.unreachable": ExitCode.UNAVAILABLE,
    "storage.newer_schema": ExitCode.CONFIG,
    "runtime.secret_key_readable": ExitCode.CONFIG,
    "runtime.secret_key_malformed": ExitCode.CONFIG,
    "runtime.secret_key_wrong": ExitCode.CONFIG,
    "cli.usage": ExitCode.USAGE,
}


def exit_code_of(error: OnefoldError) -> int:
    """The exit code of an error."""
    if error.code in CODES:
        return CODES[error.code]
    if isinstance(error, ConfigError):
        return ExitCode.CONFIG
    if isinstance(error, RequestError):
        return ExitCode.NOT_ALLOWED if error.status in (401, 403) else ExitCode.REFUSED
    return ExitCode.FAILED


def tell(error: OnefoldError) -> None:
    """What went wrong, what to do, and the code to search for."""
    lines = [f"Error: {error.message}"]
    if error.hint:
        lines.append(f"  {error.hint}")
    lines.append(f"  [{error.code}]")
    sys.stderr.write("\n".join(lines) + "\n")
