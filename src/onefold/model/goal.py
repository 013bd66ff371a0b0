"""Goals: one thing that a connection achieves, such as "keep members of VIP up to date".

What kinds exist, and which `settings` each takes, the connector declares (`plugin/declare.py`).
"""

import msgspec

from onefold.model.event_mapping import EventMapping
from onefold.model.intake import Intake
from onefold.model.json import JsonValue
from onefold.model.mapping import Mapping
from onefold.model.match import MatchKey
from onefold.model.schedule import CONTINUOUS, Schedule

EVERYONE = 0
"""`segment_id` of a goal for everyone whom the destination can know."""

GOALS_MAX = 50
"""Of one connection: each is planned for every change, and a list of more than this cannot be read."""


class Goal(msgspec.Struct, frozen=True):
    """One goal. `version` grows with every change of it: everyone is then compared with the ledger again."""

    id: int
    connection_id: int
    kind: str
    name: str
    enabled: bool = False
    segment_id: int = EVERYONE
    mappings: list[Mapping] = []
    settings: dict[str, JsonValue] = {}
    position: int = 0
    """Place among the goals of its connection."""
    version: int = 1
    created_at: int = 0
    enabled_at: int = 0
    """When it was turned on for the first time, or after a stop: it follows changes from then on (0: from its
    first look)."""
    changed_at: int = 0
    """When this version was made (0: it is the first): what it made of earlier events may be told wrongly."""
    intake: Intake | None = None
    """Of a goal that brings people in: how it reads them."""
    event_mappings: list[EventMapping] = []
    """Of a goal that sends events: those that go under another name, or with other properties."""
    match: list[MatchKey] = []
    """How people are found at the destination, in the order tried; empty: as the connector does by itself."""
    stopped: bool = False
    """Off, and what was due is dropped; a goal that is merely off keeps it."""
    resyncs: int = 0
    """How often everything was asked to be sent again, whatever the ledger says."""

    schedule: Schedule = CONTINUOUS
    """When it runs."""
    purpose: str = ""
    """Only people who consented to this purpose are delivered; empty: no consent is asked for."""
    compare_first: bool = False
    """Before it compares people with the ledger, it reads back what the destination holds of them already."""

    @property
    def subject(self) -> str:
        """How counters and dead letters name it: `connection/goal`."""
        return f"{self.connection_id}/{self.id}"
