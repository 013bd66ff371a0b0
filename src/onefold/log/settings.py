"""What an operator may set about the log: how much it keeps and what it must leave free."""

from typing import Annotated

import msgspec

GIB = 1024**3
MIB = 1024**2


class LogSettings(msgspec.Struct, frozen=True):
    """`[log]` of the settings."""

    bytes_max: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            description="Bytes the log may hold (0: no limit). At the limit capture answers 429 "
            "until retention has made room.",
        ),
    ] = 64 * GIB
    disk_free_bytes_min: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            description="Free bytes the log leaves on its disk, so that the other roles can still commit. "
            "Below, capture answers 429.",
        ),
    ] = 256 * MIB
    retention_days: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            description="Days of records kept, once a base snapshot holds what they say (0: all).",
        ),
    ] = 0
    letters_max: Annotated[
        int,
        msgspec.Meta(ge=1, description="Dead letters kept; the oldest go first. They stay counted."),
    ] = 100_000
    letter_days: Annotated[int, msgspec.Meta(ge=1, description="Days a dead letter is kept.")] = 30
    queue_bytes_max: Annotated[
        int,
        msgspec.Meta(ge=1, description="Bytes waiting for the disk in memory. Over it, capture answers 429."),
    ] = 64 * MIB
    queue_items_max: Annotated[
        int,
        msgspec.Meta(ge=1, description="Requests waiting for the disk. Over it, capture answers 429."),
    ] = 20_000
