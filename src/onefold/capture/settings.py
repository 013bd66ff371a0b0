"""What an operator may set about capture. Collected with the other settings by `runtime/settings.py`."""

from typing import Annotated

import msgspec

KIB = 1024
MIB = 1024 * KIB


class CaptureSettings(msgspec.Struct, frozen=True):
    """`[capture]` of the settings."""

    event_bytes_max: Annotated[
        int,
        msgspec.Meta(ge=1, description="Bytes one event may have; Segment's own limit. More: dead letter."),
    ] = 32 * KIB
    body_bytes_max: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            description="Bytes a request's body may have, as sent and inflated: the 4 MiB that Rudder's "
            "clients send, and the envelope. More: 413.",
        ),
    ] = 4 * MIB + 64 * KIB
    batch_events_max: Annotated[
        int, msgspec.Meta(ge=1, description="Events a batch may have. More: 400; send smaller batches.")
    ] = 10_000
    nesting_max: Annotated[
        int,
        msgspec.Meta(
            ge=4,
            le=200,
            description="Levels of objects and arrays in an event; every reader can decode so many.",
        ),
    ] = 64
    id_chars_max: Annotated[
        int,
        msgspec.Meta(
            ge=16,
            le=400,
            description="Characters of a user, anonymous, group or message id. "
            "A longer one identifies nobody.",
        ),
    ] = 400
    name_chars_max: Annotated[int, msgspec.Meta(ge=16, description="Characters of an event's name.")] = 512
    identifier_traits: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="Traits that identify a person, so that an event without user id is taken."),
    ] = ("email", "phone")
    body_timeout_s: Annotated[
        float, msgspec.Meta(gt=0, description="Seconds a sender has for the whole body. Longer: 408.")
    ] = 20.0
    reading_bytes_max: Annotated[
        int,
        msgspec.Meta(
            ge=1, description="Bytes of half-received bodies held in memory, all senders together. More: 429."
        ),
    ] = 256 * MIB
    retry_after_s: Annotated[
        int,
        msgspec.Meta(ge=1, description="Seconds after which senders may try again when we cannot take more."),
    ] = 2
    letter_bytes_max: Annotated[
        int,
        msgspec.Meta(
            ge=256, description="Bytes of a refused payload kept in its dead letter; the rest is cut."
        ),
    ] = 64 * KIB
    letters_per_minute_max: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            description="Dead letters written a minute for one source. More are counted but not kept: write "
            "keys are public, and nobody may fill the disk with them.",
        ),
    ] = 6_000
    forwarded_hops: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            description="Proxies in front of us whose X-Forwarded headers are believed. 0: none.",
        ),
    ] = 0
    public_url: Annotated[
        str,
        msgspec.Meta(
            description="Where browsers reach capture, as `https://host`. Empty: as the request came."
        ),
    ] = ""
