"""Currents: engagement events of sends and profiles, waiting to go to a bucket or to a customer's server.

In: what happened to a person. Out: events in order, delivered after a while or when they are many. Without
`currents` in the settings nothing is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from onefold.sandbox.braze.currents_schema import EVENT_FIELDS, complete
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.profile import Profile

if TYPE_CHECKING:
    from onefold.sandbox.braze.workspace import Workspace

EVENT_BYTES_MAX = 900 * 1024
# A customer's server that is away must not fill the memory; what is beyond is lost and counted.
WAITING_MAX = 100_000


class CurrentsEvent(NamedTuple):
    """One event; `properties` are the free ones of custom events and purchases."""

    event_type: str
    fields: JsonObject
    properties: JsonObject | None


class Currents:
    """Events that wait, and counts of what became of the others."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.waiting: list[CurrentsEvent] = []
        self.emitted = 0
        self.delivered = 0
        self.dropped = 0
        self.files = 0
        self.error = ""
        self.is_delivering = False
        self.is_paused = False

    def emit(
        self,
        event_type: str,
        profile: Profile,
        fields: JsonObject,
        properties: JsonObject | None = None,
        at: float | None = None,
    ) -> None:
        """Keep one event of a person, if the connector wants its type."""
        settings = self._workspace.settings.currents
        if settings is None or (settings.event_types and event_type not in settings.event_types):
            return
        if event_type not in EVENT_FIELDS:
            raise ValueError(f"no event type {event_type!r}")
        own: JsonObject = {
            "id": self._workspace.new_uuid(),
            "user_id": profile.braze_id,
            "external_user_id": profile.external_id,
            "time": int(at if at is not None else self._workspace.clock.now()),
            "timezone": profile.standard.get("time_zone"),
        }
        self._keep(CurrentsEvent(event_type, complete(event_type, {**own, **fields}), properties))

    def emit_test_events(self, count: int) -> None:
        """Keep what the dashboard's "Send test events" produces: fields full of placeholders."""
        for number in range(count):
            event_type = list(EVENT_FIELDS)[number % len(EVENT_FIELDS)]
            junk = self._workspace.new_uuid()
            fields = complete(event_type, {"id": self._workspace.new_uuid(), "user_id": junk})
            now = int(self._workspace.clock.now())
            texts = {name: junk for name, value in fields.items() if value == "" or name == "timezone"}
            properties: JsonObject | None = {} if "properties" in fields else None
            self._keep(CurrentsEvent(event_type, {**fields, **texts, "time": now}, properties))

    def _keep(self, event: CurrentsEvent) -> None:
        self.emitted += 1
        is_large = (
            event.properties is not None and len(msgspec.json.encode(event.properties)) > EVENT_BYTES_MAX
        )
        if is_large or len(self.waiting) >= WAITING_MAX:
            self.dropped += 1
            return
        self.waiting.append(event)
        settings = self._workspace.settings.currents
        if len(self.waiting) == 1:
            self.schedule()
        elif settings is not None and len(self.waiting) == settings.file_events_max:
            self._workspace.submit_after(0.0, self._workspace.deliver_currents)

    def schedule(self) -> None:
        """Have what waits delivered after the usual while; a running delivery sees to the next itself."""
        settings = self._workspace.settings.currents
        if settings is not None and self.waiting and not self.is_delivering and not self.is_paused:
            self._workspace.submit_after(settings.delivery_delay_ms, self._workspace.deliver_currents)

    def resume(self) -> None:
        """Go on after an answer that only other settings can mend."""
        self.is_paused = False
        self.schedule()

    def view(self) -> JsonObject:
        """Return what the control API shows."""
        return {
            "emitted": self.emitted,
            "delivered": self.delivered,
            "dropped": self.dropped,
            "waiting": len(self.waiting),
            "files": self.files,
            "is_paused": self.is_paused,
            "error": self.error,
        }
