"""GET /custom_attributes, /events, /events/list and /purchases/product_list: the names a workspace has seen.

A custom attribute shows the type that its first value fixed, or that the dashboard forced. Source: Braze's
pages "Export custom attributes", "Export custom events", "Export custom events list" and "Export product
IDs" (July 2026).
"""

from __future__ import annotations

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.custom import ARRAY_ITEMS_MAX
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.paging import next_link, read_cursor, read_page
from onefold.sandbox.braze.workspace import Workspace

CURSOR_PAGE_NAMES = 50
LIST_PAGE_NAMES = 250
TYPE_TEXTS = {
    "string": "String",
    "number": "Number",
    "boolean": "Boolean",
    "time": "Time",
    "array": "Array",
    "object": "Object",
    "object_array": "Object Array",
}


def custom_attributes(workspace: Workspace, query: JsonObject, entry: Entry) -> Answer:
    """Answer with fifty attributes and their types."""
    names = dict.fromkeys([*workspace.settings.forced_types, *workspace.attribute_types])
    return _cursor_page("attributes", [_attribute(workspace, name) for name in names], query, entry)


def _attribute(workspace: Workspace, name: str) -> JsonObject:
    settings = workspace.settings
    forced = settings.forced_types.get(name)
    kind = forced or workspace.attribute_types[name]
    return {
        "array_length": ARRAY_ITEMS_MAX if kind == "array" else None,
        "data_type": TYPE_TEXTS[kind] + ("" if forced is not None else settings.detected_type_suffix),
        "description": "",
        "name": name,
        "status": "Blocklisted" if name in settings.blocked_names else "Active",
        "tag_names": [],
    }


def events(workspace: Workspace, query: JsonObject, entry: Entry) -> Answer:
    """Answer with fifty custom events."""
    rows: list[JsonObject] = [
        {
            "name": name,
            "description": "",
            "included_in_analytics_report": False,
            "status": "Blocklisted" if name in workspace.settings.blocked_names else "Active",
            "tag_names": [],
        }
        for name in workspace.event_names
    ]
    return _cursor_page("events", rows, query, entry)


def events_list(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with up to 250 names of custom events."""
    return _number_page("events", list(workspace.event_names), query)


def product_list(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with up to 250 product ids."""
    return _number_page("products", list(workspace.product_ids), query)


def _cursor_page(key: str, rows: list[JsonObject], query: JsonObject, entry: Entry) -> Answer:
    place = read_cursor(query)
    if place is None:
        return refuse(400, texts.INVALID_CURSOR)
    end = place + CURSOR_PAGE_NAMES
    headers = next_link(entry, end) if end < len(rows) else ()
    return Answer(200, {"message": texts.SUCCESS, key: rows[place:end]}, headers)


def _number_page(key: str, names: list[str], query: JsonObject) -> Answer:
    page = read_page(query)
    if page is None:
        return refuse(400, texts.not_valid("page"))
    shown = names[page * LIST_PAGE_NAMES : (page + 1) * LIST_PAGE_NAMES]
    return Answer(200, {"message": texts.SUCCESS, key: shown})
