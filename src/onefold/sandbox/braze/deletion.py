"""POST /users/delete: people removed a little later, by one kind of identifier.

Source: Braze's page "Delete users" (July 2026). A deprecated external id removes the whole person.
"""

from __future__ import annotations

from collections.abc import Callable

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, read_all, refuse
from onefold.sandbox.braze.identifiers import JsonObject, Who, read_alias
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.prioritized import PRIORITIES, Target, choose, read_address
from onefold.sandbox.braze.workspace import Workspace

IDS_MAX = 50
DELETE_ARRAYS = ("external_ids", "user_aliases", "braze_ids", "email_addresses", "phone_numbers")
DELETE_PRIORITIES = PRIORITIES - {"least_recently_updated"}


def delete(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue removals by exactly one kind of identifier; `deleted` counts what was queued, not who existed."""
    present = [name for name in DELETE_ARRAYS if body.get(name) is not None]
    items = body.get(present[0]) if len(present) == 1 else None
    if not isinstance(items, list) or not items:
        return refuse(400, texts.DELETE_ONE_ARRAY)
    if len(items) > IDS_MAX:
        return refuse(400, texts.TOO_MANY_IDS)
    targets = read_all(items, _DELETE_READERS[present[0]])
    if isinstance(targets, Answer):
        return targets
    entry.objects = len(targets)
    workspace.submit(lambda: _apply_removals(workspace, targets, entry))
    return Answer(201, {"deleted": len(targets), "message": texts.SUCCESS})


def _read_external(item: object) -> Target | str:
    if not isinstance(item, str) or not item:
        return texts.not_valid("external_ids")
    return Target(Who("external_id", item), ())


def _read_delete_alias(item: object) -> Target | str:
    alias = read_alias(item)
    return alias if isinstance(alias, str) else Target(alias, ())


def _read_braze_id(item: object) -> Target | str:
    return Target(Who("braze_id", item), ()) if isinstance(item, str) else texts.not_valid("braze_ids")


def _read_delete_email(item: object) -> Target | str:
    if not isinstance(item, dict):
        return texts.not_valid("email_addresses")
    return read_address(item, "email", DELETE_PRIORITIES)


def _read_delete_phone(item: object) -> Target | str:
    if not isinstance(item, dict):
        return texts.not_valid("phone_numbers")
    return read_address(item, "phone", DELETE_PRIORITIES)


_DELETE_READERS: dict[str, Callable[[object], Target | str]] = {
    "external_ids": _read_external,
    "user_aliases": _read_delete_alias,
    "braze_ids": _read_braze_id,
    "email_addresses": _read_delete_email,
    "phone_numbers": _read_delete_phone,
}


def _apply_removals(workspace: Workspace, targets: list[Target], entry: Entry) -> None:
    for target in targets:
        profile = choose(workspace, target)
        if profile is None:
            workspace.ignored.note("no_such_user", entry.id, f"{target.who.kind}:{target.who.value}")
        else:
            workspace.forget(profile)
