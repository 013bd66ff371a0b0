"""Exports of a segment or the control group, which start now and are ready later, and their end by hand.

POST /users/export/segment, /users/export/global_control_group, /export/segment/cancel. Source: Braze's pages
"Export user profile by segment", "Export user profile by global control group" and "Cancel segment export"
(July 2026).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.export_writer import write_export
from onefold.sandbox.braze.exported_user import EXPORT_FIELDS
from onefold.sandbox.braze.exports import RUNNING_MAX, Export
from onefold.sandbox.braze.hosted import HOSTED_PREFIX
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.paging import base_url
from onefold.sandbox.braze.segment import NewSegment, Segment
from onefold.sandbox.braze.workspace import Workspace

CUSTOM_NAMES_MAX = 500
CONTROL_GROUP = "global_control_group"
FORMATS = ("zip", "gzip")


def export_segment(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue an export; the files come to the bucket, or to the URL in the answer."""
    segment_id = body.get("segment_id")
    if segment_id is None:
        return refuse(400, texts.required("segment_id"))
    segment = workspace.segments.get(segment_id) if isinstance(segment_id, str) else None
    if segment is None:
        return refuse(400, texts.INVALID_SEGMENT_ID)
    return _start(workspace, segment, body, entry)


def export_global_control_group(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue an export of those who never get a message; attributes cannot be chosen by name."""
    if "custom_attributes_to_export" in body:
        return refuse(400, texts.not_valid("custom_attributes_to_export"))
    members = NewSegment(name=CONTROL_GROUP, external_ids=sorted(workspace.settings.global_control_ids))
    now = workspace.clock.now()
    group = Segment(id=CONTROL_GROUP, definition=members, created_at=now, updated_at=now)
    return _start(workspace, group, body, entry)


def _start(workspace: Workspace, segment: Segment, body: JsonObject, entry: Entry) -> Answer:
    refusal = _find_flaw(workspace, body)
    if refusal is not None:
        return refuse(400, refusal)
    running = workspace.exports.running()
    if len(running) >= RUNNING_MAX or any(export.segment_id == segment.id for export in running):
        return refuse(429, texts.EXPORT_RUNNING)
    return _queue(workspace, segment, _read_export(workspace, segment, body, entry))


def _find_flaw(workspace: Workspace, body: JsonObject) -> str | None:
    fields = body.get("fields_to_export")
    if fields is None:
        return texts.EXPORT_FIELDS_REQUIRED
    wanted = _names(fields)
    if not wanted or not EXPORT_FIELDS.issuperset(wanted):
        return texts.not_valid("fields_to_export")
    if body.get("custom_attributes_to_export") is not None:
        custom = _names(body["custom_attributes_to_export"])
        if custom is None or len(custom) > CUSTOM_NAMES_MAX:
            return texts.not_valid("custom_attributes_to_export")
    chosen = body.get("output_format", "zip")
    if chosen not in FORMATS or (chosen == "gzip" and workspace.settings.s3 is None):
        return texts.not_valid("output_format")
    callback = body.get("callback_endpoint")
    if callback is not None and not _is_url(callback):
        return texts.not_valid("callback_endpoint")
    return None


def _names(value: object) -> list[str] | None:
    """Return a list of texts, or None when it is something else."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return None
    return value


def _is_url(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _read_export(workspace: Workspace, segment: Segment, body: JsonObject, entry: Entry) -> Export:
    now = workspace.clock.now()
    export = Export(f"{workspace.new_uuid()}-{int(now)}", segment.id, now)
    export.fields = tuple(dict.fromkeys(_names(body["fields_to_export"]) or []))
    names = _names(body.get("custom_attributes_to_export"))
    if names is not None and "custom_attributes" not in export.fields:
        export.custom_names = frozenset(names)
    export.is_gzip = body.get("output_format") == "gzip"
    callback = body.get("callback_endpoint")
    export.callback_url = callback if isinstance(callback, str) else None
    if workspace.settings.s3 is None:
        export.url = f"{base_url(entry)}{HOSTED_PREFIX}{export.prefix}.zip"
    return export


def _queue(workspace: Workspace, segment: Segment, export: Export) -> Answer:
    exports = workspace.exports
    exports.add(export)
    workspace.submit_after(
        workspace.settings.segment_export_delay_ms,
        lambda: workspace.tasks.start(write_export(workspace, export, segment)),
    )
    payload: JsonObject = {"message": texts.SUCCESS, "object_prefix": export.prefix}
    if export.url is not None:
        payload["url"] = export.url
    return Answer(201, payload)


def cancel_export(workspace: Workspace, body: JsonObject, _entry: Entry) -> Answer:
    """Stop what runs for a segment; nothing running is a success too."""
    segment_id = body.get("segment_id")
    if segment_id is None:
        return refuse(400, texts.required("segment_id"))
    if not isinstance(segment_id, str) or segment_id not in workspace.segments:
        return refuse(400, texts.INVALID_SEGMENT_ID)
    workspace.exports.cancel(segment_id)
    return Answer(201, {"message": texts.SUCCESS})
