"""How a command reaches a workspace, and how it shows what it got.

A command that is decorated with `reaching` gets the options --data-dir, --url, --token and --json, and a
`Reach` in their place.
"""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onefold.model.json import JsonObject, JsonValue

if TYPE_CHECKING:
    from onefold.cli.client import Client

DataDir = Annotated[
    Path | None, typer.Option(help="The data directory. [env: ONEFOLD_DATA_DIR] [default: ./onefold-data]")
]
Url = Annotated[str | None, typer.Option(help="A server elsewhere, as https://host. [env: ONEFOLD_URL]")]
Token = Annotated[str | None, typer.Option(help="The token for it. [env: ONEFOLD_TOKEN]")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one document, for programs.")]

OPTIONS = {"data_dir": (DataDir, None), "url": (Url, None), "token": (Token, None), "json": (Json, False)}
PAGE_ITEMS = 500
"""Items asked for at once when a listing is printed."""
Column = tuple[str, str | Callable[[JsonObject], object]]
"""Heading, and the field or the function that gives the cell."""


class Reach:
    """One command's way to the workspace and to the terminal."""

    def __init__(self, data_dir: Path | None, url: str | None, token: str | None, *, json: bool) -> None:
        self.json = json
        self.data_dir = data_dir or Path(os.environ.get("ONEFOLD_DATA_DIR") or "onefold-data")
        self.url = url or os.environ.get("ONEFOLD_URL") or ""
        self.token = token or os.environ.get("ONEFOLD_TOKEN") or ""

    @contextmanager
    def client(self, *, create: bool = False) -> Iterator["Client"]:
        """The API; `create` makes the workspace when there is none."""
        from onefold.cli.client import connect

        with connect(self.data_dir, self.url, self.token, create=create) as client:
            yield client

    def show(self, answer: JsonValue, text: str) -> None:
        """The answer as JSON, or words about it."""
        if self.json:
            print_json(answer)
        else:
            sys.stdout.write(text.rstrip("\n") + "\n")

    def show_object(self, answer: JsonObject, rows: Mapping[str, object] | None = None) -> None:
        """An object: names and values below one another."""
        if self.json:
            print_json(answer)
            return
        shown = {name: _cell(value) for name, value in (rows or answer).items()}
        width = max((len(name) for name in shown), default=0)
        for name, value in shown.items():
            sys.stdout.write(f"{name.replace('_', ' '):<{width}}  {value}\n")

    def show_list(
        self, path: str, columns: Sequence[Column], *, count_max: int, empty: str, **query: Any
    ) -> None:
        """A listing of the API: all pages up to `count_max` items."""
        with self.client() as client:
            items = list(client.pages(path, count_max=count_max, **query))
        if self.json:
            print_json(items)
        elif items:
            print_table(items, columns)
        else:
            sys.stdout.write(empty + "\n")


def reaching(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a `Reach`, which becomes its first argument."""
    signature = inspect.signature(function, eval_str=True)
    _, *own = signature.parameters.values()
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in OPTIONS.items()
    ]

    @functools.wraps(function)
    def command(**arguments: Any) -> None:
        reach = Reach(**{name: arguments.pop(name) for name in OPTIONS})
        function(reach, **arguments)

    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + added
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del command.__wrapped__  # or the options would be looked for there
    return command


def print_json(value: JsonValue) -> None:
    """One document on stdout."""
    import msgspec

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def print_table(items: Sequence[JsonObject], columns: Sequence[Column]) -> None:
    """Columns as wide as they need, for people; nothing is cut, so a line can be copied."""
    rows = [[heading for heading, _ in columns]]
    for item in items:
        cells = (item.get(cell) if isinstance(cell, str) else cell(item) for _, cell in columns)
        rows.append([_cell(cell) for cell in cells])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for place, row in enumerate(rows):
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        is_heading = place == 0 and sys.stdout.isatty()
        sys.stdout.write(f"\x1b[1m{line}\x1b[0m\n" if is_heading else line + "\n")


def _cell(value: object) -> str:
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict() | list():
            import msgspec

            return msgspec.json.encode(value).decode()
    return str(value)
