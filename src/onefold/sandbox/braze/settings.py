"""What a local Braze is told before it starts: keys, limits, delays, habits of the contract.

In: keyword arguments, command line flags or JSON. Out: one frozen `SandboxSettings`. Defaults are those
of a new customer as Braze documented them in July 2026.
"""

from __future__ import annotations

from typing import Literal

import msgspec

BatchLimit = Literal["combined_75", "per_array_75"]
RateProfile = Literal["burst", "minute", "mau", "off"]
Channel = Literal["email", "sms", "rcs", "whatsapp"]
ValueType = Literal["string", "number", "boolean", "time", "array", "object", "object_array"]

# Fixed while the process runs: a changed address or key would cut off the client that asked for the change.
FIXED_FIELDS = frozenset({"host", "port", "api_keys"})

HIDDEN = "***"


class ApiKey(msgspec.Struct, frozen=True):
    """A REST key; `permissions` None means all of them."""

    key: str
    name: str = "key"
    permissions: frozenset[str] | None = None


class S3Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where segment exports go when the workspace has a bucket of its own."""

    bucket: str
    access_key_id: str
    secret_access_key: str
    region: str = "us-east-1"
    endpoint_url: str | None = None
    folder: str = ""


class CurrentsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where engagement events go: as Avro files to the bucket of `s3`, or to a server at `url`."""

    kind: Literal["bucket", "http"]
    event_types: frozenset[str] = frozenset()
    delivery_delay_ms: float = 300_000.0
    file_events_max: int = 15_000
    prefix: str = "currents"
    cluster: str = "prod-01"
    integration_id: str = "0123456789abcdef01234567"
    version: int = 10
    environment: str = "us-01"
    url: str | None = None
    token: str | None = None


class GroupSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A subscription group of the workspace; an archived one ignores changes."""

    name: str
    channel: Channel = "email"
    archived: bool = False


class SandboxSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings of one local Braze; times in milliseconds, limits in the unit that ends their name."""

    host: str = "127.0.0.1"
    port: int = 0
    api_keys: tuple[ApiKey, ...] = ()

    batch_limit: BatchLimit = "combined_75"
    strict_paths: bool = True
    forbidden_message: str = "Access Denied"
    throttled_message: str = "Rate limit exceeded"
    legacy_fields_to_export: bool = False
    long_strings: Literal["reject", "truncate"] = "reject"
    alias_events_create: bool = False

    rate_profile: RateProfile = "burst"
    track_burst_limit: int = 3_000
    track_minute_limit: int = 50_000
    mau_hour_limit: int = 1_000_000
    identity_minute_limit: int = 20_000
    export_minute_limit: int = 250
    pool_hour_limit: int = 250_000
    group_limits: dict[str, int] = msgspec.field(default_factory=dict)

    delay_ms: float = 100.0
    jitter_ms: float = 50.0
    reorder: bool = False
    export_lag_ms: float = 0.0
    segment_export_delay_ms: float = 200.0
    segment_export_file_users: int = 5_000
    hosted_url_life_s: float = 4 * 3_600.0
    s3: S3Settings | None = None
    currents: CurrentsSettings | None = None
    seed: int = 1
    fixed_at: str | None = None

    type_lock: bool = True
    forced_types: dict[str, ValueType] = msgspec.field(default_factory=dict)
    blocked_names: frozenset[str] = frozenset()
    blocked_external_ids: frozenset[str] = frozenset()
    app_ids: frozenset[str] = frozenset()
    subscription_group_ids: frozenset[str] = frozenset()
    subscription_groups: dict[str, GroupSettings] = msgspec.field(default_factory=dict)
    global_control_ids: frozenset[str] = frozenset()
    detected_type_suffix: str = ""
    usd_rates: dict[str, float] = msgspec.field(default_factory=dict)

    # Memory is bounded by these four; totals stay exact whatever they are.
    journal_entries_max: int = 1_000
    journal_bytes_max: int = 32 * 1024 * 1024
    raw_events_per_user_max: int = 100
    raw_bytes_max: int = 512 * 1024 * 1024

    def __post_init__(self) -> None:
        """Refuse values that no run could honour."""
        for name in (
            "delay_ms",
            "jitter_ms",
            "export_lag_ms",
            "raw_events_per_user_max",
            "segment_export_delay_ms",
            "hosted_url_life_s",
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        if self.segment_export_file_users < 1:
            raise ValueError("segment_export_file_users must be at least 1")
        if not 0 <= self.port <= 65_535:
            raise ValueError("port must be between 0 and 65535")


def with_changes(settings: SandboxSettings, changes: dict[str, object]) -> SandboxSettings:
    """Return `settings` with some fields replaced; ValueError names what may not change or is not valid."""
    fixed = FIXED_FIELDS & changes.keys()
    if fixed:
        raise ValueError(f"fixed while running: {', '.join(sorted(fixed))}")
    s3 = changes.get("s3")
    if isinstance(s3, dict) and s3.get("secret_access_key") == HIDDEN and settings.s3 is not None:
        # What was read from the settings may be written back: the secret stays.
        changes = {**changes, "s3": {**s3, "secret_access_key": settings.s3.secret_access_key}}
    merged: dict[str, object] = {**msgspec.to_builtins(settings), **changes}
    return msgspec.convert(merged, SandboxSettings)


def public_view(settings: SandboxSettings) -> dict[str, object]:
    """Return the settings without the keys themselves and without the secret of the bucket."""
    view: dict[str, object] = msgspec.to_builtins(settings)
    view["api_keys"] = [
        {"name": k.name, "permissions": sorted(k.permissions) if k.permissions is not None else None}
        for k in settings.api_keys
    ]
    if settings.s3 is not None:
        view["s3"] = {**msgspec.to_builtins(settings.s3), "secret_access_key": HIDDEN}
    return view
