"""`onefold profiles deliveries`: what each destination holds of a person, and what is due."""

import typer

from onefold.cli.profiles import PATH, Kind, Value, find_profile
from onefold.cli.reach import Reach, reaching
from onefold.cli.show import Column
from onefold.model.json import JsonObject


def add_to(group: typer.Typer) -> None:
    """Register the command."""
    group.command("deliveries")(list_deliveries)


@reaching
def list_deliveries(reach: Reach, kind: Kind, value: Value = "") -> None:
    """Show by connection which fields the destination holds, what waits, what was given up."""
    with reach.client() as client:
        page = client.get(f"{PATH}/{find_profile(client, kind, value)['id']}/deliveries")
    reach.show_page(page, COLUMNS, empty="Nothing was sent for this person, and nothing waits.")


def _fields(state: str) -> Column:
    def names(one: JsonObject) -> str:
        return ", ".join(field["field"] for field in one["fields"] if field["state"] == state)

    return state.capitalize(), names


COLUMNS: list[Column] = [
    ("Connection", "connection"),
    *map(_fields, ("accepted", "refused", "unknown")),
    ("Waiting", "waiting"),
    ("Dead letters", lambda one: ", ".join(letter["id"] for letter in one["dead_letters"])),
]
