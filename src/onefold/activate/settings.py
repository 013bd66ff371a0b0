"""What an operator may set about delivery."""

from typing import Annotated

import msgspec


class DeliverySettings(msgspec.Struct, frozen=True):
    """`[delivery]` of the settings."""

    linger_ms: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            le=1000,
            description="Under a steady stream, items gather so long between two requests, so that requests "
            "fill up. What comes alone is sent at once.",
        ),
    ] = 50
    gap_ms: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            le=60_000,
            description="Shortest time between an answer and the next request for the same profile. "
            "Destinations promise no order across requests; a gap makes it more likely.",
        ),
    ] = 0
    attempts_max: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            le=1000,
            description="Tries of one request, while others of its connection succeed, before its items "
            "become dead letters.",
        ),
    ] = 8
    retry_hours_max: Annotated[
        int,
        msgspec.Meta(ge=1, le=720, description="Hours that a request is tried while nothing succeeds."),
    ] = 24
    poll_ms: Annotated[
        int,
        msgspec.Meta(
            ge=1, le=10_000, description="How often deliver looks for work that nobody woke it for."
        ),
    ] = 200
