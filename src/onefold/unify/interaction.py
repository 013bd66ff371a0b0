"""Reads what an event tells of messages and content seen, and keeps it on the profile.

In: a track named `Interaction Viewed`, or one of those that a message tool tells of what people saw
(`Email Opened`). Out: the interactions of a profile, the latest so many.

    {"type": "track", "event": "Interaction Viewed", "properties": {
        "interaction_id": "spring-banner", "name": "Spring sale", "channel": "site", "kind": "banner"}}

Of more than are kept, those go that were last seen longest ago. Which stay, with their names and last times,
does not depend on the order of events: whatever was dropped has so many later ones before it, and only comes
back by being seen later than one of them. How often and first one was seen that comes back begins anew.
"""

from heapq import nsmallest

import msgspec

from onefold.model.event import Event
from onefold.model.interaction import Interaction, Interactions, join_interactions
from onefold.model.json import JsonValue
from onefold.model.profile import Profile

INTERACTION_VIEWED = "Interaction Viewed"
CHANNEL_OF = {
    INTERACTION_VIEWED: "",
    "Banner Viewed": "banner",
    "Content Card Viewed": "content card",
    "Email Clicked": "email",
    "Email Opened": "email",
    "In-App Message Viewed": "in-app message",
    "LINE Clicked": "line",
    "Push Opened": "push",
    "RCS Clicked": "rcs",
    "RCS Read": "rcs",
    "SMS Clicked": "sms",
    "WhatsApp Clicked": "whatsapp",
    "WhatsApp Read": "whatsapp",
}
"""Events by which a person saw something, and the channel of each. A click tells where opens may stay
unseen: images are blocked, or nobody reports them. What mail programs open and bots click has other names."""
OTHER = "other"
"""The channel of what names none."""
INTERACTIONS_MAX = 200
"""Kept a profile, unless the settings say otherwise: a few messages a week for a year."""
ID_CHARS_MAX = 200
"""A longer id is a text; cut, two would become one."""
NAME_CHARS_MAX = 200
"""Longer names are cut: destinations take 255 (Braze)."""
WORD_CHARS_MAX = 50
"""Of a channel or a kind; longer ones are cut."""


class Viewed(msgspec.Struct, frozen=True, gc=False):
    """What an event tells to have been seen."""

    channel: str
    id: str
    name: str = ""
    kind: str = ""


class _Properties(msgspec.Struct, gc=False):
    """Of our own event, and of those of message tools, as Braze's Currents name them."""

    interaction_id: JsonValue = None
    name: JsonValue = None
    channel: JsonValue = None
    kind: JsonValue = None
    campaign_id: JsonValue = None
    campaign_name: JsonValue = None
    canvas_id: JsonValue = None
    canvas_name: JsonValue = None
    content_card_id: JsonValue = None
    banner_placement_id: JsonValue = None
    card_id: JsonValue = None


_decode = msgspec.json.Decoder(_Properties | None).decode


def read_viewed(event: Event) -> Viewed | None:
    """What an event of `CHANNEL_OF` tells; None where it cannot be told from others. Never fails."""
    try:
        properties = _decode(event.properties) if event.properties else None
        if properties is None:
            return None
        return _own(properties) if event.event == INTERACTION_VIEWED else _of_tool(event.event, properties)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # No object, no valid text, a number of thousands of digits: the event counts all the same.
        return None


def add_viewed(profile: Profile, viewed: Viewed, at: int, event_hash: int, kept_max: int) -> int:
    """Keep what was seen; returns how many interactions had no room."""
    ones = profile.interactions.setdefault(viewed.channel, {})
    seen = Interaction(viewed.name, viewed.kind, 1, at, at, event_hash)
    found = ones.get(viewed.id)
    if found is not None:
        ones[viewed.id] = join_interactions(found, seen)
        return 0
    ones[viewed.id] = seen
    return _drop_oldest(profile.interactions, kept_max)


def merge_interactions(survivor: Profile, loser: Profile, kept_max: int) -> None:
    """What both saw."""
    for channel, ones in loser.interactions.items():
        into = survivor.interactions.setdefault(channel, {})
        for one_id, one in ones.items():
            found = into.get(one_id)
            into[one_id] = one if found is None else join_interactions(found, one)
    _drop_oldest(survivor.interactions, kept_max)


def _drop_oldest(interactions: Interactions, kept_max: int) -> int:
    surplus = sum(map(len, interactions.values())) - kept_max
    if surplus <= 0:
        return 0
    ordered = (
        (one.last, channel, one_id) for channel, ones in interactions.items() for one_id, one in ones.items()
    )
    for _, channel, one_id in nsmallest(surplus, ordered):
        del interactions[channel][one_id]
        if not interactions[channel]:
            del interactions[channel]
    return surplus


def _own(properties: _Properties) -> Viewed | None:
    one_id = _id(properties.interaction_id)
    if not one_id:
        return None
    channel = _words(properties.channel, WORD_CHARS_MAX).lower() or OTHER
    return Viewed(channel, one_id, _words(properties.name), _words(properties.kind, WORD_CHARS_MAX))


def _of_tool(event: str, properties: _Properties) -> Viewed | None:
    """What people know it by comes first: a card belongs to a campaign, a step to a canvas."""
    for kind, given, name in (
        ("campaign", properties.campaign_id, properties.campaign_name),
        ("canvas", properties.canvas_id, properties.canvas_name),
        ("content card", properties.content_card_id, None),
        ("banner", properties.banner_placement_id, None),
        ("message", properties.card_id, None),
    ):
        if one_id := _id(given):
            return Viewed(CHANNEL_OF[event], one_id, _words(name), kind)
    return None


def _id(value: JsonValue) -> str:
    text = _words(value, ID_CHARS_MAX + 1)
    return text if len(text) <= ID_CHARS_MAX else ""


def _words(value: JsonValue, chars_max: int = NAME_CHARS_MAX) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    text.encode()
    return text[:chars_max].rstrip()
