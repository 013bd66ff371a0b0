"""Sends: /campaigns/trigger/send, /canvas/trigger/send, /messages/send, /sends/id/create, transactional.

In: the decoded body. Out: a dispatch id; a little later who would have got it stands under the control API's
`sends`. Source: Braze's pages "Send campaigns with API-triggered delivery", "Send Canvases with
API-triggered delivery", "Send messages immediately", "Send transactional emails" and "Create send IDs" (July
2026).
"""

from __future__ import annotations

import re
from itertools import chain

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.campaign import Campaign, Canvas, NewCanvas
from onefold.sandbox.braze.identifiers import JsonObject, Who, read_alias
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.prioritized import Target
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.rates import BROADCAST
from onefold.sandbox.braze.recipients import (
    RECIPIENTS_MAX,
    Recipient,
    prepare,
    read_properties,
    read_recipient,
    read_recipients,
)
from onefold.sandbox.braze.times import format_iso
from onefold.sandbox.braze.workspace import Workspace

RECIPIENT_STATES = ("opted_in", "subscribed", "all")
REFERENCE_FORM = re.compile(r"^[a-zA-Z0-9\-_+/=]+$")
REFERENCE_LIFE_S = 24 * 3_600
PEOPLE_SHOWN_MAX = 50


def send_campaign(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue an API-triggered campaign."""
    campaign = workspace.messaging.campaigns.get(str(body.get("campaign_id")))
    if campaign is None:
        return refuse(400, texts.INVALID_CAMPAIGN_ID)
    return _trigger(workspace, body, entry, campaign, "trigger_properties")


def send_canvas(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue an API-triggered canvas; a paused or archived one says so and sends nothing."""
    canvas = workspace.messaging.canvases.get(str(body.get("canvas_id")))
    if canvas is None:
        return refuse(400, texts.INVALID_CANVAS_ID)
    answer = _trigger(workspace, body, entry, canvas, "context")
    notice = _notice_of(canvas)
    if answer.status == 201 and notice is not None:
        return Answer(201, {**answer.payload, "notice": notice})
    return answer


def _notice_of(canvas: Canvas) -> str | None:
    if canvas.definition.archived:
        return texts.CANVAS_ARCHIVED
    return None if canvas.definition.enabled else texts.CANVAS_PAUSED


def _trigger(
    workspace: Workspace, body: JsonObject, entry: Entry, what: Campaign | Canvas, properties_name: str
) -> Answer:
    properties = read_properties(body, properties_name)
    if isinstance(properties, str):
        return refuse(400, properties)
    recipients = read_recipients(body.get("recipients"), properties_name, workspace.settings)
    if isinstance(recipients, str):
        return refuse(400, recipients)
    broadcast, audience = body.get("broadcast", False), body.get("audience")
    if type(broadcast) is not bool:
        return refuse(400, texts.not_valid("broadcast"))
    if audience is not None and not isinstance(audience, dict):
        return refuse(400, texts.not_valid("audience"))
    if broadcast and recipients:
        return refuse(400, texts.BROADCAST_OR_RECIPIENTS)
    if not broadcast and not recipients and audience is None:
        return refuse(400, texts.NO_RECIPIENTS)
    if broadcast and (refusal := _take_broadcast(workspace, what.id, audience)) is not None:
        return refusal
    entry.objects = len(recipients)
    return _queue(workspace, entry, recipients, what, properties, is_broadcast=broadcast)


def _take_broadcast(workspace: Workspace, campaign_id: str, audience: object) -> Answer | None:
    """Count a broadcast against the limits of all and of its audience; returns the refusal, if any."""
    now = workspace.clock.now()
    for verdict in (
        workspace.limiter.take(BROADCAST, now),
        workspace.limiter.take_audience(f"{campaign_id}:{audience!r}", now),
    ):
        if not verdict.is_allowed:
            message = workspace.settings.throttled_message
            return Answer(429, {"message": message}, tuple(verdict.headers))
    return None


def _queue(
    workspace: Workspace,
    entry: Entry,
    recipients: list[Recipient],
    what: Campaign | Canvas,
    properties: JsonObject,
    *,
    is_broadcast: bool = False,
) -> Answer:
    dispatch_id = f"{workspace.rng.getrandbits(128):032x}"

    def apply() -> None:
        people = prepare(workspace, recipients, entry)
        if what.definition.archived or not what.definition.enabled:
            workspace.ignored.note("campaign_off", entry.id, what.id)
            return
        what.note_send(workspace.clock.now())
        merged = {one.target.who.value: {**properties, **one.properties} for one in recipients}
        _record(workspace, dispatch_id, {"id": what.id, "name": what.definition.name}, people)
        workspace.messaging.sends[-1].update(
            {"properties": merged or properties, "is_broadcast": is_broadcast}
        )
        kind = "canvas" if isinstance(what.definition, NewCanvas) else "campaign"
        source: JsonObject = {f"{kind}_id": what.id, f"{kind}_name": what.definition.name}
        _emit(workspace, people, what.definition.channels, {**source, "dispatch_id": dispatch_id})

    workspace.submit(apply)
    return Answer(201, {"dispatch_id": dispatch_id, "message": texts.SUCCESS})


def _record(workspace: Workspace, dispatch_id: str, what: JsonObject, people: list[Profile]) -> None:
    shown = [profile.external_id or profile.braze_id for profile in people[:PEOPLE_SHOWN_MAX]]
    at = format_iso(workspace.clock.now())
    workspace.messaging.sends.append(
        {"dispatch_id": dispatch_id, "at": at, **what, "people": len(people), "to": shown}
    )


def _emit(workspace: Workspace, people: list[Profile], channels: list[str], what: JsonObject) -> None:
    """Tell Currents of the sends of each channel, and of the deliveries of e-mails."""
    for profile in people:
        if "email" in channels and profile.email is not None:
            fields: JsonObject = {**what, "email_address": profile.email}
            workspace.currents.emit("users.messages.email.Send", profile, fields)
            workspace.currents.emit("users.messages.email.Delivery", profile, fields)
        if "sms" in channels and profile.phone is not None:
            fields = {**what, "to_phone_number": profile.phone}
            workspace.currents.emit("users.messages.sms.Send", profile, fields)
        if "webhook" in channels:
            workspace.currents.emit("users.messages.webhook.Send", profile, what)


def send_messages(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue messages that stand in the request; people must exist."""
    messages = body.get("messages")
    if not isinstance(messages, dict) or not messages:
        return refuse(400, texts.NO_MESSAGE)
    state = body.get("recipient_subscription_state", "subscribed")
    if state not in RECIPIENT_STATES:
        return refuse(400, texts.not_valid("recipient_subscription_state"))
    segment_id = body.get("segment_id")
    segment = workspace.segments.get(str(segment_id)) if segment_id is not None else None
    if segment_id is not None and segment is None:
        return refuse(400, texts.INVALID_SEGMENT_ID)
    targets = _read_people(body)
    if isinstance(targets, str):
        return refuse(400, targets)
    if not targets and segment is None and not isinstance(body.get("audience"), dict):
        return refuse(400, texts.NO_RECIPIENTS)
    if "campaign_id" in body and str(body["campaign_id"]) not in workspace.messaging.campaigns:
        return refuse(400, texts.INVALID_CAMPAIGN_ID)
    if segment is not None and (refusal := _take_broadcast(workspace, segment.id, None)) is not None:
        return refusal
    dispatch_id = f"{workspace.rng.getrandbits(128):032x}"

    def apply() -> None:
        people = prepare(workspace, [Recipient(target, None, {}) for target in targets], entry)
        members = segment.members(workspace.store) if segment is not None else ()
        everyone = {profile.seq: profile for profile in chain(people, members)}
        kept = [profile for profile in everyone.values() if _may_get(profile, str(state))]
        what: JsonObject = {"channels": sorted(messages), "campaign_id": body.get("campaign_id")}
        _record(workspace, dispatch_id, what, kept)
        _emit(workspace, kept, sorted(messages), {"dispatch_id": dispatch_id})

    workspace.submit(apply)
    entry.objects = len(targets)
    return Answer(201, {"dispatch_id": dispatch_id, "message": texts.SUCCESS})


def _read_people(body: JsonObject) -> list[Target] | str:
    ids, aliases = body.get("external_user_ids") or [], body.get("user_aliases") or []
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        return texts.not_valid("external_user_ids")
    if not isinstance(aliases, list):
        return texts.not_valid("user_aliases")
    if len(ids) + len(aliases) > RECIPIENTS_MAX:
        return texts.TOO_MANY_USERS
    targets = [Target(Who("external_id", one), ()) for one in ids]
    for item in aliases:
        alias = read_alias(item)
        if isinstance(alias, str):
            return alias
        targets.append(Target(alias, ()))
    return targets


def _may_get(profile: Profile, state: str) -> bool:
    mine = profile.standard.get("email_subscribe", "subscribed")
    return state == "all" or mine == "opted_in" or (state == "subscribed" and mine == "subscribed")


def create_send_id(workspace: Workspace, body: JsonObject, _entry: Entry) -> Answer:
    """Make a send id of a campaign, or take the one given."""
    campaign_id, given = body.get("campaign_id"), body.get("send_id")
    if str(campaign_id) not in workspace.messaging.campaigns:
        return refuse(400, texts.INVALID_CAMPAIGN_ID)
    if given is not None and (not isinstance(given, str) or not given):
        return refuse(400, texts.not_valid("send_id"))
    send_id = given or f"{workspace.rng.getrandbits(96):024x}"
    return Answer(201, {"message": texts.SUCCESS, "send_id": send_id})


def send_transactional(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue one transactional message; the same reference within a day is not sent again."""
    campaign = workspace.messaging.campaigns.get(entry.path_values["campaign_id"])
    if campaign is None:
        return refuse(400, texts.NO_CAMPAIGN)
    if not campaign.definition.transactional:
        return refuse(400, texts.NOT_TRANSACTIONAL)
    if campaign.definition.archived or not campaign.definition.enabled:
        return refuse(400, texts.CAMPAIGN_OFF)
    reference = body.get("external_send_id")
    if reference is not None and not (isinstance(reference, str) and REFERENCE_FORM.match(reference)):
        return refuse(400, texts.not_valid("external_send_id"))
    properties = read_properties(body, "trigger_properties")
    if isinstance(properties, str):
        return refuse(400, properties)
    recipient = read_recipient(body.get("recipient"), "trigger_properties", workspace.settings)
    if isinstance(recipient, str):
        return refuse(400, recipient)
    known = workspace.messaging.references
    now = workspace.clock.now()
    key = (campaign.id, str(reference))
    if reference is not None and key in known and known[key][0] > now:
        return Answer(201, known[key][1])
    answer = _queue(workspace, entry, [recipient], campaign, properties)
    payload: JsonObject = {
        "dispatch_id": answer.payload["dispatch_id"],
        "status": "sent",
        "metadata": {"external_send_id": reference, "campaign_api_id": campaign.id},
    }
    if reference is not None:
        workspace.messaging.keep_reference(key, now + REFERENCE_LIFE_S, payload)
    return Answer(201, payload)
