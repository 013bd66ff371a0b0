"""How often events happened and what they brought, a UTC day, source, name and currency each. Read-only.

In: what to group by, what to leave out. Out: sums, guests' events included, exact to the cent. A page by day
reads the days that it shows; any other grouping passes over the rows of all days asked for.
"""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from typing import Literal

import msgspec

from onefold.backends.embedded.file import File

Dimension = Literal["day", "source", "event", "currency"]
Key = tuple[int | str, ...]
"""What a group has of each dimension that it is grouped by, in the order of `DIMENSIONS`."""
DIMENSIONS: dict[str, str] = {"day": "day", "source": "source_id", "event": "event", "currency": "currency"}
"""Dimension -> column. A page follows this order."""
_ORDER = {"day": "day desc"}
_AFTER = {"day": "-day"}
"""The newest day comes first, everything else in its own order."""
_ROW = "day, source_id, event, currency, count, revenue"
_FILTERS = {
    "first_day": "day >= ?",
    "last_day": "day <= ?",
    "source_id": "source_id = ?",
    "event": "event = ?",
    "currency": "currency = ?",
}


class TotalsFilter(msgspec.Struct, frozen=True):
    """Which events; None = any. Days are UTC days since 1970-01-01, both included."""

    first_day: int | None = None
    last_day: int | None = None
    source_id: int | None = None
    event: str | None = None
    currency: str | None = None


class EventTotal(msgspec.Struct, frozen=True):
    """One group; of what it is not grouped by it says nothing."""

    count: int
    revenue: dict[str, Decimal]
    """By currency; events without revenue add nothing."""
    day: int | None = None
    source_id: int | None = None
    event: str | None = None
    currency: str | None = None

    def key(self, by: Collection[str]) -> Key:
        """Where it stands in the order of its page."""
        return tuple(getattr(self, column) for name, column in DIMENSIONS.items() if name in by)


class EmbeddedEventTotals:
    """Answers out of `state.db`; safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._file = File(data_dir, "state")

    def page(
        self,
        by: Collection[str],
        wanted: TotalsFilter | None = None,
        *,
        after: Key | None = None,
        count_max: int = 1000,
    ) -> list[EventTotal]:
        """The groups behind a key, the newest day first; by nothing: one sum of all, if there is any."""
        names = [name for name in DIMENSIONS if name in by]
        query, values = _query(names, wanted or TotalsFilter(), after)
        with self._file.read() as connection:
            if connection is None:
                return []
            return list(islice(_groups(connection.execute(query, values), names), count_max))

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def _query(names: list[str], wanted: TotalsFilter, after: Key | None) -> tuple[str, list[int | str]]:
    given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
    conditions, values = [_FILTERS[name] for name in given], list(given.values())
    if after:
        columns = ", ".join(_AFTER.get(name, DIMENSIONS[name]) for name in names)
        marks = ", ".join("-?" if name == "day" else "?" for name in names)
        conditions.append(f"({columns}) > ({marks})")
        values += after
        if names[0] == "day":
            conditions.append("day <= ?")  # says nothing new, but is what the index understands
            values.append(after[0])
    query = f"select {_ROW} from event_total"
    if conditions:
        query += f" where {' and '.join(conditions)}"
    if names:
        query += " order by " + ", ".join(_ORDER.get(name, DIMENSIONS[name]) for name in names)
    return query, values


def _groups(rows: Iterable[tuple[int, int, str, str, int, str]], names: list[str]) -> Iterator[EventTotal]:
    columns = list(DIMENSIONS)
    places = [columns.index(name) for name in names]
    for key, group in groupby(rows, lambda row: [row[place] for place in places]):
        count, revenue = 0, dict[str, Decimal]()
        for *_, currency, times, amount in group:
            count += times
            if currency:
                revenue[currency] = revenue.get(currency, Decimal(0)) + Decimal(amount)
        said = dict(zip((DIMENSIONS[name] for name in names), key, strict=True))
        yield EventTotal(count, dict(sorted(revenue.items())), **said)
