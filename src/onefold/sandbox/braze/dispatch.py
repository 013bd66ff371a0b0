"""What becomes of a send: a line to look at, what the people have received, and engagement events."""

from __future__ import annotations

from typing import NamedTuple

from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.received import Received
from onefold.sandbox.braze.times import format_iso
from onefold.sandbox.braze.workspace import Workspace

PEOPLE_SHOWN_MAX = 50


class Dispatch(NamedTuple):
    """One accepted send: of a campaign, of a canvas, or of messages in the request (an empty `kind`)."""

    id: str
    kind: str
    source_id: str | None
    source_name: str | None
    channels: list[str]


def new_dispatch_id(workspace: Workspace) -> str:
    """Return a random id."""
    return f"{workspace.rng.getrandbits(128):032x}"


def carry_out(workspace: Workspace, dispatch: Dispatch, people: list[Profile], shown: JsonObject) -> None:
    """Send to nobody, and remember it everywhere where Braze would."""
    now = workspace.clock.now()
    line: JsonObject = {
        "dispatch_id": dispatch.id,
        "at": format_iso(now),
        "id": dispatch.source_id,
        "name": dispatch.source_name,
        "channels": dispatch.channels,
        "people": len(people),
        "to": [profile.external_id or profile.braze_id for profile in people[:PEOPLE_SHOWN_MAX]],
        **shown,
    }
    workspace.messaging.sends.append(line)
    for profile in people:
        if dispatch.kind and dispatch.source_id is not None:
            profile.received = profile.received or Received()
            profile.received.note(dispatch.kind, dispatch.source_id, dispatch.source_name or "", now)
        _emit(workspace, dispatch, profile)


def _emit(workspace: Workspace, dispatch: Dispatch, profile: Profile) -> None:
    """Tell Currents of the send on each channel, and of the delivery of an e-mail."""
    source: JsonObject = {"dispatch_id": dispatch.id}
    if dispatch.kind:
        source[f"{dispatch.kind}_id"] = dispatch.source_id
        source[f"{dispatch.kind}_name"] = dispatch.source_name
    if "email" in dispatch.channels and profile.email is not None:
        fields: JsonObject = {**source, "email_address": profile.email}
        workspace.currents.emit("users.messages.email.Send", profile, fields)
        workspace.currents.emit("users.messages.email.Delivery", profile, fields)
    if "sms" in dispatch.channels and profile.phone is not None:
        fields = {**source, "to_phone_number": profile.phone}
        workspace.currents.emit("users.messages.sms.Send", profile, fields)
    if "webhook" in dispatch.channels:
        workspace.currents.emit("users.messages.webhook.Send", profile, source)
