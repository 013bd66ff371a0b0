"""The options by which a command is given a segment's condition, and what they make together."""

from pathlib import Path
from typing import Annotated

import typer

from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

Segment = Annotated[str, typer.Argument(help="Its name or id.", metavar="SEGMENT")]
File = Annotated[
    Path | None,
    typer.Option(help="JSON: a condition, or {name, condition, description}; - reads stdin.", metavar="FILE"),
]
Conditions = Annotated[
    list[str] | None,
    typer.Option(
        "--condition",
        help="Such as 'event \"Order Completed\" at_least 3 last 30 days', 'trait plan equals pro', "
        "'not segment 4', 'event \"Order Completed\" sum revenue at_least 100 where category equals shoes'; "
        "or JSON. Given several times, all must hold.",
        metavar="CONDITION",
    ),
]
AnyOf = Annotated[bool, typer.Option("--any", help="One of several conditions is enough.")]


def segment_body(
    name: str, file: Path | None, conditions: list[str], *, any_of: bool, description: str | None
) -> JsonObject:
    """What was given, as the API takes it; what was not given is left out.

    Raises:
        OnefoldError: `cli.usage`: a condition by both ways, or `cli.bad_condition`.
    """
    from onefold.cli.condition import parse_conditions
    from onefold.cli.read_file import read_object

    body: JsonObject = {}
    if file is not None:
        given = read_object(file)
        body = {"condition": given} if "kind" in given else given
    if conditions:
        if "condition" in body:
            raise OnefoldError("cli.usage", "Give the condition by --file or by --condition, not by both.")
        body["condition"] = parse_conditions(conditions, any_of=any_of)
    if name:
        body["name"] = name
    if description is not None:
        body["description"] = description
    return body
