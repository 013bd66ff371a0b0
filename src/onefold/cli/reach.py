"""How a command reaches a workspace: the options that every command has.

A command that is decorated with `reaching` gets --data-dir, --url, --token, --json and --verbose, and a
`Reach` in their place.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onefold.cli.show import Column, note, print_fields, print_json, print_table, print_text
from onefold.model.json import JsonObject, JsonValue

if TYPE_CHECKING:
    from onefold.cli.client import Client

DATA_DIR = Path("onefold-data")
DataDir = Annotated[Path, typer.Option(envvar="ONEFOLD_DATA_DIR", help="The data directory.", metavar="DIR")]
Url = Annotated[
    str, typer.Option(envvar="ONEFOLD_URL", help="A server elsewhere, as https://host.", metavar="URL")
]
Token = Annotated[str, typer.Option(envvar="ONEFOLD_TOKEN", help="The token for --url.", metavar="TOKEN")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, as the API gave it.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show where in the code a failure happened.")]
Limit = Annotated[int, typer.Option(metavar="N", help="Most items to show.", min=1, max=10_000_000)]
Cursor = Annotated[
    str, typer.Option(metavar="CURSOR", help="Go on behind an earlier listing: its `next_cursor`.")
]

OPTIONS: dict[str, tuple[Any, object]] = {
    "data_dir": (DataDir, DATA_DIR),
    "url": (Url, ""),
    "token": (Token, ""),
    "json": (Json, False),
    "verbose": (Verbose, False),
}
ITEMS_DEFAULT = 100
"""What a listing shows unless told: some screens full."""


class Reach:
    """One command's way to the workspace and to the terminal."""

    def __init__(self, data_dir: Path, url: str, token: str, *, json: bool, verbose: bool) -> None:
        self.data_dir = data_dir
        self.url = url
        self.token = token
        self.json = json
        self.verbose = verbose

    @contextmanager
    def client(self, *, create: bool = False) -> Iterator["Client"]:
        """The API; `create` makes the workspace when there is none."""
        from onefold.cli.client import connect

        with connect(self.data_dir, self.url, self.token, create=create) as client:
            yield client

    def ask(self, method: str, path: str, body: JsonValue = None) -> Any:
        """One request, where a command needs no more."""
        with self.client() as client:
            return client.send(method, path, **({} if body is None else {"json": body}))

    def turn(
        self,
        path: str,
        noun: str,
        *,
        is_on: bool,
        more: Callable[[JsonObject], str] = lambda _: "",
        also: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """Turn what stands there on or off, and say so; `more`: what else to say of it, `also`: to change."""
        changed = self.ask("PATCH", path, {**(also or {}), "enabled": is_on})
        self.show(changed, f"{noun} {changed['name']} is {'on' if is_on else 'off'}.{more(changed)}")

    def flags(self) -> str:
        """What to add to a command that goes on from this one."""
        if self.url:
            return f" --url {self.url}"
        return "" if self.data_dir == DATA_DIR else f" --data-dir {self.data_dir}"

    def show(self, answer: JsonValue, text: str) -> None:
        """The answer as JSON, or words about it."""
        if self.json:
            print_json(answer)
        else:
            print_text(text)

    def show_fields(self, answer: JsonObject, fields: Mapping[str, object] | None = None) -> None:
        """An object: names and values below one another; those of the answer unless others are given."""
        if self.json:
            print_json(answer)
        else:
            named = {name.replace("_", " "): value for name, value in answer.items()}
            print_fields(fields if fields is not None else named)

    def show_list(
        self,
        path: str,
        columns: Sequence[Column],
        /,
        *,
        limit: int,
        empty: str,
        cursor: str = "",
        **query: Any,
    ) -> None:
        """A listing of the API, up to `limit` items; with nothing to list, the sentence and what to do."""
        with self.client() as client:
            page = client.listing(path, limit=limit, cursor=cursor, **query)
        self.show_page(page, columns, empty=empty)

    def show_page(self, page: JsonObject, columns: Sequence[Column], *, empty: str) -> None:
        """A page that was fetched."""
        if self.json:
            print_json(page)
        elif page["items"]:
            print_table(page["items"], columns)
            if page["next_cursor"]:
                note(f"There are more. Go on with: --cursor {page['next_cursor']}")
        else:
            print_text(empty)


def reaching(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command the options of a `Reach`, which becomes its first argument.

    A parameter that is a NamedTuple stands for one option a field: commands share them so.
    """
    signature = inspect.signature(function, eval_str=True)
    _, *declared = signature.parameters.values()
    groups = {one.name: one.annotation for one in declared if hasattr(one.annotation, "_fields")}
    own = list(chain.from_iterable(_options_of(one) for one in declared))
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in OPTIONS.items()
    ]

    @functools.wraps(function)
    def command(**arguments: Any) -> int | None:
        reach = Reach(**{name: arguments.pop(name) for name in OPTIONS})
        for name, group in groups.items():
            arguments[name] = group(*(arguments.pop(field) for field in group._fields))
        with traced(verbose=reach.verbose):
            return function(reach, **arguments)

    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + added
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del command.__wrapped__  # or the options would be looked for there
    return command


def _options_of(parameter: inspect.Parameter) -> Iterable[inspect.Parameter]:
    if not hasattr(parameter.annotation, "_fields"):
        return [parameter]
    return inspect.signature(parameter.annotation, eval_str=True).parameters.values()


@contextmanager
def traced(*, verbose: bool) -> Iterator[None]:
    """Show the traceback of a failure if asked; the failure goes on."""
    try:
        yield
    except typer.Exit:
        raise
    except Exception:
        if verbose:
            import traceback

            sys.stderr.write(traceback.format_exc())
        raise
