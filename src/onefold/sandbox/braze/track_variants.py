"""POST /users/track/bulk and /users/track/sync: many objects at low priority, or one that is applied at once.

Source: Braze's pages "Create and update users (bulk)" and "Create and update users (synchronous)" (July
2026); both are in limited beta.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import cast

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.apply import Change
from onefold.sandbox.braze.exported_user import recent_tallies
from onefold.sandbox.braze.identifiers import JsonObject, Who
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.standard import CONTROL_FIELDS, FIELD_VALUES
from onefold.sandbox.braze.track import Batch, check, read_arrays, take
from onefold.sandbox.braze.workspace import Workspace

BULK_BYTES_MAX = 2 * 1024 * 1024
BULK_OBJECTS_MAX = 1_000
BULK_PROFILE_OBJECTS_MAX = 100
IDENTIFIERS = ("external_id", "user_alias", "braze_id", "email", "phone")
FOREVER_S = float("inf")


def track_bulk(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Take up to a thousand objects, a hundred for one profile."""
    if len(entry.body) > BULK_BYTES_MAX:
        return refuse(400, texts.TOO_LARGE)
    arrays = read_arrays(body)
    if arrays is None:
        return refuse(400, texts.NO_VALID_DATA)
    items = [item for array in arrays.values() for item in array]
    owners = Counter(_owner_of(item) for item in items if isinstance(item, dict))
    if len(items) > BULK_OBJECTS_MAX or any(n > BULK_PROFILE_OBJECTS_MAX for n in owners.values()):
        return refuse(400, texts.MAX_INPUT)
    return take(workspace, arrays, entry)


def _owner_of(item: JsonObject) -> str:
    name = next((name for name in IDENTIFIERS if item.get(name)), "")
    return f"{name}:{json.dumps(item.get(name), sort_keys=True)}"


def track_sync(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Apply one object and answer with what became of it; nobody found means no users."""
    arrays = read_arrays(body)
    if arrays is None or sum(len(items) for items in arrays.values()) != 1:
        return refuse(400, texts.ONE_OBJECT)
    batch = check(workspace, arrays, may_be_large=True)
    if batch.errors:
        return refuse(400, texts.NO_VALID_DATA, batch.errors)
    entry.objects = 1
    Change(workspace, entry).apply(batch.attributes, batch.events, batch.purchases)
    return Answer(201, {"users": _changed(workspace, batch), "message": texts.SUCCESS})


def _changed(workspace: Workspace, batch: Batch) -> list[JsonObject]:
    people = [sent.who for sent in batch.attributes]
    people += [event.who for event in batch.events]
    people += [purchase.who for purchase in batch.purchases]
    who = people[0]
    profile = workspace.store.find(who)
    if profile is None:
        return []
    user: JsonObject = {**_identifier(who)}
    for sent in batch.attributes:
        names = [name for name in sent.fields if name not in CONTROL_FIELDS and name not in FIELD_VALUES]
        user["custom_attributes"] = {name: profile.custom[name] for name in names if name in profile.custom}
    for event in batch.events:
        user["custom_events"] = _tally_of(profile, "events", event.name)
    for purchase in batch.purchases:
        user["purchase_events"] = _tally_of(profile, "purchases", purchase.product_id)
    return [user]


def _tally_of(profile: Profile, kind: str, name: str) -> list[JsonObject]:
    tallies = profile.events if kind == "events" else profile.purchases
    return [row for row in recent_tallies(tallies, 0.0, FOREVER_S) if cast(str, row["name"]) == name]


def _identifier(who: Who) -> JsonObject:
    if who.kind == "user_alias":
        return {"user_alias": {"alias_name": who.value, "alias_label": who.label}}
    return {who.kind: who.value}
