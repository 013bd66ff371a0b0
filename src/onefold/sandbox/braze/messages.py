"""POST /messages/send: messages that stand in the request, to people who exist.

Source: Braze's page "Send messages immediately" (July 2026).
"""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.dispatch import Dispatch, carry_out, new_dispatch_id
from onefold.sandbox.braze.identifiers import JsonObject, Who, read_alias
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.prioritized import Target
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.recipients import RECIPIENTS_MAX, Recipient, prepare
from onefold.sandbox.braze.segment import Segment
from onefold.sandbox.braze.sends import take_broadcast
from onefold.sandbox.braze.workspace import Workspace

RECIPIENT_STATES = ("opted_in", "subscribed", "all")


class _Wish(NamedTuple):
    """A request whose parts are all valid."""

    targets: list[Target]
    segment: Segment | None
    state: str
    channels: list[str]
    campaign_id: str | None


def send_messages(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue messages."""
    wish = _read_wish(workspace, body)
    if isinstance(wish, str):
        return refuse(400, wish)
    if wish.segment is not None and (refusal := take_broadcast(workspace, wish.segment.id)) is not None:
        return refusal
    dispatch_id = new_dispatch_id(workspace)
    entry.objects = len(wish.targets)
    workspace.submit(lambda: _apply(workspace, wish, dispatch_id, entry))
    return Answer(201, {"dispatch_id": dispatch_id, "message": texts.SUCCESS})


def _read_wish(workspace: Workspace, body: JsonObject) -> _Wish | str:
    messages = body.get("messages")
    if not isinstance(messages, dict) or not messages:
        return texts.NO_MESSAGE
    state = body.get("recipient_subscription_state", "subscribed")
    if state not in RECIPIENT_STATES:
        return texts.not_valid("recipient_subscription_state")
    segment_id = body.get("segment_id")
    segment = workspace.segments.get(str(segment_id)) if segment_id is not None else None
    if segment_id is not None and segment is None:
        return texts.INVALID_SEGMENT_ID
    targets = _read_people(body)
    if isinstance(targets, str):
        return targets
    if not targets and segment is None and not isinstance(body.get("audience"), dict):
        return texts.NO_RECIPIENTS
    campaign_id = body.get("campaign_id")
    if campaign_id is not None and str(campaign_id) not in workspace.messaging.campaigns:
        return texts.INVALID_CAMPAIGN_ID
    named = str(campaign_id) if campaign_id is not None else None
    return _Wish(targets, segment, str(state), sorted(messages), named)


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


def _apply(workspace: Workspace, wish: _Wish, dispatch_id: str, entry: Entry) -> None:
    people = prepare(workspace, [Recipient(target, None, {}) for target in wish.targets], entry)
    members = wish.segment.members(workspace.store) if wish.segment is not None else ()
    everyone = {profile.seq: profile for profile in chain(people, members)}
    kept = [profile for profile in everyone.values() if _may_get(profile, wish.state)]
    name = None
    if wish.campaign_id is not None and (known := workspace.messaging.campaigns.get(wish.campaign_id)):
        name = known.definition.name
    kind = "campaign" if wish.campaign_id is not None else ""
    carry_out(workspace, Dispatch(dispatch_id, kind, wish.campaign_id, name, wish.channels), kept, {})


def _may_get(profile: Profile, state: str) -> bool:
    mine = profile.standard.get("email_subscribe", "subscribed")
    return state == "all" or mine == "opted_in" or (state == "subscribed" and mine == "subscribed")
