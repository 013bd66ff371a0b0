"""`onefold profiles timeline`: what became known of a person, newest first."""

from typing import Annotated

import typer

from onefold.cli.profiles import PATH, Kind, Value, find_profile
from onefold.cli.reach import Cursor, Reach, reaching
from onefold.cli.show import Column, note, print_json, print_table, print_text
from onefold.model.json import JsonObject

ENTRIES_DEFAULT = 50
ENTRIES_MAX = 200
"""What one page of the API holds."""


def add_to(group: typer.Typer) -> None:
    """Register the command."""
    group.command("timeline")(show_timeline)


@reaching
def show_timeline(
    reach: Reach,
    *,
    kind: Kind,
    value: Value = "",
    only: Annotated[
        str,
        typer.Option(
            "--kind",
            help="Only these, with commas: event, link, membership, delivery, consent, interaction.",
            metavar="KINDS",
        ),
    ] = "",
    limit: Annotated[
        int, typer.Option(metavar="N", help="Most entries to show.", min=1, max=ENTRIES_MAX)
    ] = ENTRIES_DEFAULT,
    cursor: Cursor = "",
) -> None:
    """Show what became known of a person, newest first: events, evidence, segments, deliveries, consents."""
    with reach.client() as client:
        path = f"{PATH}/{find_profile(client, kind, value)['id']}/timeline"
        page = client.get(path, kind=only, limit=limit, cursor=cursor)
    if reach.json:
        print_json(page)
        return
    if page["items"]:
        print_table(page["items"], COLUMNS)
    elif not page["next_cursor"]:
        print_text("Nothing is kept of this person but the profile itself.")
    if page["next_cursor"]:
        note(f"Looked back to {page['looked_back_to']}. Go on: --cursor {page['next_cursor']}")


def words_of(entry: JsonObject) -> str:
    """What happened, in a line."""
    one = entry.get(entry["kind"], {})
    match entry["kind"]:
        case "event":
            return f"{one['type']} {one['name']} {one['message_id']} from {one['source']}"
        case "link":
            pair = " and ".join(f"{end['kind']} {end['value']}" for end in (one["first"], one["second"]))
            return f"{one['decision']}: {pair}, by {one['rule']}"
        case "membership":
            return f"{'entered' if one['entered'] else 'left'} {one['segment']}"
        case "delivery":
            ends = ", ".join(f"{item['goal']} {item['outcome']}" for item in one["items"])
            return f"{one['connection']}: {ends}" + (f" [{one['code']}]" if one["code"] else "")
        case "consent":
            return f"{one['purpose']}: {one['state']}"
    times = f", {one['count']} times" if one["count"] > 1 else ""
    return f"saw {one['name'] or one['id']} by {one['channel']}{times}"


COLUMNS: list[Column] = [("At", "at"), ("Kind", "kind"), ("What", words_of)]
