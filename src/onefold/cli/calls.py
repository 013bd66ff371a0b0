"""`onefold connections goals try`: the request that a goal would make for someone, shown or sent."""

from typing import Annotated

import typer

from onefold.cli.goal_path import ConnectionName, GoalName, goals_path
from onefold.cli.goals import File
from onefold.cli.reach import Reach, reaching
from onefold.cli.show import note, print_fields, print_json, print_text
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject
from onefold.runtime.exit_code import ExitCode

By = Annotated[
    list[str] | None,
    typer.Option(
        "--person",
        help="A real person by an identifier, such as email=ada@example.org.",
        metavar="KIND=VALUE",
    ),
]
Identifier = Annotated[
    list[str] | None,
    typer.Option(
        help="An identifier of a person who is made up, or in place of theirs.", metavar="KIND=VALUE"
    ),
]
Trait = Annotated[list[str] | None, typer.Option(help="A trait, likewise.", metavar="NAME=VALUE")]
Property = Annotated[
    list[str] | None, typer.Option("--property", help="A property of the event.", metavar="NAME=VALUE")
]


@reaching
def try_goal(
    reach: Reach,
    *,
    connection: ConnectionName,
    goal: GoalName = "",
    person: By = None,
    identifier: Identifier = None,
    trait: Trait = None,
    event: Annotated[
        str, typer.Option(metavar="NAME", help="The event; the goal's first unless given.")
    ] = "",
    properties: Property = None,
    file: File = None,
    send: Annotated[bool, typer.Option("--send", help="Send it, once, and show what comes back.")] = False,
) -> int:
    """Show the request that a goal would make for someone; with --send, send it. Exit code 1 if it fails."""
    from onefold.cli.given import read_pairs
    from onefold.cli.read_file import read_object

    if not goal and file is None:
        raise OnefoldError("cli.usage", "Which goal? Name it, or give --file with one that is not kept yet.")
    body: JsonObject = {
        "person": {
            "by": _texts(read_pairs(person or [])),
            "identifiers": _texts(read_pairs(identifier or [])),
            "traits": read_pairs(trait or []),
        },
        "event": {"name": event, "properties": read_pairs(properties or [])},
    }
    body |= {"draft": read_object(file)} if file is not None else {"goal": goal}
    with reach.client() as client:
        found = client.post(f"{goals_path(connection)}/{'send_test' if send else 'try'}", body)
    if reach.json:
        print_json(found)
    else:
        _show(found)
    response = found["response"]
    passed = response["outcome"] == "passed" if response else not found["problem"]
    return ExitCode.OK if passed else ExitCode.FAILED


def _show(found: JsonObject) -> None:
    if problem := found["problem"]:
        print_text(f"{problem['message']}\n{problem['hint']} [{problem['code']}]")
    if request := found["request"]:
        print_text(f"{request['method']} {request['url']}")
        print_fields(request["headers"])
        if request["body"]:
            print_text(f"\n{request['body'].rstrip()}")
        if request["missing_secrets"]:
            note(f"The connection has no secret {', '.join(request['missing_secrets'])}.")
    if response := found["response"]:
        status = response["status"] or "no answer"
        print_text(f"\n{status} after {response['duration_ms']} ms: {response['outcome']}")
        if response["message"]:
            print_text(f"{response['message']} {response['hint']}".rstrip())
        print_fields(response["headers"])
        print_text(f"\n{response['body']}{' … (cut)' if response['is_cut'] else ''}")
    for line in found["notes"]:
        note(line)


def _texts(values: JsonObject) -> JsonObject:
    return {name: value if isinstance(value, str) else str(value) for name, value in values.items()}
