"""`onefold config`: everything that people define, as files that are kept with other code."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onefold.cli.connection_documents import confirm
from onefold.cli.reach import Reach, reaching
from onefold.cli.show import note, print_json, print_raw, print_text
from onefold.errors import RequestError
from onefold.model.json import JsonObject, JsonValue
from onefold.runtime.exit_code import ExitCode

if TYPE_CHECKING:
    from onefold.cli.client import Client
    from onefold.cli.config_files import FoundDocument

group = typer.Typer(
    help="Config as code: sources, segments and connections as YAML files.", no_args_is_help=True
)

PATH = "/api/v1/config"
Files = Annotated[
    Path,
    typer.Argument(help="A directory of YAML files, or one file of documents; - reads stdin.", metavar="DIR"),
]
Prune = Annotated[
    bool, typer.Option("--prune", help="Delete what is in no file. Sources stay: their events name them.")
]
EffectWish = Annotated[
    bool,
    typer.Option(
        "--effect", help="Also count who enters and leaves segments, and what goals would send; takes longer."
    ),
]


@group.command("export")
@reaching
def export_config(
    reach: Reach,
    directory: Annotated[
        Path | None, typer.Argument(help="Where the files go; without it, stdout.", metavar="[DIR]")
    ] = None,
    *,
    kind: Annotated[str, typer.Option(metavar="KIND", help="Only of this kind, such as segment.")] = "",
    name: Annotated[str, typer.Option(metavar="NAME", help="Only what has this name.")] = "",
) -> None:
    """Write the config as YAML: a file an object, in folders by kind, secrets as references.

    Files that say the same already are left as they are; nothing is deleted.
    """
    query = {field: value for field, value in (("kind", kind), ("name", name)) if value}
    if directory is None and not reach.json:
        with reach.client() as client:
            accept = {"accept": "application/yaml"}
            answer = client.send_raw("GET", PATH, params=query, headers=accept)
        print_raw(answer.text)
        return
    with reach.client() as client:
        found = client.get(PATH, **query)
    if directory is None:
        print_json(found)
        return
    from onefold.cli.config_files import write_folder

    written, stale = write_folder(directory, found["documents"])
    # Of what was not asked for nothing is known.
    stale = [] if query else stale
    for file in stale:
        note(f"{file} tells of what is not there any more: delete it, or apply it again.")
    count = len(found["documents"])
    told = f"{count} objects are in {directory}, {len(written)} files were written."
    reach.show({"written": list(map(str, written)), "stale": list(map(str, stale))}, told)


@group.command("plan")
@reaching
def plan_config(
    reach: Reach,
    *,
    directory: Files,
    prune: Prune = False,
    effect: EffectWish = False,
    check: Annotated[
        bool, typer.Option("--check", help="End with code 2 when something would change: for CI.")
    ] = False,
) -> int:
    """Show what applying the files would change. Changes nothing."""
    from onefold.cli.config_words import plan_text, would_change

    found = _read(directory)
    with reach.client() as client:
        plan = _ask(client, "plan", found, prune=prune, effect=effect)
    reach.show(plan, plan_text(plan))
    return ExitCode.DIFFERS if check and would_change(plan) else ExitCode.OK


@group.command("apply")
@reaching
def apply_config(
    reach: Reach,
    *,
    directory: Files,
    prune: Prune = False,
    effect: EffectWish = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Make the workspace what the files say, after showing what that changes.

    Secrets that cannot be read here stay as they are. Applying again changes nothing.
    """
    from onefold.cli.config_words import plan_text, result_text, would_change

    found = _read(directory)
    with reach.client(create=True) as client:
        plan = _ask(client, "plan", found, prune=prune, effect=effect)
        if not reach.json:
            print_text(plan_text(plan))
        result: JsonObject = {"applied": True, "results": []}
        if would_change(plan):
            confirm(yes=yes, question="Apply it?", needs="This changes the workspace.")
            result = _ask(client, "apply", found, prune=prune, fingerprint=plan["fingerprint"])
        reach.show(result, result_text(result))
    return ExitCode.OK if result["applied"] else ExitCode.FAILED


@group.command("schema")
@reaching
def show_schema(reach: Reach) -> None:
    """Print the JSON schema of the documents, for editors and checks."""
    with reach.client(create=True) as client:
        print_json(client.get(f"{PATH}/schema"))


def _read(directory: Path) -> "list[FoundDocument]":
    """The documents, with the secrets that can be read on this machine."""
    from onefold.cli.config_files import read_files, resolved

    found, unread = resolved(read_files(directory), os.environ)
    for line in unread:
        note(f"{line} The secret that there is stays.")
    return found


def _ask(
    client: "Client",
    what: str,
    found: "list[FoundDocument]",
    **wish: JsonValue,
) -> JsonObject:
    from onefold.cli.client import RefusedError
    from onefold.cli.config_files import located

    body: JsonObject = {"documents": [one.document for one in found], **wish}
    try:
        answer: JsonObject = client.post(f"{PATH}/{what}", body)
    except RefusedError as error:
        if not error.problems:
            raise
        lines = "".join(f"\n  - {line}" for line in located(error.problems, found))
        raise RequestError(
            error.code, f"The files cannot be applied:{lines}", status=error.status, hint=error.hint
        ) from error
    return answer
