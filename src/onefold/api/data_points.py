"""GET /api/v1/connections/{c}/data-points: what was spent at a destination that bills, and saved."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.params import FromPath, QueryParameter

from onefold.api.goals import find_connection, goals_of
from onefold.api.right import SEE
from onefold.api.workspace import Here
from onefold.backends.embedded.data_points import KEPT_DAYS, PointsRow, PointsWanted
from onefold.clock import date_of, day_number, day_of, to_iso
from onefold.errors import RequestError
from onefold.model.budget import periods

DAYS_DEFAULT = 30

By = Literal["goal", "field", "day"]
First = Annotated[
    date | None,
    QueryParameter(
        name="from", description="The first day (UTC), YYYY-MM-DD; 30 days, the last included, unless said."
    ),
]
Last = Annotated[
    date | None, QueryParameter(name="to", description="The last day (UTC), YYYY-MM-DD; today unless said.")
]


class PointsView(msgspec.Struct, frozen=True):
    """Data points of one group; what it is not grouped by is null."""

    day: str | None
    goal_id: int | None
    goal: str | None
    """Empty for a goal that was deleted."""
    field: str | None
    """Of events the array that they went in: `events` or `purchases`."""
    spent: int
    saved: int | None
    """What sending every field whenever anything of a person changes would have cost beyond it; known by goal
    and day only."""


class BudgetPeriod(msgspec.Struct, frozen=True):
    """A day or a month of the budget that runs now, in its time zone."""

    period: Literal["day", "month"]
    spent: int
    limit: int
    ends_at: str


class DataPoints(msgspec.Struct, frozen=True):
    """Data points of a connection in days of UTC, as we read the rules of the destination."""

    first: str = msgspec.field(name="from")
    last: str = msgspec.field(name="to")
    by: By
    spent: int
    saved: int
    items: list[PointsView]
    budget: list[BudgetPeriod]
    """Empty without a budget."""


@get("/{connection:str}/data-points", opt=SEE, sync_to_thread=True)
def show_data_points(
    workspace: Here,
    connection: FromPath[str],
    by: Annotated[By, QueryParameter(description="What to count apart.")] = "day",
    first: First = None,
    last: Last = None,
) -> DataPoints:
    """What was spent at a destination that bills by field, and what the ledger saved; kept for 800 days."""
    found = find_connection(workspace, connection)
    end = last or date_of(day_of(workspace.clock()))
    begin = first or date.fromordinal(max(1, end.toordinal() - DAYS_DEFAULT + 1))
    if begin > end or (end - begin).days > KEPT_DAYS:
        message = f"`from` must not be behind `to`, and at most {KEPT_DAYS} days before it."
        raise RequestError("api.bad_request", message, field="from")
    days = day_number(begin), day_number(end)
    rows = workspace.delivery.data_points(found.id, PointsWanted(*days, by))
    totals = rows
    if by == "field":
        totals = workspace.delivery.data_points(found.id, PointsWanted(*days, "goal"))
    names = {goal.id: goal.name for goal in goals_of(workspace, found)}
    return DataPoints(
        *(begin.isoformat(), end.isoformat(), by),
        sum(row.spent for row in totals),
        sum(row.saved for row in totals),
        [_view(row, names) for row in rows],
        [
            BudgetPeriod(
                one.name, workspace.delivery.spent_since(found.id, one.begin), one.limit, to_iso(one.end)
            )
            for one in periods(found.budget, workspace.clock())
        ],
    )


def _view(row: PointsRow, names: dict[int, str]) -> PointsView:
    return PointsView(
        None if row.day is None else date_of(row.day).isoformat(),
        row.goal_id,
        None if row.goal_id is None else names.get(row.goal_id, ""),
        row.field,
        row.spent,
        row.saved if row.field is None else None,
    )
