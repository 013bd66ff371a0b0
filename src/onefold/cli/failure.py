"""How a failed command ends: the message, the hint and the code on stderr, and an exit code for scripts."""

import sys

from onefold.errors import ConfigError, OnefoldError, RequestError
from onefold.runtime.exit_code import ExitCode

CODES = {
    "runtime.locked": ExitCode.LOCKED,
    "runtime.no_workspace": ExitCode.UNAVAILABLE,
    "cli.unreachable": ExitCode.UNAVAILABLE,
    "storage.newer_schema": ExitCode.CONFIG,
    "runtime.secret_key_readable": ExitCode.CONFIG,
    "runtime.secret_key_malformed": ExitCode.CONFIG,
    "runtime.secret_key_wrong": ExitCode.CONFIG,
    "runtime.no_new_key": ExitCode.CONFIG,
    "cli.usage": ExitCode.USAGE,
    "cli.bad_file": ExitCode.USAGE,
    "config.bad_files": ExitCode.REFUSED,
}
STATUSES = {
    401: ExitCode.NOT_ALLOWED,
    403: ExitCode.NOT_ALLOWED,
    404: ExitCode.NOT_FOUND,
    429: ExitCode.FAILED,
}
"""Exit codes of what the API answers; other 4xx are refusals, 5xx are failures."""


def exit_code_of(error: OnefoldError) -> int:
    """The exit code of an error."""
    if error.code in CODES:
        return CODES[error.code]
    if isinstance(error, ConfigError):
        return ExitCode.CONFIG
    if isinstance(error, RequestError):
        return STATUSES.get(error.status, ExitCode.REFUSED if error.status < 500 else ExitCode.FAILED)
    return ExitCode.FAILED


def tell(error: OnefoldError) -> None:
    """What went wrong, what to do, and the code to search for."""
    lines = [f"Error: {error.message}"]
    if error.hint:
        lines.append(f"  {error.hint}")
    lines.append(f"  [{error.code}]")
    sys.stderr.write("\n".join(lines) + "\n")


def unexpected(error: Exception) -> OnefoldError:
    """A bug of ours, as an error that a person can report."""
    return OnefoldError(
        "cli.unexpected",
        f"The command failed in a way that we did not expect ({type(error).__name__}).",
        hint="Run it again with -v to see where, and report it.",
    )
