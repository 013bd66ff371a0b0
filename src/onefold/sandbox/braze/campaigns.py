"""GET /campaigns/list, /campaigns/details, /canvas/list and /canvas/details.

Source: Braze's pages "Export campaigns list", "Export campaign details", "Export Canvas list" and "Export
Canvas details" (July 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.campaign import Campaign, Canvas
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.paging import read_direction, read_page
from onefold.sandbox.braze.times import format_iso, parse_time
from onefold.sandbox.braze.workspace import Workspace

PAGE_ROWS = 100
_One = TypeVar("_One", Campaign, Canvas)


def campaigns_list(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with a page of a hundred; archived ones only when asked for."""
    chosen = _choose(workspace.messaging.campaigns, query)
    if isinstance(chosen, Answer):
        return chosen
    rows: list[JsonObject] = [
        {**_row(one), "is_api_campaign": one.definition.schedule_type == "api_triggered"} for one in chosen
    ]
    return Answer(200, {"message": texts.SUCCESS, "campaigns": rows})


def canvas_list(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with a page of a hundred; archived ones only when asked for."""
    chosen = _choose(workspace.messaging.canvases, query)
    if isinstance(chosen, Answer):
        return chosen
    return Answer(200, {"message": texts.SUCCESS, "canvases": [_row(one) for one in chosen]})


def _row(one: Campaign | Canvas) -> JsonObject:
    return {
        "id": one.id,
        "last_edited": format_iso(one.edited_at),
        "name": one.definition.name,
        "tags": one.definition.tags,
    }


def _choose(known: Mapping[str, _One], query: JsonObject) -> list[_One] | Answer:
    page, direction = read_page(query), read_direction(query)
    if page is None or direction is None:
        return refuse(400, texts.not_valid("page" if page is None else "sort_direction"))
    edited_after = 0.0
    if "last_edit.time[gt]" in query:
        moment = parse_time(query["last_edit.time[gt]"])
        if moment is None:
            return refuse(400, texts.not_valid("last_edit.time[gt]"))
        edited_after = moment
    with_archived = query.get("include_archived") == "true"
    rows = [
        one
        for one in known.values()
        if (with_archived or not one.definition.archived) and one.edited_at > edited_after
    ]
    rows.sort(key=lambda one: one.created_at, reverse=direction == "desc")
    return rows[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]


def campaigns_details(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with everything about one campaign."""
    campaign = workspace.messaging.campaigns.get(str(query.get("campaign_id")))
    if campaign is None:
        return refuse(400, texts.INVALID_CAMPAIGN_ID)
    definition = campaign.definition
    own: JsonObject = {
        "schedule_type": definition.schedule_type,
        "channels": definition.channels,
        "messages": definition.messages,
        "conversion_behaviors": [],
    }
    return Answer(200, {**_details(campaign), **own, **_sent(campaign, "first_sent", "last_sent")})


def canvas_details(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with everything about one canvas."""
    canvas = workspace.messaging.canvases.get(str(query.get("canvas_id")))
    if canvas is None:
        return refuse(400, texts.INVALID_CANVAS_ID)
    definition = canvas.definition
    own: JsonObject = {
        "channels": definition.channels,
        "variants": definition.variants,
        "steps": definition.steps,
    }
    return Answer(200, {**_details(canvas), **own, **_sent(canvas, "first_entry", "last_entry")})


def _details(one: Campaign | Canvas) -> JsonObject:
    definition = one.definition
    return {
        "message": texts.SUCCESS,
        "created_at": format_iso(one.created_at),
        "updated_at": format_iso(one.edited_at),
        "archived": definition.archived,
        "draft": definition.draft,
        "enabled": definition.enabled,
        "has_post_launch_draft": False,
        "name": definition.name,
        "description": definition.description,
        "tags": definition.tags,
        "teams": definition.teams,
    }


def _sent(one: Campaign | Canvas, first: str, last: str) -> JsonObject:
    times = {first: one.first_sent_at, last: one.last_sent_at}
    return {name: None if at is None else format_iso(at) for name, at in times.items()}
