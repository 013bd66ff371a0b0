"""POST /users/identify, /users/alias/new and /users/delete: who is who, changed a little later.

In: the decoded body. Out: counts of what was queued. Much of what cannot be done is a silent success, as
in Braze: an alias in the wrong case, an address that several people have, a label that the person has
already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, ItemError, refuse
from onefold.sandbox.braze.identifiers import (
    JsonObject,
    Who,
    is_email,
    normal_phone,
    read_alias,
    read_external_id,
)
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.workspace import Workspace

IDS_MAX = 50
IDENTIFY_ARRAYS = ("aliases_to_identify", "emails_to_identify", "phone_numbers_to_identify")
IDENTIFY_COUNTS = ("aliases_processed", "emails_processed", "phone_numbers_processed")
DELETE_ARRAYS = ("external_ids", "user_aliases", "braze_ids", "email_addresses", "phone_numbers")
PRIORITIES = frozenset({"identified", "unidentified", "most_recently_updated", "least_recently_updated"})
DELETE_PRIORITIES = PRIORITIES - {"least_recently_updated"}


class _Address(NamedTuple):
    """An email or phone with the order in which its owners are preferred."""

    who: Who
    priorities: tuple[str, ...]


class _Link(NamedTuple):
    """One wish of /users/identify."""

    external_id: str
    target: _Address


def identify(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue links between external ids and aliases, emails or phones."""
    arrays = _arrays_of(body, IDENTIFY_ARRAYS)
    if arrays is None or not any(arrays.values()):
        return refuse(400, texts.IDENTIFY_REQUIRED)
    if sum(len(items) for items in arrays.values()) > IDS_MAX:
        return refuse(400, texts.TOO_MANY_USERS)
    behaviour = body.get("merge_behavior", "merge")
    if behaviour not in ("merge", "none"):
        return refuse(400, texts.not_valid("merge_behavior"))
    links: list[_Link] = []
    errors: list[ItemError] = []
    payload: JsonObject = {"message": texts.SUCCESS}
    for name, count_name in zip(IDENTIFY_ARRAYS, IDENTIFY_COUNTS, strict=True):
        if name not in arrays:
            continue
        before = len(links)
        for index, item in enumerate(arrays[name]):
            link = _read_link(item, name, workspace.settings.blocked_external_ids)
            if isinstance(link, str):
                errors.append(ItemError(link, "user_identifiers", index))
            else:
                links.append(link)
        payload[count_name] = len(links) - before
    if errors:
        payload["errors"] = [error.view() for error in errors]
    entry.objects = len(links)
    if links:
        workspace.submit(lambda: _apply_links(workspace, links, behaviour == "merge", entry))
    return Answer(201, payload)


def _arrays_of(body: JsonObject, names: tuple[str, ...]) -> dict[str, list[object]] | None:
    """Return the arrays that are present, or None when one is something else."""
    present = {name: body[name] for name in names if body.get(name) is not None}
    if not all(isinstance(value, list) for value in present.values()):
        return None
    return cast(dict[str, list[object]], present)


def _read_link(item: object, array: str, blocked: frozenset[str]) -> _Link | str:
    if not isinstance(item, dict):
        return texts.EXTERNAL_ID_REQUIRED
    known = read_external_id(item.get("external_id"), blocked)
    if isinstance(known, str):
        return known
    if array == "aliases_to_identify":
        alias = read_alias(item.get("user_alias"))
        return alias if isinstance(alias, str) else _Link(known.value, _Address(alias, ()))
    kind = "email" if array == "emails_to_identify" else "phone"
    address = _read_address(item, kind, PRIORITIES)
    return address if isinstance(address, str) else _Link(known.value, address)


def _read_address(item: JsonObject, kind: str, allowed: frozenset[str]) -> _Address | str:
    value = item.get(kind)
    if not isinstance(value, str) or not value:
        return texts.required(kind)
    if kind == "email" and not is_email(value):
        return texts.EMAIL_INVALID
    order = item.get("prioritization")
    if not isinstance(order, list) or not order:
        return texts.required("prioritization") if order is None else texts.PRIORITIZATION_INVALID
    if not all(isinstance(one, str) and one in allowed for one in order):
        return texts.PRIORITIZATION_INVALID
    if "identified" in order and "unidentified" in order:
        return texts.PRIORITIZATION_INVALID
    stored = value.lower() if kind == "email" else normal_phone(value)
    return _Address(Who(kind, stored), tuple(order))


def _choose(workspace: Workspace, address: _Address) -> Profile | None:
    """Return the one owner that the order leaves; several left means nobody."""
    who = address.who
    if who.kind not in ("email", "phone"):
        return workspace.store.find(who)
    owners = workspace.store.by_address(who.kind, who.value)
    for priority in address.priorities:
        if priority == "identified":
            owners = [owner for owner in owners if owner.is_known()]
        elif priority == "unidentified":
            owners = [owner for owner in owners if not owner.is_known()]
        else:
            ordered = sorted(owners, key=lambda owner: owner.updated_seq)
            owners = ordered[-1:] if priority == "most_recently_updated" else ordered[:1]
    return owners[0] if len(owners) == 1 else None


def _apply_links(workspace: Workspace, links: list[_Link], merges: bool, entry: Entry) -> None:
    for link in links:
        reason = _apply_link(workspace, link, merges)
        if reason:
            who = link.target.who
            workspace.ignored.note(reason, entry.id, f"{who.kind}:{who.value}")


def _apply_link(workspace: Workspace, link: _Link, merges: bool) -> str:
    """Link one external id; returns why nothing happened, or an empty text."""
    store, now = workspace.store, workspace.clock.now()
    anonymous = _choose(workspace, link.target)
    if anonymous is None:
        return "no_such_user"
    if anonymous.is_known():
        return "already_identified"
    known = store.by_external_id(link.external_id)
    if known is None:
        workspace.before_change(anonymous, now)
        store.set_external_id(anonymous, link.external_id)
        store.touch(anonymous, now)
        return ""
    if link.target.who.kind == "user_alias" and link.target.who.label in (known.aliases or {}):
        return "label_taken"
    workspace.before_change(known, now)
    store.merge(known, anonymous, now, copy_fields=merges)
    return ""


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


def delete(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue removals by exactly one kind of identifier; `deleted` counts what was queued, not who existed."""
    present = [name for name in DELETE_ARRAYS if body.get(name) is not None]
    items = body.get(present[0]) if len(present) == 1 else None
    if not isinstance(items, list) or not items:
        return refuse(400, texts.DELETE_ONE_ARRAY)
    if len(items) > IDS_MAX:
        return refuse(400, texts.TOO_MANY_IDS)
    read = _DELETE_READERS[present[0]]
    targets: list[_Address] = []
    for item in items:
        target = read(item)
        if isinstance(target, str):
            return refuse(400, target)
        targets.append(target)
    entry.objects = len(targets)
    workspace.submit(lambda: _apply_removals(workspace, targets, entry))
    return Answer(201, {"deleted": len(targets), "message": texts.SUCCESS})


def _read_external(item: object) -> _Address | str:
    if not isinstance(item, str) or not item:
        return texts.not_valid("external_ids")
    return _Address(Who("external_id", item), ())


def _read_delete_alias(item: object) -> _Address | str:
    alias = read_alias(item)
    return alias if isinstance(alias, str) else _Address(alias, ())


def _read_braze_id(item: object) -> _Address | str:
    return _Address(Who("braze_id", item), ()) if isinstance(item, str) else texts.not_valid("braze_ids")


def _read_delete_email(item: object) -> _Address | str:
    if not isinstance(item, dict):
        return texts.not_valid("email_addresses")
    return _read_address(item, "email", DELETE_PRIORITIES)


def _read_delete_phone(item: object) -> _Address | str:
    if not isinstance(item, dict):
        return texts.not_valid("phone_numbers")
    return _read_address(item, "phone", DELETE_PRIORITIES)


_DELETE_READERS: dict[str, Callable[[object], _Address | str]] = {
    "external_ids": _read_external,
    "user_aliases": _read_delete_alias,
    "braze_ids": _read_braze_id,
    "email_addresses": _read_delete_email,
    "phone_numbers": _read_delete_phone,
}


def _apply_removals(workspace: Workspace, targets: list[_Address], entry: Entry) -> None:
    for target in targets:
        profile = _choose(workspace, target)
        if profile is None:
            workspace.ignored.note("no_such_user", entry.id, f"{target.who.kind}:{target.who.value}")
        else:
            workspace.forget(profile)
