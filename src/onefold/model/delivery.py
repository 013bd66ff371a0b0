"""Deliveries: items on their way to a destination, the requests that carry them, what was answered.

These are what `delivery.db` keeps, as msgpack arrays: fields are added only at the end.
"""

from enum import IntEnum

import msgspec

from onefold.model.goal_run import NO_RUN
from onefold.model.outcome import Kind

NO_POSITION = -1
"""Position of an item that comes from a profile, not from one event."""


class Item(msgspec.Struct, array_like=True, gc=False):
    """One object for a destination, ready to send.

    `offset` and `position` name the event that it comes from (a change's offset and -1 for a profile).
    Once accepted, `marks` are set in the ledger `ledger_id` of the profile (None removes one).
    """

    part: str
    body: bytes
    goal_id: int
    profile_id: int
    offset: int
    position: int
    received_at: int
    ledger_id: int = 0
    marks: dict[str, int | None] | None = None
    key: str = ""
    """Message id, for the dead letter that the item may become."""
    cost: int = 0
    """What the destination bills for it, in its own unit."""
    run: int = NO_RUN
    """Number of the run that planned it."""
    purpose: str | None = ""
    """To what the person must have consented when it leaves (empty: to nothing), unless its goal asks for
    another purpose by then. None: it takes back what was sent, so no consent is needed."""
    costs: dict[str, int] | None = None
    """Of an item of fields: what those of them cost that cost other than 1."""
    held_for: str = ""
    """Why it is held until a time (a code); empty: it is not."""
    moment_at: int = 0
    """Of a call at a time of a schedule: that time."""


class Held(msgspec.Struct, gc=False):
    """An item that shall not leave before `due_at`. It is in no request yet, and hinders no other."""

    id: int
    connection_id: int
    due_at: int
    channel: str
    item: Item


class Request(msgspec.Struct, gc=False):
    """Items that travel together; an intent until it is answered. Kept before it is sent."""

    id: int
    connection_id: int
    channel: str
    items: list[Item]
    attempts: int = 0
    sent: bool = False
    """It may have left: kept before a send, so that a restart knows what may double."""
    maybe_doubled: bool = False
    retry_at: int = 0
    first_at: int = 0
    """When it was first sent; bounds how long it is tried."""


class AttemptState(IntEnum):
    """How one try of a request ended."""

    ANSWERED = 0
    DEFERRED = 1
    REFUSED = 2


class Attempt(msgspec.Struct, frozen=True):
    """One try of a request: what went, when, and how each item ended (`kinds`, in the order of the items)."""

    request_id: int
    number: int
    connection_id: int
    channel: str
    sent_at: int
    answered_at: int
    state: AttemptState
    code: str
    maybe_doubled: bool
    goals: list[int]
    profiles: list[int]
    offsets: list[int]
    positions: list[int]
    parts: list[str]
    kinds: list[Kind]


class ConnectionState(msgspec.Struct, frozen=True):
    """How a connection fares: `running`, `limited`, `waiting`, `paused` (with remedy), `failed` or `off`.

    `limited` delivers all but what needs a permission that is missing.
    `failed` is a fault in the connector's code; it is tried again by itself.
    """

    connection_id: int
    state: str
    code: str = ""
    reason: str = ""
    hint: str = ""
    at: int = 0


class ReadBack(IntEnum):
    """How far a goal is with reading back what the destination holds before it sends anything."""

    NEVER = 0
    WANTED = 1
    HALTED = 2
    """Someone cancelled it: nothing is sent until the goal is turned off and on, or no longer asks for it."""
    DONE = 3

    @property
    def is_open(self) -> bool:
        """Whether the goal waits for it."""
        return self in (ReadBack.WANTED, ReadBack.HALTED)


class GoalProgress(msgspec.Struct):
    """Where a goal stands: `cursor` in the changes, and how far its look at the past has come, if it has one.

    One that sends profiles compares everyone, page by page; one that sends events reads the worker's batches,
    and then follows the changes behind `cursor`.
    """

    goal_id: int
    version: int
    cursor: int
    scanning: bool = False
    scanned_to: int = 0
    """Profile id up to which everyone was compared; of events, offset up to which all was planned."""
    scan_end: int = 0
    """Offset of the last batch of the past that is being read (0: none is)."""
    begun_at: int = 0
    """The goal's `enabled_at` that the cursor follows from; another one means that it was stopped between."""
    contest: int = 0
    """What decided between it and other goals that write its fields, when everyone was compared (a hash)."""
    read_back: ReadBack = ReadBack.NEVER
    """While it is open, `scanned_to` says up to which profile id people were read back."""

    @property
    def is_reading(self) -> bool:
        """Events of the past are being read."""
        return self.scanning and self.scan_end > 0
