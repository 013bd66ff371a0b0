"""The segment exports of one local Braze: which run and which are done.

A segment has one running export at most, a company a hundred. Ended ones are kept to look at and to
download, the oldest making room.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from onefold.sandbox.braze.archive import Archive
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.times import format_iso

State = Literal["waiting", "running", "done", "failed", "cancelled"]
RUNNING_MAX = 100
KEPT_MAX = 100


class Export:
    """One export: what was asked for and how far it is."""

    def __init__(self, prefix: str, segment_id: str, requested_at: float) -> None:
        self.prefix = prefix
        self.segment_id = segment_id
        self.requested_at = requested_at
        self.fields: tuple[str, ...] = ()
        # None: all of them, or none, as the fields say.
        self.custom_names: frozenset[str] | None = None
        self.is_gzip = False
        self.callback_url: str | None = None
        # Set when Braze hosts the file itself.
        self.url: str | None = None
        self.archive: Archive | None = None
        self.expires_at = float("inf")
        self.is_lost = False
        self.state: State = "waiting"
        self.users = 0
        self.files: list[str] = []
        self.finished_at: float | None = None
        self.error = ""
        self.callback_status: int | str | None = None
        self.cancelled = asyncio.Event()

    def drop_archive(self) -> None:
        """Give the disk of a hosted file back."""
        if self.archive is not None:
            self.archive.close()
            self.archive = None

    def is_running(self) -> bool:
        """Whether it still holds its segment."""
        return self.state in ("waiting", "running")

    def view(self) -> JsonObject:
        """Return what the control API shows."""
        return {
            "object_prefix": self.prefix,
            "segment_id": self.segment_id,
            "state": self.state,
            "users": self.users,
            "files": self.files,
            "url": self.url,
            "error": self.error,
            "callback": self.callback_status,
            "requested_at": format_iso(self.requested_at),
            "finished_at": format_iso(self.finished_at) if self.finished_at is not None else None,
        }


class Exports:
    """All exports that are still known, oldest first."""

    def __init__(self) -> None:
        self.by_prefix: dict[str, Export] = {}

    def running(self) -> list[Export]:
        """Return those that have not ended."""
        return [export for export in self.by_prefix.values() if export.is_running()]

    def add(self, export: Export) -> None:
        """Keep a new one; the oldest that have ended go, with their files."""
        self.by_prefix[export.prefix] = export
        ended = [one for one in self.by_prefix.values() if not one.is_running()]
        for old in ended[: max(0, len(ended) - KEPT_MAX)]:
            del self.by_prefix[old.prefix]
            old.drop_archive()

    def cancel(self, segment_id: str) -> int:
        """Stop what runs for a segment; returns how many that were."""
        stopped = [export for export in self.running() if export.segment_id == segment_id]
        for export in stopped:
            export.state = "cancelled"
            export.cancelled.set()
        return len(stopped)

    def cancel_all(self) -> None:
        """Stop everything and drop the files."""
        for export in self.by_prefix.values():
            self.cancel(export.segment_id)
            export.drop_archive()
