"""GET /segments/list: the cheap way to try a key; there are no segments, so every page is empty."""

from __future__ import annotations

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.workspace import Workspace


def segments_list(_workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with an empty page."""
    page = str(query.get("page", "0"))
    if not page.isdigit():
        return refuse(400, texts.not_valid("page"))
    return Answer(200, {"message": texts.SUCCESS, "segments": []})
