"""A profile in the form that Braze exports.

In: a profile. Out: its fields that are not empty. Custom events and purchases are those active in the last
90 days, with their all-time first and count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.profile import MICROS, Profile, Tally
from onefold.sandbox.braze.received import Received
from onefold.sandbox.braze.settings import SandboxSettings
from onefold.sandbox.braze.times import format_created, format_iso

RECENT_S = 90 * 86_400
EXPORT_FIELDS = frozenset(
    {
        "apps",
        "attributed_campaign",
        "attributed_source",
        "attributed_adgroup",
        "attributed_ad",
        "push_subscribe",
        "email_subscribe",
        "braze_id",
        "country",
        "created_at",
        "created_from",
        "custom_attributes",
        "custom_events",
        "devices",
        "dob",
        "email",
        "external_id",
        "first_name",
        "gender",
        "home_city",
        "language",
        "last_coordinates",
        "last_name",
        "phone",
        "purchases",
        "push_tokens",
        "random_bucket",
        "time_zone",
        "total_revenue",
        "uninstalled_at",
        "user_aliases",
        "campaigns_received",
        "canvases_received",
        "cards_clicked",
    }
)


def exported_user(profile: Profile, settings: SandboxSettings, now: float) -> JsonObject:
    """Return every exportable field that is not empty."""
    standard = profile.standard
    user: JsonObject = {
        "created_at": format_created(profile.created_at),
        "braze_id": profile.braze_id,
        "random_bucket": profile.random_bucket,
        "total_revenue": total_revenue(profile, settings),
        "user_aliases": [
            {"alias_name": name, "alias_label": label} for label, name in (profile.aliases or {}).items()
        ],
        "push_subscribe": standard.get("push_subscribe", "subscribed"),
        "email_subscribe": standard.get("email_subscribe", "subscribed"),
    }
    if profile.external_id is not None:
        user["external_id"] = profile.external_id
    for name, value in standard.items():
        if name == "current_location":
            user["last_coordinates"] = value
        elif name == "dob":
            user["dob"] = f"{value}T00:00:00.000Z"
        elif name in EXPORT_FIELDS and value is not None:
            user[name] = value
    if profile.custom:
        user["custom_attributes"] = dict(profile.custom)
    if events := recent_tallies(profile.events, now):
        user["custom_events"] = events
    if purchases := recent_tallies(profile.purchases, now):
        user["purchases"] = purchases
    if profile.received is not None:
        user.update(_received_view(profile.received, now))
    if profile.push_tokens:
        user["push_tokens"] = [_token_view(token) for token in profile.push_tokens]
    return user


def _received_view(received: Received, now: float) -> JsonObject:
    since = now - RECENT_S
    lists = {
        "campaigns_received": received.campaigns(since),
        "canvases_received": received.canvases(since),
    }
    return {name: rows for name, rows in lists.items() if rows}


def _token_view(token: JsonObject) -> JsonObject:
    return {"app": token.get("app_id"), "token": token.get("token"), "device_id": token.get("device_id")}


def recent_tallies(
    tallies: Mapping[str, Tally] | None, now: float, recent_s: float = RECENT_S
) -> list[JsonObject]:
    """Return name, first, last, count of what happened in the last 90 days."""
    return [
        {"name": name, "first": format_iso(t.first_at), "last": format_iso(t.last_at), "count": t.count}
        for name, t in (tallies or {}).items()
        if t.last_at >= now - recent_s
    ]


def total_revenue(profile: Profile, settings: SandboxSettings) -> float:
    """Return revenue in US dollars; a currency without a configured rate counts at 1."""
    sums = cast(Mapping[str, int], profile.revenue_micros or {})
    return sum(micros * settings.usd_rates.get(currency, 1.0) for currency, micros in sums.items()) / MICROS
