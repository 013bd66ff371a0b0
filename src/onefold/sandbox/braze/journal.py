"""The last requests with bodies and answers, bounded in number and bytes, without authorization."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

SECRET_HEADERS = frozenset({"authorization", "cookie"})


class Entry:
    """One request and what became of it; `data_points` grows when its objects are applied."""

    __slots__ = (
        "answer",
        "at",
        "body",
        "data_points",
        "duration_ms",
        "fault",
        "headers",
        "id",
        "key_name",
        "method",
        "objects",
        "path",
        "path_values",
        "points_by_field",
        "route",
        "status",
    )

    def __init__(self, entry_id: int, at: float, method: str, path: str) -> None:
        self.id = entry_id
        self.at = at
        self.method = method
        self.path = path
        # The path as the table of endpoints writes it (empty: not there), and what `{name}` stood for.
        self.route = ""
        self.path_values: dict[str, str] = {}
        self.key_name = ""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.status = 0
        self.answer = b""
        self.objects = 0
        self.data_points = 0
        self.points_by_field: dict[str, int] = {}
        self.duration_ms = 0.0
        self.fault = ""

    def header(self, name: bytes) -> str:
        """Return the first request header of a (lower-case) name, or an empty text."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name), "")

    def shown_headers(self) -> dict[str, str]:
        """Return the request headers without secrets."""
        return {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in self.headers
            if name.decode("latin-1") not in SECRET_HEADERS
        }


class Journal:
    """Newest entries last."""

    def __init__(self, entries_max: int, bytes_max: int) -> None:
        self._entries: deque[Entry] = deque()
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._next_id = 1

    def open(self, at: float, method: str, path: str) -> Entry:
        """Return a new entry, not yet listed."""
        entry = Entry(self._next_id, at, method, path)
        self._next_id += 1
        return entry

    def close(self, entry: Entry) -> None:
        """List an entry; the oldest make room."""
        self._entries.append(entry)
        self._bytes += len(entry.body) + len(entry.answer)
        while self._entries and (len(self._entries) > self._entries_max or self._bytes > self._bytes_max):
            gone = self._entries.popleft()
            self._bytes -= len(gone.body) + len(gone.answer)

    def after(self, entry_id: int, limit: int) -> Iterator[Entry]:
        """Yield up to `limit` entries with a higher id, oldest first."""
        found = 0
        for entry in self._entries:
            if entry.id > entry_id:
                yield entry
                found += 1
                if found == limit:
                    return

    def newest(self, limit: int) -> list[Entry]:
        """Return the last entries, newest first."""
        return list(reversed(self._entries))[:limit]
