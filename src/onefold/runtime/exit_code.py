"""What the command leaves behind for scripts (after sysexits.h where that has a number)."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `onefold`."""

    OK = 0
    FAILED = 1
    """It could not be done; the message says why."""
    USAGE = 2
    """The command line is wrong."""
    REFUSED = 65
    """The server refused what was asked: the data is wrong, or the thing is not there."""
    UNAVAILABLE = 69
    """No server answers where one was named."""
    LOCKED = 75
    """Another process holds the data directory: try again when it is gone."""
    NOT_ALLOWED = 77
    """The token is missing, wrong or not enough."""
    CONFIG = 78
    """The settings, the secret key or the version of the data directory."""
