"""`onefold runs`: long work, its progress and its end."""

from typing import Annotated

import typer

from onefold.cli.path import piece
from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, print_json, print_text
from onefold.model.json import JsonObject

group = typer.Typer(help="Long work: imports, fills, replays, backups.", no_args_is_help=True)

PATH = "/api/v1/runs"
RunId = Annotated[str, typer.Argument(help="Its id.", metavar="RUN")]


def _progress(run: JsonObject) -> str:
    if not run["total"]:
        return f"{run['done']:,} {run['unit']}".strip() if run["done"] else ""
    return f"{run['done']:,} of {run['total']:,} {run['unit']}"


COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Kind", "kind"),
    ("Subject", "subject"),
    ("State", "state"),
    ("Progress", _progress),
    ("Passed", "passed"),
    ("Rejected", "rejected"),
    ("Began", "started_at"),
    ("Ended", "ended_at"),
]


@group.command("list")
@reaching
def list_runs(reach: Reach, limit: Limit = 20, cursor: Cursor = "") -> None:
    """Show the runs, newest first."""
    empty = f"No run yet. One of them: onefold import FILE --mapping MAPPING{reach.flags()}"
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty)


@group.command("show")
@reaching
def show_run(reach: Reach, run_id: RunId) -> None:
    """Show one run."""
    run = reach.ask("GET", f"{PATH}/{piece(run_id)}")
    reach.show_fields(run)


@group.command("cancel")
@reaching
def cancel_run(reach: Reach, run_id: RunId) -> None:
    """Ask a run to stop; what it did so far stays."""
    run = reach.ask("POST", f"{PATH}/{piece(run_id)}/cancel")
    reach.show(run, f"{run_id} is being cancelled; what it did so far stays.")


@group.command("follow")
@reaching
def follow_run(reach: Reach, run_id: RunId) -> int:
    """Show a run until it ends; Ctrl-C cancels it."""
    from onefold.cli.progress import exit_code_of_run, follow, words_of_run

    with reach.client() as client:
        run = client.get(f"{PATH}/{piece(run_id)}")
        run = follow(client, run_id, f"{run['kind']} {run['subject']}")
    if reach.json:
        print_json(run)
    else:
        print_text(words_of_run(run))
    return exit_code_of_run(run)
