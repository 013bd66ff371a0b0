"""POST /users/identify: who is who, changed a little later.

In: the decoded body. Out: counts of what was queued. Much of what cannot be done is a silent success, as
in Braze: an alias in the wrong case, an address that several people have, a label that the person has
already.
"""

from __future__ import annotations

from typing import NamedTuple, cast

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, ItemError, refuse
from onefold.sandbox.braze.identifiers import JsonObject, read_alias, read_external_id
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.prioritized import PRIORITIES, Target, choose, read_address
from onefold.sandbox.braze.workspace import Workspace

IDS_MAX = 50
IDENTIFY_ARRAYS = ("aliases_to_identify", "emails_to_identify", "phone_numbers_to_identify")
IDENTIFY_COUNTS = ("aliases_processed", "emails_processed", "phone_numbers_processed")


class _Link(NamedTuple):
    """One wish of /users/identify."""

    external_id: str
    target: Target


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
        return alias if isinstance(alias, str) else _Link(known.value, Target(alias, ()))
    kind = "email" if array == "emails_to_identify" else "phone"
    address = read_address(item, kind, PRIORITIES)
    return address if isinstance(address, str) else _Link(known.value, address)


def _apply_links(workspace: Workspace, links: list[_Link], merges: bool, entry: Entry) -> None:
    for link in links:
        reason = _apply_link(workspace, link, merges)
        if reason:
            who = link.target.who
            workspace.ignored.note(reason, entry.id, f"{who.kind}:{who.value}")


def _apply_link(workspace: Workspace, link: _Link, merges: bool) -> str:
    """Link one external id; returns why nothing happened, or an empty text."""
    store, now = workspace.store, workspace.clock.now()
    anonymous = choose(workspace, link.target)
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
