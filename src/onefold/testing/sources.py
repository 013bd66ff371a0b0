"""A directory of sources in memory, for tests and benchmarks of capture."""

from onefold.capture.directory import Entry
from onefold.model.source import Source


class FixedDirectory:
    """Answers from a dict; `put` and `disable` change the revision as the real one does."""

    def __init__(self, entries: dict[str, Source] | None = None) -> None:
        self.revision = 1
        self._entries = {key: Entry(source) for key, source in (entries or {}).items()}

    def lookup(self, write_key: str) -> Entry | None:
        """The source of a write key."""
        return self._entries.get(write_key)

    def put(self, write_key: str, source: Source, *, key_enabled: bool = True) -> None:
        """Set what a key leads to."""
        self._entries[write_key] = Entry(source, key_enabled)
        self.revision += 1
