"""What tests and demos define through the control API, because Braze has it only in its dashboard.

In: a JSON object of `/__sandbox/...`. Out: the thing as it now is. ValueError says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, cast

import msgspec

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer
from onefold.sandbox.braze.campaign import CAMPAIGNS_MAX, Campaign, Canvas, NewCampaign, NewCanvas
from onefold.sandbox.braze.identifiers import JsonObject, Who
from onefold.sandbox.braze.segment import SEGMENTS_MAX, NewSegment, Segment
from onefold.sandbox.braze.states import InvalidPhone
from onefold.sandbox.braze.times import parse_time
from onefold.sandbox.braze.workspace import Workspace

Query = Mapping[str, str]
PEOPLE_A_CALL_MAX = 100_000


class NewPeople(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Many equal people: external ids are the prefix and a number; `{n}` in a text becomes the number."""

    count: int
    prefix: str = "user-"
    first: int = 1
    standard: dict[str, object] = {}
    custom: dict[str, object] = {}


class NewBounces(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Addresses that providers gave back."""

    hard: list[str] = []
    spam: list[str] = []
    phones: list[str] = []
    reason: Literal["provider_error", "deactivated"] = "provider_error"


class NewEngagement(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One engagement event of a person, with fields of its type."""

    event_type: str
    external_id: str
    fields: dict[str, object] = {}
    properties: dict[str, object] | None = None
    time: str | None = None


def list_segments(workspace: Workspace, _query: Query, _body: JsonObject) -> Answer:
    """Show all segments with their definitions."""
    return Answer(200, {"segments": [_view(segment) for segment in workspace.segments.values()]})


def add_segment(workspace: Workspace, _query: Query, body: JsonObject) -> Answer:
    """Define a segment, or change the one with the same id."""
    new = msgspec.convert(body, NewSegment)
    now = workspace.clock.now()
    segment_id = new.id or workspace.new_uuid()
    old = workspace.segments.get(segment_id)
    if old is None and len(workspace.segments) >= SEGMENTS_MAX:
        raise ValueError(f"at most {SEGMENTS_MAX} segments")
    created_at = old.created_at if old is not None else now
    segment = Segment(id=segment_id, definition=new, created_at=created_at, updated_at=now)
    workspace.segments[segment_id] = segment
    return Answer(200, _view(segment))


def remove_segment(workspace: Workspace, query: Query, _body: JsonObject) -> Answer:
    """Remove the segment of `id`."""
    if workspace.segments.pop(query.get("id", ""), None) is None:
        raise ValueError("no segment has this id")
    return Answer(200, {"message": texts.SUCCESS})


def _view(segment: Segment) -> JsonObject:
    view = cast(JsonObject, msgspec.to_builtins(segment.definition))
    return {**view, "id": segment.id}


def list_exports(workspace: Workspace, _query: Query, _body: JsonObject) -> Answer:
    """Show segment exports, oldest first."""
    return Answer(200, {"exports": [export.view() for export in workspace.exports.by_prefix.values()]})


def add_people(workspace: Workspace, _query: Query, body: JsonObject) -> Answer:
    """Make many people at once, unchecked and without data points; those who exist are left alone."""
    wanted = msgspec.convert(body, NewPeople)
    if not 1 <= wanted.count <= PEOPLE_A_CALL_MAX:
        raise ValueError(f"count must be between 1 and {PEOPLE_A_CALL_MAX}")
    store, now = workspace.store, workspace.clock.now()
    for number in range(wanted.first, wanted.first + wanted.count):
        external_id = f"{wanted.prefix}{number}"
        if store.by_external_id(external_id) is not None:
            continue
        profile = store.create(Who("external_id", external_id), now)
        standard = {name: _numbered(value, number) for name, value in wanted.standard.items()}
        if isinstance(email := standard.pop("email", None), str):
            store.set_email(profile, email.lower())
        profile.standard.update(standard)
        profile.custom = {name: _numbered(value, number) for name, value in wanted.custom.items()}
    for name, value in wanted.custom.items():
        workspace.attribute_types.setdefault(name, _kind_of(value))
    return Answer(200, {"users": len(store)})


def add_bounces(workspace: Workspace, _query: Query, body: JsonObject) -> Answer:
    """Let addresses bounce, be reported as spam, or turn out to be invalid numbers."""
    bounces = msgspec.convert(body, NewBounces)
    states, now = workspace.states, workspace.clock.now()
    for email in bounces.hard:
        states.bounced_at[email.lower()] = now
    for email in bounces.spam:
        states.reported_at[email.lower()] = now
    for phone in bounces.phones:
        states.invalid_phones[phone] = InvalidPhone(now, bounces.reason)
    return Answer(200, {"message": texts.SUCCESS})


def add_campaign(workspace: Workspace, _query: Query, body: JsonObject) -> Answer:
    """Define a campaign, or change the one with the same id."""
    new = msgspec.convert(body, NewCampaign)
    known, now = workspace.messaging.campaigns, workspace.clock.now()
    campaign_id = new.id or workspace.new_uuid()
    old = known.get(campaign_id)
    _check_room(known, campaign_id)
    created_at = old.created_at if old is not None else now
    known[campaign_id] = Campaign(id=campaign_id, definition=new, created_at=created_at, edited_at=now)
    return Answer(200, {"id": campaign_id})


def add_canvas(workspace: Workspace, _query: Query, body: JsonObject) -> Answer:
    """Define a canvas, or change the one with the same id."""
    new = msgspec.convert(body, NewCanvas)
    known, now = workspace.messaging.canvases, workspace.clock.now()
    canvas_id = new.id or workspace.new_uuid()
    old = known.get(canvas_id)
    _check_room(known, canvas_id)
    created_at = old.created_at if old is not None else now
    known[canvas_id] = Canvas(id=canvas_id, definition=new, created_at=created_at, edited_at=now)
    return Answer(200, {"id": canvas_id})


def _check_room(known: Mapping[str, object], one: str) -> None:
    if one not in known and len(known) >= CAMPAIGNS_MAX:
        raise ValueError(f"at most {CAMPAIGNS_MAX} campaigns or canvases")


def list_sends(workspace: Workspace, _query: Query, _body: JsonObject) -> Answer:
    """Show what would have been sent, oldest first."""
    return Answer(200, {"sends": list(workspace.messaging.sends)})


def show_currents(workspace: Workspace, _query: Query, _body: JsonObject) -> Answer:
    """Show how many engagement events were emitted, delivered, dropped, and wait."""
    return Answer(200, workspace.currents.view())


def add_engagements(workspace: Workspace, query: Query, body: JsonObject) -> Answer:
    """Let a person open, click or do something else that only their device could tell."""
    wanted = msgspec.convert(body, NewEngagement)
    profile = workspace.store.by_external_id(wanted.external_id)
    if profile is None:
        raise ValueError("nobody has this external id")
    at = None
    if wanted.time is not None and (at := parse_time(wanted.time)) is None:
        raise ValueError("'time' is not a time")
    if profile.received is not None:
        profile.received.note_engagement(wanted.event_type, wanted.fields.get("campaign_id"))
    workspace.currents.emit(wanted.event_type, profile, wanted.fields, wanted.properties, at)
    return show_currents(workspace, query, body)


def add_test_engagements(workspace: Workspace, query: Query, body: JsonObject) -> Answer:
    """Send test events full of placeholders, as the button in the dashboard does."""
    workspace.currents.emit_test_events(msgspec.convert(body.get("count", 10), int))
    return show_currents(workspace, query, body)


def _numbered(value: object, number: int) -> object:
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, list):
        return "object_array" if value and isinstance(value[0], dict) else "array"
    names: dict[type, str] = {int: "number", float: "number", dict: "object"}
    return names.get(type(value), "string")


DEFINITIONS: dict[tuple[str, str], Callable[[Workspace, Query, JsonObject], Answer]] = {
    ("GET", "segments"): list_segments,
    ("POST", "segments"): add_segment,
    ("DELETE", "segments"): remove_segment,
    ("GET", "exports"): list_exports,
    ("POST", "people"): add_people,
    ("POST", "bounces"): add_bounces,
    ("POST", "campaigns"): add_campaign,
    ("POST", "canvases"): add_canvas,
    ("GET", "sends"): list_sends,
    ("GET", "currents"): show_currents,
    ("POST", "currents"): add_engagements,
    ("POST", "currents/test"): add_test_engagements,
}
