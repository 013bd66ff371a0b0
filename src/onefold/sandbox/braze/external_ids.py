"""POST /users/external_ids/rename and /remove: a new primary external id, and the end of a deprecated one.

In: up to fifty objects. Out: what was done and what not, at once. An old id is deprecated and still leads
to the person until it is removed. Source: Braze's pages "Rename external ID" and "Remove external ID" (July
2026).
"""

from __future__ import annotations

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.identifiers import JsonObject, read_external_id
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.workspace import Workspace

IDS_MAX = 50


def rename(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Give people new primary ids; errors stand beside the position of their object."""
    items = body.get("external_id_renames")
    if not isinstance(items, list) or not items:
        return refuse(400, texts.required("external_id_renames"))
    if len(items) > IDS_MAX:
        return refuse(400, texts.TOO_MANY_IDS)
    renamed: list[str] = []
    errors: list[list[object]] = []
    for index, item in enumerate(items):
        error = _rename_one(workspace, item)
        if error is None:
            renamed.append(item["new_external_id"])
        else:
            errors.append([index, error])
    entry.objects = len(renamed)
    return Answer(201, {"message": texts.SUCCESS, "external_ids": renamed, "rename_errors": errors})


def _rename_one(workspace: Workspace, item: object) -> str | None:
    if not isinstance(item, dict):
        return texts.not_valid("external_id_renames")
    current, new = item.get("current_external_id"), item.get("new_external_id")
    if not isinstance(current, str) or not current:
        return texts.required("current_external_id")
    known = read_external_id(new, workspace.settings.blocked_external_ids)
    if isinstance(known, str):
        return texts.required("new_external_id") if new in (None, "") else known
    store, now = workspace.store, workspace.clock.now()
    profile = store.by_external_id(current)
    if profile is None or profile.external_id != current:
        return texts.RENAME_UNKNOWN
    if store.by_external_id(known.value) is not None:
        return texts.RENAME_TAKEN
    workspace.before_change(profile, now)
    store.rename(profile, known.value)
    store.touch(profile, now)
    return None


def remove(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Let go of deprecated ids; a primary one stays."""
    items = body.get("external_ids")
    if not isinstance(items, list) or not items:
        return refuse(400, texts.required("external_ids"))
    if len(items) > IDS_MAX:
        return refuse(400, texts.TOO_MANY_IDS)
    removed: list[str] = []
    errors: list[list[object]] = []
    for index, item in enumerate(items):
        if isinstance(item, str) and workspace.store.drop_former_id(item):
            removed.append(item)
        else:
            errors.append([index, texts.REMOVE_NOT_DEPRECATED])
    entry.objects = len(removed)
    return Answer(201, {"message": texts.SUCCESS, "removed_ids": removed, "removal_errors": errors})
