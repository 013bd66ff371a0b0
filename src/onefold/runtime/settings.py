"""Every setting of Onefold, declared once: name with unit, default, limits, meaning.

`onefold.toml`, the environment, `onefold settings` and docs/reference/settings.md all follow this file.
How they are read and checked: `load_settings.py`.
"""

from typing import Annotated

from msgspec import Meta, Struct


class Server(Struct, frozen=True, kw_only=True):
    """The processes and where they listen."""

    host: Annotated[
        str,
        Meta(
            description="Address to listen on. Other than 127.0.0.1 lets other machines in: put TLS in front."
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="TCP port; 0 takes a free one.")] = 8400
    workspace: Annotated[
        str, Meta(min_length=1, max_length=100, description="The name of this workspace, shown in the UI.")
    ] = "Onefold"
    public_url: Annotated[
        str,
        Meta(description="Where browsers reach this server (https://cdp.example.org); empty: host and port."),
    ] = ""
    drain_s_max: Annotated[
        int,
        Meta(ge=1, le=600, description="After SIGTERM the roles finish what they hold for at most so long."),
    ] = 30
    api_body_bytes_max: Annotated[
        int, Meta(ge=10_000, le=100_000_000, description="Largest body of a control request.")
    ] = 2_000_000
    api_requests_per_s: Annotated[
        int,
        Meta(ge=1, le=100_000, description="Control requests a second of one caller; more are answered 429."),
    ] = 200
    diagnostics: Annotated[
        str, Meta(pattern="^(console|json)$", description="How the roles write diagnostics: console or json.")
    ] = "console"
    diagnostics_level: Annotated[
        str,
        Meta(
            pattern="^(debug|info|warning|error)$",
            description="What is written: debug, info, warning or error.",
        ),
    ] = "info"


class Capture(Struct, frozen=True, kw_only=True):
    """What is accepted from the outside."""

    event_bytes_max: Annotated[
        int, Meta(ge=1_000, le=4_194_304, description="Largest event; the SDKs keep to 32 KB.")
    ] = 32_768
    batch_bytes_max: Annotated[
        int,
        Meta(
            ge=10_000,
            le=67_108_864,
            description="Largest events of one batch together, decompressed; Rudder's clients send 4 MiB.",
        ),
    ] = 4_194_304
    batch_events_max: Annotated[int, Meta(ge=1, le=100_000, description="Most events of one batch.")] = 10_000
    queue_bytes_max: Annotated[
        int,
        Meta(
            ge=1_000_000,
            le=4_000_000_000,
            description="Bytes that may wait for the disk; beyond, senders get 429 with Retry-After.",
        ),
    ] = 64_000_000
    body_s_max: Annotated[int, Meta(ge=1, le=600, description="A sender has so long to deliver a body.")] = 20
    default_currency: Annotated[
        str, Meta(pattern="^[A-Z]{3}$", description="Currency of a revenue that names none (ISO 4217).")
    ] = "USD"


class Log(Struct, frozen=True, kw_only=True):
    """The durable log."""

    bytes_max: Annotated[
        int,
        Meta(
            ge=0,
            description="The log's file stops growing here and senders get 429; 0: the disk is the limit.",
        ),
    ] = 0
    disk_free_bytes_min: Annotated[
        int,
        Meta(
            ge=0, description="With less free space senders get 429, so that there is room left to recover."
        ),
    ] = 256_000_000


class Worker(Struct, frozen=True, kw_only=True):
    """The role that unifies and segments."""

    batch_events_max: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Events of one transaction: more is hardly faster, but slower to see.",
        ),
    ] = 1_000
    nice: Annotated[
        int,
        Meta(
            ge=0, le=19, description="How far the worker steps back for the CPU, so that capture stays quick."
        ),
    ] = 5
    cache_mb: Annotated[int, Meta(ge=8, le=65_536, description="Memory for pages of state.db.")] = 128


class Dedupe(Struct, frozen=True, kw_only=True):
    """Recognising an event sent twice."""

    window_h: Annotated[
        int,
        Meta(
            ge=24,
            le=8_760,
            description="A message id is recognised for so long; SDKs resend for up to 12 hours.",
        ),
    ] = 48


class Identity(Struct, frozen=True, kw_only=True):
    """What points to a person."""

    kinds: Annotated[
        dict[str, str],
        Meta(description='More identifiers: trait name to kind, such as {"loyaltyCard": "loyalty_card"}.'),
    ] = {}
    blocked_values: Annotated[
        list[str],
        Meta(description="Values that are no identifier, beside the built-in ones (null, 0, undefined…)."),
    ] = []
    phone_region: Annotated[
        str,
        Meta(
            pattern="^([A-Z]{2})?$",
            description="Country of phone numbers without a country code; empty: refuse them.",
        ),
    ] = ""


class Segments(Struct, frozen=True, kw_only=True):
    """Segments."""

    count_max: Annotated[
        int,
        Meta(ge=1, le=2_000, description="Most segments at once: each costs time for every profile touched."),
    ] = 500


class Deliver(Struct, frozen=True, kw_only=True):
    """Delivery to destinations."""

    retries_max: Annotated[
        int,
        Meta(
            ge=0, le=100, description="Attempts of an item that may succeed later; then it is a dead letter."
        ),
    ] = 10
    request_s_max: Annotated[int, Meta(ge=1, le=600, description="A destination has so long to answer.")] = 30


class Retention(Struct, frozen=True, kw_only=True):
    """How long things are kept."""

    letter_days: Annotated[
        int, Meta(ge=1, le=3_650, description="Dead letters, from the day they were written.")
    ] = 90
    run_days: Annotated[int, Meta(ge=1, le=3_650, description="Finished runs and their counts.")] = 365
    upload_days: Annotated[
        int, Meta(ge=1, le=365, description="Uploaded files of imports that have ended.")
    ] = 7


class Security(Struct, frozen=True, kw_only=True):
    """Who gets in."""

    session_days: Annotated[int, Meta(ge=1, le=365, description="A browser stays signed in for so long.")] = (
        30
    )
    link_minutes: Annotated[int, Meta(ge=1, le=10_080, description="A one-time link opens for so long.")] = 60
    metrics_public: Annotated[
        bool, Meta(description="/metrics answers without a token; it holds counts, no personal data.")
    ] = True


class Settings(Struct, frozen=True, kw_only=True):
    """All of them, a section each."""

    server: Server = Server()
    capture: Capture = Capture()
    log: Log = Log()
    worker: Worker = Worker()
    dedupe: Dedupe = Dedupe()
    identity: Identity = Identity()
    segments: Segments = Segments()
    deliver: Deliver = Deliver()
    retention: Retention = Retention()
    security: Security = Security()
