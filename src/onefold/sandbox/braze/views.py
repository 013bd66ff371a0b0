"""What the control API and the page show of a workspace, as plain JSON objects."""

from __future__ import annotations

from itertools import islice

import msgspec

from onefold.sandbox.braze.exported_user import exported_user, recent_tallies, total_revenue
from onefold.sandbox.braze.identifiers import JsonObject, is_sendable_phone
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.profile import MICROS, Profile
from onefold.sandbox.braze.settings import SandboxSettings
from onefold.sandbox.braze.times import format_iso
from onefold.sandbox.braze.workspace import Workspace

# A search without an exact hit reads at most this many people before it hands back a cursor.
SEARCH_SCAN_MAX = 50_000
FOREVER_S = float("inf")


def stats_view(workspace: Workspace) -> JsonObject:
    """Return all totals."""
    totals, meter = workspace.totals, workspace.meter
    return {
        "users": len(workspace.store),
        "requests": totals.requests,
        "objects": totals.objects,
        "objects_refused": totals.objects_refused,
        "attributes": totals.attributes,
        "events": totals.events,
        "purchases": totals.purchases,
        "revenue": {name: micros / MICROS for name, micros in totals.revenue_micros.items()},
        "pending_requests": len(workspace.pending),
        "objects_per_second": workspace.totals.objects_per_second(workspace.clock.now()),
        "by_endpoint": totals.by_endpoint,
        "by_status": {str(status): count for status, count in totals.by_status.items()},
        "data_points": {"total": meter.total, "by_day": meter.by_day(), "by_field": meter.by_field},
        "monthly_active_users": {str(month): n for month, n in meter.active_by_month.items()},
        "ignored": workspace.ignored.by_reason,
        "attribute_types": workspace.attribute_types,
        "raw_log": {"bytes": totals.raw_bytes, "left_out": totals.raw_left_out},
        "now": format_iso(workspace.clock.now()),
    }


def user_row(profile: Profile) -> JsonObject:
    """Return one line of a list of people."""
    return {
        "external_id": profile.external_id,
        "braze_id": profile.braze_id,
        "email": profile.email,
        "aliases": profile.aliases or {},
        "events": sum(tally.count for tally in (profile.events or {}).values()),
        "purchases": sum(tally.count for tally in (profile.purchases or {}).values()),
        "data_points": profile.data_points,
        "updated_at": format_iso(profile.updated_at),
    }


def profile_view(profile: Profile, settings: SandboxSettings) -> JsonObject:
    """Return everything about one person, with the raw events and purchases that are still kept."""
    phone = profile.phone
    commerce = profile.commerce
    return {
        **user_row(profile),
        "created_at": format_iso(profile.created_at),
        "attributes": profile.standard,
        "custom_attributes": profile.custom,
        "custom_events": recent_tallies(profile.events, 0.0, FOREVER_S),
        "product_purchases": recent_tallies(profile.purchases, 0.0, FOREVER_S),
        "total_revenue": total_revenue(profile, settings),
        "revenue": {name: micros / MICROS for name, micros in (profile.revenue_micros or {}).items()},
        "subscription_groups": profile.groups or {},
        "push_tokens": profile.push_tokens or [],
        "is_phone_sendable": phone is not None and is_sendable_phone(phone),
        "commerce": None
        if commerce is None
        else {"orders": commerce.orders, "refunds": commerce.refunds, "carts": commerce.carts},
        "event_log": [
            {
                "name": raw.name,
                "time": format_iso(raw.at),
                "properties": msgspec.Raw(raw.properties),
                "applied_at": format_iso(raw.applied_at),
                "request_id": raw.request_id,
            }
            for raw in profile.event_log or []
        ],
        "purchase_log": [
            {
                "product_id": raw.product_id,
                "currency": raw.currency,
                "price": raw.price,
                "quantity": raw.quantity,
                "time": format_iso(raw.at),
                "properties": msgspec.Raw(raw.properties),
                "applied_at": format_iso(raw.applied_at),
                "request_id": raw.request_id,
            }
            for raw in profile.purchase_log or []
        ],
        "export": exported_user(profile, settings, profile.updated_at),
    }


def entry_view(entry: Entry) -> JsonObject:
    """Return one request with its body and answer; JSON stays JSON, other bytes become text."""
    return {
        "id": entry.id,
        "at": format_iso(entry.at),
        "method": entry.method,
        "path": entry.path,
        "key": entry.key_name,
        "headers": entry.shown_headers(),
        "status": entry.status,
        "objects": entry.objects,
        "data_points": entry.data_points,
        "data_points_by_field": entry.points_by_field,
        "duration_ms": round(entry.duration_ms, 3),
        "fault": entry.fault,
        "body": _json_or_text(entry.body),
        "answer": _json_or_text(entry.answer),
    }


def _json_or_text(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace")


def find_profiles(
    workspace: Workspace, search: str, cursor: int, limit: int
) -> tuple[list[Profile], int | None]:
    """Return people whose identifiers contain the text, and the cursor to go on from (None at the end)."""
    store = workspace.store
    if search and cursor == 0:
        exact = store.by_external_id(search) or store.by_braze_id(search)
        owners = [exact] if exact is not None else store.by_address("email", search.lower())
        if owners:
            return owners[:limit], None
    scanned = list(islice(store.page(cursor, SEARCH_SCAN_MAX if search else limit), SEARCH_SCAN_MAX))
    wanted = search.lower()
    found: list[Profile] = []
    for profile in scanned:
        if not wanted or wanted in _searchable(profile):
            found.append(profile)
            if len(found) == limit:
                return found, profile.seq
    return found, scanned[-1].seq if len(scanned) == SEARCH_SCAN_MAX else None


def _searchable(profile: Profile) -> str:
    parts = [profile.external_id or "", profile.braze_id, profile.email or "", profile.phone or ""]
    parts.extend((profile.aliases or {}).values())
    return "\n".join(parts).lower()
