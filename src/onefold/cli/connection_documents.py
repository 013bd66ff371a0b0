"""`onefold connections export` and `apply`: a connection as a document that can be kept with other code.

Secrets in a document are references, `{env: NAME}` or `{file: path}`: they are read here, on the machine of
who applies it, and never by the server, whose files are nobody's to choose.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.reach import Reach, reaching
from onefold.cli.show import note, print_json, print_raw, print_text, text_of
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject, JsonValue

PATH = "/api/v1/connections"
SECRET_BYTES_MAX = 100_000
ConnectionName = Annotated[str, typer.Argument(help="Its name or id.", metavar="CONNECTION")]
DocumentFile = Annotated[
    Path, typer.Argument(help="YAML or JSON, as `export` writes it; - reads stdin.", metavar="FILE")
]
SIGNS = {"create": "is made", "change": "is changed"}


@reaching
def export_connection(reach: Reach, connection: ConnectionName) -> None:
    """Write a connection with its goals to stdout, as YAML (JSON with --json); secrets are left out."""
    from onefold.cli.path import piece

    accept = "application/json" if reach.json else "application/yaml"
    with reach.client() as client:
        answer = client.send_raw("GET", f"{PATH}/{piece(connection)}/document", headers={"accept": accept})
    if reach.json:
        print_json(answer.json())
    else:
        print_raw(answer.text)


@reaching
def apply_connection(
    reach: Reach,
    *,
    file: DocumentFile,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before goals are deleted.")] = False,
) -> None:
    """Make a connection what a document says: what it does not name is deleted, or becomes the default.

    Secrets that it does not give stay. A connection of that name is made if there is none.
    """
    document = with_secrets(read_document(file), file.parent, os.environ)
    with reach.client(create=not plan) as client:
        path = _path(document)
        planned = client.send("PUT", path, json=document, params={"dry_run": "true"})
        if plan or planned["action"] == "none":
            _show(reach, planned)
            return
        if not reach.json:
            _show(reach, planned)
        if goals := ", ".join(planned["goals_deleted"]):
            confirm(yes=yes, question="Apply it?", needs=f"This deletes the goals {goals}.")
        done = client.send("PUT", path, json=document)
    reach.show(done, f"Connection {done['name']} {SIGNS.get(done['action'], 'stays as it is')}.")


@reaching
def show_schema(reach: Reach) -> None:
    """Print the JSON schema of a connection's document, for editors."""
    with reach.client(create=True) as client:
        print_json(client.get("/api/v1/schemas/connection"))


def confirm(*, yes: bool, question: str, needs: str) -> None:
    """Ask, unless it was said already; without a terminal nobody can be asked.

    Raises:
        OnefoldError: nobody said yes.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise OnefoldError("cli.usage", f"{needs} Nothing was done.", hint="Add --yes if you mean it.")
    if not typer.confirm(question, err=True):
        raise OnefoldError("cli.usage", "Nothing was done.")


def read_document(path: Path) -> JsonObject:
    """The document in a file.

    Raises:
        OnefoldError: `cli.bad_file`; it cannot be read, or is no document.
    """
    from onefold.cli.read_file import read_bytes
    from onefold.config.text import DocumentError, read_text

    try:
        return read_text(read_bytes(path))
    except DocumentError as error:
        raise OnefoldError("cli.bad_file", f"{path}: {error.message}", hint=error.hint) from error


def with_secrets(document: JsonObject, folder: Path, environ: Mapping[str, str]) -> JsonObject:
    """The document with every referenced secret in its place.

    Raises:
        OnefoldError: some cannot be read: all of them are named.
    """
    read, problems = resolve_secrets(document, folder, environ)
    if problems:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise OnefoldError("cli.bad_file", f"Secrets cannot be read:{listed}")
    return read


def resolve_secrets(
    document: JsonObject, folder: Path, environ: Mapping[str, str]
) -> tuple[JsonObject, list[str]]:
    """The document with every secret that can be read, and what is wrong with the others, which stay."""
    spec = document.get("spec")
    secrets = spec.get("secrets") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(secrets, dict):
        return document, []
    read: JsonObject = {}
    problems = []
    for name, source in secrets.items():
        read[name], problem = _read_secret(source, folder, environ)
        if problem:
            problems.append(f"spec.secrets.{name}: {problem}")
    return {**document, "spec": {**spec, "secrets": read}}, problems


def _read_secret(source: JsonValue, folder: Path, environ: Mapping[str, str]) -> tuple[JsonValue, str]:
    """The source with its value, or what is wrong; what is no reference is left for the API to judge."""
    if not isinstance(source, dict) or len(source) != 1:
        return source, ""
    match source:
        case {"env": str(name)}:
            value = environ.get(name, "")
            return ({"value": value}, "") if value else (source, f"The variable {name} is not set.")
        case {"file": str(path)}:
            try:
                with (folder / path).open("rb") as file:
                    value = file.read(SECRET_BYTES_MAX).decode().strip()
            except (OSError, UnicodeDecodeError):
                return source, f"The file {folder / path} cannot be read."
            return ({"value": value}, "") if value else (source, f"The file {folder / path} is empty.")
    return source, ""


def _path(document: JsonObject) -> str:
    from onefold.cli.path import piece

    name = document.get("name")
    if not isinstance(name, str) or not name.strip():
        raise OnefoldError("cli.bad_file", "The document has no name.", hint="It begins: kind, name, spec.")
    return f"{PATH}/{piece(name.strip())}/document"


def _show(reach: Reach, plan: JsonObject) -> None:
    if reach.json:
        print_json(plan)
        return
    if plan["action"] == "none":
        print_text(f"Connection {plan['name']} is as the document says: nothing changes.")
        return
    print_text("\n".join(_lines(plan)))
    for warning in plan["warnings"]:
        note(f"Note: {warning}")


def _lines(plan: JsonObject) -> Iterator[str]:
    """`+` for what comes, `-` for what goes, `~` for what changes."""
    yield f"Connection {plan['name']}: {plan['action']}"
    yield from change_lines(plan["changes"])


def change_lines(changes: Iterable[JsonObject]) -> Iterator[str]:
    """A line a field."""
    for change in changes:
        before, after = change["before"], change["after"]
        if before is None:
            yield f"  + {change['path']}: {text_of(after)}"
        elif after is None:
            yield f"  - {change['path']}: {text_of(before)}"
        else:
            yield f"  ~ {change['path']}: {text_of(before)} -> {text_of(after)}"
