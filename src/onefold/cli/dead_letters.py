"""`onefold dead-letters`: what was refused, why, and what to do with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from onefold.cli.goal_path import connection_path
from onefold.cli.path import piece
from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, note, print_json, print_table, print_text
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject
from onefold.runtime.exit_code import ExitCode

if TYPE_CHECKING:
    from onefold.cli.client import Client

group = typer.Typer(help="Dead letters: what was refused, and why; fix and replay.", no_args_is_help=True)

PATH = "/api/v1/dead-letters"
IDS_MAX = 1000
"""The API takes so many at once."""
REFUSALS_SHOWN = 20
LetterId = Annotated[str, typer.Argument(help="Its id, such as capture-12.", metavar="LETTER")]
Letters = Annotated[list[str] | None, typer.Argument(help="Their ids.", metavar="LETTER...")]
Stage = Annotated[str, typer.Option(metavar="STAGE", help="capture, unify or activate.")]
Code = Annotated[str, typer.Option(metavar="CODE", help="With this code.")]
Source = Annotated[str, typer.Option(metavar="SOURCE", help="Of this source, by name or id.")]
Connection = Annotated[str, typer.Option(metavar="CONNECTION", help="Of this connection, by name or id.")]
State = Annotated[str, typer.Option(metavar="STATE", help="open, replayed, discarded or all.")]
AllOpen = Annotated[bool, typer.Option("--all", help="All open ones that the filters let through.")]
COLUMNS: list[Column] = [
    ("Id", "id"),
    ("At", "at"),
    ("Code", "code"),
    ("Field", "field"),
    ("Reason", "reason"),
    ("Subject", "subject"),
    ("State", "state"),
]


class Filters(NamedTuple):
    """Which letters a command is about."""

    stage: Stage = ""
    code: Code = ""
    source: Source = ""
    connection: Connection = ""


@group.command("list")
@reaching
def list_letters(
    reach: Reach,
    *,
    filters: Filters,
    state: State = "open",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> None:
    """Show what was refused, newest first."""
    empty = f"Nothing was refused. See what passed: onefold flow{reach.flags()}"
    with reach.client() as client:
        wanted = _wanted(client, filters)
        page = client.listing(PATH, limit=limit, cursor=cursor, state=_state(state), **wanted)
    reach.show_page(page, COLUMNS, empty=empty)


@group.command("counts")
@reaching
def count_letters(reach: Reach) -> None:
    """Count them by stage and code."""
    counts = reach.ask("GET", f"{PATH}/counts")
    if reach.json:
        print_json(counts)
    elif counts["items"]:
        columns: list[Column] = [("Code", "code"), ("Open", "open"), ("Replayed", "replayed")]
        print_table(counts["items"], [("Stage", "stage"), *columns, ("Discarded", "discarded")])
    else:
        print_text(f"Nothing was refused. See what passed: onefold flow{reach.flags()}")


@group.command("show")
@reaching
def show_letter(reach: Reach, letter: LetterId) -> None:
    """Show one: reason, what to do, and the payload."""
    found = reach.ask("GET", f"{PATH}/{piece(letter)}")
    if reach.json:
        print_json(found)
        return
    shown = {name.replace("_", " "): value for name, value in found.items() if value not in (None, "")}
    reach.show_fields(found, {name: value for name, value in shown.items() if name != "is json"})
    if found["state"] == "open" and found["stage"] != "activate":
        note(f"Fix and replay it: onefold dead-letters replay {letter} --payload-file FILE{reach.flags()}")


@group.command("replay")
@reaching
def replay_letters(
    reach: Reach,
    *,
    letters: Letters = None,
    payload_file: Annotated[
        Path | None, typer.Option(help="The mended payload, for one letter; - reads stdin.", metavar="FILE")
    ] = None,
    all_open: AllOpen = False,
    filters: Filters,
) -> int:
    """Try refused items again, as they were or mended. Exit code 1 if one was refused again."""
    chosen = letters or []
    with reach.client() as client:
        if len(chosen) == 1:
            body = {"payload": _read_payload(payload_file)} if payload_file is not None else {}
            answer = client.post(f"{PATH}/{piece(chosen[0])}/replay", body)
            reach.show(answer, answer["message"])
            return ExitCode.OK
        if payload_file is not None:
            raise OnefoldError("cli.usage", "--payload-file goes with exactly one letter.")
        wanted = _wanted(client, filters)
        return _decide(reach, client, "replay", chosen, wanted, all_open=all_open)


@group.command("discard")
@reaching
def discard_letters(
    reach: Reach,
    *,
    letters: Letters = None,
    all_open: AllOpen = False,
    filters: Filters,
) -> int:
    """Put refused items aside: they are kept until they expire, and can still be replayed."""
    with reach.client() as client:
        wanted = _wanted(client, filters)
        return _decide(reach, client, "discard", letters or [], wanted, all_open=all_open)


@group.command("export")
@reaching
def export_letters(
    reach: Reach,
    *,
    file: Annotated[Path, typer.Argument(help="Where to write; - is stdout.", metavar="FILE")] = Path("-"),
    filters: Filters,
    state: State = "open",
) -> None:
    """Write them as JSON Lines, payloads included."""
    import contextlib
    import sys

    count = 0
    with reach.client() as client, contextlib.ExitStack() as stack:
        wanted = _wanted(client, filters)
        query = {name: value for name, value in {**wanted, "state": _state(state)}.items() if value}
        answer = stack.enter_context(client.stream("GET", f"{PATH}/export", params=query))
        out: Any = sys.stdout.buffer if str(file) == "-" else stack.enter_context(_open_private(file))
        for chunk in answer.iter_bytes():
            out.write(chunk)
            count += chunk.count(b"\n")
        out.flush()
    note(f"{count:,} dead letters written.")


def replay_selected(reach: Reach, client: "Client", wanted: JsonObject) -> int:
    """Replay the open letters that a filter selects; the exit code."""
    return _decide(reach, client, "replay", [], wanted, all_open=False)


def _decide(
    reach: Reach, client: "Client", action: str, letters: list[str], wanted: JsonObject, *, all_open: bool
) -> int:
    """Decide about many, a part at a time."""
    if sum((bool(letters), bool(wanted), all_open)) != 1:
        hint = "See which there are: onefold dead-letters list"
        raise OnefoldError("cli.usage", "Name letters, or filter them, or take --all.", hint=hint)
    total: JsonObject = {"done": 0, "refused": 0, "refusals": [], "next_cursor": None}
    for part in _parts(client, action, letters, wanted, all_open=all_open):
        total["done"] += part["done"]
        total["refused"] += part["refused"]
        total["refusals"] += part["refusals"][: REFUSALS_SHOWN - len(total["refusals"])]
    again = f", {total['refused']:,} refused again" if total["refused"] else ""
    total["message"] = f"{total['done']:,} {'replayed' if action == 'replay' else 'discarded'}{again}."
    lines = [f"  {one['id']}: {one['reason']} [{one['code']}]" for one in total["refusals"]]
    reach.show(total, "\n".join([total["message"], *lines]))
    return ExitCode.FAILED if total["refused"] else ExitCode.OK


def _parts(
    client: "Client", action: str, letters: list[str], wanted: JsonObject, *, all_open: bool
) -> Iterator[JsonObject]:
    if letters:
        for start in range(0, len(letters), IDS_MAX):
            yield client.post(f"{PATH}/{action}", {"ids": letters[start : start + IDS_MAX]})
        return
    cursor: str | None = ""
    while cursor is not None:
        part = client.post(f"{PATH}/{action}", {**wanted, "all": all_open, "cursor": cursor})
        yield part
        cursor = part["next_cursor"]


def _wanted(client: "Client", filters: Filters) -> JsonObject:
    """The filters as the API takes them: names become ids."""
    wanted: JsonObject = {"stage": filters.stage, "code": filters.code}
    if filters.source:
        wanted["source_id"] = client.get(f"/api/v1/sources/{piece(filters.source)}")["id"]
    if filters.connection:
        wanted["connection_id"] = client.get(connection_path(filters.connection))["id"]
    return {name: value for name, value in wanted.items() if value}


def _state(state: str) -> str:
    return "" if state == "all" else state


def _read_payload(path: Path) -> str:
    import sys

    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OnefoldError("cli.bad_file", f"{path} cannot be read as text.") from error


def _open_private(path: Path) -> Any:
    import os

    # Payloads hold what people sent: for their owner's eyes.
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
