"""Subscription groups: /subscription/status/set (v1 and v2), .../status/get and .../user/status.

Source: Braze's pages "Update user's subscription group status", "List user's subscription group status" and
"List user's subscription groups" (July 2026). A group's state is independent of the global one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.identifiers import JsonObject, is_email, normal_phone
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.paging import read_slice
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.standard import GROUP_STATES, UUID_FORM
from onefold.sandbox.braze.values import is_one_of
from onefold.sandbox.braze.workspace import Workspace

IDS_MAX = 50
USERS_LIMIT_MAX = 100
E164_FORM = re.compile(r"^\+[1-9]\d{6,14}$")
# The fields of the first and of the second version, and what each holds.
FIELDS_V1 = {"external_id": "external_id", "email": "email", "phone": "phone"}
FIELDS_V2 = {"external_ids": "external_id", "emails": "email", "phones": "phone"}


class _Change(NamedTuple):
    """One group's new state for people of one kind of identifier."""

    group_id: str
    state: str
    kind: str
    ids: list[str]


def set_status(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue one group's state for up to fifty people."""
    change = _read_change(workspace, body, FIELDS_V1)
    if isinstance(change, str):
        return refuse(400, change)
    return _queue(workspace, [change], entry)


def set_status_v2(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue several groups' states; e-mail and SMS groups together only by external ids."""
    items = body.get("subscription_groups")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        return refuse(400, texts.required("subscription_groups"))
    changes: list[_Change] = []
    for item in items:
        change = _read_change(workspace, item, FIELDS_V2)
        if isinstance(change, str):
            return refuse(400, change)
        if change.kind == "phone" and not all(E164_FORM.match(phone) for phone in change.ids):
            return refuse(400, texts.not_valid("phones"))
        changes.append(change)
    if {"email", "phone"} <= {change.kind for change in changes}:
        return refuse(400, texts.EMAIL_OR_PHONE)
    return _queue(workspace, changes, entry)


def _read_change(workspace: Workspace, item: JsonObject, fields: dict[str, str]) -> _Change | str:
    group_id, state = item.get("subscription_group_id"), item.get("subscription_state")
    if group_id is None:
        return texts.required("subscription_group_id")
    if not isinstance(group_id, str) or not _is_group(workspace, group_id):
        return texts.not_valid("subscription_group_id")
    if not isinstance(state, str) or not is_one_of(state, GROUP_STATES):
        return texts.not_valid("subscription_state")
    given = [name for name in fields if item.get(name) not in (None, [], "")]
    kinds = {fields[name] for name in given}
    if {"email", "phone"} <= kinds:
        return texts.EMAIL_OR_PHONE
    if len(given) != 1:
        return texts.one_of(*fields)
    ids = _read_ids(item[given[0]], fields[given[0]])
    if isinstance(ids, str):
        return ids or texts.not_valid(given[0])
    channel = workspace.states.channel_of(group_id)
    if channel is not None and kinds == ({"phone"} if channel == "email" else {"email"}):
        return texts.not_valid(given[0])
    return _Change(group_id, state, fields[given[0]], ids)


def _is_group(workspace: Workspace, group_id: str) -> bool:
    settings = workspace.settings
    known = settings.subscription_group_ids | settings.subscription_groups.keys()
    return group_id in known if known else UUID_FORM.match(group_id) is not None


def _read_ids(value: object, kind: str) -> list[str] | str:
    """Return the identifiers as they are stored, or the error text (empty: not valid)."""
    given = value if isinstance(value, list) else [value]
    items = [item for item in given if isinstance(item, str) and item]
    if len(items) != len(given):
        return ""
    if len(items) > IDS_MAX:
        return texts.TOO_MANY_IDS
    if kind == "email":
        return [item.lower() for item in items] if all(map(is_email, items)) else texts.EMAIL_INVALID
    return [normal_phone(item) for item in items] if kind == "phone" else items


def _queue(workspace: Workspace, changes: list[_Change], entry: Entry) -> Answer:
    entry.objects = sum(len(change.ids) for change in changes)
    workspace.submit(lambda: _apply(workspace, changes, entry))
    return Answer(201, {"message": texts.SUCCESS})


def _apply(workspace: Workspace, changes: list[_Change], entry: Entry) -> None:
    states = workspace.states
    for change in changes:
        for value in change.ids:
            is_known = True
            if change.kind == "external_id":
                profile = workspace.store.by_external_id(value)
                is_known = profile is not None
                done = profile is not None and states.set_group_of(profile, change.group_id, change.state)
            else:
                done = states.set_group(change.kind, value, change.group_id, change.state)
            if not done:
                reason = "group_archived" if is_known else "no_such_user"
                workspace.ignored.note(reason, entry.id, f"{change.kind}:{value}", change.group_id)


def get_status(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with the state of one group for each identifier: Subscribed, Unsubscribed or Unknown."""
    group_id = query.get("subscription_group_id")
    if group_id is None:
        return refuse(400, texts.required("subscription_group_id"))
    if not isinstance(group_id, str) or not _is_group(workspace, group_id):
        return refuse(400, texts.not_valid("subscription_group_id"))
    asked = _read_asked(query)
    if isinstance(asked, str):
        return refuse(400, asked)
    kind, ids = asked
    status: JsonObject = {}
    for given in ids:
        states = [(profile.groups or {}).get(group_id) for profile in _people(workspace, kind, given)]
        known = next((state for state in states if state is not None), None)
        status[given] = known.capitalize() if known is not None else "Unknown"
    return Answer(200, {"status": status, "message": texts.SUCCESS})


def user_status(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with the groups of each profile that ever had a state in one."""
    asked, part = _read_asked(query), read_slice(query, USERS_LIMIT_MAX, USERS_LIMIT_MAX)
    if isinstance(asked, str):
        return refuse(400, asked)
    if part is None:
        return refuse(400, texts.not_valid("limit"))
    kind, ids = asked
    found = {profile.seq: profile for given in ids for profile in _people(workspace, kind, given)}
    people = list(found.values())
    users = [_view(workspace, profile) for profile in people[part.window()]]
    return Answer(200, {"users": users, "total_count": len(people), "message": texts.SUCCESS})


def _view(workspace: Workspace, profile: Profile) -> JsonObject:
    groups: list[JsonObject] = []
    for group_id, state in (profile.groups or {}).items():
        group = workspace.settings.subscription_groups.get(group_id)
        name, channel = (group.name, group.channel) if group is not None else (group_id, "email")
        groups.append({"id": group_id, "name": name, "channel": channel, "status": state.capitalize()})
    return {
        "email": profile.email,
        "phone": profile.phone,
        "external_id": profile.external_id,
        "subscription_groups": groups,
    }


def _read_asked(query: JsonObject) -> tuple[str, list[str]] | str:
    """Return the kind and the identifiers asked for; external ids win over addresses."""
    kind = next((name for name in FIELDS_V1 if query.get(name)), None)
    if kind is None:
        return texts.one_of(*FIELDS_V1)
    if kind == "email" and query.get("phone"):
        return texts.EMAIL_OR_PHONE
    value = query[kind]
    ids = [str(item) for item in value] if isinstance(value, list) else [str(value)]
    # An unencoded plus in a query arrives as a space.
    ids = [f"+{one.strip()}" if kind == "phone" and one.startswith(" ") else one for one in ids]
    return texts.TOO_MANY_IDS if len(ids) > IDS_MAX else (kind, ids)


def _people(workspace: Workspace, kind: str, given: str) -> list[Profile]:
    if kind == "external_id":
        profile = workspace.store.by_external_id(given)
        return [profile] if profile is not None else []
    stored = given.lower() if kind == "email" else normal_phone(given)
    return workspace.store.by_address(kind, stored)
