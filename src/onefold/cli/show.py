"""What a command prints: a table or names and values for people, one JSON document for programs.

In: objects as the API gave them. Out: stdout. What senders wrote may hold anything: control characters
are shown, never obeyed.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from onefold.model.json import JsonObject, JsonValue

PIPE_COLUMNS = 100_000
"""Nothing is cut or folded in a file or a pipe, so that a line can be searched for."""
CELL_CHARS_MAX = 300
"""A table shows the beginning of a longer value; `show` and --json give the whole."""
Column = tuple[str, str | Callable[[JsonObject], object]]
"""Heading, and the field (dots go deeper) or the function that gives the cell."""


def print_json(value: JsonValue) -> None:
    """One document on stdout."""
    import msgspec

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def print_text(text: str) -> None:
    """Lines for people."""
    print_raw(safe(text))


def print_raw(text: str) -> None:
    """What goes out as it is: a document that programs read, or a table, which is safe and has styles."""
    sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line beside the result: on stderr, so that it is in nobody's way."""
    sys.stderr.write(text.rstrip("\n") + "\n")
    sys.stderr.flush()


def print_table(items: Sequence[JsonObject], columns: Sequence[Column]) -> None:
    """A row an item, folded to the terminal; in a pipe a line an item."""
    print_raw(table_text(items, columns, stream=sys.stdout))


def table_text(items: Sequence[JsonObject], columns: Sequence[Column], *, stream: IO[str]) -> str:
    """The same as text with the styles that `stream` can show."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    is_terminal = stream.isatty()
    console = Console(file=stream, width=None if is_terminal else PIPE_COLUMNS)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    rows = [[cell_of(item, cell) for _, cell in columns] for item in items]
    for place, (heading, _) in enumerate(columns):
        numeric = bool(rows) and all(row[place].replace(".", "").isdigit() for row in rows)
        table.add_column(Text(heading), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def print_fields(fields: Mapping[str, object]) -> None:
    """Names and values below one another."""
    width = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        lines = text_of(value).splitlines() or ["-"]
        sys.stdout.write(f"{name:<{width}}  {lines[0]}\n")
        for line in lines[1:]:
            sys.stdout.write(f"{'':<{width}}  {line}\n")


def cell_of(item: JsonObject, cell: str | Callable[[JsonObject], object]) -> str:
    """One cell on one line."""
    value = field_of(item, cell) if isinstance(cell, str) else cell(item)
    text = text_of(value).replace("\n", " ")
    return text if len(text) <= CELL_CHARS_MAX else text[: CELL_CHARS_MAX - 1] + "…"


def field_of(item: JsonObject, path: str) -> object:
    """A field, or a field of a field by a path with dots; None where it ends."""
    value: object = item
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text_of(value: object) -> str:
    """A value for people: `-` for nothing, yes and no, JSON for what has parts."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict() | list():
            if not value:
                return "-"
            import msgspec

            return safe(msgspec.json.encode(value).decode())
    return safe(str(value))


def safe(text: str) -> str:
    """The text without anything that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode()
        for char in text
    )
