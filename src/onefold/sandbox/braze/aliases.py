"""POST /users/alias/new and /users/alias/update: further names of people, given a little later.

What cannot be done is a silent success, as in Braze: a name that someone has, a label that the person has.
Source: Braze's pages "Create new user aliases" and "Update user aliases" (July 2026).
"""

from __future__ import annotations

from typing import NamedTuple

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, ItemError, read_all, refuse
from onefold.sandbox.braze.identifiers import JsonObject, Who, read_alias, read_external_id
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.workspace import Workspace

IDS_MAX = 50


def alias_new(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue new aliases: for a known person, or for one that has nothing else."""
    items = body.get("user_aliases")
    if not isinstance(items, list) or not items:
        return refuse(400, texts.ALIASES_REQUIRED)
    if len(items) > IDS_MAX:
        return refuse(400, texts.TOO_MANY_USERS)
    accepted: list[tuple[str | None, Who]] = []
    errors: list[ItemError] = []
    for index, item in enumerate(items):
        alias = _read_new_alias(item, workspace.settings.blocked_external_ids)
        if isinstance(alias, str):
            errors.append(ItemError(alias, "user_aliases", index))
        else:
            accepted.append(alias)
    entry.objects = len(accepted)
    if accepted:
        workspace.submit(lambda: _apply_aliases(workspace, accepted, entry))
    payload: JsonObject = {"aliases_processed": len(accepted), "message": texts.SUCCESS}
    if errors:
        payload["errors"] = [error.view() for error in errors]
    return Answer(201, payload)


def _read_new_alias(item: object, blocked: frozenset[str]) -> tuple[str | None, Who] | str:
    if not isinstance(item, dict):
        return texts.required("alias_name")
    for name in ("alias_name", "alias_label"):
        if item.get(name) in (None, ""):
            return texts.required(name)
    alias = read_alias(item)
    if isinstance(alias, str):
        return alias
    if item.get("external_id") is None:
        return None, alias
    known = read_external_id(item["external_id"], blocked)
    return known if isinstance(known, str) else (known.value, alias)


def _apply_aliases(workspace: Workspace, aliases: list[tuple[str | None, Who]], entry: Entry) -> None:
    store, now = workspace.store, workspace.clock.now()
    for external_id, alias in aliases:
        reason = ""
        if store.by_alias(alias.label, alias.value) is not None:
            reason = "alias_taken"
        elif external_id is None:
            workspace.after_birth(store.create(alias, now), now)
        else:
            profile = store.by_external_id(external_id)
            if profile is None:
                reason = "no_such_user"
            elif alias.label in (profile.aliases or {}):
                reason = "label_taken"
            else:
                workspace.before_change(profile, now)
                store.add_alias(profile, alias.label, alias.value)
                store.touch(profile, now)
        if reason:
            workspace.ignored.note(reason, entry.id, f"user_alias:{alias.value}")


class _Update(NamedTuple):
    """One alias that gets another name."""

    label: str
    old_name: str
    new_name: str


def alias_update(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue new names for aliases; one wrong object refuses the request."""
    items = body.get("alias_updates")
    if not isinstance(items, list) or not items:
        return refuse(400, texts.required("alias_updates"))
    if len(items) > IDS_MAX:
        return refuse(400, texts.TOO_MANY_USERS)
    updates = read_all(items, _read_update)
    if isinstance(updates, Answer):
        return updates
    entry.objects = len(updates)
    workspace.submit(lambda: _apply_updates(workspace, updates, entry))
    return Answer(201, {"message": texts.SUCCESS})


def _read_update(item: object) -> _Update | str:
    if not isinstance(item, dict):
        return texts.not_valid("alias_updates")
    for name in ("alias_label", "old_alias_name", "new_alias_name"):
        if item.get(name) in (None, ""):
            return texts.required(name)
    names = (item["old_alias_name"], item["new_alias_name"])
    old, new = (read_alias({"alias_name": name, "alias_label": item["alias_label"]}) for name in names)
    if isinstance(old, str) or isinstance(new, str):
        return texts.not_valid("alias_updates")
    return _Update(old.label, old.value, new.value)


def _apply_updates(workspace: Workspace, updates: list[_Update], entry: Entry) -> None:
    store, now = workspace.store, workspace.clock.now()
    for update in updates:
        profile = store.by_alias(update.label, update.old_name)
        if profile is None:
            workspace.ignored.note("no_such_user", entry.id, f"user_alias:{update.old_name}")
        elif store.by_alias(update.label, update.new_name) is not None:
            workspace.ignored.note("alias_taken", entry.id, f"user_alias:{update.new_name}")
        else:
            workspace.before_change(profile, now)
            store.drop_alias(profile, update.label)
            store.add_alias(profile, update.label, update.new_name)
            store.touch(profile, now)
