"""`onefold dead-letters`: what was refused, why, and what to do with it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, note, print_json, print_text
from onefold.errors import OnefoldError, RequestError
from onefold.model.json import JsonObject
from onefold.runtime.exit_code import ExitCode

group = typer.Typer(help="Dead letters: what was refused, and why; fix and replay.", no_args_is_help=True)

PATH = "/api/v1/dead-letters"
LETTERS_MAX = 1_000_000
"""A replay or discard of more is done in parts."""
LetterId = Annotated[str, typer.Argument(help="Its id, such as capture-12.", metavar="LETTER")]
Letters = Annotated[list[str] | None, typer.Argument(help="Their ids.", metavar="LETTER...")]
Stage = Annotated[str, typer.Option(help="capture, unify or activate.")]
Code = Annotated[str, typer.Option(help="With this code.")]
Source = Annotated[str, typer.Option(help="Of this source, by name or id.")]
State = Annotated[str, typer.Option(help="open, replayed, discarded or all.")]
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


@group.command("list")
@reaching
def list_letters(
    reach: Reach,
    *,
    stage: Stage = "",
    code: Code = "",
    source: Source = "",
    state: State = "open",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> None:
    """Show what was refused, newest first."""
    empty = f"Nothing was refused. See what passed: onefold flow{reach.flags()}"
    query = _query(stage, code, source, state)
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty, **query)


@group.command("show")
@reaching
def show_letter(reach: Reach, letter: LetterId) -> None:
    """Show one: reason, what to do, and the payload."""
    from onefold.cli.client import piece

    with reach.client() as client:
        found = client.get(f"{PATH}/{piece(letter)}")
    if reach.json:
        print_json(found)
        return
    reach.show_fields(
        found,
        {name.replace("_", " "): value for name, value in found.items() if name != "payload"}
        | {"payload": _readable(found.get("payload"))},
    )
    if found["state"] == "open":
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
    stage: Stage = "",
    code: Code = "",
    source: Source = "",
) -> int:
    """Try refused items again, as they were or mended. Exit code 1 if one was refused again."""
    body: JsonObject = {}
    if payload_file is not None:
        if len(letters or []) != 1:
            raise OnefoldError("cli.usage", "--payload-file goes with exactly one letter.")
        body["payload"] = _read_payload(payload_file)
    query = _query(stage, code, source, "open")
    return _decide(reach, letters or [], "replay", body, query, all_open=all_open)


@group.command("discard")
@reaching
def discard_letters(
    reach: Reach,
    *,
    letters: Letters = None,
    all_open: AllOpen = False,
    stage: Stage = "",
    code: Code = "",
    source: Source = "",
) -> int:
    """Give refused items up; they are shown no more, and stay counted."""
    query = _query(stage, code, source, "open")
    return _decide(reach, letters or [], "discard", {}, query, all_open=all_open)


@group.command("export")
@reaching
def export_letters(
    reach: Reach,
    *,
    file: Annotated[Path, typer.Argument(help="Where to write; - is stdout.", metavar="FILE")] = Path("-"),
    stage: Stage = "",
    code: Code = "",
    source: Source = "",
    state: State = "open",
) -> None:
    """Write them as JSON Lines, payloads included."""
    import contextlib
    import sys

    import msgspec

    count = 0
    with reach.client() as client, contextlib.ExitStack() as stack:
        out: Any = sys.stdout.buffer if str(file) == "-" else stack.enter_context(_open_private(file))
        for letter in client.pages(PATH, **_query(stage, code, source, state)):
            out.write(msgspec.json.encode(letter) + b"\n")
            count += 1
        out.flush()
    note(f"{count:,} dead letters written.")


def _decide(
    reach: Reach, letters: list[str], action: str, body: JsonObject, query: JsonObject, *, all_open: bool
) -> int:
    from onefold.cli.client import piece

    if bool(letters) == all_open:
        raise OnefoldError(
            "cli.usage", "Name the letters, or take --all.", hint="See: onefold dead-letters list"
        )
    done: list[Any] = []
    refused = 0
    with reach.client() as client:
        if all_open:
            letters = [one["id"] for one in client.listing(PATH, limit=LETTERS_MAX, **query)["items"]]
        for letter in letters:
            try:
                done.append(client.post(f"{PATH}/{piece(letter)}/{action}", body))
            except RequestError as error:
                if len(letters) == 1:
                    raise
                refused += 1
                note(f"{letter}: {error.message} [{error.code}]")
    verb = "replayed" if action == "replay" else "discarded"
    text = f"{len(done):,} {verb}" + (f", {refused:,} refused again." if refused else ".")
    if reach.json:
        print_json({"items": done, "next_cursor": None})
    else:
        print_text(text)
    return ExitCode.FAILED if refused else ExitCode.OK


def _query(stage: str, code: str, source: str, state: str) -> JsonObject:
    return {"stage": stage, "code": code, "source": source, "state": "" if state == "all" else state}


def _readable(payload: Any) -> str:
    import msgspec

    try:
        return msgspec.json.format(str(payload), indent=2)
    except (msgspec.DecodeError, UnicodeError):
        return str(payload)


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
