"""`onefold runs`: long work, its progress and its end."""

from typing import Annotated

import typer

from onefold.cli.comparisons import show_comparison
from onefold.cli.path import piece
from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, print_json, print_text
from onefold.model.json import JsonObject

group = typer.Typer(help="Long work: runs of goals, imports, fills, replays, backups.", no_args_is_help=True)

PATH = "/api/v1/runs"
RunId = Annotated[str, typer.Argument(help="Its id.", metavar="RUN")]


def _progress(run: JsonObject) -> str:
    if not run["total"]:
        return f"{run['done']:,} {run['unit']}".strip() if run["done"] else ""
    return f"{run['done']:,} of {run['total']:,} {run['unit']}"


def _subject(run: JsonObject) -> str:
    if run["goal"]:
        return f"{run['connection']}, {run['goal']}"
    return str(run["segment"] or run["subject"])


COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Kind", "kind"),
    ("Subject", _subject),
    ("By", lambda run: run["by"] or run["trigger"]),
    ("State", "state"),
    ("Progress", _progress),
    ("Passed", "passed"),
    ("Filtered", "filtered"),
    ("Rejected", "rejected"),
    ("Waiting", "deferred"),
    ("Began", "started_at"),
    ("Ended", "ended_at"),
]


@group.command("list")
@reaching
def list_runs(
    reach: Reach,
    *,
    kind: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="Only goal, comparison, intake, intake_preview, feedback, import, segment_fill, replay, "
            "backup, retention or erasure.",
        ),
    ] = "",
    connection: Annotated[
        str, typer.Option(metavar="NAME", help="Only runs of goals of this connection (name or id).")
    ] = "",
    goal: Annotated[
        str, typer.Option(metavar="NAME", help="Only runs of this goal (id, or name with --connection).")
    ] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> None:
    """Show the runs, newest first."""
    empty = f"No run yet. One of them: onefold import FILE --mapping MAPPING{reach.flags()}"
    given = {"kind": kind, "connection": connection, "goal": goal}
    query = {name: value for name, value in given.items() if value}
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty, **query)


@group.command("show")
@reaching
def show_run(reach: Reach, run_id: RunId) -> None:
    """Show one run."""
    run = reach.ask("GET", f"{PATH}/{piece(run_id)}")
    reach.show_fields(run)


@group.command("samples")
@reaching
def show_samples(reach: Reach, run_id: RunId) -> None:
    """Show some items of a goal's run: ours, what was sent, what was answered. Holds personal data."""
    with reach.client() as client:
        found = client.get(f"{PATH}/{piece(run_id)}/samples")
    columns: list[Column] = [
        ("Outcome", "outcome"),
        ("Code", "code"),
        ("Profile", "profile_id"),
        ("Message id", "message_id"),
        ("Ours", "ours"),
        ("Request", "request"),
        ("Answer", "answer"),
    ]
    empty = "Nothing of it is kept: it had no items, or its time is over."
    reach.show_page({"next_cursor": None, **found}, columns, empty=empty)


group.command("comparison")(show_comparison)


@group.command("retry")
@reaching
def retry_run(
    reach: Reach,
    run_id: RunId,
    code: Annotated[str, typer.Option(metavar="CODE", help="Only what was rejected for this reason.")] = "",
) -> int:
    """Send what a goal's run saw rejected on its way again, or let an erasure that failed go on.

    Exit code 1 if something was refused again.
    """
    from onefold.cli.dead_letters import replay_selected
    from onefold.cli.work import finish

    wanted = {"run": run_id, **({"code": code} if code else {})}
    with reach.client() as client:
        if client.get(f"{PATH}/{piece(run_id)}")["kind"] == "erasure":
            run = client.post(f"{PATH}/{piece(run_id)}/retry")
            return finish(reach, client, run, "Erasing", detach=False)
        return replay_selected(reach, client, wanted)


@group.command("cancel")
@reaching
def cancel_run(reach: Reach, run_id: RunId) -> None:
    """Ask a run to stop; what it did so far stays, and what it has not sent is not sent."""
    run = reach.ask("POST", f"{PATH}/{piece(run_id)}/cancel")
    reach.show(run, f"{run_id} is being cancelled; what it did so far stays.")


@group.command("follow")
@reaching
def follow_run(reach: Reach, run_id: RunId) -> int:
    """Show a run until it ends; Ctrl-C cancels it."""
    from onefold.cli.progress import exit_code_of_run, follow, words_of_run

    with reach.client() as client:
        run = client.get(f"{PATH}/{piece(run_id)}")
        run = follow(client, run_id, f"{run['kind']} {run['segment'] or run['subject']}")
    if reach.json:
        print_json(run)
    else:
        print_text(words_of_run(run))
    return exit_code_of_run(run)
