"""`onefold connections`: accounts of destinations, and what they achieve."""

from pathlib import Path
from typing import Annotated

import typer

from onefold.cli import calls, goals, intakes
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

PATH = "/api/v1/connections"
ConnectionName = Annotated[str, typer.Argument(help="Its name or id.", metavar="CONNECTION")]
File = Annotated[
    Path | None,
    typer.Option(help="JSON: {name, connector, settings, secrets, goals}; - reads stdin.", metavar="FILE"),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="A setting, such as endpoint=https://rest.fra-01.braze.eu.", metavar="NAME=VALUE"
    ),
]
Secret = Annotated[
    list[str] | None,
    typer.Option(help="A secret, such as api_key=@FILE, or api_key=VALUE.", metavar="NAME=VALUE"),
]
COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Name", "name"),
    ("Connector", "connector"),
    ("State", "status.state"),
    ("Waiting", "waiting"),
    ("Goals", lambda one: ", ".join(goal["name"] for goal in one["goals"])),
    ("Message", "status.message"),
]


@group.command("list")
@reaching
def list_connections(reach: Reach, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> None:
    """Show the connections."""
    example = "onefold connections create Braze --connector braze --set endpoint=URL --secret api_key=@FILE"
    empty = f"No connection yet: nothing leaves Onefold.\nMake one: {example}{reach.flags()}"
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty)


@group.command("create")
@reaching
def create_connection(
    reach: Reach,
    *,
    name: Annotated[str, typer.Argument(help="A name for people.", metavar="NAME")] = "",
    file: File = None,
    connector: Annotated[str, typer.Option(metavar="NAME", help="Which connector, such as braze.")] = "",
    settings: Set = None,
    secret: Secret = None,
) -> None:
    """Make a connection, with its goals if the file has some."""
    body = _body(name, file, settings or [], secret or [])
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
    file: File = None,
    settings: Set = None,
    secret: Secret = None,
) -> None:
    """Change a connection; what is not given stays."""
    body = _body(name, file, settings or [], secret or [])
    refuse_nothing(body, "connections update")
    changed = reach.ask("PATCH", f"{PATH}/{piece(connection)}", body)
    reach.show(changed, f"Connection {changed['name']} is changed.")


@group.command("delete")
@reaching
def delete_connection(reach: Reach, connection: ConnectionName) -> None:
    """Remove a connection with its goals and secrets; what it sent stays there."""
    reach.ask("DELETE", f"{PATH}/{piece(connection)}")
    reach.show({"deleted": connection}, f"Connection {connection} is deleted. What it sent stays sent.")


@group.command("test")
@reaching
def test_connection(reach: Reach, connection: ConnectionName) -> int:
    """Try the credentials. Exit code 1 if something is missing."""
    result = reach.ask("POST", f"{PATH}/{piece(connection)}/test")
    passed = bool(result["passed"])
    if reach.json:
        print_json(result)
    else:
        columns: list[Column] = [
            ("Tried", "name"),
            ("Works", "passed"),
            ("Needed for", "needed_for"),
            ("Message", "message"),
        ]
        print_table(result["probes"], columns)
        note("It works." if passed else "Something is missing; see above.")
    return ExitCode.OK if passed else ExitCode.FAILED


@group.command("on")
@reaching
def turn_on(reach: Reach, connection: ConnectionName) -> None:
    """Let a connection deliver."""
    reach.turn(f"{PATH}/{piece(connection)}", "Connection", is_on=True)


@group.command("off")
@reaching
def turn_off(reach: Reach, connection: ConnectionName) -> None:
    """Stop a connection; it goes on where it was when it is turned on again."""
    reach.turn(f"{PATH}/{piece(connection)}", "Connection", is_on=False)


def _fields(connection: JsonObject) -> JsonObject:
    status = connection["status"]
    told = [status["state"], status["message"], status["hint"], status["code"] and f"[{status['code']}]"]
    fields: JsonObject = {
        "Id": connection["id"],
        "Name": connection["name"],
        "Connector": connection["connector"],
        "Description": connection["description"],
        "State": "\n".join(line for line in told if line),
        "Waiting": connection["waiting"],
    }
    fields |= {f"Setting {name}": value for name, value in connection["settings"].items()}
    fields |= {f"Secret {name}": value for name, value in connection["secrets"].items()}
    return fields | {"Version": connection["version"], "Created": connection["created_at"]}


def _body(name: str, file: Path | None, settings: list[str], secrets: list[str]) -> JsonObject:
    from onefold.cli.given import read_pairs, read_secrets
    from onefold.cli.read_file import read_object

    body: JsonObject = read_object(file) if file is not None else {}
    if name:
        body["name"] = name
    if settings:
        body["settings"] = {**body.get("settings", {}), **read_pairs(settings)}
    if secrets:
        body["secrets"] = {**body.get("secrets", {}), **read_secrets(secrets)}
    return body
