"""GET /segments/list, /segments/details and /segments/data_series: the segments that the control API defined.

Source: Braze's pages "Export segments list", "Export segments details" and "Export segment analytics"
(July 2026).
"""

from __future__ import annotations

from datetime import UTC, datetime

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.paging import read_direction, read_length, read_page
from onefold.sandbox.braze.segment import Segment
from onefold.sandbox.braze.times import format_iso, parse_time
from onefold.sandbox.braze.workspace import Workspace

PAGE_SEGMENTS = 100
SERIES_DAYS_MAX = 100
DAY_S = 86_400


def segments_list(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with a page of a hundred; an empty one is the end."""
    page, direction = read_page(query), read_direction(query)
    if page is None:
        return refuse(400, texts.not_valid("page"))
    if direction is None:
        return refuse(400, texts.not_valid("sort_direction"))
    segments = list(workspace.segments.values())
    if direction == "desc":
        segments.reverse()
    shown = segments[page * PAGE_SEGMENTS : (page + 1) * PAGE_SEGMENTS]
    return Answer(200, {"message": texts.SUCCESS, "segments": [_row(segment) for segment in shown]})


def _row(segment: Segment) -> JsonObject:
    definition = segment.definition
    return {
        "id": segment.id,
        "name": definition.name,
        "analytics_tracking_enabled": definition.analytics_tracking_enabled,
        "tags": definition.tags,
    }


def segments_details(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with one segment and its filters in words."""
    segment = _find(workspace, query)
    if isinstance(segment, Answer):
        return segment
    definition = segment.definition
    payload: JsonObject = {
        "message": texts.SUCCESS,
        "created_at": format_iso(segment.created_at),
        "updated_at": format_iso(segment.updated_at),
        "name": definition.name,
        "description": segment.text(),
        "text_description": definition.description,
        "tags": definition.tags,
        "teams": definition.teams,
    }
    return Answer(200, payload)


def segments_data_series(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with sizes by day: of those who are in it now, how many were there on each day.

    Looks at every person of the segment once.
    """
    segment = _find(workspace, query)
    if isinstance(segment, Answer):
        return segment
    length = read_length(query, SERIES_DAYS_MAX)
    if length is None:
        return refuse(400, texts.not_valid("length"))
    now = workspace.clock.now()
    ending_at = parse_time(query["ending_at"]) if "ending_at" in query else now
    if ending_at is None:
        return refuse(400, texts.not_valid("ending_at"))
    if not segment.definition.analytics_tracking_enabled:
        return refuse(400, texts.SEGMENT_NOT_TRACKED)
    last_day = int(ending_at // DAY_S)
    days = range(last_day - length + 1, last_day + 1)
    born: dict[int, int] = {}
    for profile in segment.members(workspace.store):
        day = int(profile.created_at // DAY_S)
        born[day] = born.get(day, 0) + 1
    size = sum(count for day, count in born.items() if day < days[0])
    data: list[JsonObject] = []
    for day in days:
        size += born.get(day, 0)
        data.append({"time": datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat(), "size": size})
    return Answer(200, {"message": texts.SUCCESS, "data": data})


def _find(workspace: Workspace, query: JsonObject) -> Segment | Answer:
    segment_id = query.get("segment_id")
    if not isinstance(segment_id, str):
        return refuse(400, texts.required("segment_id"))
    segment = workspace.segments.get(segment_id)
    return segment if segment is not None else refuse(400, texts.INVALID_SEGMENT_ID)
