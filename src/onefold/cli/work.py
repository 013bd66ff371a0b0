"""`onefold import`, `replay`, `backup`, `restore`: long work, waited for or left to the server."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onefold.cli.import_preview import show_preview, show_suggestion
from onefold.cli.reach import DATA_DIR, DataDir, Json, Reach, Verbose, reaching, traced
from onefold.cli.show import note, print_json, print_text
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

if TYPE_CHECKING:
    from onefold.cli.client import Client

UPLOAD_CHUNK_BYTES = 1024 * 1024
Detach = Annotated[bool, typer.Option("--detach", help="Leave it to the server: do not wait for its end.")]


def add_to(application: typer.Typer) -> None:
    """Register the commands."""
    application.command("import")(import_file)
    application.command("replay")(replay)
    application.command("backup")(back_up)
    application.command("restore")(restore)


@reaching
def import_file(
    reach: Reach,
    *,
    file: Annotated[Path, typer.Argument(help="CSV, JSON Lines or Parquet.", metavar="FILE")],
    mapping: Annotated[
        Path | None, typer.Option(help="Says what the columns are: TOML or JSON.", metavar="MAPPING")
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Name of the source that its events get; import:FILE unless given."
        ),
    ] = "",
    suggest: Annotated[
        bool,
        typer.Option(
            "--suggest", help="Print a mapping that probably fits, as JSON to keep as a file, and end."
        ),
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what would come of the first rows, and take in nothing.")
    ] = False,
    detach: Detach = False,
) -> int:
    """Take in a file as events.

    Ctrl-C cancels; importing the file again takes in the rest, and changes nothing once it is complete.
    Rows that cannot be used become dead letters with their line numbers. --preview without --mapping goes by
    what --suggest says.
    """
    if not file.is_file():
        raise OnefoldError("cli.bad_file", f"There is no file {file}.")
    if mapping is None and not (suggest or preview):
        hint = f"onefold import {file} --suggest > mapping.json writes one; look at it before you use it."
        raise OnefoldError("cli.usage", "What are the columns? Give --mapping.", hint=hint)
    body: JsonObject = {"mapping": _read_mapping(mapping)} if mapping else {}
    with reach.client(create=True) as client:
        if reach.url:
            body["file"] = _upload(client, file)
        else:
            body["path"] = str(file.absolute())
        if suggest or preview:
            found = client.post("/api/v1/imports/preview", body)
            return show_suggestion(found) if suggest else show_preview(reach, found)
        run = client.post("/api/v1/imports", {**body, "source": source})
        return finish(reach, client, run, f"Importing {file.name}", detach=detach)


@reaching
def replay(reach: Reach, detach: Detach = False) -> int:
    """Prove the state equal to a fresh fold of the log.

    Exit code 1 if it differs.
    """
    with reach.client() as client:
        run = client.post("/api/v1/replays")
        return finish(reach, client, run, "Replaying the log", detach=detach)


@reaching
def back_up(
    reach: Reach,
    target: Annotated[
        Path | None,
        typer.Argument(help="A new directory; backups/ in the data directory unless given.", metavar="DIR"),
    ] = None,
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="Take secret.key along: its holder can read every secret in it."),
    ] = False,
    detach: Detach = False,
) -> int:
    """Copy the workspace while it works."""
    body = {"path": str(target.absolute()) if target else "", "with_keys": with_keys}
    with reach.client() as client:
        run = client.post("/api/v1/backups", body)
        return finish(reach, client, run, "Backing up", detach=detach)


def restore(
    backup: Annotated[Path, typer.Argument(help="What `onefold backup` wrote.", metavar="BACKUP")],
    data_dir: DataDir = DATA_DIR,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Bring a backup into an empty directory.

    Every byte of it is checked first.
    """
    with traced(verbose=verbose):
        from onefold.runtime.restore import restore as run

        restored = run(backup, data_dir)
        if json:
            print_json(restored)
            return
        print_text(f"{restored['files']} files, {restored['bytes']:,} bytes, in {data_dir}.")
        if not restored["has_key"]:
            note("The backup holds no secret.key: put yours there before you start it, or secrets are lost.")
        print_text(f"Start it: onefold serve --data-dir {data_dir}")


def finish(reach: Reach, client: "Client", run: JsonObject, title: str, *, detach: bool) -> int:
    """Wait for a run and show its end, or say how to follow it; the exit code."""
    from onefold.cli.progress import follow

    if detach:
        reach.show(run, f"Run {run['id']}. Follow it: onefold runs follow {run['id']}{reach.flags()}")
        return 0
    return show_end(reach, follow(client, run["id"], title))


def show_end(reach: Reach, run: JsonObject) -> int:
    """Show how a run ended; the exit code."""
    from onefold.cli.progress import exit_code_of_run, words_of_run

    if reach.json:
        print_json(run)
    elif run["state"] == "succeeded":
        print_text(words_of_run(run))
    else:
        note(words_of_run(run))
    return exit_code_of_run(run)


def _read_mapping(path: Path) -> Any:
    if path.suffix != ".toml":
        from onefold.cli.read_file import read_object

        return read_object(path)
    import tomllib

    import msgspec

    try:
        with path.open("rb") as file:
            return msgspec.to_builtins(tomllib.load(file))
    except OSError as error:
        raise OnefoldError("cli.bad_file", f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OnefoldError("cli.bad_file", f"{path} is not TOML: {error}.") from error


def _upload(client: "Client", path: Path) -> str:
    """Send a file to a server elsewhere; the name that it has there."""
    from onefold.cli.bar import upload_bar

    size = path.stat().st_size
    with path.open("rb") as file, upload_bar(f"Sending {path.name}", size) as advance:

        def chunks() -> Iterator[bytes]:
            while chunk := file.read(UPLOAD_CHUNK_BYTES):
                advance(len(chunk))
                yield chunk

        answer = client.send(
            "POST",
            "/api/v1/imports/files",
            params={"name": path.name},
            content=chunks(),
            headers={"content-length": str(size), "content-type": "application/octet-stream"},
        )
    return str(answer["file"])
