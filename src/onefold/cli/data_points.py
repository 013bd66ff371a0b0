"""`onefold connections data-points`: what a connection spent and saved where fields are billed."""

from typing import Annotated

import typer

from onefold.cli.goal_path import connection_path
from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, print_json, print_table, print_text

ConnectionName = Annotated[str, typer.Argument(help="Its name or id.", metavar="CONNECTION")]
GROUPS: dict[str, Column] = {
    "day": ("Day (UTC)", "day"),
    "goal": ("Goal", lambda row: row["goal"] or f"{row['goal_id']} (deleted)"),
    "field": ("Field", "field"),
}


@reaching
def show_data_points(
    reach: Reach,
    *,
    connection: ConnectionName,
    by: Annotated[str, typer.Option(metavar="WHAT", help="day (unless said), goal or field.")] = "day",
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, YYYY-MM-DD.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day, YYYY-MM-DD.")] = "",
) -> None:
    """Show the data points that a connection spent, and those that sending only what changed saved.

    Days are UTC; the last 30 unless said.
    """
    query = {"by": by, "from": first, "to": last}
    with reach.client() as client:
        found = client.get(f"{connection_path(connection)}/data-points", **query)
    if reach.json:
        print_json(found)
        return
    columns: list[Column] = [GROUPS[found["by"]], ("Spent", "spent")]
    if found["by"] != "field":
        columns.append(("Saved", "saved"))
    if found["items"]:
        print_table(found["items"], columns)
    print_text(f"{found['from']} to {found['to']}: {found['spent']:,} spent, {found['saved']:,} saved.")
    for one in found["budget"]:
        print_text(
            f"Budget: {one['spent']:,} of {one['limit']:,} this {one['period']}, until {one['ends_at']}."
        )


@reaching
def list_budget_waiters(
    reach: Reach, *, connection: ConnectionName, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = ""
) -> None:
    """Show who waits for room in the budget, goal by goal; they are sent when there is some."""
    columns: list[Column] = [("Profile", "profile_id"), ("Goal", "goal")]
    path = f"{connection_path(connection)}/waiting-for-budget"
    reach.show_list(path, columns, limit=limit, cursor=cursor, empty="Nobody waits for room in the budget.")
