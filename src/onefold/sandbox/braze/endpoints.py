"""The paths this Braze knows: permission, group of the rate limit, and what answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from onefold.sandbox.braze.answers import Answer
from onefold.sandbox.braze.export import export_ids
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.identity import alias_new, delete, identify
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.rates import EXPORT, IDENTITY, POOL, TRACK
from onefold.sandbox.braze.segments import segments_list
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
    ("GET", "/segments/list"): Endpoint("segments.list", POOL, segments_list),
}
