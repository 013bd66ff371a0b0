"""Sources and keys in memory, for the hot path of capture; read again when the API changed one."""

from onefold.backends.embedded.control.sources import SourceStore
from onefold.capture.directory import Entry


class MemoryDirectory:
    """A `SourceDirectory` of capture. `refresh` may come from any thread: it swaps one dictionary."""

    def __init__(self, sources: SourceStore) -> None:
        self._sources = sources
        self._revision = 0
        self._entries: dict[str, Entry] = {}
        self.refresh()

    @property
    def revision(self) -> int:
        """Grows with every refresh."""
        return self._revision

    def lookup(self, write_key: str) -> Entry | None:
        """The source of a key."""
        return self._entries.get(write_key)

    def refresh(self) -> None:
        """Read all of them again."""
        by_id = {source.id: source for source in self._sources.page(count_max=SOURCES_MAX)}
        self._entries = {
            key.key: Entry(by_id[key.source_id], key.enabled)
            for key in self._sources.write_keys()
            if key.source_id in by_id
        }
        self._revision += 1


SOURCES_MAX = 100_000
"""Held in memory at about 1 KB each."""
