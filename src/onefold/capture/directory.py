"""Which source a write key names. Implemented where the sources are kept (control.db); read here only."""

from typing import Protocol

import msgspec

from onefold.model.source import Source


class Entry(msgspec.Struct, frozen=True):
    """What a write key leads to. A key may be disabled (rotated out) while its source lives on."""

    source: Source
    key_enabled: bool = True

    @property
    def is_enabled(self) -> bool:
        """May write."""
        return self.key_enabled and self.source.enabled


class SourceDirectory(Protocol):
    """Answers from memory: it is asked on the hot path and must not block."""

    @property
    def revision(self) -> int:
        """Changes whenever an answer of `lookup` may have changed; callers then forget what they kept."""
        ...

    def lookup(self, write_key: str) -> Entry | None:
        """The source of a write key, enabled or not; None if there is no such key."""
        ...
