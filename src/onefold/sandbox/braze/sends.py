"""Sends: /campaigns/trigger/send, /canvas/trigger/send, /sends/id/create and transactional ones.

In: the decoded body. Out: a dispatch id; a little later who would have got it stands under the control API's
`sends`. Source: Braze's pages "Send campaigns with API-triggered delivery", "Send Canvases with
API-triggered delivery", "Send transactional emails" and "Create send IDs" (July
2026).
"""

from __future__ import annotations

import re

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.campaign import Campaign, Canvas, NewCanvas
from onefold.sandbox.braze.dispatch import Dispatch, carry_out, new_dispatch_id
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.rates import BROADCAST
from onefold.sandbox.braze.recipients import (
    Recipient,
    prepare,
    read_properties,
    read_recipient,
    read_recipients,
)
from onefold.sandbox.braze.workspace import Workspace

REFERENCE_FORM = re.compile(r"^[a-zA-Z0-9\-_+/=]+$")
REFERENCE_LIFE_S = 24 * 3_600


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
    if broadcast and (refusal := take_broadcast(workspace, what.id, audience)) is not None:
        return refusal
    entry.objects = len(recipients)
    return _queue(workspace, entry, recipients, what, properties, is_broadcast=broadcast)


def take_broadcast(workspace: Workspace, campaign_id: str, audience: object = None) -> Answer | None:
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
    dispatch_id = new_dispatch_id(workspace)
    definition = what.definition
    kind = "canvas" if isinstance(definition, NewCanvas) else "campaign"
    dispatch = Dispatch(dispatch_id, kind, what.id, definition.name, definition.channels)

    def apply() -> None:
        people = prepare(workspace, recipients, entry)
        if definition.archived or not definition.enabled:
            workspace.ignored.note("campaign_off", entry.id, what.id)
            return
        what.note_send(workspace.clock.now())
        merged = {one.target.who.value: {**properties, **one.properties} for one in recipients}
        shown: JsonObject = {"properties": merged or properties, "is_broadcast": is_broadcast}
        carry_out(workspace, dispatch, people, shown)

    workspace.submit(apply)
    return Answer(201, {"dispatch_id": dispatch_id, "message": texts.SUCCESS})


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
