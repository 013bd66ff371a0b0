"""Every setting of Onefold, declared once: name with unit, default, limits, meaning.

What only one stage reads is declared beside that stage and collected here.
`onefold.toml`, the environment, `onefold settings` and docs/reference/settings.md all follow this file.
How they are read and checked: `load_settings.py`.
"""

from typing import Annotated

from msgspec import Meta, Struct

from onefold.activate.settings import DeliverySettings
from onefold.capture.settings import CaptureSettings
from onefold.log.retention import Retention
from onefold.log.settings import LogSettings
from onefold.model.oidc_settings import OidcSettings
from onefold.pipeline.settings import WorkerSettings
from onefold.run.mail_settings import MailSettings
from onefold.unify.settings import UnifySettings


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
    deliver_drain_s_max: Annotated[
        int,
        Meta(ge=0, le=600, description="Of that, delivery sends what waits for at most so long."),
    ] = 10
    worker_niceness: Annotated[
        int,
        Meta(
            ge=0, le=19, description="How far the worker steps back for the CPU, so that capture stays quick."
        ),
    ] = 10
    worker_cache_mb: Annotated[
        int, Meta(ge=8, le=65_536, description="Memory for pages of the state that the worker keeps.")
    ] = 64
    api_body_bytes_max: Annotated[
        int, Meta(ge=10_000, le=100_000_000, description="Largest body of a control request.")
    ] = 2_000_000
    api_requests_per_s: Annotated[
        int,
        Meta(ge=1, le=100_000, description="Control requests a second of one caller; more are answered 429."),
    ] = 1000
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


class Segments(Struct, frozen=True, kw_only=True):
    """Segments."""

    count_max: Annotated[
        int,
        Meta(ge=1, le=2_000, description="Most segments at once: each costs time for every profile touched."),
    ] = 500


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
    capture: CaptureSettings = CaptureSettings()
    log: LogSettings = LogSettings()
    worker: WorkerSettings = WorkerSettings()
    unify: UnifySettings = UnifySettings()
    segments: Segments = Segments()
    delivery: DeliverySettings = DeliverySettings()
    retention: Retention = Retention()
    security: Security = Security()
    mail: MailSettings = MailSettings()
    oidc: OidcSettings = OidcSettings()
