"""`onefold audit`: who changed what, and taking it back."""

from typing import Annotated

import typer

from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, note, print_json
from onefold.model.json import JsonObject, JsonValue
from onefold.runtime.exit_code import ExitCode

group = typer.Typer(help="The audit trail: who changed what, and taking it back.", no_args_is_help=True)
PATH = "/api/v1/audit"
CHARS_MAX = 60


def _side(name: str) -> Column:
    return (name.title(), lambda entry: _short(entry[name]))


def _short(state: JsonValue) -> str:
    import msgspec

    text = "" if state is None else msgspec.json.encode(state).decode()
    return text if len(text) <= CHARS_MAX else text[: CHARS_MAX - 1] + "…"


COLUMNS: list[Column] = [
    ("Id", "id"),
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


@group.command("undo")
@reaching
def undo_entry(
    reach: Reach,
    *,
    entry: Annotated[int, typer.Argument(help="The id of the entry, as `list` shows it.", metavar="ID")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
) -> int:
    """Take a change back, if what it was about still is as it left it.

    The undoing is a change itself, and can be undone.
    """
    path = f"{PATH}/{entry}/undo"
    with reach.client() as client:
        told = client.get(path)
        if dry_run:
            reach.show(told, _told_text(told))
            return ExitCode.OK if told["is_possible"] else ExitCode.FAILED
        # Where it is not possible, the server says why.
        answer = client.send_raw("POST", path)
    if reach.json:
        print_json(answer.json())
        return ExitCode.OK
    reach.show(None, "\n".join([f"{told['path']} is as it was:", *_lines(told), told["note"]]))
    if back := answer.headers.get("onefold-undo"):
        note(f"Take that back, too: onefold audit undo {back.split('/')[-2]}{reach.flags()}")
    return ExitCode.OK


def _told_text(told: JsonObject) -> str:
    if not told["is_possible"]:
        return f"This cannot be undone: {told['message']} [{told['code']}]\n{told['hint']}"
    return "\n".join([f"Undoing would change {told['path']}:", *_lines(told), told["note"]])


def _lines(told: JsonObject) -> list[str]:
    """Each field, as it is and as it would be."""
    now, then = told["now"] or {}, told["then"] or {}
    return [f"  {name}: {_short(now.get(name)) or '-'} -> {_short(then.get(name)) or '-'}" for name in then]
