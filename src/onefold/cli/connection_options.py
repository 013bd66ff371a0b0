"""The options with which a connection is told what it is, and what the API is given for them."""

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from onefold.cli.budget import GivenBudget, add_budget
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

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
Labels = Annotated[
    list[str] | None, typer.Option("--label", help="A label; give it once for each.", metavar="LABEL")
]
Description = Annotated[str | None, typer.Option(help="What it is for.", metavar="TEXT")]
Owner = Annotated[str | None, typer.Option(help="Who answers for it: a name or an address.", metavar="TEXT")]
Favourite = Annotated[
    bool | None, typer.Option("--favourite/--no-favourite", help="Show it among the favourites.")
]
Notify = Annotated[
    list[str] | None,
    typer.Option("--notify", metavar="ADDRESS", help="Who hears of its runs by e-mail; none for nobody."),
]
NotifyWhen = Annotated[
    str, typer.Option("--notify-when", metavar="WHEN", help="every run, or failures (unless given).")
]


class ConnectionOptions(NamedTuple):
    """What `create` and `update` say of a connection alike."""

    settings: Set = None
    secret: Secret = None
    label: Labels = None
    description: Description = None
    owner: Owner = None
    favourite: Favourite = None
    notify: Notify = None
    notify_when: NotifyWhen = ""
    budget: GivenBudget = None


def read_connection(options: ConnectionOptions, *, name: str, file: Path | None) -> JsonObject:
    """What a file and the options over it say of a connection."""
    body = read_account(options.settings, options.secret, file=file)
    if name:
        body["name"] = name
    body |= _about(options)
    _add_notices(body, options.notify, options.notify_when)
    add_budget(body, options.budget)
    return body


def read_account(
    settings: list[str] | None, secrets: list[str] | None, *, file: Path | None = None
) -> JsonObject:
    """Where it is and with which secrets, over what a file says."""
    from onefold.cli.given import read_pairs, read_secrets
    from onefold.cli.read_file import read_object

    body: JsonObject = read_object(file) if file is not None else {}
    if settings:
        body["settings"] = {**body.get("settings", {}), **read_pairs(settings)}
    if secrets:
        body["secrets"] = {**body.get("secrets", {}), **read_secrets(secrets)}
    return body


def _about(options: ConnectionOptions) -> JsonObject:
    """What is for people, where it was given."""
    given = {
        "description": options.description,
        "owner": options.owner,
        "favourite": options.favourite,
    }
    body: JsonObject = {name: value for name, value in given.items() if value is not None}
    if options.label is not None:
        body["labels"] = [label for label in options.label if label]
    return body


def _add_notices(body: JsonObject, notify: list[str] | None, when: str) -> None:
    if when and not notify:
        raise OnefoldError("cli.usage", "--notify-when goes with --notify.")
    if notify:
        addresses = [] if notify == ["none"] else notify
        body["notices"] = {"addresses": addresses, **({"when": when} if when else {})}
