"""How a connection fares, in the words that its user reads. Pure."""

from collections.abc import Iterable

from onefold.errors import SetupError
from onefold.model.delivery import ConnectionState


def running(connection_id: int, at: int) -> ConnectionState:
    """All is well."""
    return ConnectionState(connection_id, "running", at=at)


def off(connection_id: int, at: int) -> ConnectionState:
    """Nothing more is planned or sent."""
    return ConnectionState(connection_id, "off", at=at)


def paused(connection_id: int, error: SetupError, at: int) -> ConnectionState:
    """Nothing can go until someone sets it right."""
    return ConnectionState(connection_id, "paused", error.code, error.message, error.hint, at)


def limited(connection_id: int, errors: Iterable[SetupError], at: int) -> ConnectionState:
    """Optional channels are closed; at least one."""
    error = next(iter(errors))
    reason = f"{error.message} What needs it waits; everything else goes on."
    return ConnectionState(connection_id, "limited", error.code, reason, error.hint, at)


def failing(connection_id: int, at: int) -> ConnectionState:
    """It failed several times in a row."""
    reason = "The destination does not answer, or fails; one request at a time asks whether it is back."
    hint = "Nothing to do here: what waits is kept."
    return ConnectionState(connection_id, "waiting", "activate.failing", reason, hint, at)


def throttled(connection_id: int, at: int) -> ConnectionState:
    """It is asked again when it said."""
    reason = "The destination asked to slow down."
    hint = "Nothing to do: it goes on by itself."
    return ConnectionState(connection_id, "waiting", "activate.http.throttled", reason, hint, at)
