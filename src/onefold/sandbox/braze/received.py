"""Campaigns and canvases that a person has received, in the form that exports show.

In: sends and engagement events. Out: `campaigns_received` and `canvases_received` of the last 90 days.
"""

from __future__ import annotations

from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.times import format_iso

# Which engagement marks a campaign as what.
ENGAGEMENTS = {
    "users.messages.email.Open": "opened_email",
    "users.messages.email.Click": "clicked_email",
    "users.messages.pushnotification.Open": "opened_push",
    "users.messages.inappmessage.Click": "clicked_triggered_in_app_message",
}
# A person keeps this many of each, the latest: memory must not grow with every send.
RECEIVED_MAX = 100


class Received:
    """What one person got."""

    __slots__ = ("_campaigns", "_canvases", "_engaged")

    def __init__(self) -> None:
        self._campaigns: dict[str, tuple[str, float]] = {}
        self._canvases: dict[str, tuple[str, float]] = {}
        self._engaged: dict[str, set[str]] = {}

    def note(self, kind: str, identifier: str, name: str, now: float) -> None:
        """Remember one send."""
        known = self._canvases if kind == "canvas" else self._campaigns
        known.pop(identifier, None)
        known[identifier] = (name, now)
        while len(known) > RECEIVED_MAX:
            gone = next(iter(known))
            del known[gone]
            self._engaged.pop(gone, None)

    def note_engagement(self, event_type: str, campaign_id: object) -> None:
        """Remember that a campaign was opened or clicked."""
        mark = ENGAGEMENTS.get(event_type)
        if mark is not None and isinstance(campaign_id, str) and campaign_id in self._campaigns:
            self._engaged.setdefault(campaign_id, set()).add(mark)

    def campaigns(self, since: float) -> list[JsonObject]:
        """Return campaigns received since a moment."""
        return [
            {
                "name": name,
                "api_campaign_id": identifier,
                "last_received": format_iso(at),
                "engaged": {mark: mark in self._engaged.get(identifier, ()) for mark in ENGAGEMENTS.values()},
                "converted": False,
                "multiple_converted": {},
                "in_control": False,
            }
            for identifier, (name, at) in self._campaigns.items()
            if at >= since
        ]

    def canvases(self, since: float) -> list[JsonObject]:
        """Return canvases entered since a moment."""
        return [
            {
                "name": name,
                "api_canvas_id": identifier,
                "last_received_message": format_iso(at),
                "last_entered": format_iso(at),
                "in_control": False,
                "steps_received": [],
            }
            for identifier, (name, at) in self._canvases.items()
            if at >= since
        ]
