"""The records of the log: everything that changes what we know of people, in one order.

A record's body holds one event (a JSON object), many events (a JSON array), or the payload
of another kind. `meta` is JSON: what the envelope said (see `Envelope`).
"""

from enum import IntEnum

import msgspec


class RecordKind(IntEnum):
    """What a record's body holds. Stored in the log; never renumber."""

    EVENTS = 1
    """A JSON object (one event) or a JSON array of them, all accepted by capture or acquire."""
    TICK = 2
    """No body: the clock moved on, so windows may expire."""
    SEGMENT_PUT = 3
    """JSON `SegmentDefinition`: define or redefine a segment from here on."""
    SEGMENT_FILL = 4
    """msgpack `SegmentFill`: one range of profiles evaluated, with aggregates of the past."""
    SEGMENT_DROP = 5
    """JSON `SegmentDrop`: the segment is gone and its members leave; or a redefinition is taken back."""
    ERASE = 6
    """JSON `Erase`: a person is gone, with everything that was known of them."""
    IDENTITY_PUT = 7
    """JSON `IdentityPut`: by which rules events say who somebody is, from here on."""


class Meta(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the envelope of a record said."""

    sent_at: int = 0
    """Client's clock when it sent (microseconds UTC; 0 = unknown): corrects `timestamp`."""
    type: str = ""
    """Type implied by the route for a single event whose body lacks one."""
    ip: str = ""
    user_agent: str = ""
    run_id: str = ""
    """The import or replay run that wrote the record."""
    replay_of: str = ""
    """Id of the dead letter that this record repeats."""
    source_kind: str = ""
    """Kind of the source where a destination told us its events (`braze-currents`): they never go back."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One entry of the log. `offset` is 0 until it is appended."""

    kind: RecordKind
    source_id: int
    received_at: int
    count: int
    """Events in the body (0 for other kinds)."""
    body: bytes
    meta: bytes = b""
    offset: int = 0
