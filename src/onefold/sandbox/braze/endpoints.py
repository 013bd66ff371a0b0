"""The paths this Braze knows: permission, group of the rate limit, and what answers."""

from __future__ import annotations

import re
from typing import NamedTuple

from onefold.sandbox.braze import address_lists, campaigns, discovery, external_ids, sends, subscriptions
from onefold.sandbox.braze.aliases import alias_new, alias_update
from onefold.sandbox.braze.catalog_endpoints import CATALOG_ENDPOINTS
from onefold.sandbox.braze.deletion import delete
from onefold.sandbox.braze.endpoint import Endpoint, Table
from onefold.sandbox.braze.export import export_ids
from onefold.sandbox.braze.identity import identify
from onefold.sandbox.braze.merge import merge
from onefold.sandbox.braze.messages import send_messages
from onefold.sandbox.braze.rates import (
    BULK,
    DISCOVERY,
    EXPORT,
    IDENTITY,
    POOL,
    REMOVE,
    RENAME,
    SEND_ID,
    SUBSCRIPTION,
    SYNC,
    TRACK,
)
from onefold.sandbox.braze.segment_export import cancel_export, export_global_control_group, export_segment
from onefold.sandbox.braze.segments import segments_data_series, segments_details, segments_list
from onefold.sandbox.braze.track import track
from onefold.sandbox.braze.track_variants import track_bulk, track_sync

ENDPOINTS: Table = {
    **CATALOG_ENDPOINTS,
    ("POST", "/users/track"): Endpoint("users.track", TRACK, track),
    ("POST", "/users/track/bulk"): Endpoint("users.track.bulk", BULK, track_bulk),
    ("POST", "/users/track/sync"): Endpoint("users.track.sync", SYNC, track_sync),
    ("POST", "/users/identify"): Endpoint("users.identify", IDENTITY, identify),
    ("POST", "/users/alias/new"): Endpoint("users.alias.new", IDENTITY, alias_new),
    ("POST", "/users/alias/update"): Endpoint("users.alias.update", IDENTITY, alias_update),
    ("POST", "/users/merge"): Endpoint("users.merge", IDENTITY, merge),
    ("POST", "/users/delete"): Endpoint("users.delete", IDENTITY, delete),
    ("POST", "/users/external_ids/rename"): Endpoint(
        "users.external_ids.rename", RENAME, external_ids.rename
    ),
    ("POST", "/users/external_ids/remove"): Endpoint(
        "users.external_ids.remove", REMOVE, external_ids.remove
    ),
    ("POST", "/users/export/ids"): Endpoint("users.export.ids", EXPORT, export_ids),
    ("POST", "/users/export/segment"): Endpoint("users.export.segment", POOL, export_segment),
    ("POST", "/users/export/global_control_group"): Endpoint(
        "users.export.global_control_group", POOL, export_global_control_group
    ),
    ("POST", "/export/segment/cancel"): Endpoint("segments.list", POOL, cancel_export),
    ("GET", "/segments/list"): Endpoint("segments.list", POOL, segments_list),
    ("GET", "/segments/details"): Endpoint("segments.details", POOL, segments_details),
    ("GET", "/segments/data_series"): Endpoint("segments.data_series", POOL, segments_data_series),
    ("GET", "/custom_attributes"): Endpoint("custom_attributes.get", DISCOVERY, discovery.custom_attributes),
    ("GET", "/events"): Endpoint("events.get", DISCOVERY, discovery.events),
    ("GET", "/events/list"): Endpoint("events.list", DISCOVERY, discovery.events_list),
    ("GET", "/purchases/product_list"): Endpoint("purchases.product_list", DISCOVERY, discovery.product_list),
    ("POST", "/subscription/status/set"): Endpoint(
        "subscription.status.set", SUBSCRIPTION, subscriptions.set_status
    ),
    ("POST", "/v2/subscription/status/set"): Endpoint(
        "subscription.status.set", SUBSCRIPTION, subscriptions.set_status_v2
    ),
    ("GET", "/subscription/status/get"): Endpoint("subscription.status.get", POOL, subscriptions.get_status),
    ("GET", "/subscription/user/status"): Endpoint(
        "subscription.groups.get", POOL, subscriptions.user_status
    ),
    ("POST", "/email/status"): Endpoint("email.status", POOL, address_lists.email_status),
    ("GET", "/email/unsubscribes"): Endpoint("email.unsubscribe", POOL, address_lists.unsubscribes),
    ("GET", "/email/hard_bounces"): Endpoint("email.hard_bounces", POOL, address_lists.hard_bounces),
    ("POST", "/email/bounce/remove"): Endpoint("email.bounce.remove", POOL, address_lists.bounce_remove),
    ("POST", "/email/spam/remove"): Endpoint("email.spam.remove", POOL, address_lists.spam_remove),
    ("POST", "/email/blocklist"): Endpoint("email.blacklist", POOL, address_lists.blocklist),
    ("POST", "/email/blacklist"): Endpoint("email.blacklist", POOL, address_lists.blocklist),
    ("GET", "/sms/invalid_phone_numbers"): Endpoint(
        "sms.invalid_phone_numbers", POOL, address_lists.invalid_phone_numbers
    ),
    ("GET", "/campaigns/list"): Endpoint("campaigns.list", POOL, campaigns.campaigns_list),
    ("GET", "/campaigns/details"): Endpoint("campaigns.details", POOL, campaigns.campaigns_details),
    ("GET", "/canvas/list"): Endpoint("canvas.list", POOL, campaigns.canvas_list),
    ("GET", "/canvas/details"): Endpoint("canvas.details", POOL, campaigns.canvas_details),
    ("POST", "/campaigns/trigger/send"): Endpoint("campaigns.trigger.send", POOL, sends.send_campaign),
    ("POST", "/canvas/trigger/send"): Endpoint("canvas.trigger.send", POOL, sends.send_canvas),
    ("POST", "/messages/send"): Endpoint("messages.send", POOL, send_messages),
    ("POST", "/sends/id/create"): Endpoint("sends.id.create", SEND_ID, sends.create_send_id),
    ("POST", "/transactional/v1/campaigns/{campaign_id}/send"): Endpoint(
        "transactional.send", POOL, sends.send_transactional
    ),
    ("POST", "/sms/invalid_phone_numbers/remove"): Endpoint(
        "sms.invalid_phone_numbers.remove", POOL, address_lists.invalid_phone_numbers_remove
    ),
}

# Paths with a name in them, tried when no path is written exactly so.
_PATTERNS = [
    (method, path, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))))
    for method, path in ENDPOINTS
    if "{" in path
]


class Found(NamedTuple):
    """An endpoint, its path as the table writes it, and what the names in it stand for."""

    endpoint: Endpoint
    route: str
    values: dict[str, str]


def find_endpoint(method: str, path: str) -> Found | None:
    """Return what answers a path, or None."""
    endpoint = ENDPOINTS.get((method, path))
    if endpoint is not None:
        return Found(endpoint, path, {})
    for known, route, pattern in _PATTERNS:
        match = pattern.fullmatch(path) if known == method else None
        if match is not None:
            return Found(ENDPOINTS[(method, route)], route, match.groupdict())
    return None
