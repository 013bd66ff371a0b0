"""The options with which a goal that sends events is told how each goes."""

from typing import Annotated

import typer

from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

EventNames = Annotated[
    list[str] | None,
    typer.Option(
        "--event", help="Of events: another name there: 'Signed Up=signed_up'.", metavar="EVENT=NAME"
    ),
]
Properties = Annotated[
    list[str] | None,
    typer.Option(
        "--property",
        help="Of events: another name for a property: 'Signed Up:plan=tier'; nothing behind = leaves it out. "
        "'*:ip=' is for every event without a name or property of its own.",
        metavar="EVENT:PROPERTY=NAME",
    ),
]
OnlyNamed = Annotated[
    list[str] | None,
    typer.Option(help="Of events: one of which only the named properties go.", metavar="EVENT"),
]


def add_event_mappings(
    body: JsonObject, names: list[str] | None, properties: list[str] | None, only_named: list[str] | None
) -> None:
    """How events go, where it is said in options: each takes the place of the file's row of that event."""
    if not (names or properties or only_named):
        return
    rows: dict[str, JsonObject] = {}
    for text in names or []:
        event, name = _split(text, "Such as 'Signed Up=signed_up'.")
        rows.setdefault(event, {"event": event})["name"] = name
    for text in properties or []:
        ours, theirs = _split(text, "Such as 'Signed Up:plan=tier', or 'Signed Up:ip=' to leave it out.")
        event, colon, name = ours.rpartition(":")
        if not colon:
            raise OnefoldError(
                "cli.usage", f"{ours!r} names no event.", hint="Such as 'Signed Up:plan=tier'."
            )
        row = rows.setdefault(event, {"event": event})
        row.setdefault("properties", {})[name] = theirs or None
    for event in only_named or []:
        rows.setdefault(event, {"event": event})["others"] = "leave_out"
    kept = [row for row in body.get("event_mappings", []) if row.get("event") not in rows]
    body["event_mappings"] = [*kept, *rows.values()]


def _split(text: str, hint: str) -> tuple[str, str]:
    left, is_pair, right = text.rpartition("=")
    if not is_pair or not left.strip():
        raise OnefoldError("cli.usage", f"{text!r} says not what it becomes.", hint=hint)
    return left.strip(), right.strip()
