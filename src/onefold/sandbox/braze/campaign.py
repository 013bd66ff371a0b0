"""Campaigns and canvases of the local Braze, as the control API defines them, and what they sent.

In: definitions and accepted sends. Out: both, to look at. Nothing is really sent to anybody.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, Literal, TypeVar

import msgspec

from onefold.sandbox.braze.identifiers import JsonObject

CAMPAIGNS_MAX = 1_000
SENDS_KEPT_MAX = 1_000
REFERENCES_KEPT_MAX = 10_000
Definition = TypeVar("Definition", "NewCampaign", "NewCanvas")


class NewCampaign(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A campaign as the control API takes it."""

    name: str
    id: str | None = None
    description: str = ""
    tags: list[str] = []
    teams: list[str] = []
    channels: list[str] = msgspec.field(default_factory=lambda: ["email"])
    schedule_type: Literal["api_triggered", "action_based", "time_based"] = "api_triggered"
    archived: bool = False
    draft: bool = False
    enabled: bool = True
    transactional: bool = False
    messages: dict[str, JsonObject] = {}


class NewCanvas(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A canvas as the control API takes it; `enabled` false means paused."""

    name: str
    id: str | None = None
    description: str = ""
    tags: list[str] = []
    teams: list[str] = []
    channels: list[str] = msgspec.field(default_factory=lambda: ["email"])
    archived: bool = False
    draft: bool = False
    enabled: bool = True
    variants: list[JsonObject] = []
    steps: list[JsonObject] = []


class Defined(msgspec.Struct, Generic[Definition], kw_only=True):
    """A definition with its identifier and times in epoch seconds."""

    id: str
    definition: Definition
    created_at: float
    edited_at: float
    first_sent_at: float | None = None
    last_sent_at: float | None = None

    def note_send(self, now: float) -> None:
        """Remember that it sent something."""
        self.first_sent_at = self.first_sent_at if self.first_sent_at is not None else now
        self.last_sent_at = now


Campaign = Defined[NewCampaign]
Canvas = Defined[NewCanvas]


class Messaging:
    """All campaigns and canvases, and the last sends."""

    def __init__(self) -> None:
        self.campaigns: dict[str, Campaign] = {}
        self.canvases: dict[str, Canvas] = {}
        self.sends: deque[JsonObject] = deque(maxlen=SENDS_KEPT_MAX)
        # External references of transactional sends, and until when they are not sent again.
        self.references: dict[tuple[str, str], tuple[float, JsonObject]] = {}

    def keep_reference(self, key: tuple[str, str], until: float, payload: JsonObject) -> None:
        """Remember the answer to a transactional send; the oldest make room."""
        self.references.pop(key, None)
        self.references[key] = (until, payload)
        while len(self.references) > REFERENCES_KEPT_MAX:
            del self.references[next(iter(self.references))]
