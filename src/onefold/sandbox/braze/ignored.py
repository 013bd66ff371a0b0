"""What Braze answers with success and then does not do: counted by reason, the latest kept to look at."""

from __future__ import annotations

from collections import deque

SAMPLES_MAX = 200


class IgnoredLog:
    """Silent no-ops by reason, with the last few hundred as samples."""

    def __init__(self) -> None:
        self.by_reason: dict[str, int] = {}
        self.samples: deque[dict[str, object]] = deque(maxlen=SAMPLES_MAX)

    def note(self, reason: str, request_id: int, who: str, field: str = "") -> None:
        """Count one, and keep it as the newest sample."""
        self.by_reason[reason] = self.by_reason.get(reason, 0) + 1
        self.samples.append({"reason": reason, "request_id": request_id, "who": who, "field": field})
