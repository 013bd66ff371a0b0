"""`onefold connections goals`: what a connection achieves."""

from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.comparisons import compare_goal
from onefold.cli.given import refuse_nothing
from onefold.cli.goal_options import CompareFirst, GoalOptions, read_goal
from onefold.cli.goal_path import ConnectionName, GoalName, goal_path, goals_path
from onefold.cli.goal_preview import preview_goal
from onefold.cli.goal_runs import COMMANDS
from onefold.cli.reach import Reach, reaching
from onefold.cli.show import Column
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

group = typer.Typer(help="Goals: what a connection achieves.", no_args_is_help=True)

group.command("preview")(reaching(preview_goal))
File = Annotated[
    Path | None,
    typer.Option(
        help="JSON: {kind, name, enabled, segment_id, purpose, mappings, event_mappings, match, settings, "
        "preset, schedule, intake, compare_first}; - reads stdin.",
        metavar="FILE",
    ),
]
ChangeFile = Annotated[
    Path | None,
    typer.Option(
        help="JSON: {name, enabled, segment_id, purpose, mappings, event_mappings, match, settings, "
        "schedule, intake, compare_first}; - reads stdin.",
        metavar="FILE",
    ),
]
Kind = Annotated[
    str,
    typer.Argument(
        help="export, events, subscriptions, deletions, import, currents or call.", metavar="KIND"
    ),
]
Preset = Annotated[
    str, typer.Option(metavar="NAME", help="Begin with a ready template, such as braze_campaign.")
]


def _people(goal: JsonObject) -> str:
    consent = f", with consent to {goal['purpose']}" if goal["purpose"] else ""
    return f"{goal['segment'] or 'everyone'}{consent}"


def _state(goal: JsonObject) -> str:
    state = goal["status"]["state"]
    return state if state in ("failed", "paused", "limited") else _progress(goal["progress"])


def _progress(progress: JsonObject) -> str:
    if progress["state"] == "reading":
        return f"reading record {progress['done']:,} of {progress['total']:,}"
    if progress["state"] in ("reading_back", "halted"):
        words = (
            "reading back" if progress["state"] == "reading_back" else "halted: reading back was cancelled at"
        )
        return f"{words} {progress['done']:,} of {progress['total']:,}"
    if progress["state"] == "comparing":
        return f"comparing {progress['done']:,} of {progress['total']:,}"
    behind = f", {progress['behind']:,} behind" if progress["behind"] else ""
    return f"{progress['state']}{behind}"


COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Name", "name"),
    ("Kind", "kind"),
    ("State", _state),
    ("For", _people),
    ("Passed", "counts.passed"),
    ("Filtered", "counts.filtered"),
    ("Rejected", "counts.rejected"),
    ("Waiting", "counts.deferred"),
    ("Runs", "runs"),
    ("Next", "next_run"),
    ("Fields", lambda goal: ", ".join(row["field"] for row in goal["mappings"])),
    ("Message", lambda goal: goal["status"]["message"] if goal["enabled"] else ""),
]


@group.command("list")
@reaching
def list_goals(reach: Reach, connection: ConnectionName) -> None:
    """Show the goals of a connection, in their order."""
    example = f"onefold connections goals add {connection} export --map email=identifier:email"
    empty = f"No goal yet: nothing is sent.\nMake one: {example}{reach.flags()}"
    reach.show_page(reach.ask("GET", goals_path(connection)), COLUMNS, empty=empty)


@group.command("add")
@reaching
def add_goal(
    reach: Reach,
    *,
    connection: ConnectionName,
    kind: Kind = "",
    file: File = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="A name for people.")] = "",
    preset: Preset = "",
    options: GoalOptions,
    on: Annotated[bool, typer.Option("--on", help="Turn it on at once.")] = False,
) -> None:
    """Add a goal to a connection; it is off until it is turned on."""
    with reach.client() as client:
        body = read_goal(client, options, file=file, name=name)
        if kind:
            body["kind"] = kind
        if preset:
            body["preset"] = preset
        if not body.get("kind"):
            hint = "For Braze: export (attributes), events, deletions or import. For an HTTP API: call."
            raise OnefoldError("cli.usage", "A goal needs a kind.", hint=hint)
        body.setdefault("name", body["kind"])
        if on:
            body["enabled"] = True
        made = client.post(goals_path(connection), body)
    state = "on" if made["enabled"] else "off"
    next_step = f"\nTurn it on: onefold connections goals on {connection} {made['id']}{reach.flags()}"
    said = f"Goal {made['name']} (id {made['id']}) is {state}.{_start(made)}{'' if on else next_step}"
    reach.show(made, said + _hint(made))


@group.command("update")
@reaching
def update_goal(
    reach: Reach,
    *,
    connection: ConnectionName,
    goal: GoalName,
    file: ChangeFile = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Another name.")] = "",
    options: GoalOptions,
) -> None:
    """Change a goal; --map replaces all its fields, --event and --property all rows of its events.

    Everyone is compared with the ledger again.
    """
    path = goal_path(connection, goal)
    with reach.client() as client:
        body = read_goal(client, options, file=file, name=name, kept=client.get(path))
        refuse_nothing(body, "connections goals update")
        changed = client.patch(path, body)
    reach.show(changed, f"Goal {changed['name']} is changed.")


@group.command("on")
@reaching
def turn_on(
    reach: Reach, connection: ConnectionName, goal: GoalName, compare_first: CompareFirst = None
) -> None:
    """Let a goal deliver."""
    also = {} if compare_first is None else {"compare_first": compare_first}
    path = goal_path(connection, goal)
    reach.turn(path, "Goal", is_on=True, more=lambda goal: _start(goal) + _hint(goal), also=also)


@group.command("off")
@reaching
def turn_off(reach: Reach, connection: ConnectionName, goal: GoalName) -> None:
    """Pause a goal: what is due is kept until it is on again."""
    reach.turn(goal_path(connection, goal), "Goal", is_on=False)


@group.command("stop")
@reaching
def stop_goal(reach: Reach, connection: ConnectionName, goal: GoalName) -> None:
    """Turn a goal off and drop what is due."""
    with reach.client() as client:
        changed = client.post(f"{goal_path(connection, goal)}/stop")
    reach.show(changed, f"Goal {changed['name']} is stopped: what was due is dropped.")


@group.command("resync")
@reaching
def resync_goal(reach: Reach, connection: ConnectionName, goal: GoalName) -> None:
    """Send everything of everyone again; each field costs once more."""
    with reach.client() as client:
        changed = client.post(f"{goal_path(connection, goal)}/resync")
    reach.show(changed, f"Goal {changed['name']} sends everything again.")


@group.command("order")
@reaching
def order_goals(
    reach: Reach,
    connection: ConnectionName,
    wanted: Annotated[
        list[str],
        typer.Argument(help="Names or ids of goals; the others follow as they are.", metavar="GOAL..."),
    ],
) -> None:
    """Put goals first, in this order: of one person, the fields of an earlier goal go first."""
    path = goals_path(connection)
    with reach.client() as client:
        kept = [goal["id"] for goal in client.get(path)["items"]]
        first = [client.get(goal_path(connection, goal))["id"] for goal in wanted]
        # Each once, also where one was named twice.
        page = client.put(f"{path}/order", {"goals": list(dict.fromkeys([*first, *kept]))})
    reach.show_page(page, COLUMNS, empty="No goal yet.")


@group.command("delete")
@reaching
def delete_goal(reach: Reach, connection: ConnectionName, goal: GoalName) -> None:
    """Remove a goal; what it sent stays sent."""
    reach.ask("DELETE", goal_path(connection, goal))
    reach.show({"deleted": goal}, f"Goal {goal} is deleted. What it sent stays sent.")


for name, command in {**COMMANDS, "compare": compare_goal}.items():
    group.command(name)(command)


def _hint(goal: JsonObject) -> str:
    """What to think of before it sends for the first time."""
    return f"\n{goal['hint']}" if goal["hint"] else ""


def _start(goal: JsonObject) -> str:
    """From when on it sends, where more was asked for than there is."""
    start = goal["settings"].get("start")
    if not goal["enabled"] or start not in ("beginning", "since") or not goal["starts_at"]:
        return ""
    if start == "since":
        return f"\nIt sends events from {goal['starts_at']} on."
    return f"\nIt sends events received from {goal['starts_at']} on: older ones are gone from the log."
