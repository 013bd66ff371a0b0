"""`onefold connections goals compare`, `onefold runs comparison`: what a destination holds of people."""

from typing import TYPE_CHECKING, Annotated

import typer

from onefold.cli.goal_path import ConnectionName, GoalName, goal_path
from onefold.cli.goal_runs import is_served
from onefold.cli.path import piece
from onefold.cli.reach import Reach, reaching
from onefold.cli.show import Column, note, print_json, print_raw, safe, table_text
from onefold.cli.work import Detach
from onefold.model.json import JsonObject, JsonValue

if TYPE_CHECKING:
    from onefold.cli.client import Client

RunId = Annotated[str, typer.Argument(help="Its id.", metavar="RUN")]
FIELDS: list[Column] = [
    ("Field", "field"),
    ("Same", "same"),
    ("Differs", "differs"),
    ("Missing there", "missing"),
    ("Unexpected there", "unexpected"),
    ("Refused", "refused"),
    ("Changed there", "drifted"),
]
PEOPLE: list[Column] = [
    ("Profile", "profile_id"),
    ("Field", "field"),
    ("State", "state"),
    ("Ours", "ours"),
    ("Theirs", "theirs"),
]


@reaching
def compare_goal(
    reach: Reach,
    *,
    connection: ConnectionName,
    goal: GoalName,
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample", metavar="N", min=1, help="So many people, evenly spread; 1,000 unless given."
        ),
    ] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Everyone whom the goal has sent.")] = False,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Believe what was read, and send what differs."),
    ] = False,
    detach: Detach = False,
) -> int:
    """Compare what the destination really holds with what the goal would send.

    Without --repair nothing is sent. Ctrl-C cancels it; what was found is kept. Shows personal data of a few
    people.
    """
    from onefold.cli.progress import exit_code_of_run, follow, words_of_run

    path = f"{goal_path(connection, goal)}/comparisons"
    body: JsonObject = {"all": everyone, "repair": repair} | ({} if sample is None else {"sample": sample})
    with reach.client() as client:
        run = client.post(path, body)
        if not reach.url and not is_served(reach):
            note("No server runs: it begins once one does.")
            detach = True
        if detach:
            reach.show(run, f"Run {run['id']}. See it: onefold runs comparison {run['id']}{reach.flags()}")
            return 0
        note(f"Comparing as {run['id']}. Ctrl-C cancels it, and so does: onefold runs cancel {run['id']}")
        run = follow(client, run["id"], f"Comparing {goal}")
        if run["state"] != "succeeded":
            note(words_of_run(run))
        if run["state"] != "skipped":
            _show(reach, client, run["id"])
        elif reach.json:
            print_json(run)
    return exit_code_of_run(run)


@reaching
def show_comparison(reach: Reach, run_id: RunId) -> None:
    """Show what a comparison found: people, fields, some who differ. Holds personal data."""
    with reach.client() as client:
        _show(reach, client, run_id)


def _show(reach: Reach, client: "Client", run_id: str) -> None:
    report = client.get(f"/api/v1/runs/{piece(run_id)}/comparison")
    if reach.json:
        print_json(report)
    else:
        print_raw(text_of(report))


def text_of(report: JsonObject) -> str:
    """A report for people."""
    import sys

    found = report["comparison"]
    lines = [*map(safe, _people(found)), ""]
    if found["fields"]:
        lines += [table_text(found["fields"], FIELDS, stream=sys.stdout), ""]
    if found["unread"]:
        lines += [f"Not told by the destination, so not compared: {safe(', '.join(found['unread']))}", ""]
    rows = [
        {"profile_id": one["profile_id"], **field} for one in report["samples"] for field in one["fields"]
    ]
    if rows:
        lines += ["Some of them:", table_text(rows, PEOPLE, stream=sys.stdout), ""]
    run = found["run"]
    if found["repair"]:
        lines.append(f"Sent: {run['passed']:,}, waiting: {run['deferred']:,}, rejected: {run['rejected']:,}.")
    elif found["differing"] or found["missing"]:
        lines.append("Nothing was sent. --repair believes what was read, and sends what differs.")
    return "\n".join(lines)


def _people(found: JsonObject) -> list[str]:
    whom = f"A sample of at most {found['sample']:,}" if found["sample"] else "Everyone"
    counts = [
        f"{found['people']:,} people",
        f"{found['same']:,} as they should be",
        f"{found['differing']:,} differ",
        f"{found['missing']:,} not there",
    ]
    left_out: list[JsonValue] = [f"{one['count']:,} left out ({one['code']})" for one in found["left_out"]]
    return [f"{whom}: {', '.join([*counts, *left_out])}."]
