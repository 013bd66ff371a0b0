"""`onefold connections goals audiences`, `fields`, `import`: bringing people in from a provider."""

from typing import Annotated

import typer

from onefold.cli.goal_path import ConnectionName, GoalName, connection_path, goal_path
from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, print_json, print_table, print_text
from onefold.model.json import JsonObject
from onefold.runtime.exit_code import ExitCode

group = typer.Typer()
"""Its commands stand among those of goals."""

AUDIENCES: list[Column] = [("Id", "id"), ("Name", "name"), ("People", "size")]
FIELDS: list[Column] = [
    ("Field", "name"),
    ("Title", "title"),
    ("Type", "type"),
    ("Says who", lambda field: "yes" if field["is_identifier"] else ""),
    ("Help", "help"),
]
SAMPLES: list[Column] = [
    ("Who", lambda one: ", ".join(f"{kind} {value}" for kind, value in one["identifiers"].items())),
    ("Profile", lambda one: one["profile_id"] or "new"),
    (
        "Changes",
        lambda one: "\n".join(f"{c['trait']}: {c['before']} -> {c['after']}" for c in one["changes"]),
    ),
]


@group.command("audiences")
@reaching
def list_audiences(
    reach: Reach,
    *,
    connection: ConnectionName,
    search: Annotated[str, typer.Option(metavar="TEXT", help="A part of the name.")] = "",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> None:
    """Show what an import goal may bring in: of Braze, its segments."""
    path = f"{connection_path(connection)}/audiences"
    empty = "Nothing of that name there."
    reach.show_list(path, AUDIENCES, limit=limit, cursor=cursor, empty=empty, search=search)


@group.command("fields")
@reaching
def list_fields(reach: Reach, connection: ConnectionName) -> None:
    """Show which fields an import goal can read."""
    with reach.client() as client:
        found = client.get(f"{connection_path(connection)}/fields")
    if reach.json:
        print_json(found)
    else:
        print_table(found["items"], FIELDS)


@group.command("import")
@reaching
def import_goal(
    reach: Reach,
    *,
    connection: ConnectionName,
    goal: GoalName,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what it would change.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it to its end.")] = True,
) -> int:
    """Run a goal that brings people or events in. Ctrl-C cancels it."""
    from onefold.cli.progress import follow
    from onefold.cli.work import finish, show_end

    title = f"{goal} of {connection}"
    with reach.client() as client:
        run = client.post(f"{goal_path(connection, goal)}/import", {"preview": preview})
        if not (preview and wait):
            return finish(reach, client, run, title, detach=not wait)
        run = follow(client, run["id"], title)
        if run["state"] != "succeeded":
            return show_end(reach, run)
        report = client.get(f"/api/v1/runs/{run['id']}/preview")
    if reach.json:
        print_json({"run": run, "preview": report})
        return ExitCode.OK
    code = show_end(reach, run)
    _print_preview(report)
    return code


def _print_preview(report: JsonObject) -> None:
    changes = [{"trait": trait, "people": people} for trait, people in report["changes"].items()]
    if changes:
        print_text("")
        print_table(changes, [("Trait", "trait"), ("People for whom it changes", "people")])
    if report["samples"]:
        print_text("")
        print_table(report["samples"], SAMPLES)
    for reason, count in report["reasons"].items():
        print_text(f"{count} refused: {reason}")
