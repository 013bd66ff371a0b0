"""`onefold connections`: accounts of destinations, and what they achieve."""

from pathlib import Path
from typing import Annotated

import typer

from onefold.cli import calls, connection_documents, data_points, goals, intakes
from onefold.cli.budget import text_of_budget
from onefold.cli.connection_options import ConnectionOptions, Secret, Set, read_account, read_connection
from onefold.cli.given import refuse_nothing
from onefold.cli.path import piece
from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, note, print_json, print_table, print_text
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject
from onefold.runtime.exit_code import ExitCode

group = typer.Typer(help="Connections: accounts of destinations, and their goals.", no_args_is_help=True)
goals.group.command("try")(calls.try_goal)
goals.group.registered_commands.extend(intakes.group.registered_commands)
group.add_typer(goals.group, name="goals")
group.command("export")(connection_documents.export_connection)
group.command("apply")(connection_documents.apply_connection)
group.command("schema")(connection_documents.show_schema)

group.command("data-points")(data_points.show_data_points)
group.command("waiting-for-budget")(data_points.list_budget_waiters)

PATH = "/api/v1/connections"
ConnectionName = Annotated[str, typer.Argument(help="Its name or id.", metavar="CONNECTION")]
File = Annotated[
    Path | None,
    typer.Option(
        help="JSON: {name, connector, enabled, settings, secrets, description, labels, favourite, owner, "
        "notices, budget, goals}; - reads stdin.",
        metavar="FILE",
    ),
]
ChangeFile = Annotated[
    Path | None,
    typer.Option(
        help="JSON: {name, enabled, settings, secrets, description, labels, favourite, owner, notices, "
        "budget}; - reads stdin.",
        metavar="FILE",
    ),
]
COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Name", lambda one: f"* {one['name']}" if one["favourite"] else one["name"]),
    ("Connector", "connector"),
    ("State", "status.state"),
    ("Labels", lambda one: ", ".join(one["labels"])),
    ("Waiting", "waiting"),
    ("Goals", lambda one: ", ".join(goal["name"] for goal in one["goals"])),
    ("Message", "status.message"),
]


@group.command("list")
@reaching
def list_connections(
    reach: Reach,
    *,
    label: Annotated[str, typer.Option(metavar="LABEL", help="Only those with this label.")] = "",
    connector: Annotated[str, typer.Option(metavar="NAME", help="Only of this connector.")] = "",
    on: Annotated[bool | None, typer.Option("--on/--off", help="Only those that are on, or off.")] = None,
    favourite: Annotated[
        bool | None, typer.Option("--favourite/--no-favourite", help="Only favourites, or only others.")
    ] = None,
    search: Annotated[
        str, typer.Option(metavar="TEXT", help="Only with this in name, description, owner or a label.")
    ] = "",
    sort: Annotated[
        str, typer.Option(metavar="BY", help="created, name or favourite; -created and -name turn it round.")
    ] = "created",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> None:
    """Show the connections; a star marks favourites."""
    example = "onefold connections create Braze --connector braze --set endpoint=URL --secret api_key=@FILE"
    empty = f"No connection yet: nothing leaves Onefold.\nMake one: {example}{reach.flags()}"
    wanted = {"label": label, "connector": connector, "enabled": on, "favourite": favourite, "search": search}
    if any(value not in ("", None) for value in wanted.values()):
        empty = "No connection is like that."
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty, sort=sort, **wanted)


@group.command("create")
@reaching
def create_connection(
    reach: Reach,
    *,
    name: Annotated[str, typer.Argument(help="A name for people.", metavar="NAME")] = "",
    file: File = None,
    connector: Annotated[str, typer.Option(metavar="NAME", help="Which connector, such as braze.")] = "",
    options: ConnectionOptions,
) -> None:
    """Make a connection, with its goals if the file has some."""
    body = read_connection(options, name=name, file=file)
    if connector:
        body["connector"] = connector
    if not body.get("name") or not body.get("connector"):
        hint = "See: onefold connections create -h"
        raise OnefoldError("cli.usage", "A connection needs a name and a connector.", hint=hint)
    with reach.client(create=True) as client:
        made = client.post(PATH, body)
    text = f"Connection {made['name']} (id {made['id']})"
    text += f", goals: {', '.join(goal['name'] for goal in made['goals'])}." if made["goals"] else "."
    reach.show(made, f"{text}\nTest it: onefold connections test {made['id']}{reach.flags()}")


@group.command("show")
@reaching
def show_connection(reach: Reach, connection: ConnectionName) -> None:
    """Show one connection and its goals; secrets are never shown."""
    found = reach.ask("GET", f"{PATH}/{piece(connection)}")
    reach.show_fields(found, _fields(found))
    if found["goals"] and not reach.json:
        print_text("")
        print_table(found["goals"], goals.COLUMNS)


@group.command("update")
@reaching
def update_connection(
    reach: Reach,
    *,
    connection: ConnectionName,
    name: Annotated[str, typer.Option(metavar="NAME", help="Another name.")] = "",
    file: ChangeFile = None,
    options: ConnectionOptions,
) -> None:
    """Change a connection; what is not given stays. Labels are replaced: `--label ""` takes all away."""
    body = read_connection(options, name=name, file=file)
    refuse_nothing(body, "connections update")
    changed = reach.ask("PATCH", f"{PATH}/{piece(connection)}", body)
    reach.show(changed, f"Connection {changed['name']} is changed.")


@group.command("delete")
@reaching
def delete_connection(
    reach: Reach,
    *,
    connection: ConnectionName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a connection with its goals and secrets, and what waits for it; what it sent stays there."""
    with reach.client() as client:
        found = client.get(f"{PATH}/{piece(connection)}")
        goes = _what_goes(found)
        if not yes:
            note(goes)
        connection_documents.confirm(yes=yes, question="Delete it?", needs=goes)
        client.delete(f"{PATH}/{found['id']}")
    text = f"Connection {found['name']} is deleted. What it sent stays sent."
    reach.show({"deleted": connection, "goals": len(found["goals"]), "waiting": found["waiting"]}, text)


@group.command("duplicate")
@reaching
def duplicate_connection(
    reach: Reach,
    *,
    connection: ConnectionName,
    name: Annotated[str, typer.Option(metavar="NAME", help='Another name than "Copy of …".')] = "",
) -> None:
    """Copy a connection with settings, secrets and goals; the copy and its goals are off."""
    made = reach.ask("POST", f"{PATH}/{piece(connection)}/duplicate", {"name": name})
    text = f"Connection {made['name']} (id {made['id']}), off, with {len(made['goals'])} goals, off."
    reach.show(made, f"{text}\nTurn it on: onefold connections on {made['id']}{reach.flags()}")


@group.command("options")
@reaching
def list_options(
    reach: Reach,
    *,
    field: Annotated[
        str,
        typer.Argument(metavar="FIELD", help="The setting, such as s3_bucket, or audience of import goals."),
    ],
    connection: Annotated[str, typer.Option(metavar="CONNECTION", help="With what is kept of it.")] = "",
    connector: Annotated[str, typer.Option(metavar="NAME", help="Before there is a connection.")] = "",
    goal_kind: Annotated[
        str, typer.Option(metavar="KIND", help="Of a setting of goals: their kind, such as import.")
    ] = "",
    settings: Set = None,
    secret: Secret = None,
    search: Annotated[str, typer.Option(metavar="TEXT", help="Only those with this in them.")] = "",
    cursor: Cursor = "",
) -> None:
    """Ask the destination which values a setting may have, such as its buckets."""
    body = {
        **read_account(settings, secret),
        "field": field,
        "goal_kind": goal_kind,
        "search": search,
        "cursor": cursor,
    }
    path = f"{PATH}/{piece(connection)}/options" if connection else f"{PATH}/options"
    if not connection:
        body["connector"] = connector
    if bool(connection) == bool(connector):
        raise OnefoldError("cli.usage", "Give one of --connection and --connector.")
    with reach.client(create=True) as client:
        page = client.post(path, body)
    columns: list[Column] = [("Value", "value"), ("Title", lambda one: one.get("title", ""))]
    reach.show_page(page, columns, empty="There is none.")


@group.command("test")
@reaching
def try_connection(
    reach: Reach,
    *,
    connection: Annotated[str, typer.Argument(help="Its name or id.", metavar="CONNECTION")] = "",
    connector: Annotated[str, typer.Option(metavar="NAME", help="Try one that is not made yet.")] = "",
    settings: Set = None,
    secret: Secret = None,
) -> int:
    """Try each permission; --set and --secret take the place of what is kept. Exit code 1 if one is missing.

    Nothing is kept, and nothing changes at the destination.
    """
    body: JsonObject = read_account(settings, secret)
    path = f"{PATH}/{piece(connection)}/test" if connection else f"{PATH}/test"
    if not connection:
        body["connector"] = connector
    if bool(connection) == bool(connector):
        raise OnefoldError("cli.usage", "Name a connection, or give --connector with --set and --secret.")
    with reach.client(create=bool(connector)) as client:
        result = client.post(path, body)
    passed = bool(result["passed"])
    if reach.json:
        print_json(result)
    else:
        columns: list[Column] = [
            ("Tried", "name"),
            ("Works", "passed"),
            ("Needed", "needed"),
            ("For", "needed_for"),
            ("Message", "message"),
        ]
        print_table(result["probes"], columns)
        note("It works." if passed else "Something that is needed is missing; see above.")
    return ExitCode.OK if passed else ExitCode.FAILED


@group.command("on")
@reaching
def turn_on(reach: Reach, connection: ConnectionName) -> None:
    """Let a connection deliver."""
    reach.turn(f"{PATH}/{piece(connection)}", "Connection", is_on=True)


@group.command("off")
@reaching
def turn_off(reach: Reach, connection: ConnectionName) -> None:
    """Stop a connection: what is under way is finished, what is due is kept until it is on again."""
    reach.turn(f"{PATH}/{piece(connection)}", "Connection", is_on=False)


def _fields(connection: JsonObject) -> JsonObject:
    status = connection["status"]
    told = [status["state"], status["message"], status["hint"], status["code"] and f"[{status['code']}]"]
    fields: JsonObject = {
        "Id": connection["id"],
        "Name": connection["name"],
        "Connector": connection["connector"],
        "Description": connection["description"],
        "Owner": connection["owner"],
        "Labels": ", ".join(connection["labels"]),
        "Favourite": connection["favourite"],
        "State": "\n".join(line for line in told if line),
        "Waiting": _waiting(connection),
        "Notices": _told(connection["notices"]),
        "Budget": text_of_budget(connection["budget"]),
    }
    fields |= {f"Setting {name}": value for name, value in connection["settings"].items()}
    fields |= {f"Secret {name}": value for name, value in connection["secrets"].items()}
    return fields | {"Version": connection["version"], "Created": connection["created_at"]}


def _waiting(connection: JsonObject) -> str:
    text, for_budget = f"{connection['waiting']:,}", connection["waiting_for_budget"]
    return f"{text}, {for_budget:,} of them for room in the budget" if for_budget else text


def _what_goes(connection: JsonObject) -> str:
    goals = ", ".join(goal["name"] for goal in connection["goals"])
    text = f"This deletes the connection {connection['name']} with its secrets"
    text += f" and {len(connection['goals'])} goals ({goals})." if goals else "."
    if connection["waiting"]:
        text += f" {connection['waiting']:,} items that wait for it are never sent."
    return text


def _told(notices: JsonObject) -> str:
    runs = "every run" if notices["when"] == "every" else "failures"
    return f"{', '.join(notices['addresses'])} of {runs}" if notices["addresses"] else ""
