"""`onefold catalogue`: the names that occur, for whoever writes a condition or a mapping."""

from collections.abc import Iterator

import typer

from onefold.cli.reach import Reach, reaching
from onefold.cli.show import text_of
from onefold.model.json import JsonObject

EXAMPLES_SHOWN = 4


def add_to(application: typer.Typer) -> None:
    """Register the command."""
    application.command("catalogue")(show_catalogue)


@reaching
def show_catalogue(reach: Reach) -> None:
    """Show which events, properties, traits, identifiers and purposes occur, with examples."""
    found = reach.ask("GET", "/api/v1/catalogue")
    reach.show(found, "\n".join(_lines(found)) or "Nothing has come in yet.")


def _lines(found: JsonObject) -> Iterator[str]:
    for event in found["events"]:
        yield f"event {event['name']}: {event['count']:,} times in a year"
        yield from (f"  {_name(one)}" for one in event["properties"])
    yield from (f"trait {_name(one)}" for one in found["traits"])
    yield from (f"identifier {one}" for one in found["identifiers"])
    yield from (f"purpose {one}" for one in found["purposes"])


def _name(seen: JsonObject) -> str:
    examples = ", ".join(text_of(one) for one in seen["examples"][:EXAMPLES_SHOWN])
    return f"{seen['name']} ({' or '.join(seen['kinds'])}){f': {examples}' if examples else ''}"
