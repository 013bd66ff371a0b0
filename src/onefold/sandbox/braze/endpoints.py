"""The paths this Braze knows: permission, group of the rate limit, and what answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from onefold.sandbox.braze.answers import Answer
from onefold.sandbox.braze.export import export_ids
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.identity import alias_new, delete, identify
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.rates import EXPORT, IDENTITY, POOL, TRACK
from onefold.sandbox.braze.segment_export import cancel_export, export_segment
from onefold.sandbox.braze.segments import segments_data_series, segments_details, segments_list
from onefold.sandbox.braze.track import track
from onefold.sandbox.braze.workspace import Workspace

Run = Callable[[Workspace, JsonObject, Entry], Answer]


class Endpoint(NamedTuple):
    """One path of the API."""

    permission: str
    group: str
    run: Run


ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "/users/track"): Endpoint("users.track", TRACK, track),
    ("POST", "/users/identify"): Endpoint("users.identify", IDENTITY, identify),
    ("POST", "/users/alias/new"): Endpoint("users.alias.new", IDENTITY, alias_new),
    ("POST", "/users/delete"): Endpoint("users.delete", IDENTITY, delete),
    ("POST", "/users/export/ids"): Endpoint("users.export.ids", EXPORT, export_ids),
    ("POST", "/users/export/segment"): Endpoint("users.export.segment", POOL, export_segment),
    ("POST", "/export/segment/cancel"): Endpoint("segments.list", POOL, cancel_export),
    ("GET", "/segments/list"): Endpoint("segments.list", POOL, segments_list),
    ("GET", "/segments/details"): Endpoint("segments.details", POOL, segments_details),
    ("GET", "/segments/data_series"): Endpoint("segments.data_series", POOL, segments_data_series),
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
