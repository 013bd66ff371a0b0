"""`onefold audit`: who changed what."""

from typing import Annotated

import typer

from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.show import Column
from onefold.model.json import JsonObject

group = typer.Typer(help="The audit trail: who changed what.", no_args_is_help=True)
PATH = "/api/v1/audit"
CHARS_MAX = 60


def _side(name: str) -> Column:
    def show(entry: JsonObject) -> str:
        import msgspec

        state = entry[name]
        text = "" if state is None else msgspec.json.encode(state).decode()
        return text if len(text) <= CHARS_MAX else text[: CHARS_MAX - 1] + "…"

    return (name.title(), show)


COLUMNS: list[Column] = [
    ("When", "at"),
    ("Who", "by"),
    ("From", lambda entry: entry["address"] or "this machine"),
    ("Did", "action"),
    ("To", lambda entry: entry["path"].removeprefix("/api/v1")),
    _side("before"),
    _side("after"),
]


@group.command("list")
@reaching
def list_audit(
    reach: Reach,
    *,
    by: Annotated[str, typer.Option(metavar="WHO", help="Of one: an address, `token NAME`, local.")] = "",
    action: Annotated[str, typer.Option(metavar="ACTION", help="Of one kind, such as change_goal.")] = "",
    path: Annotated[str, typer.Option(metavar="PATH", help="Below an address: /api/v1/segments/4.")] = "",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> None:
    """Show changes, newest first; --json has before and after in full."""
    empty = "Nothing was changed yet."
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty, by=by, action=action, path=path)
