"""What one commit of the worker changed: the row that activation follows by its `seq`.

A row's `seq` only grows, by one a commit. `offset` names the batch row (and with `first_offset` the
records of the log) whose events the commit applied; it is 0 when only timers fired or members of a
dropped segment left, which large amounts do in several commits before the record that caused them.
"""

import msgspec


class Change(msgspec.Struct, array_like=True, gc=False):
    """Ids of profiles and segments that changed together."""

    offset: int
    """Last offset of the batch; 0 if the commit belongs to no batch of events."""
    first_offset: int
    at: int
    """The fold's clock at the end of the commit (microseconds UTC)."""
    touched: list[int] = []
    """Profiles whose content changed (traits, identifiers, counters, memberships); survivors only."""
    entered: list[tuple[int, int]] = []
    """(segment id, profile id), in order; a pair may enter and leave in one commit."""
    left: list[tuple[int, int]] = []
    merged: list[tuple[int, int]] = []
    """(old profile id, surviving profile id), in order."""
    events: bool = False
    """The batch holds at least one event that passed."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Change)


def encode_change(change: Change) -> bytes:
    """The stored form."""
    return _encoder.encode(change)


def decode_change(body: bytes) -> Change:
    """The change of its stored form."""
    return _decoder.decode(body)
