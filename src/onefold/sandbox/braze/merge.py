"""POST /users/merge: two people become one, some time later.

The one to keep wins field by field; counts are summed. What is ambiguous is accepted and not done. Source:
Braze's pages "Merge users" and "Merge behavior" (July 2026).
"""

from __future__ import annotations

from typing import NamedTuple

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, read_all, refuse
from onefold.sandbox.braze.identifiers import JsonObject, Who, is_sendable_phone, read_alias
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.prioritized import PRIORITIES, Target, choose, read_address
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.workspace import Workspace

UPDATES_MAX = 50
UPDATE_KEYS = {"identifier_to_merge", "identifier_to_keep"}
# The kinds of an identifier and what else belongs to each.
KINDS = ("external_id", "user_alias", "email", "phone")


class _Merge(NamedTuple):
    """Who goes and who stays."""

    gone: Target
    keep: Target


def merge(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue merges; one wrong object refuses the request."""
    items = body.get("merge_updates")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        return refuse(400, texts.MERGE_NOT_LIST)
    if len(items) > UPDATES_MAX:
        return refuse(400, texts.MERGE_TOO_MANY)
    merges = read_all(items, _read_merge)
    if isinstance(merges, Answer):
        return merges
    entry.objects = len(merges)
    workspace.submit(lambda: _apply_merges(workspace, merges, entry))
    return Answer(202, {"message": texts.SUCCESS})


def _read_merge(item: JsonObject) -> _Merge | str:
    if item.keys() != UPDATE_KEYS:
        return texts.MERGE_KEYS
    gone, keep = (_read_identifier(item[name]) for name in ("identifier_to_merge", "identifier_to_keep"))
    if isinstance(gone, str):
        return gone
    return keep if isinstance(keep, str) else _Merge(gone, keep)


def _read_identifier(item: object) -> Target | str:
    if not isinstance(item, dict):
        return texts.MERGE_IDENTIFIERS
    kinds = [kind for kind in KINDS if kind in item]
    if len(kinds) != 1 or item.keys() - {kinds[0], "prioritization"}:
        return texts.MERGE_IDENTIFIERS
    value = item[kinds[0]]
    if kinds[0] == "external_id":
        is_valid = isinstance(value, str) and value != ""
        return Target(Who("external_id", value), ()) if is_valid else texts.MERGE_IDENTIFIERS
    if kinds[0] == "user_alias":
        alias = read_alias(value)
        return texts.MERGE_IDENTIFIERS if isinstance(alias, str) else Target(alias, ())
    if not isinstance(value, str):
        return texts.MERGE_IDENTIFIERS
    return read_address(item, kinds[0], PRIORITIES)


def _apply_merges(workspace: Workspace, merges: list[_Merge], entry: Entry) -> None:
    now = workspace.clock.now()
    for wanted in merges:
        gone, keep = choose(workspace, wanted.gone), choose(workspace, wanted.keep)
        reason = _find_obstacle(workspace, gone, keep)
        if reason is None and gone is not None and keep is not None:
            workspace.before_change(keep, now)
            workspace.store.merge(keep, gone, now)
        elif reason is not None:
            who = wanted.gone.who
            workspace.ignored.note(reason, entry.id, f"{who.kind}:{who.value}")


def _find_obstacle(workspace: Workspace, gone: Profile | None, keep: Profile | None) -> str | None:
    """Return why two people are not merged, or None."""
    if gone is None or keep is None:
        return "no_such_user"
    if gone is keep:
        return "same_user"
    if {gone.external_id, keep.external_id} & workspace.settings.global_control_ids:
        return "global_control_group"
    phones = [phone for phone in (gone.phone, keep.phone) if phone is not None]
    if len(phones) == 2 and not any(is_sendable_phone(phone) for phone in phones):
        return "phones_invalid"
    return None
