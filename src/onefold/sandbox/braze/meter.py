"""Data points as Braze would bill them, in all, by day and by field, and who was active in a month.

Each attribute written counts, changed or not; custom events and purchases count one each (a purchase
object of quantity N is N purchases); what the billing page lists as free does not. Source: fact sheet on
data points.
"""

from __future__ import annotations

from datetime import UTC, datetime

from onefold.sandbox.braze.profile import Profile

DAY_S = 86_400
# A workspace with more names than this is a mistake of the sender; the rest share one line.
FIELDS_MAX = 10_000
OTHER_FIELDS = "(other)"


class Meter:
    """Sums of data points and monthly active people."""

    def __init__(self) -> None:
        self.total = 0
        self.by_field: dict[str, int] = {}
        self._by_day: dict[int, int] = {}
        self.active_by_month: dict[int, int] = {}

    def add(self, profile: Profile, field: str, points: int, now: float) -> None:
        """Count points for one field of one person."""
        if points == 0:
            return
        self.total += points
        profile.data_points += points
        if field not in self.by_field and len(self.by_field) >= FIELDS_MAX:
            field = OTHER_FIELDS
        self.by_field[field] = self.by_field.get(field, 0) + points
        day = int(now // DAY_S)
        self._by_day[day] = self._by_day.get(day, 0) + points

    def note_active(self, profile: Profile, month: int) -> None:
        """Count a person once a month."""
        if profile.active_month != month:
            profile.active_month = month
            self.active_by_month[month] = self.active_by_month.get(month, 0) + 1

    def by_day(self) -> dict[str, int]:
        """Return points by UTC date."""
        return {
            datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat(): points
            for day, points in sorted(self._by_day.items())
        }


def month_of(now: float) -> int:
    """Return a month as `yyyymm`."""
    moment = datetime.fromtimestamp(now, UTC)
    return moment.year * 100 + moment.month
