"""/api/v1/totals: how often events happened and what they brought, a UTC day each, guests included."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from onefold.api.page import ID_MAX, ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_cursor
from onefold.api.right import SEE
from onefold.api.sources import find_source
from onefold.api.workspace import Here
from onefold.backends.embedded.event_totals import DIMENSIONS, EventTotal, Key, TotalsFilter
from onefold.clock import date_of, day_number
from onefold.errors import RequestError

Grouping = Literal["day", "source", "event", "currency", "total"]
By = Annotated[
    tuple[Grouping, ...],
    QueryParameter(description="What to count apart; may be given more than once. `total` alone: one sum."),
]
First = Annotated[date | None, QueryParameter(name="from", description="The first day (UTC), YYYY-MM-DD.")]
Last = Annotated[date | None, QueryParameter(name="to", description="The last day (UTC), YYYY-MM-DD.")]
Source = Annotated[str, QueryParameter(max_length=100, description="Id or name of a source; all without.")]
EventName = Annotated[str, QueryParameter(max_length=1000, description="Events of this name; all without.")]
Currency = Annotated[str, QueryParameter(max_length=3, description="Events that brought such; all without.")]
_Piece = Annotated[int, msgspec.Meta(ge=-ID_MAX, le=ID_MAX)] | str


class Revenue(msgspec.Struct, frozen=True):
    """An exact sum in one currency."""

    currency: str
    amount: str


class TotalView(msgspec.Struct, frozen=True):
    """Events of one group; what it is not grouped by is null."""

    day: str | None
    """UTC, by when the event happened."""
    source_id: int | None
    source: str | None
    event: str | None
    """`$identify`, `$page` and such for events without a name; `(other)` for names beyond a source's thousand
    a day."""
    currency: str | None
    """Empty: events without revenue."""
    count: int
    revenue: list[Revenue]


def totals_filter(
    workspace: Here,
    *,
    first: First = None,
    last: Last = None,
    source: Source = "",
    event: EventName = "",
    currency: Currency = "",
) -> TotalsFilter:
    """As the parameters of a request say.

    Raises:
        RequestError: there is no such source.
    """
    source_id = find_source(workspace, source).id if source else None
    return TotalsFilter(_day(first), _day(last), source_id, event or None, currency.upper() or None)


@get("/", opt=SEE, sync_to_thread=True)
def list_totals(
    workspace: Here,
    wanted: NamedDependency[TotalsFilter],
    by: By = ("day",),
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> Page[TotalView]:
    """Events and revenue by day, newest first, or by what `by` says. Days are UTC.

    Guests' events count too. By day, a page reads the days that it shows; otherwise all that is asked for.
    """
    dimensions: list[str] = [name for name in DIMENSIONS if name in by]
    after = _read_key(cursor, dimensions)
    found = workspace.totals.page(dimensions, wanted, after=after, count_max=limit + 1)
    names = {one.id: one.name for one in workspace.sources.page()} if "source" in by else {}
    return page_of(found, limit, lambda one: _write_key(one.key(dimensions)), lambda one: _view(one, names))


def _day(day: date | None) -> int | None:
    return None if day is None else day_number(day)


def _write_key(key: Key) -> str:
    return msgspec.json.encode(key).decode()


def _read_key(cursor: str, dimensions: list[str]) -> Key | None:
    text = read_cursor(cursor)
    if not text:
        return None
    try:
        key = msgspec.json.decode(text, type=tuple[_Piece, ...])
    except msgspec.MsgspecError:
        key = ()
    kinds = [int if name in ("day", "source") else str for name in dimensions]
    if not key or [type(value) for value in key] != kinds:
        raise RequestError("api.bad_cursor", "That cursor is not one of ours.", field="cursor")
    return key


def _view(one: EventTotal, names: dict[int, str]) -> TotalView:
    return TotalView(
        day=None if one.day is None else date_of(one.day).isoformat(),
        source_id=one.source_id,
        source=None if one.source_id is None else names.get(one.source_id, ""),
        event=one.event,
        currency=one.currency,
        count=one.count,
        revenue=[Revenue(currency, format(amount, "f")) for currency, amount in one.revenue.items()],
    )


router = Router(
    "/totals",
    route_handlers=[list_totals],
    dependencies={"wanted": Provide(totals_filter, sync_to_thread=True)},
    tags=["Totals"],
)
