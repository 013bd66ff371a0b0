"""How often, and at what hours, a goal of moments writes to one person.

In: the goal's settings, the times at which it wrote to the person before, now. Out: whether it may, and when.
Times are kept as marks of a ledger, a mark a call: what was refused is a negative one and does not count.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from onefold.clock import MINUTE, SECOND, read_zone
from onefold.model.json import JsonValue
from onefold.plugin.courtesy import Cap, read_cap, read_minute

_UTC = ZoneInfo("UTC")


class Courtesy:
    """The settings of one goal, read."""

    def __init__(self, settings: Mapping[str, JsonValue]) -> None:
        given = settings.get("caps")
        caps = [read_cap(str(one)) for one in given] if isinstance(given, list) else []
        self._caps: list[Cap] = [cap for cap in caps if cap is not None]
        self._span_max = max((cap.span for cap in self._caps), default=0)
        self._from = read_minute(str(settings.get("quiet_from") or ""))
        self._until = read_minute(str(settings.get("quiet_until") or ""))
        self._zone = read_zone(str(settings.get("quiet_zone") or "UTC")) or _UTC
        self._zone_trait = str(settings.get("quiet_zone_trait") or "")
        self.drops = settings.get("quiet_then") == "drop"

    @property
    def has_caps(self) -> bool:
        """Whether times are to be kept at all."""
        return bool(self._caps)

    def is_over(self, marks: Mapping[str, int], at: int) -> bool:
        """Whether one more at that time would be too many."""
        times = marks.values()
        return any(sum(time > at - cap.span for time in times) >= cap.times for cap in self._caps)

    def mark(self, marks: Mapping[str, int], key: str, at: int) -> dict[str, int | None]:
        """What the ledger notes of one more; times that no limit asks about any more go."""
        old: dict[str, int | None] = {
            one: None for one, time in marks.items() if abs(time) <= at - self._span_max
        }
        return {**old, key: at}

    def quiet_until(self, at: int, traits: Mapping[str, JsonValue]) -> int:
        """When the quiet hours that hold at that time are over; 0: they do not."""
        if self._from is None or self._until is None:
            return 0
        own = traits.get(self._zone_trait) if self._zone_trait else None
        zone = (read_zone(own) if isinstance(own, str) else None) or self._zone
        local = datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone)
        minute = local.hour * 60 + local.minute
        runs_over_midnight = self._from > self._until
        is_evening = minute >= self._from
        is_quiet = (
            is_evening or minute < self._until if runs_over_midnight else self._from <= minute < self._until
        )
        if not is_quiet:
            return 0
        end = local.replace(hour=self._until // 60, minute=self._until % 60, second=0, microsecond=0, fold=0)
        if runs_over_midnight and is_evening:
            end += timedelta(days=1)
        return _after(at, end)


def _after(at: int, end: datetime) -> int:
    """The end as a time; where clocks are put back, it comes twice, and the one still to come is meant."""
    for fold in (0, 1):
        found = int(end.replace(fold=fold).timestamp()) * SECOND
        if found > at:
            return found
    return at + MINUTE
