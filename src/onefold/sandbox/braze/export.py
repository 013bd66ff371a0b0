"""POST /users/export/ids: profiles by identifier, in the form that Braze exports.

In: the decoded body. Out: users with the fields asked for, empty ones left out, and the identifiers not
found. Custom events and purchases are those active in the last 90 days, with their all-time first and
count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.identifiers import JsonObject, normal_phone, read_alias
from onefold.sandbox.braze.profile import MICROS, Profile, Tally
from onefold.sandbox.braze.settings import SandboxSettings
from onefold.sandbox.braze.times import format_created, format_iso

if TYPE_CHECKING:
    from onefold.sandbox.braze.journal import Entry
    from onefold.sandbox.braze.workspace import Workspace

IDS_MAX = 50
RECENT_S = 90 * 86_400
SINGLE_KINDS = ("device_id", "braze_id", "email_address", "phone")
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


def export_ids(workspace: Workspace, body: JsonObject, _entry: Entry) -> Answer:
    """Answer with the profiles asked for."""
    fields = body.get("fields_to_export")
    if fields is None and not workspace.settings.legacy_fields_to_export:
        return refuse(400, texts.EXPORT_FIELDS_REQUIRED)
    if fields is not None:
        if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
            return refuse(400, texts.not_valid("fields_to_export"))
        unknown = [name for name in fields if name not in EXPORT_FIELDS]
        if unknown or not fields:
            return refuse(400, texts.not_valid("fields_to_export"))
    external_ids = body.get("external_ids") or []
    aliases = body.get("user_aliases") or []
    if not isinstance(external_ids, list) or not all(isinstance(one, str) for one in external_ids):
        return refuse(400, texts.not_valid("external_ids"))
    if not isinstance(aliases, list):
        return refuse(400, texts.not_valid("user_aliases"))
    if len(external_ids) + len(aliases) > IDS_MAX:
        return refuse(400, texts.TOO_MANY_USERS)
    if not external_ids and not aliases and not any(body.get(kind) for kind in SINGLE_KINDS):
        return refuse(400, texts.EXPORT_IDS_REQUIRED)
    profiles, missing = _find(workspace, body, external_ids, aliases)
    return _answer(workspace, profiles, missing, fields)


def _find(
    workspace: Workspace, body: JsonObject, external_ids: list[str], aliases: list[object]
) -> tuple[dict[int, Profile], list[object]]:
    """Return the profiles by sequence number, each once, and what was not found."""
    store = workspace.store
    found: dict[int, Profile] = {}
    missing: list[object] = []
    for external_id in external_ids:
        _take(store.by_external_id(external_id), external_id, found, missing)
    for alias in aliases:
        who = read_alias(alias)
        profile = store.by_alias(who.label, who.value) if not isinstance(who, str) else None
        _take(profile, alias, found, missing)
    if isinstance(braze_id := body.get("braze_id"), str):
        _take(store.by_braze_id(braze_id), braze_id, found, missing)
    for kind, field in (("email", "email_address"), ("phone", "phone")):
        if isinstance(value := body.get(field), str) and value:
            matches = store.by_address(kind, value.lower() if kind == "email" else normal_phone(value))
            for profile in matches:
                found[profile.seq] = profile
            if not matches:
                missing.append(value)
    if isinstance(device_id := body.get("device_id"), str):
        missing.append(device_id)
    return found, missing


def _take(profile: Profile | None, asked: object, found: dict[int, Profile], missing: list[object]) -> None:
    if profile is None:
        missing.append(asked)
    else:
        found[profile.seq] = profile


def _answer(
    workspace: Workspace, profiles: dict[int, Profile], missing: list[object], fields: object
) -> Answer:
    now = workspace.clock.now()
    users: list[JsonObject] = []
    for profile in profiles.values():
        user = _visible(profile, workspace.settings, now)
        if user is None:
            missing.append(profile.external_id or profile.braze_id)
        elif isinstance(fields, list):
            users.append({name: user[name] for name in fields if name in user})
        else:
            users.append({**user, "appboy_id": profile.braze_id})
    payload: JsonObject = {"message": texts.SUCCESS, "users": users}
    if missing:
        payload["invalid_user_ids"] = missing
    return Answer(201, payload)


def _visible(profile: Profile, settings: SandboxSettings, now: float) -> JsonObject | None:
    if now < profile.shadow_until:
        return profile.shadow
    return exported_user(profile, settings, now)


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
    if profile.push_tokens:
        user["push_tokens"] = [_token_view(token) for token in profile.push_tokens]
    return user


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
