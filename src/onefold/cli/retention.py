"""`onefold retention`: how far back the log goes, and shortening it by hand."""

from typing import Annotated

import typer

from onefold.cli.reach import Reach, reaching
from onefold.model.json import JsonObject

group = typer.Typer(help="How far back the log goes.", no_args_is_help=True)

PATH = "/api/v1/retention"


@group.command("show")
@reaching
def show_retention(reach: Reach) -> None:
    """Show how far back the log goes and which base snapshot stands for the rest."""
    found = reach.ask("GET", PATH)
    reach.show(found, _words(found))


@group.command("run")
@reaching
def run_retention(
    reach: Reach,
    days: Annotated[
        int | None,
        typer.Option(min=0, help="Keep so many days, this once; log.retention_days unless given."),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave it to the server: do not wait for its end.")
    ] = False,
) -> int:
    """Take a base snapshot of the state, then let the older records go.

    What the worker or a goal has not read yet stays. With --days 0 all that is folded and read goes: the way
    to make room at once.
    """
    from onefold.cli.work import finish

    with reach.client() as client:
        run = client.post(PATH, {} if days is None else {"days": days})
        return finish(reach, client, run, "Shortening the log", detach=detach)


def _words(found: JsonObject) -> str:
    kept = f"{found['retention_days']} days" if found["retention_days"] else "everything"
    lines = [f"Kept: {kept}."]
    if found["first_at"]:
        records = f"{found['first_offset']:,} to {found['end_offset']:,}"
        lines.append(f"The log holds records {records}, received since {found['first_at']}.")
    base = found["base"]
    if base:
        lines.append(
            f"The base snapshot of {base['made_at']} ({base['size']:,} bytes) holds what the records up to "
            f"{base['offset']:,} said."
        )
    return "\n".join(lines)
