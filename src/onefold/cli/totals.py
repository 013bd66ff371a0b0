"""`onefold totals`: how often events happened and what they brought."""

from typing import Annotated

import typer

from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column
from onefold.model.json import JsonObject

DIMENSIONS: dict[str, Column] = {
    "day": ("Day (UTC)", "day"),
    "source": ("Source", "source"),
    "event": ("Event", "event"),
    "currency": ("Currency", "currency"),
}


def add_to(application: typer.Typer) -> None:
    """Register the command."""
    application.command("totals")(list_totals)


@reaching
def list_totals(
    reach: Reach,
    *,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT", help="day (unless said), source, event, currency or total; may be given again."
        ),
    ] = None,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, YYYY-MM-DD.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day, YYYY-MM-DD.")] = "",
    event: Annotated[str, typer.Option(metavar="NAME", help="Only events of this name.")] = "",
    source: Annotated[str, typer.Option(metavar="SOURCE", help="Only of this source, by name or id.")] = "",
    currency: Annotated[str, typer.Option(metavar="CODE", help="Only what brought this currency.")] = "",
    limit: Limit = 100,
    cursor: Cursor = "",
) -> None:
    """Show orders and revenue, or any other events, by day.

    Guests' events count too. Days are UTC, the newest first; revenue is exact, each currency by itself.
    """
    by = by or ["day"]
    columns: list[Column] = [
        *(column for name, column in DIMENSIONS.items() if name in by),
        ("Events", "count"),
        ("Revenue", _revenue),
    ]
    empty = "No such events were folded yet.\nSee how far the worker is: onefold status" + reach.flags()
    query = {"from": first, "to": last, "event": event, "source": source, "currency": currency, "by": by}
    reach.show_list("/api/v1/totals", columns, limit=limit, cursor=cursor, empty=empty, **query)


def _revenue(total: JsonObject) -> str:
    return ", ".join(f"{one['amount']} {one['currency']}" for one in total["revenue"])
