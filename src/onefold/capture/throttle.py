"""How much one source may send: a token bucket with one second of burst, so that none starves the others."""

from math import ceil

from onefold.clock import MINUTE, SECOND
from onefold.model.source import Source


class Throttle:
    """One bucket a source. A batch larger than what is left passes and leaves a debt, or it never could."""

    def __init__(self) -> None:
        self._buckets: dict[int, tuple[float, int]] = {}

    def retry_after_s(self, source: Source, now: int) -> int:
        """0 if the source may send now, else the whole seconds it has to wait."""
        tokens = self._tokens(source, now)
        return 0 if tokens > 0 else max(1, ceil(-tokens / source.rate_per_s))

    def take(self, source: Source, events: int, now: int) -> None:
        """Note that so many events were taken in."""
        self._buckets[source.id] = (self._tokens(source, now) - events, now)

    def _tokens(self, source: Source, now: int) -> float:
        tokens, at = self._buckets.get(source.id, (float(source.rate_per_s), now))
        return min(source.rate_per_s, tokens + max(0, now - at) * source.rate_per_s / SECOND)


class LetterAllowance:
    """How many dead letters a source may still write this minute."""

    def __init__(self, per_minute_max: int) -> None:
        self._per_minute_max = per_minute_max
        self._minute = 0
        self._written: dict[int, int] = {}

    def take(self, source_id: int, now: int) -> bool:
        """True if one more may be written; it is counted then."""
        minute = now // MINUTE
        if minute != self._minute:
            self._minute = minute
            self._written.clear()
        written = self._written.get(source_id, 0)
        if written >= self._per_minute_max:
            return False
        self._written[source_id] = written + 1
        return True
