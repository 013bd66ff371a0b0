"""`onefold serve`, `init`, `open`, `settings`: the server itself."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.reach import DATA_DIR, DataDir, Json, Reach, Verbose, reaching, traced
from onefold.cli.show import print_json, print_text

Config = Annotated[
    Path | None,
    typer.Option(
        envvar="ONEFOLD_CONFIG",
        metavar="FILE",
        help="Settings file, instead of onefold.toml in the data directory.",
    ),
]


class RoleOption(StrEnum):
    """What `--role` takes."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    DELIVER = "deliver"
    TASKS = "tasks"


HIDDEN = "***"
"""In place of a secret that is set."""


def add_to(application: typer.Typer) -> None:
    """Register the commands."""
    for name, function in (
        ("serve", serve),
        ("init", init),
        ("open", open_page),
        ("settings", show_settings),
    ):
        application.command(name)(function)


def serve(
    *,
    data_dir: DataDir = DATA_DIR,
    port: Annotated[
        int | None,
        typer.Option(metavar="N", help="TCP port, 8400 unless set; 0 takes a free one.", min=0, max=65535),
    ] = None,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on, 127.0.0.1 unless set.")
    ] = None,
    role: Annotated[
        RoleOption, typer.Option(metavar="ROLE", help="Run one role only: web, worker, deliver or tasks.")
    ] = RoleOption.ALL,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Run Onefold.

    All roles (web, worker, deliver, tasks) under one supervisor, until Ctrl-C or SIGTERM; then they finish
    what they hold.
    """
    with traced(verbose=verbose):
        from onefold.runtime.serve import serve as run

        flags: dict[str, object] = {"server.port": port, "server.host": host}
        given = {path: value for path, value in flags.items() if value is not None}
        return run(data_dir, role=role.value, config=config, flags=given)


@reaching
def init(reach: Reach) -> None:
    """Make an empty workspace."""
    with reach.client(create=True) as client:
        client.get("/api/v1/sources", limit=1)
    root = str(reach.data_dir.expanduser().absolute())
    reach.show(
        {"data_dir": root}, f"Workspace in {root}\nStart it: onefold serve --data-dir {reach.data_dir}"
    )


@reaching
def open_page(reach: Reach) -> None:
    """Print a fresh link that opens the page."""
    link = reach.ask("POST", "/api/v1/links")
    reach.show(link, link["url"])


def show_settings(
    data_dir: DataDir = DATA_DIR,
    config: Config = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Show the settings: value and meaning."""
    with traced(verbose=verbose):
        import msgspec

        from onefold.runtime.load_settings import declared_settings, load_settings

        settings = load_settings(data_dir, config=config, environ=os.environ)
        rows = []
        for setting in declared_settings():
            value = getattr(getattr(settings, setting.section), setting.name)
            if setting.is_secret and value:
                value = HIDDEN
            rows.append({"name": setting.path, "value": value, "meaning": setting.description})
        if json:
            print_json(msgspec.to_builtins({"items": rows, "next_cursor": None}))
            return
        for row in rows:
            shown = msgspec.json.encode(row["value"]).decode()
            print_text(f"{row['name']} = {shown}\n    {row['meaning']}")
