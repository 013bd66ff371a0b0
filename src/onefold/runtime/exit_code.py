"""What the command leaves behind for scripts; the same numbers stand in docs/reference/cli.md."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `onefold`."""

    OK = 0
    FAILED = 1
    """It could not be done; the message says why."""
    USAGE = 2
    """The command line, the settings, the secret key, or a data directory of a newer version."""
    CONFIG = 2
    """The same number: both are mended before anything can start."""
    DIFFERS = 2
    """The same number, of `config plan --check` alone, as other tools of this kind have it: whatever is wrong
    with the files has another one there."""
    NOT_FOUND = 3
    """The thing that was named is not there."""
    UNAVAILABLE = 4
    """No server answers where one was named, or there is no workspace in the directory."""
    REFUSED = 5
    """The server refused what was asked: what was given is wrong."""
    NOT_ALLOWED = 6
    """The token is missing, wrong or not enough."""
    LOCKED = 7
    """Another process holds the data directory: try again when it is gone."""
    INTERRUPTED = 130
    """Ctrl-C."""
